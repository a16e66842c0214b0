"""Every address of the program."""

from django.conf import settings
from django.urls import URLPattern, URLResolver, path

from leadcrm.kit import kit

urlpatterns: list[URLPattern | URLResolver] = []

if settings.DEBUG:
    urlpatterns.append(path("kit/", kit, name="kit"))
