"""What a web server serves: ``granian --interface wsgi leadcrm.wsgi:application``."""

from django.core.wsgi import get_wsgi_application

from leadcrm.start import configure, settle

configure()
application = get_wsgi_application()
settle()
