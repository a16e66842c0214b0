"""Backtest: a card held against what became of leads, on the facts as they were known before.

Split by time, not shuffled: what a score promises is worked out on the older leads and tried on the newest.
A card whose points were worked out from leads is judged on others.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from django.db import connection

from leads.conditions import say
from leads.conditions.fragments import Sql, put
from leads.conditions.words import names_of
from scoring.cards import ReadCard, read, said
from scoring.engine import whose
from scoring.models import Scorecard
from scoring.proof.circles import ALL, Circle, answered, asked_by, circles, of_fields, told
from scoring.proof.figures import Tried, figures, share, week_of
from scoring.proof.measures import auc, difference
from scoring.proof.outcomes import Outcome, decide_again, decided, got_to, onwards
from scoring.proof.scoring import past_results, past_scores
from scoring.proof.studied import studied
from workspaces.tenancy import current_workspace

CAPACITY = 200
DAY, WEEK = timedelta(days=1), timedelta(days=7)


def backtest(
    card: Scorecard,
    outcome: Outcome,
    *,
    as_of: datetime,
    other: Scorecard | None = None,
    capacity: int = CAPACITY,
) -> dict[str, Any]:
    """What the card would have said of leads whose outcome is known. One read of the past for both cards.

    Looked at are the leads that ``card`` would have scored: of a team's card the team's. Shares are between
    0 and 1; ``auc`` is null where nobody, or everybody, got there.
    """
    stored = [one for one in (card, other) if one is not None]
    cards = [read(one) for one in stored]
    circular = circles(outcome, card.team_id)
    free = {at: freed for at, one in enumerate(cards) if (freed := without_answered(one, circular))}
    tried = try_out(cards, list(free.values()), outcome, as_of)
    many = len(tried.ids)
    seen, since = studied(stored)
    if seen:
        tried = tried.only(np.array([at for at, pk in enumerate(tried.ids) if pk not in seen], np.int64))
    came = came_in(cards[0], outcome, tried, as_of)
    told_of = []
    for at, one in enumerate(cards):
        place = len(cards) + list(free).index(at) if at in free else None
        rest = left_over(one, free[at], tried, place) if place is not None else None
        told_of.append(figures(one, tried, at, capacity, came) | {"without_gate": rest})
    return told_of[0] | {
        "since": since.isoformat() if since else None,
        "left_out": many - len(tried.ids),
        "team": str(card.team_id) if card.team_id else None,
        "circular": any(one.code == ALL for one in circular),
        "cautions": told(of_fields(circular, {name for one in cards for name in fields_of(one)})),
        "other": told_of[1] | compared(tried) if other is not None else None,
    }


def compared(tried: Tried) -> dict[str, Any]:
    """How much higher the area of the second card is."""
    by = difference(tried.scores[1], tried.scores[0], tried.happened)
    return {
        "difference": share(by.value) if by else None,
        "difference_low": share(by.low) if by else None,
        "difference_high": share(by.high) if by else None,
        "p": share(by.p) if by else None,
    }


def fields_of(card: ReadCard) -> set[str]:
    return {name for rule in card.rules for name in asked_by(rule)}


def without_answered(card: ReadCard, circular: Sequence[Circle]) -> ReadCard | None:
    """The card without the rules that a gate on the way answers; None when there are none, or no others."""
    out = answered(card, circular)
    rest = tuple(rule for rule in card.rules if rule not in out)
    return replace(card, rules=rest) if out and rest else None


def left_over(card: ReadCard, rest: ReadCard, tried: Tried, at: int) -> dict[str, Any]:
    """What the other rules tell alone, and which were left aside."""
    out = [rule for rule in card.rules if rule not in rest.rules]
    names = names_of([rule.condition for rule in out])
    found = auc(tried.scores[at], tried.happened)
    return {
        "rules": [said(rule.label) or say(rule.condition, names=names) for rule in out],
        "auc": share(found.value) if found else None,
        "auc_low": share(found.low) if found else None,
        "auc_high": share(found.high) if found else None,
    }


def try_out(cards: Sequence[ReadCard], free: Sequence[ReadCard], outcome: Outcome, as_of: datetime) -> Tried:
    """Every card scores the leads that are the first one's, at their moment; those of ``free`` come after."""
    first = cards[0]
    every = [replace(one, team=None, others=()) for one in (*cards, *free)]
    with decided(outcome, as_of, team=first.team, others=first.others) as many:
        scores, grades = past_results(every, many)
        rows = decided_leads(outcome, as_of)
        columns: list[Any] = [list(column) for column in zip(*rows, strict=True)] if rows else [[]] * 6
        happened, ids, moments, begun, channels, industries = columns
        chosen = [min(moment, start + DAY) for moment, start in zip(moments, begun, strict=True)]
        decide_again(outcome, ids, chosen)
        early = past_scores(every[: len(cards)], many)
    return Tried(scores, grades, early, np.array(happened, bool), ids, moments, begun, channels, industries)


def decided_leads(outcome: Outcome, as_of: datetime) -> list[tuple[Any, ...]]:
    """(happened, lead, moment, begun, channel, industry) in the order of time."""
    statement = put(
        "SELECT d.happened, d.lead_id, d.moment, {}, p.channel_id, p.industry FROM decided_lead d"
        " JOIN past_lead p ON p.id = d.lead_id JOIN leads_lead l ON l.workspace_id = {}::uuid AND l.id = d.lead_id"
        " ORDER BY d.n",
        begun_sql(outcome, as_of),
        str(current_workspace().pk),
    )
    with connection.cursor() as cursor:
        cursor.execute(statement.text, statement.params)
        return list(cursor.fetchall())


def begun_sql(outcome: Outcome, as_of: datetime) -> Sql:
    """When lead ``l`` came in, or got to the stage that the outcome is measured from."""
    return got_to(onwards(outcome.among), as_of) if outcome.among else Sql("l.captured_at")


def came_in(card: ReadCard, outcome: Outcome, tried: Tried, as_of: datetime) -> int:
    """How many leads there were in the weeks of the decided ones, those that are still open among them."""
    if not tried.begun:
        return 0
    zone = current_workspace().tz
    first, last = week_of(min(tried.begun)), week_of(max(tried.begun)) + WEEK
    start, end = (datetime(day.year, day.month, day.day, tzinfo=zone) for day in (first, last))
    statement = put(
        "SELECT count(*) FROM (SELECT {} AS at FROM leads_lead l WHERE l.workspace_id = {}::uuid{}) each"
        " WHERE at >= {} AND at < {}",
        begun_sql(outcome, as_of),
        str(current_workspace().pk),
        whose(card.team, card.others),
        start,
        end,
    )
    with connection.cursor() as cursor:
        cursor.execute(statement.text, statement.params)
        return int(cursor.fetchone()[0])
