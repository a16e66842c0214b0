"""The figures of one card on leads whose outcome is known. Shares are between 0 and 1."""

import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import numpy as np
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from leads.models import Channel
from scoring.cards import GRADES, ReadCard
from scoring.proof.measures import auc, calibration_error, chance, groups, interval
from workspaces.tenancy import current_workspace

FEW = 30  # with fewer who got there (or who did not), figures are said to be a hint
NEWEST = 0.3
MOST_SLICES = 8
FEWEST_IN_SLICE = 20
Flags = NDArray[np.bool_]
Numbers = NDArray[np.float64]


@dataclass
class Tried:
    """The decided leads as columns, in the order of time; ``scores``, ``grades`` and ``first``: by card.

    ``begun``: when they came in, or got to the stage that the outcome is measured from; ``first``: the scores a day
    later, when a rep would choose.
    """

    scores: Numbers
    grades: NDArray[np.int8]  # places in "ABCD"
    first: Numbers
    happened: Flags
    ids: list[UUID]
    moments: list[datetime]
    begun: list[datetime]
    channels: list[UUID | None]
    industries: list[str]

    def only(self, rows: NDArray[np.int64]) -> "Tried":
        pick = [int(at) for at in rows]
        return Tried(
            self.scores[:, rows],
            self.grades[:, rows],
            self.first[:, rows],
            self.happened[rows],
            [self.ids[at] for at in pick],
            [self.moments[at] for at in pick],
            [self.begun[at] for at in pick],
            [self.channels[at] for at in pick],
            [self.industries[at] for at in pick],
        )


def figures(card: ReadCard, tried: Tried, at: int, capacity: int, came: int) -> dict[str, Any]:
    """All figures of one card. ``came``: how many leads came in the weeks of those that are decided."""
    scores, happened = tried.scores[at], tried.happened
    yes, many = int(happened.sum()), len(happened)
    return {
        "scorecard": str(card.id),
        "name": card.name,
        "version": card.version,
        **sliced(scores, happened),
        "note": note(yes, many),
        "by_grade": by_grade(tried.grades[at], happened),
        "by_decile": by_decile(scores, happened),
        "calibration": calibration(scores, happened),
        "precision": at_capacity(tried, at, capacity) | {"came": came},
        "by_time": by_time(scores, happened, tried.moments),
        "by_channel": by_slice(scores, happened, channel_names(tried.channels)),
        "by_industry": by_slice(scores, happened, alike(tried.industries)),
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


def counted(answers: Flags | Numbers, rate: float) -> dict[str, Any]:
    """leads, outcomes, rate with its interval, and lift: how many times the average."""
    many, yes = len(answers), float(answers.sum())
    low, high = interval(yes, many)
    return {
        "leads": many,
        "outcomes": round(yes),
        "rate": share(yes / many) if many else None,
        "low": share(low),
        "high": share(high),
        "lift": round(yes / many / rate, 2) if many and rate else None,
    }


def by_decile(scores: Numbers, happened: Flags) -> list[dict[str, Any]]:
    """Tenths of the leads from the highest scores down, fewer parts where there are fewer leads.

    ``worked``: the share of all leads so far; ``caught``: the share of all who got there so far. Leads of one score
    count with their common rate: which of them stand in which tenth is chance.
    """
    found, caught, worked = [], 0.0, 0
    rate, answers = (float(happened.mean()) if len(happened) else 0.0), common(scores, happened)
    for at, part in enumerate(groups(scores), 1):
        caught += float(answers[part].sum())
        worked += len(part)
        row: dict[str, Any] = {
            "decile": at,
            "worked": share(worked / len(scores)),
            "score_from": int(scores[part].min()),
            "score_to": int(scores[part].max()),
        }
        row |= counted(answers[part], rate)
        found.append(row | {"caught": share(caught / happened.sum()) if happened.any() else None})
    return found


def common(scores: Numbers, happened: Flags) -> Numbers:
    """Of each lead the share that got there among those of its score."""
    _scores, place, many = np.unique(scores, return_inverse=True, return_counts=True)
    shares = np.bincount(place, weights=happened, minlength=len(many)) / np.maximum(many, 1)
    return np.asarray(shares[place], np.float64)


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
    """Had the reps taken the best so many of each week, by the scores of a day after they came: the share that got
    there. Weeks begin on Monday where the workspace is."""
    weeks: dict[date, list[int]] = {}
    for row, moment in enumerate(tried.begun):
        weeks.setdefault(week_of(moment), []).append(row)
    taken: list[int] = []
    for rows in weeks.values():
        here = np.array(rows)
        best = here[np.argsort(-tried.first[at][here], kind="stable")[:capacity]]
        taken += best.tolist()
    answers = tried.happened[taken] if taken else np.zeros(0, bool)
    rate = float(tried.happened.mean()) if len(tried.happened) else 0.0
    caught = int(answers.sum()) / int(tried.happened.sum()) if tried.happened.any() else None
    return {"capacity": capacity, "weeks": len(weeks), **counted(answers, rate), "caught": share(caught)}


def week_of(moment: datetime) -> date:
    day = moment.astimezone(current_workspace().tz).date()
    return day - timedelta(days=day.weekday())


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


def alike(names: Sequence[str]) -> list[str]:
    """Each as it is written most often: what conditions take for the same ("SaaS", "saas") is one."""
    keys = [unicodedata.normalize("NFKC", name).strip().lower() for name in names]
    written = Counter(zip(keys, names, strict=True))
    called: dict[str, str] = {}
    for (key, name), _many in sorted(written.items(), key=lambda one: (-one[1], one[0])):
        called.setdefault(key, name)
    return [called[key] for key in keys]


def channel_names(ids: Sequence[UUID | None]) -> list[str]:
    known = dict(Channel.objects.filter(pk__in={pk for pk in ids if pk}).values_list("pk", "name"))
    return [known.get(pk, "") if pk else "" for pk in ids]


def share(value: float | None) -> float | None:
    return None if value is None else round(float(value), 4)
