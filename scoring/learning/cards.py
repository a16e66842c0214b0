"""What was learned as an ordinary card: rules with points, which people can read and change.

The band of a fact that speaks least for a lead gets nothing, the others what they are better by; so nobody
starts below zero. A hundred points are what the best one in a hundred of the leads learned from reach. Bands
of one fact with equal points become one rule.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.conf import settings
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import override
from numpy.typing import NDArray

from leads.conditions import Kind, Leaf, names_of
from scoring import checks
from scoring.cards import ReadCard
from scoring.learning.bands import Band, Coding, Range, Rows, condition_of, words_of
from scoring.learning.candidates import Candidate
from scoring.learning.fitting import Fitted

FULL = 100
BEST = 0.99
GRADES = {"A": 0.9, "B": 0.7, "C": 0.4}  # the share of the leads learned from that is below
MOST_RULES = 480
MOST_BESIDE = 100  # learned rules that there must be room for beside those of a former card
MOST_POINTS = 1000
BEFORE = {"en": " (before)", "zh-hans": "（原有）"}

DIMENSIONS = {
    "fit": {"en": "Fit", "zh-hans": "匹配度"},
    "need": {"en": "Need", "zh-hans": "需求"},
    "budget": {"en": "Budget", "zh-hans": "预算"},
    "authority": {"en": "Authority", "zh-hans": "决策链"},
    "engagement": {"en": "Engagement", "zh-hans": "互动"},
    "facts": {"en": "Own fields", "zh-hans": "自定义字段"},
}
AT_HOME = {
    "need": ("need_level", "pain", "timeline_date"),
    "budget": ("budget_amount", "budget_status"),
    "authority": ("authority", "title", "decision_process"),
}
Rule = dict[str, Any]


@dataclass
class Learned:
    """A card that is not stored yet, as ``new_card`` and ``write_rules`` take it."""

    settings: dict[str, Any]
    rules: list[Rule]


def learned(
    fitted: Fitted,
    rows: Rows,
    before: NDArray[np.float64] | None,
    active: ReadCard | None,
    former_rules: Sequence[Rule] = (),
) -> Learned:
    """before, active, former_rules: the former card, its scores and its rules, when the bands only add to it."""
    above = [lifted(weights, one, rows) for one, weights in zip(fitted.codings, fitted.weights, strict=True)]
    total = np.zeros(len(rows))
    for one, weights in zip(fitted.codings, above, strict=True):
        total += np.where(one.codes[rows] >= 0, weights[one.codes[rows]], 0.0)
    if before is not None and fitted.base:
        total += fitted.base * before[rows]
    per_point = max(float(np.quantile(total, BEST)), 1e-9) / FULL
    rules: list[Rule] = []
    for one, weights in zip(fitted.codings, above, strict=True):
        rules += rules_of(one, np.rint(weights / per_point).astype(int))
    most = MOST_RULES if active is None or not fitted.base else checks.MOST_RULES - len(former_rules)
    rules = sorted(rules, key=lambda rule: -abs(rule["points"]))[:most]
    dimensions = [
        {"key": key, "label": label, "cap": None}
        for key, label in DIMENSIONS.items()
        if any(rule["dimension"] == key for rule in rules)
    ]
    if active is not None and fitted.base:
        former = inherited(active, former_rules, fitted.base / per_point)
        dimensions += former.settings["dimensions"]
        rules += former.rules
    keys = [one["key"] for one in dimensions]
    rules.sort(key=lambda rule: keys.index(rule["dimension"]))
    limits = grades(total / per_point)
    return Learned({"dimensions": dimensions, "grades": limits, "threshold": limits["B"]}, rules)


def lifted(weights: NDArray[np.float64], one: Coding, rows: Rows) -> NDArray[np.float64]:
    """Log-odds above the band that speaks least for a lead; bands nobody was in stand with the least."""
    codes = one.codes[rows]
    seen = np.bincount(codes[codes >= 0], minlength=len(weights)) > 0
    if not seen.any():
        return np.zeros_like(weights)
    return np.where(seen, weights - weights[seen].min(), 0.0)


def grades(points: NDArray[np.float64]) -> dict[str, int]:
    """Limits by how many are below, each at least one under the one before."""
    found: dict[str, int] = {}
    most = 30_000
    for at, (grade, share) in enumerate(GRADES.items()):
        limit = round(float(np.quantile(points, share)))
        most = found[grade] = max(min(limit, most - 1), len(GRADES) - at)
    return found


def rules_of(one: Coding, points: NDArray[np.int_]) -> list[Rule]:
    """The rules of one fact: bands with equal points together."""
    return [
        {
            "dimension": home(one.column.of),
            "label": label(one, bands),
            "condition": joined(one, bands),
            "points": int(min(worth, MOST_POINTS)),
        }
        for worth, bands in together(one.bands, points)
        if worth
    ]


def together(bands: Sequence[Band], points: NDArray[np.int_]) -> list[tuple[int, list[Band]]]:
    """Neighbouring ranges, and any values, that are worth the same."""
    found: list[tuple[int, list[Band]]] = []
    for band, worth in zip(bands, points, strict=True):
        home_of = next((there for at, there in found if at == worth and fits(there[-1], band)), None)
        if home_of is None:
            found.append((int(worth), [band]))
        else:
            home_of.append(band)
    return found


def fits(last: Band, band: Band) -> bool:
    if last.kind != band.kind:
        return False
    if band.kind == "values":
        return len(last.values) + len(band.values) > 0
    if last.range is None or band.range is None:
        return False
    return last.range.high == band.range.low


def merged(bands: list[Band]) -> Band:
    first, last = bands[0], bands[-1]
    if first.range and last.range:
        return Band(first.kind, Range(first.range.low, last.range.high))
    return Band(first.kind, values=tuple(value for band in bands for value in band.values))


def joined(one: Coding, bands: list[Band]) -> dict[str, Any]:
    if one.column.of.field.kind == Kind.YES_NO and len(bands) > 1:
        return {"any": [condition_of(one.column, band) for band in bands]}
    return condition_of(one.column, bands[0] if len(bands) == 1 else merged(bands))


def label(one: Coding, bands: list[Band]) -> dict[str, str]:
    """ "Age: 30 to below 45", in every language."""
    found = {}
    for code, _name in settings.LANGUAGES:
        with override(code):
            what = one.column.of.what or capfirst(str(one.column.of.field.label))
            band = bands[0] if len(bands) == 1 else merged(bands)
            words = words_of(one.column, band, names(band, one.column.of))
            found[code] = (_("%(fact)s: %(band)s") % {"fact": what, "band": words})[:200]
    return found


def names(band: Band, of: Candidate) -> dict[str, str]:
    """What the ids among the values are called."""
    return names_of([Leaf(of.field, "in", band.values)]) if of.field.kind == Kind.LINK else {}


def home(of: Candidate) -> str:
    """The dimension a fact belongs to."""
    name = of.field.name
    if of.field.custom:
        return "facts"
    if name.startswith("touches.") or name in ("channel", "campaign"):
        return "engagement"
    if name.startswith("contacts."):
        return "authority"
    return next((key for key, fields in AT_HOME.items() if name in fields), "fit")


def inherited(card: ReadCard, rules: Sequence[Rule], factor: float) -> Learned:
    """A card with its points stretched by the weight of its dimensions, which stay apart from the learned ones.

    rules: the card's, as ``write_rules`` takes them.
    """
    kept = {rule["dimension"] for rule in rules}
    dimensions = [
        {
            "key": apart(key),
            "label": of_before(card.labels[key]),
            "cap": None if cap is None else min(round(cap * factor), MOST_POINTS),
            "weight": max(0.01, round(card.weight(key) / 100 * factor, 2)),
        }
        for key, cap in card.caps.items()
        if key in kept
    ]
    return Learned(
        {"dimensions": dimensions}, [rule | {"dimension": apart(rule["dimension"])} for rule in rules]
    )


def has_room(card: ReadCard) -> bool:
    """Whether a card can be kept whole beside what is learned: otherwise it would outgrow what one may hold."""
    return (
        len(card.caps) + len(DIMENSIONS) <= checks.MOST_DIMENSIONS
        and len(card.rules) + MOST_BESIDE <= checks.MOST_RULES
    )


def of_before(label: Any) -> dict[str, str]:
    """A dimension's name, told apart from the learned one of the same name."""
    told = label if isinstance(label, dict) else dict.fromkeys(BEFORE, str(label))
    marks = {language: BEFORE.get(language, BEFORE["en"]) for language in told}
    return {language: text + marks[language] for language, text in told.items()}


def apart(key: str) -> str:
    return f"base_{key}"[:30]
