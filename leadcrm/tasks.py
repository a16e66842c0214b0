"""The bell: look for due work now. Losing any of these messages loses nothing."""

import logging
from uuid import UUID

from celery import shared_task
from django.utils import timezone

from leadcrm import flow
from workspaces.models import Workspace

log = logging.getLogger(__name__)
LOOK_EXPIRES_S = 30  # the next tick asks again anyway
LONG_WORK_S = 20.0  # then other workspaces have their turn; below the visibility timeout


@shared_task
def look() -> None:
    """Ask for a look at every workspace, one message each: a slow one does not hold up the others."""
    for workspace_id in Workspace.objects.values_list("pk", flat=True).iterator():
        look_at.apply_async([str(workspace_id)], expires=LOOK_EXPIRES_S)


@shared_task
def look_at(workspace_id: str) -> None:
    """Do what is due in one workspace as of now."""
    workspace = Workspace.objects.filter(pk=UUID(workspace_id)).first()
    if workspace is not None:
        flow.run_due(workspace, as_of=timezone.now(), seconds=LONG_WORK_S)
