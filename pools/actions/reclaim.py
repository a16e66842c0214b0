"""The clock takes back what nobody followed up."""

from datetime import datetime

from django.db import transaction

from leads.models import Lead, Pool
from pools.actions.hold import free
from pools.models import Ended
from workspaces.models import Member

BATCH = 500


@transaction.atomic
def reclaim_due(as_of: datetime, *, limit: int = BATCH, actor: Member | None = None) -> int:
    """Move up to ``limit`` due leads into the recycle pool; returns how many. Call again until it is 0.

    One transaction takes one batch, completely or not at all, so that a killed process leaves the rest due.
    A lead that somebody has locked (a follow-up is being written) is left for later; whether a lead is
    still due is asked again after its lock, so a follow-up that came first keeps it.
    """
    due = Lead.objects.filter(reclaim_at__lte=as_of).order_by("reclaim_at")
    locked = due.select_for_update(no_key=True, skip_locked=True).values_list("pk", flat=True)[:limit]
    freed = free(
        list(locked),
        pool=Pool.RECYCLE,
        ended=Ended.RECLAIMED,
        reason=None,
        kind="reclaimed",
        as_of=as_of,
        actor=actor,
    )
    return len(freed)
