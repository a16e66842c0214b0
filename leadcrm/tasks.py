"""The bell: look for due work now. Losing any of these messages loses nothing."""

import logging
from uuid import UUID

from celery import shared_task
from django.utils import timezone

from leadcrm import flow
from leadcrm.waiting import anything_due
from workspaces.models import Workspace
from workspaces.tenancy import enter

log = logging.getLogger(__name__)
LOOK_EXPIRES_S = 30  # the next tick asks again anyway
LONG_WORK_S = 20.0  # then other workspaces have their turn; below the visibility timeout


@shared_task
def look() -> None:
    """Ask for a look at every workspace with something due, one message each: a slow one does not hold up the
    others. Most have nothing: to find that out is one statement, a message would cost more."""
    for workspace in Workspace.objects.iterator():
        with enter(workspace):
            due = anything_due(timezone.now())
        if due:
            look_at.apply_async([str(workspace.pk)], expires=LOOK_EXPIRES_S)


@shared_task
def look_at(workspace_id: str) -> None:
    """Do what is due in one workspace as of now."""
    workspace = Workspace.objects.filter(pk=UUID(workspace_id)).first()
    if workspace is not None:
        flow.run_due(workspace, as_of=timezone.now(), seconds=LONG_WORK_S)
