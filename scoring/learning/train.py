"""Training: from an outcome to a draft and a verdict about it.

The older 70 % of the decided leads are learned from, the newest 30 % only judge: the draft is scored there by
the one engine, on the facts as they were known, and so is the card in force.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import numpy as np
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from leads.conditions import Vocabulary, vocabulary
from scoring.actions.cards import rules_of
from scoring.cards import ReadCard, assemble, other_teams, scoring_for
from scoring.learning.bands import Coding, Flags, Rows, coding
from scoring.learning.candidates import SAID, candidates
from scoring.learning.cards import Learned, has_room, learned
from scoring.learning.fitting import USELESS, alone, best_strength, fit, parts_of
from scoring.learning.leaks import NEAR, SUSPICIOUS, TOO_WELL, Left, filled_after, only_there
from scoring.learning.models import Verdict
from scoring.learning.reading import Column, Decided, columns, decided_rows
from scoring.models import Rule, Scorecard
from scoring.proof.measures import Auc, auc, calibration_error, chance, difference, groups
from scoring.proof.outcomes import Outcome, decide_again, decided
from scoring.proof.scoring import past_scores
from workspaces.models import Workspace
from workspaces.refusals import Invalid
from workspaces.tenancy import current_workspace, enter

HOLDOUT = 0.3
FEWEST = 30  # who got there, and who did not, among those learned from
FEWEST_NEW = 10  # the same among those that judge
THIN = 300  # with fewer who got there, the card in force is the ground that the bands only add to
ENOUGH = 10_000
SURE = 2.576  # standard errors from chance (99 %) before there is said to be a signal
Step = Callable[[int], None]


@dataclass
class Ground:
    """What is known of the decided leads, read in one transaction."""

    rows: Decided
    columns: list[Column]
    left: list[Left]
    active: ReadCard | None
    before: NDArray[np.float64] | None  # the active card's scores
    former: list[dict[str, Any]]  # its rules, as they are written
    workspace: Workspace

    @property
    def learn(self) -> Rows:
        return parts_of(len(self.rows.ids), HOLDOUT)[0]

    @property
    def judge(self) -> Rows:
        return parts_of(len(self.rows.ids), HOLDOUT)[1]


@dataclass
class Lesson:
    """What was learned, before anybody has judged it."""

    ground: Ground
    card: Learned | None
    left: list[Left]
    fields: list[dict[str, Any]] = field(default_factory=list)
    shrunk: bool = False


def check_fields(names: Any, where: str) -> list[str]:
    """Names of fields as people write them ("duration" is "attributes.duration"), or Invalid (422)."""
    if names is None:
        return []
    if not isinstance(names, list) or not all(isinstance(one, str) for one in names):
        raise Invalid.field(where, _("Give a list of fields."), "wrong_type")
    words = vocabulary(current_workspace())
    found, errors = [], []
    for at, name in enumerate(names):
        known = next((one for one in (name, f"attributes.{name}") if named(words, one)), None)
        if known is None:
            message = _("There is no field “%(name)s”.") % {"name": name[:60]}
            errors.append({"field": f"{where}[{at}]", "code": "unknown_field", "message": message})
        else:
            found.append(known)
    if errors:
        raise Invalid(errors)
    return list(dict.fromkeys(found))


def named(words: Vocabulary, name: str) -> bool:
    return name.startswith("tags.") or words.find(name) is not None


def read_ground(
    outcome: Outcome, exclude: list[str], insist: list[str], as_of: datetime, *, team: UUID | None = None
) -> Ground:
    """All that is read, in the open transaction. ``team``: of its leads, beside the card that scores them."""
    words = vocabulary(current_workspace())
    left = [Left(name, "asked") for name in exclude]
    left += [Left(name, "outcome") for name in sorted(outcome.fields - {"stage"})]
    left += [Left(name, "state") for name in SAID]
    others = other_teams() if team is None else ()
    with decided(outcome, as_of, team=team, others=others) as many:
        rows = decided_rows()
        wanted = candidates(words, outcome, set(exclude))
        after = [one for one in filled_after(wanted, as_of) if one.field not in insist]
        left += after
        gone = {one.field for one in after}
        wanted = [one for one in wanted if one.name not in gone]
        found = columns(wanted, many) if many else []
        card = scoring_for(team)
        card = replace(card, team=None, others=()) if card is not None else None
        before = past_scores([card], many)[0] if card is not None and many else None
    former = rules_of(Scorecard.objects.get(pk=card.id)) if card is not None else []
    return Ground(rows, found, left, card, before, former, current_workspace())


def enough(happened: Flags, least: int) -> bool:
    return int(happened.sum()) >= least and int((~happened).sum()) >= least


def learn(ground: Ground, insist: list[str], step: Step) -> Lesson:
    """Outside of a transaction, for it takes long: bands, leaks, weights, points."""
    happened, rows = ground.rows.happened, ground.learn
    if not enough(happened[rows], FEWEST) or not enough(happened[ground.judge], FEWEST_NEW):
        return Lesson(ground, None, ground.left)
    older, newer = rows[: int(len(rows) * 0.75)], rows[int(len(rows) * 0.75) :]
    left = list(ground.left)
    kept: list[tuple[Coding, float]] = []
    strong: list[tuple[Coding, float]] = []
    for at, column in enumerate(ground.columns):
        step(15 + 35 * at // max(len(ground.columns), 1))
        early = coding(column, older, happened)
        said, surely = alone(early, older, newer, happened)
        leak = None if column.of.name in insist else only_there(column, rows, happened)
        if leak is None and said >= TOO_WELL and column.of.name not in insist:
            leak = Left(column.of.name, "alone", said)
        if leak is not None:
            left.append(leak)
        elif said > USELESS:
            (strong if surely >= SUSPICIOUS and column.of.name not in insist else kept).append((early, said))
    for early, said in strong:
        others = [one for one, _said in kept]
        rest = together(others, older, newer, happened) if others else USELESS
        if said >= rest + NEAR:
            left.append(Left(early.column.of.name, "alone", said))
        else:
            kept.append((early, said))
    if not kept:
        return Lesson(ground, None, left)
    thin = int(happened[rows].sum()) < THIN
    kept_whole = ground.active is not None and has_room(ground.active)
    before = ground.before if thin and kept_whole and helps(ground) else None
    strength, _value = best_strength([early for early, _said in kept], older, newer, happened, before)
    step(60)
    codings = [coding(early.column, rows, happened) for early, _said in kept]
    fitted = fit(codings, rows, happened, strength, before)
    with enter(ground.workspace):  # what channels and companies are called
        card = learned(fitted, rows, before, ground.active, ground.former)
    fields = [{"field": early.column.of.name, "alone": round(said, 4)} for early, said in kept]
    return Lesson(ground, card if card.rules else None, left, fields, bool(fitted.base))


def together(some: list[Coding], older: Rows, newer: Rows, happened: Flags) -> float:
    found = auc(fit(some, older, happened, 0.1).of(newer), happened[newer])
    return found.value if found else USELESS


def helps(ground: Ground) -> bool:
    """Whether the card in force says anything about the leads learned from."""
    if ground.before is None:
        return False
    found = auc(ground.before[ground.learn], ground.rows.happened[ground.learn])
    return found is not None and found.value - SURE * found.error > USELESS


def judge(lesson: Lesson, outcome: Outcome) -> dict[str, Any]:
    """The verdict and its figures, in the open transaction: the draft is scored by the engine."""
    ground, happened = lesson.ground, lesson.ground.rows.happened
    rows = ground.judge
    last = ground.learn[-1] if len(ground.learn) else None
    told: dict[str, Any] = {
        "leads": len(happened),
        "outcomes": int(happened.sum()),
        "judged": len(rows),
        "judged_outcomes": int(happened[rows].sum()),
        "learned_until": None if last is None else ground.rows.moments[last].isoformat(),
        "learned_last": None if last is None else str(ground.rows.ids[last]),
        "excluded": [one.as_json() for one in lesson.left],
        "fields": lesson.fields,
        "shrunk": lesson.shrunk,
    }
    if not enough(happened[ground.learn], FEWEST) or not enough(happened[rows], FEWEST_NEW):
        return told | {"verdict": Verdict.TOO_FEW}
    before = ground.before
    there = auc(before[rows], happened[rows]) if before is not None else None
    told |= {
        "active_auc": rounded(there.value if there else None),
        "active_auc_low": rounded(there.low if there else None),
        "active_auc_high": rounded(there.high if there else None),
        "active_version": ground.active and ground.active.version,
    }
    if lesson.card is None:
        return told | {"verdict": Verdict.NO_SIGNAL}
    sample = thinned(ground.learn)
    tried = np.concatenate([sample, rows])
    decide_again(outcome, [ground.rows.ids[at] for at in tried], [ground.rows.moments[at] for at in tried])
    scores = np.zeros(len(happened))
    scores[tried] = past_scores([unsaved(lesson.card)], len(tried))[0]
    found = auc(scores[rows], happened[rows])
    assert found is not None
    better = difference(scores[rows], before[rows], happened[rows]) if before is not None else None
    told |= {
        "auc": rounded(found.value),
        "auc_low": rounded(found.low),
        "auc_high": rounded(found.high),
        "difference": rounded(better.value if better else None),
        "difference_low": rounded(better.low if better else None),
        "difference_high": rounded(better.high if better else None),
        "p": rounded(better.p) if better else None,
        "verdict": verdict(found, better.low if better else None),
    }
    return told | curve(scores, happened, sample, rows)


def thinned(rows: Rows) -> Rows:
    """Enough of the older leads, evenly over time, to tell what chance a score stands for."""
    return rows[:: max(1, len(rows) // ENOUGH)]


def verdict(found: Auc, better_by: float | None) -> Verdict:
    """better_by: the lower end of how much better than the card in force; None without one."""
    if found.value - SURE * found.error <= USELESS:
        return Verdict.NO_SIGNAL
    return Verdict.BETTER if better_by is None or better_by > 0 else Verdict.WORSE


def unsaved(card: Learned) -> ReadCard:
    words = vocabulary(current_workspace())
    row = Scorecard(name="-", **card.settings)
    return assemble(row, [Rule(scorecard=row, **one) for one in card.rules], words)


def curve(scores: NDArray[np.float64], happened: Flags, learn: Rows, rows: Rows) -> dict[str, Any]:
    """Expected and real shares of the judging leads by tenth, expected by a curve of those learned from."""
    expected = chance(scores[learn], happened[learn]).of(scores[rows])
    real = happened[rows]
    return {
        "calibration_error": round(calibration_error(expected, real), 2),
        "deciles": [
            {
                "leads": len(part),
                "outcomes": int(real[part].sum()),
                "rate": rounded(float(real[part].mean())),
                "expected": rounded(float(expected[part].mean())),
            }
            for part in groups(scores[rows])
        ],
    }


def rounded(value: float | None) -> float | None:
    return None if value is None else round(float(value), 4)
