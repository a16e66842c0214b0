"""Weights of bands: logistic regression, held towards nothing (ridge), so that thin bands say little.

How strongly it is held is chosen on the newer part of what is learned from, never on the holdout.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scoring.learning.bands import Coding, Flags, Rows
from scoring.proof.measures import auc

NEWER = 0.25  # of what is learned from: where strength and fields are chosen
STRENGTHS = (0.1, 0.3, 1.0)  # scikit-learn's C: small holds strongly
PLENTY, PLENTY_STRENGTH = 2_000, 0.3  # one part of few leads tells strengths apart no better than chance
SMOOTH = 20  # leads of the average that a band's own share is mixed with
USELESS = 0.5


@dataclass
class Fitted:
    """``weights[k][b]``: log-odds of band b of coding k. ``base``: of the former card, per point."""

    codings: list[Coding]
    weights: list[NDArray[np.float64]]
    start: float
    base: float = 0.0
    strength: float = 0.1

    def of(self, rows: Rows, before: NDArray[np.float64] | None = None) -> NDArray[np.float64]:
        total = np.full(len(rows), self.start)
        for one, weights in zip(self.codings, self.weights, strict=True):
            codes = one.codes[rows]
            total += np.where(codes >= 0, weights[codes], 0.0)
        return total + self.base * before[rows] if before is not None and self.base else total


def parts_of(many: int, newer: float) -> tuple[Rows, Rows]:
    """Older and newer rows of the first ``many``: rows are in the order of time."""
    cut = round(many * (1 - newer))
    return np.arange(cut), np.arange(cut, many)


def shares(one: Coding, rows: Rows, happened: Flags) -> NDArray[np.float64]:
    """The log-odds of each band on its own, mixed with the average where it is thin."""
    codes, answers = one.codes[rows], happened[rows]
    there = codes >= 0
    base = float(answers.mean())
    many = np.bincount(codes[there], minlength=len(one.bands))
    hits = np.bincount(codes[there], weights=answers[there], minlength=len(one.bands))
    share = np.clip((hits + SMOOTH * base) / (many + SMOOTH), 1e-6, 1 - 1e-6)
    return np.asarray(np.log(share / (1 - share)) - np.log(base / (1 - base)))


def alone(one: Coding, older: Rows, newer: Rows, happened: Flags) -> tuple[float, float]:
    """How well this fact alone tells the newer leads apart, by bands found on the older ones; 0.5 is nothing.
    With it the lower end of its 95 % interval: few leads make any fact look strong by chance.
    """
    weights = shares(one, older, happened)
    codes = one.codes[newer]
    found = auc(np.where(codes >= 0, weights[codes], 0.0), happened[newer])
    return (found.value, found.low) if found else (USELESS, USELESS)


def steps(one: Coding) -> NDArray[np.float32]:
    """What the weights of a coding are sums of: an array (band, step).

    Ranges of a number are steps upwards, each held towards nothing: neighbours then differ only where many
    leads say so. Any other band is its own step.
    """
    found = np.eye(len(one.bands), dtype=np.float32)
    ranges = [at for at, band in enumerate(one.bands) if band.kind in ("range", "recent")]
    ordered = ranges or list(range(len(one.bands) - 1)) if one.ordered else ranges
    for at in ordered:
        found[at, [other for other in ordered if other <= at]] = 1
    if ordered:
        found[:, ordered[0]] = 0  # the first range is where the steps begin
    return found


def matrix(codings: Sequence[Coding], rows: Rows, before: NDArray[np.float64] | None) -> Any:
    """A sparse matrix with a column for each step, and one for the former card's score."""
    from scipy.sparse import csr_matrix, hstack

    found = []
    for one in codings:
        table = np.vstack([steps(one), np.zeros((1, len(one.bands)), np.float32)])  # code -1: nothing
        found.append(csr_matrix(table)[one.codes[rows]])
    if before is not None:
        found.append(csr_matrix(before[rows][:, None]))
    return hstack(found, format="csr")


LOUD = 10.0  # the former card's column is this much larger than the bands': it is hardly held back


def fit(
    codings: list[Coding],
    rows: Rows,
    happened: Flags,
    strength: float,
    before: NDArray[np.float64] | None = None,
) -> Fitted:
    """before: the former card's scores; the bands then only say what it does not."""
    from sklearn.linear_model import LogisticRegression

    spread = float(before[rows].std()) if before is not None else 0.0
    scaled = before * (LOUD / spread) if before is not None and spread > 0 else None
    model = LogisticRegression(C=strength, max_iter=200, tol=1e-3)
    model.fit(matrix(codings, rows, scaled), happened[rows])
    found = model.coef_[0]
    starts = np.cumsum([0, *(len(one.bands) for one in codings)])
    weights = [
        steps(one) @ found[a:b].astype(float)
        for one, (a, b) in zip(codings, itertools.pairwise(starts), strict=True)
    ]
    base = float(found[-1]) * LOUD / spread if scaled is not None else 0.0
    if base < 0:  # a card that is worse than nothing is no ground to stand on
        return fit(codings, rows, happened, strength)
    return Fitted(codings, weights, float(model.intercept_[0]), base, strength)


def best_strength(
    codings: list[Coding],
    older: Rows,
    newer: Rows,
    happened: Flags,
    before: NDArray[np.float64] | None = None,
) -> tuple[float, float]:
    """(the strength that does best on the newer rows, its AUC there); with many rows the middle one."""
    if len(older) > PLENTY:
        return PLENTY_STRENGTH, USELESS
    tried = []
    for strength in STRENGTHS:
        fitted = fit(codings, older, happened, strength, before)
        found = auc(fitted.of(newer, before), happened[newer])
        tried.append((found.value if found else USELESS, -strength))
    best = max(tried)
    return -best[1], best[0]
