"""A month's look at the card in force: are its grades what they promise, which of its rules say nothing or the
opposite of what they give points for, who comes in by now, and which points would fit better.

The promise of a grade is what its leads did among the older 70 % of those decided; the newest 30 % keep it or
don't. A rule is judged on the newest, too. Better points come from the older alone, so that the newest can say
what they would do.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from leads.conditions import say, vocabulary
from leads.conditions.fragments import Sql, put
from leads.conditions.moments import EACH
from leads.past import PAST
from leads.planner import over
from scoring.actions.cards import rules_of
from scoring.cards import NORMAL, ReadCard, ReadRule, assemble, said
from scoring.engine import Engine, whose
from scoring.models import Rule, Scorecard
from scoring.proof.backtest import by_grade, share
from scoring.proof.measures import auc, drift, interval
from scoring.proof.outcomes import Outcome, decided
from scoring.proof.scoring import past_scores
from scoring.review.changes import real, with_changes
from scoring.worth import varies
from workspaces.tenancy import current_workspace

NEWEST = 0.3
FEWEST = 50  # newest decided leads before a rule is called dead or turned around
FEWEST_MET = 20  # of them, leads that meet a rule before it is called turned around
WORTH_SAYING = 3  # points
RECENT, BEFORE = timedelta(days=30), timedelta(days=120)
FEWEST_IN = 50  # leads that came in, in either span, before a shift is worked out
STEADY, SHIFTED = 0.1, 0.25
Flags = NDArray[np.bool_]


def look(card: ReadCard, outcome: Outcome, *, as_of: datetime) -> dict[str, Any]:
    """{"leads", "outcomes", "auc", "grades", "rules", "drift", "changes", "auc_after"}; see the functions.

    Of the leads that the card scores: of a team's card the team's.
    """
    theirs = whose(card.team, card.others)
    with decided(outcome, as_of, team=card.team, others=card.others) as many:
        card = replace(card, team=None, others=())
        happened, points, scores, grades = read_points(card, many)
        cut = round(many * (1 - NEWEST))
        rules = rules_now(card, points[cut:], happened[cut:])
        before = still_met(rules_now(card, points[:cut], happened[:cut]), rules)
        written = rules_of(Scorecard.objects.get(pk=card.id))
        changes = real(written, suggested(card, points[:cut], happened[:cut], before))
        after = past_scores([changed(card, changes)], many)[0] if changes else scores
    now, then = auc(scores[cut:], happened[cut:]), auc(after[cut:], happened[cut:])
    if now and then and then.value < now.value:  # what makes it worse is no suggestion
        changes, then = [one for one in changes if one["state"] == "dead"], now
    return {
        "leads": many,
        "outcomes": int(happened.sum()),
        "newest": many - cut,
        "auc": share(now.value) if now else None,
        "grades": grades_now(grades, happened, cut),
        "rules": rules,
        "drift": shifts(as_of, theirs),
        "changes": changes,
        "auc_after": share(then.value) if then and changes else None,
    }


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

    state: works; dead (nobody meets it); turned (it gives points to those who get there less often, or takes
    them from those who get there more often, beyond chance); unclear.
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


def suggested(
    card: ReadCard, points: NDArray[np.float32], happened: Flags, rules: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Changes of points: what all rules together say, in the card's own measure; the largest first.

    Weights by logistic regression held towards nothing (as in training), stretched so that the points of the
    rules in sum, each times the weight of its dimension, stay what they are. A rule whose points vary is looked at
    in multiples of what it usually gives, and ``factor`` says how many times as much would fit. A dead rule goes;
    who is disqualified is not weighed. What caps cut off is not foreseen here: the engine tells it (``look``).
    """
    from sklearn.linear_model import LogisticRegression

    yes = int(happened.sum())
    if yes < FEWEST or len(happened) - yes < FEWEST:
        return []
    weighed = [rule.position for rule in card.rules if not rule.disqualifies and card.weight(rule.dimension)]
    shares = np.array([card.weight(card.rules[at].dimension) / NORMAL for at in weighed], float)
    if not weighed:
        return []
    usual = np.array([usually(points[:, at]) or meant(card.rules[at]) for at in weighed], float)
    sizes = np.where(np.abs(usual) >= 1, usual, 1.0)
    weights = LogisticRegression(C=0.3, max_iter=300).fit(points[:, weighed] / sizes, happened).coef_[0]
    power = float(np.abs(weights).sum())
    scale = float(np.abs(usual * shares).sum()) / power if power > 1e-6 else 0.0
    found = []
    for place, at in enumerate(weighed):
        state, now = rules[at]["state"], round(float(usual[place]))
        better = 0 if state == "dead" else round(float(weights[place]) * scale / float(shares[place]))
        better = max(-1000, min(1000, better))
        sure = state in ("turned", "works") and int((points[:, at] != 0).sum()) >= FEWEST_MET
        if now and (sure or state == "dead") and abs(better - now) >= min(WORTH_SAYING, abs(now)):
            factor = {"factor": round(better / now, 3)} if varies(card.rules[at]) else {}
            found.append(rules[at] | {"points": now, "better": better} | factor)
    return sorted(found, key=lambda one: -abs(one["better"] - one["points"]))


def meant(rule: ReadRule) -> int:
    """What it is said to give, where nobody got anything."""
    return rule.points or rule.most or 0


def usually(points: NDArray[np.float32]) -> int:
    """What a rule gives on average to those who get anything."""
    given = points[points != 0]
    return round(float(given.mean())) if len(given) else 0


def changed(card: ReadCard, changes: list[dict[str, Any]]) -> ReadCard:
    """The card with the suggested points, in memory."""
    stored = Scorecard.objects.get(pk=card.id)
    rows = [Rule(scorecard=stored, **one) for one in with_changes(rules_of(stored), changes)]
    return replace(assemble(stored, rows, vocabulary(current_workspace())), team=None, others=())


# --- who comes in ---------------------------------------------------------------------------------

MARKS = {
    "grade": "l.grade",
    "industry": "lower(l.industry)",
    "region": "lower(l.region)",
    "channel": "l.channel_id::text",
    "employees": "CASE WHEN l.employees IS NULL THEN '' WHEN l.employees < 50 THEN '0-49'"
    " WHEN l.employees < 200 THEN '50-199' WHEN l.employees < 1000 THEN '200-999' ELSE '1000-' END",
}


def shifts(as_of: datetime, theirs: Sql) -> list[dict[str, Any]]:
    """How far the leads of the last 30 days differ from those of the 90 days before, by mark.

    theirs: which leads ``l``. value: the population stability index; state: steady, some, shifted or few.
    """
    return [{"mark": mark, **shift(column, as_of, theirs)} for mark, column in MARKS.items()]


def shift(column: str, as_of: datetime, theirs: Sql) -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT COALESCE({column}, ''), count(*) FILTER (WHERE l.captured_at < %s),"
            " count(*) FILTER (WHERE l.captured_at >= %s) FROM leads_lead l"
            f" WHERE l.workspace_id = %s AND l.captured_at >= %s AND l.captured_at <= %s{theirs.text}"
            " GROUP BY 1 ORDER BY count(*) DESC LIMIT 20",
            [as_of - RECENT, as_of - RECENT, current_workspace().pk, as_of - BEFORE, as_of, *theirs.params],
        )
        rows = cursor.fetchall()
    before = np.array([row[1] for row in rows], float)
    now = np.array([row[2] for row in rows], float)
    if not len(rows) or before.sum() < FEWEST_IN or now.sum() < FEWEST_IN:
        return {"value": None, "state": "few"}
    value = drift(before, now)
    state = "steady" if value < STEADY else "some" if value < SHIFTED else "shifted"
    return {"value": round(value, 3), "state": state}


def label_of(row: dict[str, Any]) -> str:
    """What a rule of a stored review is called, in the reader's language."""
    return said(row.get("label"))
