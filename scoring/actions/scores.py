"""Scores: worked out and stored for any set of leads, and what follows when one is high enough."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from leads import actions as lead_actions
from leads.conditions import fields_used
from leads.conditions.fragments import Sql, put
from leads.happened import happened
from leads.models import Lead
from leads.models.lead import Stage
from leads.planner import over
from scoring.cards import ReadCard, active
from scoring.engine import CHANGED, Engine, chosen
from workspaces.models import Member
from workspaces.tenancy import current_workspace

BATCH = 5000
FEW = 2000
STAGE = {"stage", "days_in_stage", "stage_since", "resume_at"}
OWNER = {"owner", "team", "pool", "pool_since", "held_since", "reclaim_at"}


def rescore(
    leads: Sequence[UUID] | None, *, as_of: datetime, actor: Member | None = None, **_facts: Any
) -> int:
    """Score a set of leads (None: the whole workspace) by the active card; how many came out different.

    One statement for any set. A changed grade is written into the timeline.
    """
    card = active()
    return 0 if card is None else score_by(card, leads, as_of, actor)


def score_by(card: ReadCard, leads: Sequence[UUID] | None, as_of: datetime, actor: Member | None) -> int:
    engine = Engine(card, current_workspace(), as_of)
    if leads is None:
        some = differing(engine)
        leads = some if len(some) <= FEW else None  # where few differ, nobody else has to wait
    if leads is not None and not leads:
        return 0
    hold(leads)
    statement = write(engine, leads, actor)
    with over(leads), connection.cursor() as cursor:
        cursor.execute(statement.text, statement.params)
        rows = cursor.fetchall()
    if leads is not None:
        happened("rescored", [row[0] for row in rows], as_of=as_of, actor=actor)
        return len(rows)
    if rows[0][0]:
        happened("rescored", None, as_of=as_of, actor=actor)
    return int(rows[0][0])


def differing(engine: Engine) -> list[UUID]:
    """Leads of the workspace whose score would come out different; no more than a few, and one."""
    statement = put("SELECT id FROM ({}) found WHERE " + CHANGED + " LIMIT {}", engine.scored(None), FEW + 1)
    with over(None), connection.cursor() as cursor:
        cursor.execute(statement.text, statement.params)
        return [row[0] for row in cursor.fetchall()]


def rescore_if_stage_counts(
    leads: Sequence[UUID] | None, *, as_of: datetime, actor: Member | None = None, **_facts: Any
) -> int:
    """Rescore after a step, if any rule asks about the stage."""
    return rescore_if(STAGE, leads, as_of, actor)


def rescore_if_owner_counts(
    leads: Sequence[UUID] | None, *, as_of: datetime, actor: Member | None = None, **_facts: Any
) -> int:
    """Rescore after a change of owner, if any rule asks about owner, team or pool."""
    return rescore_if(OWNER, leads, as_of, actor)


def rescore_if(fields: set[str], leads: Sequence[UUID] | None, as_of: datetime, actor: Member | None) -> int:
    card = active()
    if card is None or not fields & {name for rule in card.rules for name in fields_used(rule.condition)}:
        return 0
    return score_by(card, leads, as_of, actor)


def hold(leads: Sequence[UUID] | None) -> None:
    """Lock the leads in the order of their ids, so that the statement that follows sees what others did.

    Without it, two touches of one lead at the same moment would each be scored without the other.
    """
    some = chosen("l.id", leads)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM (SELECT FROM leads_lead l WHERE l.workspace_id = %s"
            f"{some.text} ORDER BY l.id FOR NO KEY UPDATE) held",
            [current_workspace().pk, *some.params],
        )


def write(engine: Engine, leads: Sequence[UUID] | None, actor: Member | None) -> Sql:
    """The statement: score, write what differs, tell changed grades. Gives the ids, or for all their number."""
    workspace = str(engine.workspace.pk)
    return put(
        "WITH changed AS ("
        " UPDATE leads_lead t SET score = s.score, grade = s.grade, score_parts = s.parts, scorecard_id = s.card,"
        " scored_at = {}, rescore_at = s.next"
        " FROM (SELECT * FROM ({}) found WHERE " + CHANGED + ") s"
        " WHERE t.workspace_id = {}::uuid AND t.id = s.id"
        " RETURNING t.id, s.was_grade, t.grade, t.score"
        "), told AS ("
        " INSERT INTO leads_timelineentry (id, created_at, updated_at, workspace_id, lead_id, at, kind, actor_id, data)"
        " SELECT leadcrm_uuid7(), {}, {}, {}::uuid, id, {}, 'graded', {}::uuid,"
        " jsonb_build_object('from', was_grade, 'to', grade, 'score', score) FROM changed WHERE grade <> was_grade"
        ") SELECT " + ("count(*)" if leads is None else "id") + " FROM changed",
        engine.as_of,
        engine.scored(leads),
        workspace,
        engine.as_of,
        engine.as_of,
        workspace,
        engine.as_of,
        str(actor.pk) if actor else None,
    )


def rescore_due(as_of: datetime, most: int = BATCH) -> int:
    """Rescore one batch of leads whose score time alone may have moved; how many were looked at."""
    card = active()
    if card is None:
        return 0
    due = (
        Lead.objects.select_for_update(skip_locked=True, no_key=True)
        .filter(rescore_at__lte=as_of)
        .order_by("rescore_at")
        .values_list("pk", flat=True)
    )
    leads = sorted(due[:most])
    if leads:
        score_by(card, leads, as_of, actor=None)
        qualify(leads, as_of=as_of, actor=None)
    return len(leads)


def qualify(
    leads: Sequence[UUID] | None, *, as_of: datetime, actor: Member | None = None, **_facts: Any
) -> list[UUID]:
    """Leads that reached the card's threshold become MQL by the system, where the gate agrees.

    Those it refuses stay where they are and are asked again with the next change.
    """
    card = active()
    if card is None:
        return []
    ready = Lead.objects.filter(stage=Stage.LEAD, score__gte=card.threshold)
    if leads is not None:
        ready = ready.filter(pk__in=list(leads))
    ids = list(ready.order_by("pk").values_list("pk", flat=True))
    if not ids:
        return []
    return lead_actions.advance(ids, "to_mql", as_of=as_of, actor=None).moved
