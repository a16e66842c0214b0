"""The Celery app. Its messages only say "look now": what is due stands in rows."""

from celery import Celery

from leadcrm.start import configure

LOOK_EVERY_S = 3.0  # what is due is acted on within 5 s

configure()
app = Celery("leadcrm")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.conf.beat_scheduler = "leadcrm.ticking:Ticker"
app.conf.beat_schedule = {
    "look": {
        "task": "leadcrm.tasks.look",
        "schedule": LOOK_EVERY_S,
        "options": {"expires": LOOK_EVERY_S},  # a tick that nobody took is worth nothing later
    },
}
