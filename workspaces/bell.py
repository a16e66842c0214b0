"""The bell: "there is due work in this workspace, look now". The work itself stands in rows.

Which bell is rung is told by leadcrm/flow.py (a Celery message). One that can't be rung is no fault:
the next tick of the clock finds the work.
"""

import logging
from collections.abc import Callable
from uuid import UUID

from django.db import transaction

from workspaces.tenancy import current_workspace_id

log = logging.getLogger(__name__)
bells: list[Callable[[UUID], object]] = []


def ring() -> None:
    """Ring as soon as what was written is committed."""
    workspace_id = current_workspace_id()
    transaction.on_commit(lambda: _ring(workspace_id))


def _ring(workspace_id: UUID) -> None:
    for bell in bells:
        try:
            bell(workspace_id)
        except Exception as fault:
            log.warning("The bell could not be rung: %s", fault)
