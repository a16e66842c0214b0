"""That something moved, for those who look at it: a mark in the cache for the open workspace and for its leads.

Pages ask every few seconds whether the mark is still theirs, and show themselves anew where it isn't. The mark says
nothing about what changed, and a lost one costs nothing but a moment: what is true stands in the database.
"""

import logging
from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

from django.core.cache import cache
from django.db import connection, transaction

from workspaces.tenancy import current_workspace_id

log = logging.getLogger(__name__)
FOR_S = 24 * 3600
FEW = 50  # of more leads at once only the workspace is marked


class Moving:
    """What one transaction moved, told once it is committed."""

    def __init__(self, workspace: UUID) -> None:
        self.workspace, self.by = workspace, ""
        self.leads: set[UUID] = set()

    def __call__(self) -> None:
        mark = f"{uuid4().hex}.{self.by}"
        leads = self.leads if len(self.leads) <= FEW else set()
        marks = dict.fromkeys([key(self.workspace), *(key(self.workspace, lead) for lead in leads)], mark)
        try:
            cache.set_many(marks, FOR_S)
        except Exception as fault:  # the work is done and committed; only nobody is told of it
            log.warning("What moved could not be told: %s", fault)


def key(workspace: UUID, lead: UUID | str = "") -> str:
    return f"moved:{workspace}:{lead}"


def moved(leads: Sequence[UUID] | None, *, actor: Any = None, **_: Any) -> None:
    """These leads are other than they were (None: many). Told after the commit, once for a transaction."""
    workspace = current_workspace_id()
    waiting = (entry[1] for entry in connection.run_on_commit)
    known = (one for one in waiting if isinstance(one, Moving) and one.workspace == workspace)
    moving = next(known, None)
    if moving is None:
        moving = Moving(workspace)
        transaction.on_commit(moving)
    moving.by = str(actor.pk) if actor is not None else moving.by
    moving.leads.update((leads or ())[: FEW + 1])


def mark_of(lead: str = "") -> str:
    """The mark of the open workspace, or of one of its leads: ``<any>.<who moved it>``; '' where nothing moved."""
    try:
        return str(cache.get(key(current_workspace_id(), lead)) or "")
    except Exception as fault:
        log.warning("What moved could not be read: %s", fault)
        return ""
