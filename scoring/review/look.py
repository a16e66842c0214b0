"""A month's look at the card in force: are its grades what they promise, which of its rules say nothing or the
opposite of what they give points for, who comes in by now, and which points would fit better.

The promise of a grade is what its leads did among the older 70 % of those decided; the newest 30 % keep it or
don't. A rule is judged on the newest, too. Better points come from the older alone, so that the newest can say
what they would do.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from leads.conditions import say
from leads.conditions.fragments import put
from leads.conditions.moments import EACH
from leads.past import PAST
from leads.planner import over
from scoring.actions.cards import rules_of
from scoring.cards import ReadCard, said
from scoring.engine import Engine, whose
from scoring.learning.reading import decided_rows
from scoring.models import Scorecard
from scoring.proof.circles import asked_by, circles, of_fields
from scoring.proof.figures import Flags, by_grade, share
from scoring.proof.measures import auc, interval
from scoring.proof.outcomes import Outcome, decided
from scoring.review.changes import real
from scoring.review.drift import shifts
from scoring.review.lately import not_too_soon
from scoring.review.suggest import FEWEST, FEWEST_MET, meant, on_leads_now, suggested, tried_out, usually
from workspaces.tenancy import current_workspace

NEWEST = 0.3
MOST_CHANGES = 8


@dataclass
class Looked:
    """``found``: what a review says, as JSON; ``leads``: those that its suggestions come from, in the order of time."""

    found: dict[str, Any]
    leads: list[UUID]
    until: datetime | None


def look(card: ReadCard, outcome: Outcome, *, as_of: datetime) -> Looked:
    """{"leads", "outcomes", "auc", "grades", "rules", "drift", "changes", "auc_after", "effect", "cautions"}; see the
    functions. Of the leads that the card scores: of a team's card the team's.
    """
    with decided(outcome, as_of, team=card.team, others=card.others) as many:
        every = replace(card, team=None, others=())
        rows = decided_rows()
        happened, points, scores, grades = read_points(every, many)
        cut = round(many * (1 - NEWEST))
        rules = not_too_soon(card, rules_now(every, points[cut:], happened[cut:]), as_of)
        before = still_met(rules_now(every, points[:cut], happened[:cut]), rules)
        written = rules_of(Scorecard.objects.get(pk=card.id))
        changes = real(written, suggested(every, points[:cut], happened[:cut], before))
        changes, after = tried_out(every, changes, happened, grades, cut) if changes else ([], scores)
    now, then = auc(scores[cut:], happened[cut:]), auc(after[cut:], happened[cut:])
    if now and then and then.value < now.value:  # what makes it worse is no suggestion
        changes, then = [one for one in changes if one["state"] == "dead"], now
    asked = {name for rule in card.rules for name in asked_by(rule)}
    found = {
        "leads": many,
        "outcomes": int(happened.sum()),
        "newest": many - cut,
        "auc": share(now.value) if now else None,
        "grades": grades_now(grades, happened, cut),
        "rules": rules,
        "drift": shifts(as_of, whose(card.team, card.others)),
        "changes": changes,
        "auc_after": share(then.value) if then and changes else None,
        "effect": on_leads_now(card, changes, as_of) if changes else None,
        "cautions": [one.as_json() for one in of_fields(circles(outcome, card.team), asked)],
    }
    return Looked(found, rows.ids[:cut], rows.moments[cut - 1] if cut else None)


def read_points(
    card: ReadCard, many: int
) -> tuple[Flags, NDArray[np.float32], NDArray[np.float64], NDArray[np.int8]]:
    """(happened, the points of each rule, the score, the grade as a place in "ABCD") of the decided leads, in the
    order of time. Of a rule that disqualifies: 1 where it does.
    """
    columns = "".join(
        f", s.d{rule.position}::integer" if rule.disqualifies else f", s.p{rule.position}"
        for rule in card.rules
    )
    engine = Engine(card, current_workspace(), EACH, PAST)
    statement = put(
        "SELECT d.n, d.happened, s.score, strpos('ABCD', s.grade) - 1"
        + columns
        + " FROM ({}) s JOIN decided_lead d ON d.lead_id = s.id",
        engine.scored(None, rules=True),
    )
    happened, scores = np.zeros(many, bool), np.zeros(many)
    points = np.zeros((many, len(card.rules)), np.float32)
    grades = np.full(many, 3, np.int8)
    with over(None), connection.cursor() as cursor:
        cursor.execute(statement.text, statement.params)
        while rows := cursor.fetchmany(5_000):
            found = np.array(rows, dtype=np.float64)
            places = found[:, 0].astype(int) - 1
            happened[places], scores[places], points[places] = found[:, 1] > 0, found[:, 2], found[:, 4:]
            grades[places] = found[:, 3]
    return happened, points, scores, grades


def grades_now(grades: NDArray[np.int8], happened: Flags, cut: int) -> list[dict[str, Any]]:
    """Of each grade what was promised and what came: state is kept, below, above or few."""
    before, now = by_grade(grades[:cut], happened[:cut]), by_grade(grades[cut:], happened[cut:])
    found = []
    for old, new in zip(before, now, strict=True):
        promised = old["rate"]
        state = "kept"
        if promised is None or old["leads"] < FEWEST_MET or new["leads"] < FEWEST_MET:
            state = "few"
        elif promised < new["low"]:
            state = "above"
        elif promised > new["high"]:
            state = "below"
        found.append(new | {"promised": promised, "state": state})
    return found


def rules_now(card: ReadCard, points: NDArray[np.float32], happened: Flags) -> list[dict[str, Any]]:
    """Of each rule how many of the newest leads meet it and got there, and of the others.

    state: works; dead (nobody meets it, see ``not_too_soon``); turned (it gives points to those who get there less
    often, or takes them from those who get there more often, beyond chance); unclear.
    """
    found = []
    for at, rule in enumerate(card.rules):
        met = points[:, at] != 0
        with_it, without = happened[met], happened[~met]
        low, high = interval(int(with_it.sum()), len(with_it))
        rate = float(without.mean()) if len(without) else None
        gives = float(points[met, at].sum()) > 0 and not rule.disqualifies
        state = "unclear"
        if len(happened) >= FEWEST and not met.any():
            state = "dead"
        elif len(happened) >= FEWEST and len(with_it) >= FEWEST_MET and rate is not None:
            worse, better = high < rate, low > rate
            state = "turned" if (worse if gives else better) else "works" if worse or better else "unclear"
        found.append(
            {
                "rule": str(rule.id),
                "position": rule.position,
                "label": rule.label or say(rule.condition),
                "points": 0 if rule.disqualifies else usually(points[:, at]) or meant(rule),
                "leads": len(with_it),
                "rate": share(float(with_it.mean())) if len(with_it) else None,
                "others": share(rate),
                "state": state,
            }
        )
    return found


def still_met(before: list[dict[str, Any]], now: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rules as the older leads judge them; but dead is a rule that nobody meets by now, and only that."""
    return [
        then | {"state": "dead" if new["state"] == "dead" else "unclear"}
        if "dead" in (then["state"], new["state"])
        else then
        for then, new in zip(before, now, strict=True)
    ]


def label_of(row: dict[str, Any]) -> str:
    """What a rule of a stored review is called, in the reader's language."""
    return said(row.get("label"))
