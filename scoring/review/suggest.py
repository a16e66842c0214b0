"""Which points would fit better, and what they would do."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leads.conditions import vocabulary
from scoring.actions.cards import rules_of
from scoring.cards import NORMAL, ReadCard, ReadRule, assemble
from scoring.models import Rule, Scorecard
from scoring.preview import preview
from scoring.proof.figures import Flags, share
from scoring.proof.measures import auc
from scoring.proof.scoring import past_results
from scoring.review.changes import with_changes
from scoring.worth import varies
from workspaces.tenancy import current_workspace

FEWEST = 50  # decided leads of either kind before anything is suggested
FEWEST_MET = 20  # of them, leads that meet a rule
WORTH_SAYING = 3  # points


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
    """The card with the suggested points, in memory; for the same leads."""
    stored = Scorecard.objects.get(pk=card.id)
    rows = [Rule(scorecard=stored, **one) for one in with_changes(rules_of(stored), changes)]
    return replace(
        assemble(stored, rows, vocabulary(current_workspace())), team=card.team, others=card.others
    )


def tried_out(
    card: ReadCard, changes: list[dict[str, Any]], happened: Flags, grades: NDArray[np.int8], cut: int
) -> tuple[list[dict[str, Any]], NDArray[np.float64]]:
    """Each change with what it does alone, and the scores of all decided leads by all changes together.

    ``auc_alone``: on the newest leads, with this change and no other; ``regraded``: how many of them get another
    grade by it.
    """
    cards = [changed(card, [one]) for one in changes] + [changed(card, changes)]
    scores, given = past_results(cards, len(happened))
    told = []
    for at, one in enumerate(changes):
        found = auc(scores[at][cut:], happened[cut:])
        told.append(
            one
            | {
                "auc_alone": share(found.value) if found else None,
                "regraded": int((given[at][cut:] != grades[cut:]).sum()),
            }
        )
    return told, scores[-1]


def on_leads_now(card: ReadCard, changes: list[dict[str, Any]], as_of: datetime) -> dict[str, Any]:
    """What all changes together would do to the leads as they are now, without doing it: {"leads", "sample",
    "moves": [{"from", "to", "leads"}], "rising", "falling"} (across the MQL line)."""
    found = preview(changed(card, changes), as_of=as_of)
    line = {key: found["threshold"][key] for key in ("rising", "falling")}
    return {key: found[key] for key in ("leads", "sample", "moves")} | line
