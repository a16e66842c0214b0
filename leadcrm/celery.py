"""The Celery app. Its messages only say "look now": what is due stands in rows."""

import os
from typing import Any

from celery import Celery
from celery.signals import worker_init

from leadcrm.start import configure

LOOK_EVERY_S = 3.0  # what is due is acted on within 5 s

YIELDS = 10  # added to a worker's niceness: on a busy machine pages and forms come before lists and scores

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


@worker_init.connect
def give_way(**_: Any) -> None:
    """Workers give way to the web server. Their children inherit it."""
    os.nice(YIELDS)
