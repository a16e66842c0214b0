"""How much each agreement and each difference weighs: the model of Fellegi and Sunter.

The weight of a level in a field is log2(m / u), where m is how often it occurs among pairs that are one,
and u among pairs that are not; weights of fields add up. An exact agreement on a rare value weighs more than
on a common one: there u is the share of that value (term-frequency adjustment). Sources: I. P. Fellegi,
A. B. Sunter, "A Theory for Record Linkage", JASA 64 (1969); W. E. Winkler, "Frequency-based matching in the
Fellegi-Sunter model of record linkage" (U.S. Census Bureau, 2000).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from leads.matching.evidence import ORGANISATION, Evidence
from leads.matching.levels import COUNT, DIFFERENT, SAME, UNSAID, compare, mark_swapped

# What nobody has counted yet: of pairs that are one, 4 in 5 agree exactly. Of others, hardly any.
USUAL_M = np.array([0.80, 0.08, 0.04, 0.02, 0.06])
USUAL_U = {
    "name": np.array([0.0005, 0.0005, 0.004, 0.0001, 0.9949]),
    "email": np.array([0.00002, 0.0003, 0.002, 0.0001, 0.99758]),
    "phone": np.array([0.00002, 0.0003, 0.002, 0.0001, 0.99758]),
    "wechat": np.array([0.00002, 0.0003, 0.002, 0.0001, 0.99758]),
    "credit_code": np.array([0.0005, 0.00001, 0.0001, 0.0001, 0.99929]),
    "company": np.array([0.002, 0.0005, 0.004, 0.0001, 0.9934]),
    "domain": np.array([0.002, 0.0005, 0.004, 0.0001, 0.9934]),
    "title": np.array([0.05, 0.02, 0.05, 0.0001, 0.8799]),
    "region": np.array([0.15, 0.02, 0.05, 0.0001, 0.7799]),
}
USUAL_OWN_U = np.array([0.01, 0.005, 0.01, 0.0001, 0.9749])
USUAL_PAIRS = 2000  # as many pairs the usual u counts for, beside those that were counted here
SMALLEST = 300  # leads: a smaller workspace is taken for this large
USUAL_DUPLICATES = 0.1  # of a lead, before anything is known
MOST_FREQUENT = 1000  # values of a field whose share is remembered


@dataclass
class Model:
    """Learned on ``leads`` leads: m and u by field (arrays of COUNT), shares of frequent values by their hash,
    fields that change places (``twins``), and the share of pairs that are one (``prior``)."""

    leads: int = 0
    prior: float = 0.0
    m: dict[str, np.ndarray] = field(default_factory=dict)
    u: dict[str, np.ndarray] = field(default_factory=dict)
    shares: dict[str, dict[int, float]] = field(default_factory=dict)
    twins: list[tuple[str, str]] = field(default_factory=list)

    def weights(self, name: str) -> np.ndarray:
        """log2(m / u) by level."""
        return np.log2(self.m.get(name, USUAL_M) / self.u.get(name, usual_u(name)))

    @property
    def size(self) -> int:
        return max(self.leads, SMALLEST)

    @property
    def start(self) -> float:
        """log2 of the odds that any two leads are one."""
        prior = self.prior or 2 * USUAL_DUPLICATES / self.size
        return float(np.log2(prior / (1 - prior)))

    def as_json(self) -> dict[str, Any]:
        return {
            "leads": self.leads,
            "prior": self.prior,
            "m": {name: [round(float(x), 6) for x in values] for name, values in self.m.items()},
            "u": {name: [round(float(x), 9) for x in values] for name, values in self.u.items()},
            "shares": {
                name: {str(value): round(share, 6) for value, share in shares.items()}
                for name, shares in self.shares.items()
            },
            "twins": [list(pair) for pair in self.twins],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Model":
        return cls(
            leads=data.get("leads", 0),
            prior=data.get("prior", 0.0),
            m={name: np.array(values) for name, values in data.get("m", {}).items()},
            u={name: np.array(values) for name, values in data.get("u", {}).items()},
            shares={
                name: {int(value): share for value, share in shares.items()}
                for name, shares in data.get("shares", {}).items()
            },
            twins=[(one, two) for one, two in data.get("twins", [])],
        )


def usual_u(name: str) -> np.ndarray:
    return USUAL_U.get(name, USUAL_OWN_U)


@dataclass
class Compared:
    """Pairs with their levels by field, the weight of each field, and the log2 odds of being one."""

    levels: dict[str, np.ndarray]
    weights: dict[str, np.ndarray]
    odds: np.ndarray

    @property
    def strength(self) -> np.ndarray:
        """The probability that the two are one."""
        return 1 / (1 + np.exp2(-np.clip(self.odds, -60, 60)))


def judge(model: Model, this: Evidence, i: np.ndarray, other: Evidence, j: np.ndarray) -> Compared:
    """How likely each pair ``this[i]``, ``other[j]`` is one lead."""
    levels = {name: compare(this, i, other, j, name) for name in this.texts if name in other.texts}
    mark_swapped(levels, this, i, other, j, model.twins)
    weights = {name: weigh(model, name, found, this.exact[name][i]) for name, found in levels.items()}
    return Compared(levels, weights, model.start + total(weights, len(i)))


def weigh(model: Model, name: str, levels: np.ndarray, values: np.ndarray) -> np.ndarray:
    """The weight of one field for each pair; a rare value's exact agreement weighs by its own share."""
    found = np.where(levels == UNSAID, 0.0, model.weights(name)[levels])
    same = np.nonzero(levels == SAME)[0]
    shares = model.shares.get(name)
    if len(same) and shares is not None:
        rare = 2 / model.size
        known = np.array([max(shares.get(int(value), rare), rare) for value in values[same]])
        found[same] = np.log2(model.m.get(name, USUAL_M)[SAME] / known)
    return found


def total(weights: Mapping[str, np.ndarray], count: int) -> np.ndarray:
    """The sum over the fields. Company and domain are one question: the one that says more counts."""
    found = np.zeros(count)
    for name, values in weights.items():
        if name not in ORGANISATION:
            found += values
    both = [weights[name] for name in ORGANISATION if name in weights]
    if both:
        found += np.where(np.max(both, axis=0) > 0, np.max(both, axis=0), np.min(both, axis=0))
    return found


__all__ = ["COUNT", "DIFFERENT", "Compared", "Model", "judge", "total", "usual_u", "weigh"]
