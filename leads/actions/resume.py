"""Deferred leads come back by themselves, with all that was said when they were put aside.

On their day; or before it, when what would bring them back happens: they do something, or a fact changes.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import F

from leads.actions.deferring import end, fact_of
from leads.happened import happened
from leads.models import Deferral, Lead, StageChange
from leads.models.deferral import Trigger
from leads.models.lead import Stage
from leads.planner import over
from leads.timeline import tell
from workspaces.models import Member
from workspaces.tenancy import current_workspace_id

BATCH = 500
NOTHING_MORE: Mapping[str, Any] = {}

# Which of these leads must not be written to again; told by leadcrm/flow.py. They stay where they are.
silent: list[Callable[[Sequence[UUID]], set[UUID]]] = []

WOKEN = """
SELECT DISTINCT d.lead_id FROM leads_deferral d
WHERE d.workspace_id = %s AND d.lead_id = ANY(%s) AND d.ended_at IS NULL AND d.trigger_kind = 'touch'
    AND EXISTS (
        SELECT 1 FROM leads_touch t
        WHERE t.workspace_id = d.workspace_id AND t.lead_id = d.lead_id AND t.at > d.at AND t.at <= %s
            AND (d.trigger_what = '' OR t.kind = d.trigger_what)
    )
"""


def resume_due(as_of: datetime) -> int:
    """Reopen up to BATCH deferred leads whose day has come; how many. Call again until none is left."""
    due = list(
        Lead.objects.select_for_update(skip_locked=True)
        .filter(stage=Stage.DEFERRED, resume_at__lte=as_of)
        .order_by("resume_at", "id")[:BATCH]
    )
    kept = {lead.pk for lead in barred(due)}
    if kept:  # asked again tomorrow: they may agree until then
        Lead.objects.filter(pk__in=kept).update(resume_at=as_of + timedelta(days=1), updated_at=as_of)
    come_back([lead for lead in due if lead.pk not in kept], by="day", as_of=as_of, actor=None)
    return len(due)


def wake_touched(leads: Sequence[UUID], *, as_of: datetime, actor: Member | None, **_: Any) -> None:
    """After leads did something: they are moving, and those come back that waited for it."""
    with over(leads):
        Lead.objects.filter(pk__in=leads).update(moved_at=as_of)
    with over(leads), connection.cursor() as cursor:
        cursor.execute(WOKEN, [current_workspace_id(), list(leads), as_of])
        ids = [row[0] for row in cursor.fetchall()]
    wake(ids, by=Trigger.TOUCH, as_of=as_of, actor=actor)


def wake_changed(leads: Sequence[UUID], *, as_of: datetime, actor: Member | None, **_: Any) -> None:
    """After facts changed: those come back whose fact is another now than when they were put aside."""
    rows = (
        Deferral.objects.filter(lead__in=leads, ended_at=None, trigger_kind=Trigger.FIELD)
        .select_related("lead")
        .order_by("pk")
    )
    ids = [row.lead_id for row in rows if fact_of(row.lead, row.trigger_what) != row.trigger_was]
    wake(ids, by=Trigger.FIELD, as_of=as_of, actor=actor)


def wake(ids: Sequence[UUID], *, by: str, as_of: datetime, actor: Member | None) -> None:
    if not ids:
        return
    rows = Lead.objects.select_for_update().filter(pk__in=ids, stage=Stage.DEFERRED).order_by("pk")
    leads = list(rows)
    kept = {lead.pk for lead in barred(leads)}
    come_back([lead for lead in leads if lead.pk not in kept], by=by, as_of=as_of, actor=actor)


def barred(leads: list[Lead]) -> list[Lead]:
    """Those that may not be written to: their consent was taken back."""
    ids = [lead.pk for lead in leads]
    kept = set().union(*(asked(ids) for asked in silent)) if ids else set()
    return [lead for lead in leads if lead.pk in kept]


def come_back(
    due: list[Lead],
    *,
    by: str,
    as_of: datetime,
    actor: Member | None,
    told: Mapping[str, Any] = NOTHING_MORE,
) -> None:
    """Locked leads that were put aside begin again with whom they had, or in a pool. A fixed number of statements.

    ``by``: day, touch, field or again; ``told``: what more the timeline says.
    """
    if not due:
        return
    ids = [lead.pk for lead in due]
    Lead.objects.filter(pk__in=ids).update(
        stage=Stage.LEAD,
        stage_since=as_of,
        moved_at=as_of,
        resume_at=None,
        next_action_at=as_of,
        version=F("version") + 1,
        updated_at=as_of,
    )
    StageChange.objects.bulk_create(
        [
            StageChange(
                lead_id=lead.pk,
                transition="reopen",
                source=lead.stage,
                target=Stage.LEAD,
                at=as_of,
                verdict={"met": ["resume_at" if by == "day" else by]},
                days_in_source=max((as_of - lead.stage_since).days, 0),
            )
            for lead in due
        ]
    )
    end(due, by, as_of)
    said = [(lead.pk, {**told, **lead.deferral, "by": by, "was": lead.stage}) for lead in due]
    tell("resumed", said, as_of=as_of, actor=None)
    happened("stage_changed", ids, as_of=as_of, actor=None, transition="reopen")
