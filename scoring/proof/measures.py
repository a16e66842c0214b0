"""Figures that say how well scores told apart who got there. Plain numpy; every source is named."""

from dataclasses import dataclass
from math import erf, sqrt

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Flags = NDArray[np.bool_]
Z95 = 1.959964


@dataclass(frozen=True)
class Auc:
    """The chance that one who got there scores above one who did not, with its 95 % interval."""

    value: float
    low: float
    high: float
    error: float  # standard error


def placements(scores: Numbers, happened: Flags) -> tuple[Numbers, Numbers]:
    """DeLong's structural components: of each who got there, the share of the others below it; of each other,
    the share of those who got there above it. Ties count half. By mid-ranks, in n log n:
    Sun and Xu, "Fast Implementation of DeLong's Algorithm", IEEE Signal Processing Letters 21 (2014) 1389.
    """
    yes, no = scores[happened], scores[~happened]
    of_yes = (midranks(np.concatenate([yes, no]))[: len(yes)] - midranks(yes)) / max(len(no), 1)
    of_no = 1 - (midranks(np.concatenate([no, yes]))[: len(no)] - midranks(no)) / max(len(yes), 1)
    return of_yes, of_no


def midranks(values: Numbers) -> Numbers:
    """Ranks from 1; equal values share the middle one."""
    _unique, place, many = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(many)
    middle = ends - (many - 1) / 2
    return np.asarray(middle[place], dtype=np.float64)


def auc(scores: Numbers, happened: Flags) -> Auc | None:
    """Area under the ROC curve; None unless there are at least two of each. The interval: DeLong, DeLong and
    Clarke-Pearson, "Comparing the areas under two or more correlated ROC curves", Biometrics 44 (1988) 837.
    """
    if happened.sum() < 2 or (~happened).sum() < 2:
        return None
    of_yes, of_no = placements(scores, happened)
    value = float(of_yes.mean())
    error = sqrt(of_yes.var(ddof=1) / len(of_yes) + of_no.var(ddof=1) / len(of_no))
    return Auc(value, max(0.0, value - Z95 * error), min(1.0, value + Z95 * error), error)


@dataclass(frozen=True)
class Difference:
    """How much better the first of two scores tells apart the same leads. ``p``: two-sided."""

    value: float
    low: float
    high: float
    p: float


def difference(one: Numbers, other: Numbers, happened: Flags) -> Difference | None:
    """DeLong's paired comparison of two areas (the paper named at ``auc``)."""
    if happened.sum() < 2 or (~happened).sum() < 2:
        return None
    first, second = placements(one, happened), placements(other, happened)
    yes, no = first[0] - second[0], first[1] - second[1]
    value = float(yes.mean())
    error = sqrt(yes.var(ddof=1) / len(yes) + no.var(ddof=1) / len(no))
    p = 1.0 if error == 0 and value == 0 else 0.0 if error == 0 else 1 - erf(abs(value) / error / sqrt(2))
    return Difference(value, value - Z95 * error, value + Z95 * error, p)


def interval(hits: float, many: int) -> tuple[float, float]:
    """95 % interval of a share: Wilson, "Probable Inference …", J. Am. Stat. Assoc. 22 (1927) 209."""
    if not many:
        return 0.0, 1.0
    share, z2 = hits / many, Z95**2
    middle = (share + z2 / (2 * many)) / (1 + z2 / many)
    half = Z95 * sqrt(share * (1 - share) / many + z2 / (4 * many**2)) / (1 + z2 / many)
    return max(0.0, middle - half), min(1.0, middle + half)


def groups(scores: Numbers, many: int = 10) -> list[NDArray[np.int64]]:
    """Indexes in ``many`` groups of equal size, the highest scores first; equal scores in their order."""
    order = np.argsort(-scores, kind="stable")
    return [part for part in np.array_split(order, many) if len(part)]


@dataclass(frozen=True)
class Chance:
    """From a score to a chance: a curve of one slope through the log-odds (Platt, "Probabilistic outputs for
    support vector machines", 1999, with his smoothed targets)."""

    start: float
    slope: float

    def of(self, scores: Numbers) -> Numbers:
        return np.asarray(1 / (1 + np.exp(-np.clip(self.start + self.slope * scores, -30, 30))))


def chance(scores: Numbers, happened: Flags) -> Chance:
    """The curve that fits best, by Newton's steps; level when the scores are all the same."""
    yes, no = int(happened.sum()), int((~happened).sum())
    target = np.where(happened, (yes + 1) / (yes + 2), 1 / (no + 2))
    middle, spread = float(scores.mean()), float(scores.std()) or 1.0
    x = (scores - middle) / spread
    start, slope = float(np.log((yes + 1) / (no + 1))), 0.0
    for _step in range(50):
        p = 1 / (1 + np.exp(-np.clip(start + slope * x, -30, 30)))
        weight = np.maximum(p * (1 - p), 1e-9)
        gradient = np.array([(target - p).sum(), ((target - p) * x).sum()])
        curve = np.array(
            [[weight.sum(), (weight * x).sum()], [(weight * x).sum(), (weight * x * x).sum() + 1e-6]]
        )
        move = np.linalg.solve(curve, gradient)
        start, slope = start + float(move[0]), slope + float(move[1])
        if np.abs(move).max() < 1e-8:
            break
    return Chance(start - slope * middle / spread, slope / spread)


def calibration_error(expected: Numbers, happened: Flags, many: int = 10) -> float:
    """How far, on average over ``many`` groups by expected chance, the share that got there was from it.

    In points of a hundred. (The expected calibration error of Naeini, Cooper and Hauskrecht, AAAI 2015, over
    groups of equal size.)
    """
    parts = groups(expected, many)
    return 100 * sum(
        len(part) / len(expected) * abs(float(expected[part].mean()) - float(happened[part].mean()))
        for part in parts
    )


def drift(before: Numbers, now: Numbers) -> float:
    """Population stability index of two distributions over the same groups, given as counts.

    Siddiqi, "Credit Risk Scorecards" (2006): below 0.1 steady, to 0.25 some shift, above it a shift. Empty
    groups count as half a lead.
    """
    p, q = np.maximum(before, 0.5), np.maximum(now, 0.5)
    p, q = p / p.sum(), q / q.sum()
    return float(((q - p) * np.log(q / p)).sum())
