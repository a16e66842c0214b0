"""What a step of a lead means for who holds it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from leads.models import Lead, Pool
from pools.actions.assign import assign
from pools.actions.hold import free
from pools.models import Ended
from pools.statements import execute, fill, uuids
from workspaces.models import Member

# A lead that leaves its holder, and the pool it goes to. Won and deferred ones stay with theirs; lost and
# disqualified ones are in the recycle pool, but nobody can claim them before they are reopened.
LEAVES = {"lose": Pool.RECYCLE, "disqualify": Pool.RECYCLE, "send_back": Pool.LEAD}

# A second attempt: a holder gets a fresh period, as if the lead had come today; else it is sorted anew.
REOPEN = """
UPDATE leads_lead SET
    pool = CASE WHEN owner_id IS NULL THEN 'lead' ELSE pool END,
    pool_since = CASE WHEN owner_id IS NULL THEN {as_of} ELSE pool_since END,
    held_since = CASE WHEN owner_id IS NULL THEN NULL ELSE {as_of} END
WHERE workspace_id = {workspace} AND id = ANY({leads})
"""


def follow_stage(
    leads: Sequence[UUID], *, as_of: datetime, actor: Member | None, transition: str, **_: Any
) -> None:
    """Called after leads took ``transition``, in the same transaction; their rows are locked."""
    if transition in LEAVES:
        free(
            leads,
            pool=LEAVES[transition],
            ended=Ended.CLOSED,
            reason=transition,
            kind="released",
            as_of=as_of,
            actor=actor,
        )
    elif transition == "reopen":
        execute(fill(REOPEN, leads=uuids(leads), as_of=as_of))
        gone = Lead.objects.filter(pk__in=leads, owner__is_active=False).values_list("pk", flat=True)
        orphans = list(gone)
        free(
            orphans,
            pool=Pool.RECYCLE,
            ended=Ended.CLOSED,
            reason="owner_gone",
            kind="released",
            as_of=as_of,
            actor=actor,
        )
    elif transition == "to_mql":
        assign(leads, as_of=as_of, actor=actor)
