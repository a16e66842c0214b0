"""Scores: worked out and stored for any set of leads, and what follows when one is high enough."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from leads import actions as lead_actions
from leads.conditions import fields_used
from leads.conditions.fragments import put
from leads.happened import happened
from leads.models import Lead
from leads.models.lead import Stage
from leads.planner import over
from scoring.actions.one_lead import score_one
from scoring.cards import ReadCard, in_force
from scoring.engine import CHANGED, THESE, Engine, chosen
from scoring.kept import ACTOR, kept, said
from scoring.writing import write_all, write_these
from workspaces.models import Member
from workspaces.tenancy import current_workspace

NOBODY: Mapping[UUID, int] = MappingProxyType({})
BATCH = 5000
FEW = 2000
STAGE = {"stage", "days_in_stage", "stage_since", "resume_at"}
OWNER = {"owner", "team", "pool", "pool_since", "held_since", "reclaim_at"}


def rescore(
    leads: Sequence[UUID] | None, *, as_of: datetime, actor: Member | None = None, **_facts: Any
) -> int:
    """Score a set of leads (None: the whole workspace) by the cards in force; how many came out different.

    One statement for any set (and one more for each team that has a card of its own). A changed grade is
    written into the timeline.
    """
    return score_by(in_force(), leads, as_of, actor)


def score_by(
    cards: Sequence[ReadCard], leads: Sequence[UUID] | None, as_of: datetime, actor: Member | None
) -> int:
    if not cards or (leads is not None and not leads):
        return 0
    if leads is None:
        return score_all(cards, as_of, actor)
    if len(leads) == 1:
        found = score_one(cards, leads[0], as_of, actor)
        happened("rescored", found, as_of=as_of, actor=actor)
        return len(found)
    teams = hold(leads, teams=len(cards) > 1)
    found = []
    for card in cards:
        if card.team is None or card.team in teams:
            found += [row[0] for row in scored(card, leads, as_of, actor)]
    happened("rescored", found, as_of=as_of, actor=actor)
    return len(found)


def score_all(cards: Sequence[ReadCard], as_of: datetime, actor: Member | None) -> int:
    """Where few leads differ, only they are held; nobody else has to wait."""
    few: list[UUID] = []
    for card in cards:
        few += differing(Engine(card, current_workspace(), as_of)) if len(few) <= FEW else []
    if len(few) <= FEW:
        return score_by(cards, few, as_of, actor)
    hold(None)
    many = sum(int(scored(card, None, as_of, actor)[0][0]) for card in cards)
    if many:
        happened("rescored", None, as_of=as_of, actor=actor)
    return many


def scored(
    card: ReadCard, leads: Sequence[UUID] | None, as_of: datetime, actor: Member | None
) -> list[tuple[Any, ...]]:
    statement = kept(card, "all", write_all) if leads is None else kept(card, "these", write_these)
    given = {ACTOR: str(actor.pk) if actor else None, THESE: [str(pk) for pk in leads or ()]}
    statement = said(statement, as_of, given)
    with over(leads), connection.cursor() as cursor:
        cursor.execute(statement.text, statement.params)
        return cursor.fetchall()


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
    """If any card asks about these fields; a change of team also counts where teams have their own cards."""
    cards = in_force()
    by_team = fields is OWNER and len(cards) > 1
    if not by_team and not any(fields & asked_by(card) for card in cards):
        return 0
    return score_by(cards, leads, as_of, actor)


def asked_by(card: ReadCard) -> set[str]:
    asked = {name for rule in card.rules for name in fields_used(rule.condition)}
    return asked | {field.name for rule in card.rules for field, _days in rule.numbers}


def hold(leads: Sequence[UUID] | None, *, teams: bool = False) -> set[UUID]:
    """Lock the leads in the order of their ids, so that the statement that follows sees what others did.

    Without it, two touches of one lead at the same moment would each be scored without the other.
    ``teams``: answer whose they are.
    """
    some = chosen("l.id", leads)
    what = "array_agg(DISTINCT held.team_id)" if teams else "NULL::uuid[]"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*), {what} FROM (SELECT l.team_id FROM leads_lead l WHERE l.workspace_id = %s"
            f"{some.text} ORDER BY l.id FOR NO KEY UPDATE) held",
            [current_workspace().pk, *some.params],
        )
        found = cursor.fetchone()[1]
    return {team for team in found or () if team}


def rescore_due(as_of: datetime, most: int = BATCH) -> int:
    """Rescore one batch of leads whose score time alone may have moved; how many were looked at."""
    cards = in_force()
    if not cards:
        return 0
    due = (
        Lead.objects.select_for_update(skip_locked=True, no_key=True)
        .filter(rescore_at__lte=as_of)
        .order_by("rescore_at")
        .values_list("pk", flat=True)
    )
    leads = sorted(due[:most])
    if leads:
        score_by(cards, leads, as_of, actor=None)
        orphans = Lead.objects.filter(pk__in=leads, rescore_at__lte=as_of)  # of a team that no card scores
        orphans.update(rescore_at=None)
        qualify(leads, as_of=as_of, actor=None)
    return len(leads)


def qualify(
    leads: Sequence[UUID] | None,
    *,
    as_of: datetime,
    actor: Member | None = None,
    created: Mapping[UUID, int] = NOBODY,
    **_facts: Any,
) -> list[UUID]:
    """Leads that reached their card's threshold become MQL by the system, where the gate agrees.

    ``created``: the scores of those among them that are new. Those that the gate refuses stay where they
    are and are asked again with the next change. Whom a rule disqualifies stays a lead, whatever the sum.
    """
    ready: list[UUID] = []
    for card in in_force():
        out = {str(rule.position) for rule in card.rules if rule.disqualifies}
        told = {} if out else created  # a new lead is of no team
        if card.team is None:
            ready += [pk for pk, score in told.items() if score >= card.threshold]
        rows = theirs(card).filter(stage=Stage.LEAD, score__gte=card.threshold)
        if leads is not None:
            rest = [pk for pk in leads if pk not in told]
            if not rest:
                continue
            rows = rows.filter(pk__in=rest)
        for pk, parts in rows.values_list("pk", "score_parts"):
            if not out or not out & {one.split(":")[0] for one in str(parts).split()}:
                ready.append(pk)
    if not ready:
        return []
    return lead_actions.advance(sorted(ready), "to_mql", as_of=as_of, actor=None).moved


def theirs(card: ReadCard) -> QuerySet[Lead]:
    """The leads a card scores."""
    if card.team is not None:
        return Lead.objects.filter(team=card.team)
    return Lead.objects.exclude(team__in=card.others) if card.others else Lead.objects.all()
