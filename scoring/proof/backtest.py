"""Backtest: a card held against what became of leads, on the facts as they were known before.

Split by time, not shuffled: what a score promises is worked out on the older leads and tried on the newest.
A card that was learned is judged on leads decided after what it learned from, and on those alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import numpy as np
from django.db import connection
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from leads.models import Channel
from scoring.cards import GRADES, ReadCard, read
from scoring.learning.models import Training
from scoring.models import Scorecard
from scoring.proof.measures import auc, calibration_error, chance, difference, groups, interval
from scoring.proof.outcomes import Outcome, decided
from scoring.proof.scoring import past_results

FEW = 30  # with fewer who got there (or who did not), figures are said to be a hint
NEWEST = 0.3
CAPACITY = 200
MOST_SLICES = 8
FEWEST_IN_SLICE = 20
WEEK = timedelta(days=7)
Flags = NDArray[np.bool_]
Numbers = NDArray[np.float64]


@dataclass
class Tried:
    """The decided leads as columns, in the order of time; ``scores`` and ``grades``: by card."""

    scores: Numbers
    grades: NDArray[np.int8]  # places in "ABCD"
    happened: Flags
    ids: list[UUID]
    moments: list[datetime]
    captured: list[datetime]
    channels: list[UUID | None]
    industries: list[str]

    def only(self, rows: NDArray[np.int64]) -> "Tried":
        pick = [int(at) for at in rows]
        return Tried(
            self.scores[:, rows],
            self.grades[:, rows],
            self.happened[rows],
            [self.ids[at] for at in pick],
            [self.moments[at] for at in pick],
            [self.captured[at] for at in pick],
            [self.channels[at] for at in pick],
            [self.industries[at] for at in pick],
        )


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
    cards = [read(one) for one in (card, other) if one is not None]
    tried = try_out(cards, outcome, as_of)
    seen = max((last for one in (card, other) if one and (last := learned_last(one))), default=None)
    if seen is not None:
        places = enumerate(zip(tried.moments, tried.ids, strict=True))
        tried = tried.only(np.array([at for at, place in places if place > seen], np.int64))
    found = figures(cards[0], tried, 0, capacity)
    found |= {"since": seen[0].isoformat() if seen else None, "other": None}
    found |= {"team": str(card.team_id) if card.team_id else None}
    if other is not None:
        rival = figures(cards[1], tried, 1, capacity)
        by = difference(tried.scores[1], tried.scores[0], tried.happened)
        found["other"] = rival | {
            "difference": share(by.value) if by else None,
            "difference_low": share(by.low) if by else None,
            "difference_high": share(by.high) if by else None,
            "p": share(by.p) if by else None,
        }
    return found


def try_out(cards: Sequence[ReadCard], outcome: Outcome, as_of: datetime) -> Tried:
    """Every card scores the leads that are the first one's, at their moment."""
    first = cards[0]
    with decided(outcome, as_of, team=first.team, others=first.others) as many:
        results = past_results([replace(one, team=None, others=()) for one in cards], many)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT d.happened, d.lead_id, d.moment, p.captured_at, p.channel_id, p.industry FROM decided_lead d"
                " JOIN past_lead p ON p.id = d.lead_id ORDER BY d.n"
            )
            rows = cursor.fetchall()
    columns: list[Any] = [list(column) for column in zip(*rows, strict=True)] if rows else [[]] * 6
    return Tried(*results, np.array(columns[0], bool), *columns[1:])


def learned_last(card: Scorecard) -> tuple[datetime, UUID] | None:
    """The last lead that a card's points have seen, in the order of time; None for a card that people wrote.

    A card has seen what the versions it was made from have seen, however many lie between.
    """
    made_from = dict(Scorecard.objects.values_list("pk", "based_on"))
    line, pk = [card.pk], card.based_on
    while pk is not None and pk not in line:
        line.append(pk)
        pk = made_from.get(pk)
    seen = [
        (datetime.fromisoformat(one["learned_until"]), UUID(one["learned_last"]))
        for one in Training.objects.filter(scorecard_id__in=line).values_list("found", flat=True)
        if one.get("learned_last")
    ]
    return max(seen, default=None)


def figures(card: ReadCard, tried: Tried, at: int, capacity: int) -> dict[str, Any]:
    """All figures of one card."""
    scores, happened = tried.scores[at], tried.happened
    yes, many = int(happened.sum()), len(happened)
    found = auc(scores, happened)
    return {
        "scorecard": str(card.id),
        "name": card.name,
        "version": card.version,
        "leads": many,
        "outcomes": yes,
        "rate": share(yes / many) if many else None,
        "auc": share(found.value) if found else None,
        "auc_low": share(found.low) if found else None,
        "auc_high": share(found.high) if found else None,
        "small": yes < FEW or many - yes < FEW,
        "note": note(yes, many),
        "by_grade": by_grade(tried.grades[at], happened),
        "by_decile": by_decile(scores, happened),
        "calibration": calibration(scores, happened),
        "precision": at_capacity(tried, at, capacity),
        "by_time": by_time(scores, happened, tried.moments),
        "by_channel": by_slice(scores, happened, channel_names(tried.channels)),
        "by_industry": by_slice(scores, happened, tried.industries),
    }


def note(yes: int, many: int) -> str:
    """What to make of figures from few leads, in the reader's language."""
    if not many:
        return _("No lead has this outcome decided yet: nothing can be said.")
    if not yes or yes == many:
        return _("All decided leads ended alike: nothing tells them apart.")
    if yes < FEW or many - yes < FEW:
        return _("Only %(yes)d of %(many)d decided leads got there: take these figures as a hint.") % {
            "yes": yes,
            "many": many,
        }
    return ""


def by_grade(place: NDArray[np.int8], happened: Flags) -> list[dict[str, Any]]:
    """How many of each grade got there, with the interval of the share; whom a rule disqualifies is a D.

    ``small``: too few leads for the share to mean much.
    """
    rate = float(happened.mean()) if len(happened) else 0.0
    found = []
    for at, grade in enumerate((*GRADES, "D")):
        here = happened[place == at]
        found.append({"grade": grade, "small": len(here) < FEWEST_IN_SLICE} | counted(here, rate))
    return found


def counted(answers: Flags, rate: float) -> dict[str, Any]:
    """leads, outcomes, rate with its interval, and lift: how many times the average."""
    many, yes = len(answers), int(answers.sum())
    low, high = interval(yes, many)
    return {
        "leads": many,
        "outcomes": yes,
        "rate": share(yes / many) if many else None,
        "low": share(low),
        "high": share(high),
        "lift": round(yes / many / rate, 2) if many and rate else None,
    }


def by_decile(scores: Numbers, happened: Flags) -> list[dict[str, Any]]:
    """Tenths of the leads from the highest scores down; ``caught``: the share of all who got there so far."""
    found, caught = [], 0
    rate = float(happened.mean()) if len(happened) else 0.0
    for at, part in enumerate(groups(scores), 1):
        caught += int(happened[part].sum())
        row: dict[str, Any] = {
            "decile": at,
            "score_from": int(scores[part].min()),
            "score_to": int(scores[part].max()),
        }
        row |= counted(happened[part], rate)
        found.append(row | {"caught": share(caught / happened.sum()) if happened.any() else None})
    return found


def calibration(scores: Numbers, happened: Flags) -> dict[str, Any]:
    """Do chances worked out on the older 70 % hold for the newest 30 %? ``error`` in points of a hundred."""
    cut = round(len(scores) * (1 - NEWEST))
    older, newer = slice(0, cut), slice(cut, None)
    if happened[older].sum() < 2 or (~happened[older]).sum() < 2 or len(scores) - cut < 10:
        return {"error": None, "leads": 0, "deciles": []}
    expected = chance(scores[older], happened[older]).of(scores[newer])
    real = happened[newer]
    return {
        "error": round(calibration_error(expected, real), 2),
        "leads": len(real),
        "deciles": [
            {
                "leads": len(part),
                "expected": share(float(expected[part].mean())),
                "rate": share(float(real[part].mean())),
            }
            for part in groups(expected)
        ],
    }


def at_capacity(tried: Tried, at: int, capacity: int) -> dict[str, Any]:
    """Had the reps taken the best so many of those that came in each week: the share that got there."""
    weeks: dict[int, list[int]] = {}
    for row, moment in enumerate(tried.captured):
        weeks.setdefault(int(moment.timestamp() // WEEK.total_seconds()), []).append(row)
    taken: list[int] = []
    for rows in weeks.values():
        here = np.array(rows)
        best = here[np.argsort(-tried.scores[at][here], kind="stable")[:capacity]]
        taken += best.tolist()
    answers = tried.happened[taken] if taken else np.zeros(0, bool)
    rate = float(tried.happened.mean()) if len(tried.happened) else 0.0
    caught = int(answers.sum()) / int(tried.happened.sum()) if tried.happened.any() else None
    return {"capacity": capacity, "weeks": len(weeks), **counted(answers, rate), "caught": share(caught)}


def by_time(scores: Numbers, happened: Flags, moments: list[datetime]) -> list[dict[str, Any]]:
    """Four quarters of the leads by time: does it still work on the newest?"""
    found = []
    for part in np.array_split(np.arange(len(scores)), 4):
        if len(part):
            row: dict[str, Any] = {"from": moments[part[0]].isoformat(), "to": moments[part[-1]].isoformat()}
            found.append(row | sliced(scores[part], happened[part]))
    return found


def sliced(scores: Numbers, happened: Flags) -> dict[str, Any]:
    found = auc(scores, happened)
    yes = int(happened.sum())
    return {
        "leads": len(scores),
        "outcomes": yes,
        "rate": share(yes / len(scores)) if len(scores) else None,
        "auc": share(found.value) if found else None,
        "auc_low": share(found.low) if found else None,
        "auc_high": share(found.high) if found else None,
        "small": yes < FEW or len(scores) - yes < FEW,
    }


def by_slice(scores: Numbers, happened: Flags, names: Sequence[str]) -> list[dict[str, Any]]:
    """The card on the leads of each channel or industry alone, the largest first."""
    rows: dict[str, list[int]] = {}
    for at, name in enumerate(names):
        if name:
            rows.setdefault(name, []).append(at)
    largest = sorted(rows, key=lambda name: (-len(rows[name]), name))[:MOST_SLICES]
    return [
        {"name": name} | sliced(scores[rows[name]], happened[rows[name]])
        for name in largest
        if len(rows[name]) >= FEWEST_IN_SLICE
    ]


def channel_names(ids: Sequence[UUID | None]) -> list[str]:
    known = dict(Channel.objects.filter(pk__in={pk for pk in ids if pk}).values_list("pk", "name"))
    return [known.get(pk, "") if pk else "" for pk in ids]


def share(value: float | None) -> float | None:
    return None if value is None else round(float(value), 4)
