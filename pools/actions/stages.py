"""What a step of a lead means for who holds it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Min

from leads.conditions.fragments import Sql, put
from leads.models import Lead, Pool
from pools.actions.assign import assign
from pools.actions.hold import free
from pools.models import Ended, Waiting
from pools.statements import execute, fill, uuids
from pools.working import calendar_sql, worked
from workspaces.calendar import working_time
from workspaces.models import Member

# A lead that leaves its holder, and the pool it goes to. Won and deferred ones stay with theirs; lost and
# disqualified ones are in the recycle pool, but nobody can claim them before they are reopened.
LEAVES = {"lose": Pool.RECYCLE, "disqualify": Pool.RECYCLE, "send_back": Pool.LEAD}
# What takes such a step waits for a holder no longer; if it comes back, it waits since then.
ENDS_WAITING = (*LEAVES, "defer", "win")

# What is put aside stays with its holder, who has used up the time in hand until now. Not as an opportunity that no
# clock ran for: it had become what the longest hold is for, and its time begins anew.
ASIDE = """
UPDATE leads_lead l SET
    held_before = CASE WHEN {spared} THEN 0
        ELSE l.held_before + round(extract(epoch FROM {as_of} - l.held_since)) END,
    worked_before = CASE WHEN {spared} THEN 0
        ELSE l.worked_before + round(extract(epoch FROM {until} - {since})) END
FROM {days} cd
WHERE l.workspace_id = {workspace} AND l.id = ANY({leads}) AND l.owner_id IS NOT NULL
"""
SPARED = """l.reclaim_at IS NULL AND EXISTS (SELECT FROM leads_stagechange c
        WHERE c.workspace_id = {workspace} AND c.lead_id = l.id AND c.at = {as_of} AND c.source = 'opportunity')"""
# What is won has had its time: if it is reopened, that is another pursuit.
WON = """
UPDATE leads_lead SET held_before = 0, worked_before = 0
WHERE workspace_id = {workspace} AND id = ANY({leads}) AND held_before > 0
"""

# A second attempt: a holder gets fresh periods, as if the lead had come today, but for the longest hold; what nobody
# holds is sorted anew. What a manager has added to its clock stood still meanwhile.
REOPEN = """
UPDATE leads_lead SET
    pool = CASE WHEN owner_id IS NULL THEN 'lead' ELSE pool END,
    pool_since = CASE WHEN owner_id IS NULL THEN {as_of} ELSE pool_since END,
    held_since = CASE WHEN owner_id IS NULL THEN NULL ELSE {as_of} END
WHERE workspace_id = {workspace} AND id = ANY({leads})
"""
STOOD_STILL = """
UPDATE pools_protection p SET until = p.until + ({as_of} - aside.at), updated_at = {as_of}
FROM (
    SELECT c.lead_id, max(c.at) FILTER (WHERE c.target = 'deferred') AS at FROM leads_stagechange c
    WHERE c.workspace_id = {workspace} AND c.lead_id = ANY({leads}) GROUP BY c.lead_id
    HAVING bool_or(c.source = 'deferred' AND c.at = {as_of})
) aside
WHERE p.workspace_id = {workspace} AND p.lead_id = ANY({leads}) AND p.lead_id = aside.lead_id
    AND p.kind = 'extension' AND p.ended_at IS NULL AND p.until > aside.at
"""


def follow_stage(
    leads: Sequence[UUID], *, as_of: datetime, actor: Member | None, transition: str, **_: Any
) -> None:
    """Called after leads took ``transition``, in the same transaction; their rows are locked."""
    if transition in ENDS_WAITING:
        Waiting.objects.filter(lead__in=list(leads)).delete()
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
    elif transition == "defer":
        count_time(leads, as_of)
    elif transition == "win":
        execute(fill(WON, leads=uuids(leads)))
    elif transition == "reopen":
        for statement in (REOPEN, STOOD_STILL):
            execute(fill(statement, leads=uuids(leads), as_of=as_of))
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


def count_time(leads: Sequence[UUID], as_of: datetime) -> None:
    """The time that the holders of these leads have had them in hand, by the clock and in working days."""
    began = Lead.objects.filter(pk__in=leads).aggregate(first=Min("held_since"))["first"]
    if began is None:
        return
    line = working_time().timeline(began, as_of, timedelta(), in_days=True)
    statement = fill(
        ASIDE,
        spared=fill(SPARED, as_of=as_of),
        until=worked(put("{}::timestamptz", as_of), "cd"),
        since=worked(Sql("l.held_since"), "cd"),
        days=calendar_sql(line),
        leads=uuids(leads),
        as_of=as_of,
    )
    execute(statement)
