"""A fact as bands that a rule can ask for: ranges of a number, values of a category with the rare ones pooled,
how long ago a touch was, and "not known" as a band of its own.

Ranges of numbers are the leaves of a shallow tree (scikit-learn) that looks at this one fact alone.
"""

from dataclasses import dataclass
from math import floor, log10
from typing import Any

import numpy as np
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from numpy.typing import NDArray

from leads.conditions import Kind
from scoring.learning.candidates import Sort
from scoring.learning.reading import Column

MOST_RANGES = 16
LEAST_SHARE = 0.005  # of the leads learned from, in one range
PLENTY = 30_000  # leads are enough to find the ranges
FEWEST = 20  # leads in one range
FEWEST_OF_VALUE = 10  # leads with a value of a category; rarer ones are pooled
RARE = 0.002
MOST_VALUES = 60
COVERED = 0.2  # the frequent values must be on this share, else only "is it filled in" is learned
ALL_NUMBERS = 0.95  # of the values of a text, for it to be ordered as numbers
MOST_LISTED = 1000
LONGEST = 200
RECENT = (7, 30, 90)

Rows = NDArray[np.int64]
Flags = NDArray[np.bool_]
Condition = dict[str, Any]


@dataclass(frozen=True)
class Range:
    """``low`` <= value < ``high``; None is no limit."""

    low: float | None
    high: float | None


@dataclass(frozen=True)
class Band:
    """Leads a rule can ask for. ``range`` or ``values`` let neighbours of equal points become one rule."""

    kind: str  # range, values, pooled, unset, set, recent
    range: Range | None = None
    values: tuple[str, ...] = ()


@dataclass
class Coding:
    """A column as bands: ``codes[i]`` is the band of row i, -1 for none (what was never seen)."""

    column: Column
    codes: NDArray[np.int16]
    bands: list[Band]
    ordered: bool = False  # bands of values that stand for a scale; the last is the one of unset


def coding(column: Column, rows: Rows, happened: Flags) -> Coding:
    """Bands found on ``rows`` alone; codes for all rows."""
    if column.of.sort == Sort.NUMBER:
        return of_numbers(column, column.numbers, rows, happened)  # type: ignore[arg-type]
    if column.of.sort == Sort.FLAG:
        assert column.numbers is not None
        return Coding(column, (column.numbers > 0).astype(np.int16), [Band("unset"), Band("set")])
    if column.of.sort == Sort.RECENCY:
        return of_recency(column, rows)
    return of_category(column, rows, happened)


def of_numbers(column: Column, numbers: NDArray[np.float64], rows: Rows, happened: Flags) -> Coding:
    limits = split(numbers[rows], happened[rows])
    codes = np.searchsorted(limits, numbers, side="right").astype(np.int16)
    bands = [Band("range", Range(low, high)) for low, high in pairs(limits)]
    codes[np.isnan(numbers)] = len(bands)
    return Coding(column, codes, [*bands, Band("unset")])


def pairs(limits: list[float]) -> list[tuple[float | None, float | None]]:
    return list(zip([None, *limits], [*limits, None], strict=True))


def split(numbers: NDArray[np.float64], happened: Flags) -> list[float]:
    """Where the ranges of a number begin (all but the first), ascending."""
    from sklearn.tree import DecisionTreeClassifier

    there = ~np.isnan(numbers)
    values, answers = numbers[there], happened[there]
    if len(values) < 2 * FEWEST or answers.all() or not answers.any():
        return []
    least = max(FEWEST, int(LEAST_SHARE * len(numbers)))
    step = max(1, len(values) // PLENTY)
    distinct = np.unique(values)
    values, answers, least = values[::step], answers[::step], max(FEWEST, least // step)
    tree = DecisionTreeClassifier(max_leaf_nodes=MOST_RANGES, min_samples_leaf=least, random_state=0)
    tree.fit(values[:, None], answers)
    found = np.sort(tree.tree_.threshold[tree.tree_.feature >= 0])
    limits = []
    for limit in found:
        above = min(int(np.searchsorted(distinct, limit, side="right")), len(distinct) - 1)
        limits.append(short(float(distinct[max(above - 1, 0)]), float(distinct[above])))
    return sorted(set(limits))


def short(below: float, above: float) -> float:
    """The shortest number over ``below``, up to ``above``: a limit that people can read."""
    if above <= below:
        return above
    digits = -floor(log10(above - below))
    for more in range(-1, 12):
        unit = 10.0 ** (digits + more)
        candidate = floor(above * unit) / unit
        if below < candidate <= above:
            return int(candidate) if candidate == int(candidate) else candidate
    return above


def of_recency(column: Column, rows: Rows) -> Coding:
    """By how long ago the last touch was; limits with few leads between them are left out."""
    days = column.numbers
    assert days is not None
    limits: list[float] = []
    seen = np.sort(days[rows][~np.isnan(days[rows])])
    for limit in RECENT:
        before = int(np.searchsorted(seen, limits[-1] if limits else 0, side="right"))
        here = int(np.searchsorted(seen, limit, side="right"))
        if here - before >= FEWEST and len(seen) - here >= FEWEST:
            limits.append(float(limit))
    codes = np.searchsorted(np.array(limits), days, side="left").astype(np.int16)
    bands = [Band("recent", Range(low, high)) for low, high in pairs(limits)]
    codes[np.isnan(days)] = len(bands)
    return Coding(column, codes, [*bands, Band("unset")])


def of_category(column: Column, rows: Rows, happened: Flags) -> Coding:
    codes, values = column.codes, column.values
    assert codes is not None
    ordered = as_numbers(values) if column.of.field.kind == Kind.TEXT else None
    if ordered is not None:
        return of_ordered(column, ordered, rows, happened)
    seen = np.bincount(codes[rows][codes[rows] >= 0], minlength=len(values))
    least = max(FEWEST_OF_VALUE, int(RARE * len(rows)))
    ranked = (int(code) for code in np.argsort(-seen, kind="stable") if seen[code] >= least)
    often = [code for code in ranked if may_be_asked(column, values[code])][:MOST_VALUES]
    if seen[often].sum() < COVERED * max(int(seen.sum()), 1):
        return Coding(column, (codes >= 0).astype(np.int16), [Band("unset"), Band("set")])
    places = np.full(len(values) + 1, len(often), np.int16)  # pooled, unless said otherwise
    places[often] = np.arange(len(often))
    places[-1] = len(often) + 1  # code -1: unset
    listed = tuple(values[code] for code in often)
    bands = [Band("values", values=(value,)) for value in listed]
    return Coding(column, places[codes], [*bands, Band("pooled", values=listed), Band("unset")])


def may_be_asked(column: Column, value: str) -> bool:
    """Whether a condition takes the value: one of a choice's, and not a whole paragraph."""
    choices = column.of.field.kind in (Kind.CHOICE, Kind.RANKED)
    return value in column.of.field.values if choices else len(value) <= LONGEST


def as_numbers(values: list[str]) -> NDArray[np.float64] | None:
    """The values as numbers, when nearly all are and there are enough to be a scale."""
    if not MOST_RANGES < len(values) <= MOST_LISTED:
        return None
    numbers = np.full(len(values), np.nan)
    for at, value in enumerate(values):
        try:
            numbers[at] = float(value)
        except ValueError:
            continue
    return numbers if np.isfinite(numbers).mean() >= ALL_NUMBERS else None


def of_ordered(column: Column, ordered: NDArray[np.float64], rows: Rows, happened: Flags) -> Coding:
    """Numbers written in a text: ranges, each asked for by the values in it."""
    codes = column.codes
    assert codes is not None
    numbers = np.append(ordered, np.nan)[codes]
    found = of_numbers(column, numbers, rows, happened)
    limits = [band.range.low for band in found.bands[1:-1] if band.range is not None]
    place = np.searchsorted(np.array(limits, float), ordered, side="right")
    bands = [
        Band("values", values=tuple(v for v, at in zip(column.values, place, strict=True) if at == here))
        for here in range(len(limits) + 1)
    ]
    found.codes[(codes >= 0) & np.isnan(numbers)] = -1
    return Coding(column, found.codes, [*bands, Band("unset")], ordered=True)


# --- as conditions and words ----------------------------------------------------------------------


def condition_of(column: Column, band: Band) -> Condition:
    """The band in the rule language."""
    name, what = column.of.field.name, column.of.what
    match band.kind:
        case "unset":
            if what:
                return {"not": {"field": name, "op": "has_any", "value": [what]}}
            empty = {"field": name, "op": "eq", "value": 0}
            return empty if column.of.sort == Sort.RECENCY else {"field": name, "op": "is_empty"}
        case "set":
            return (
                {"field": name, "op": "has_any", "value": [what]} if what else {"field": name, "op": "is_set"}
            )
        case "values" if column.of.field.kind == Kind.YES_NO:
            return {"field": name, "op": "eq", "value": band.values[0] == "true"}
        case "values":
            return {"field": name, "op": "in", "value": list(band.values)}
        case "pooled":
            return both(
                {"field": name, "op": "is_set"}, {"field": name, "op": "not_in", "value": list(band.values)}
            )
        case "recent":
            return recent_condition(name, band.range or Range(None, None))
    return range_condition(name, band.range or Range(None, None))


def both(*parts: Condition) -> Condition:
    return parts[0] if len(parts) == 1 else {"all": list(parts)}


def range_condition(name: str, found: Range) -> Condition:
    parts = []
    if found.low is not None:
        parts.append({"field": name, "op": "gte", "value": found.low})
    if found.high is not None:
        parts.append({"field": name, "op": "lt", "value": found.high})
    return both(*parts) if parts else {"field": name, "op": "is_set"}


def recent_condition(name: str, found: Range) -> Condition:
    """The last touch was more than ``low`` and at most ``high`` days ago."""
    once: Condition = {"field": name, "op": "gte", "value": 1}
    parts: list[Condition] = [once | ({"days": int(found.high)} if found.high else {})]
    if found.low:
        parts.append({"not": once | {"days": int(found.low)}})
    return both(*parts)


def words_of(column: Column, band: Band, names: dict[str, str]) -> str:
    """The band in words, short, in the active language. names: what ids are called."""
    choices = {value: str(label) for value, label in column.of.field.choices}
    match band.kind:
        case "unset":
            if column.of.sort == Sort.RECENCY:
                return _("never")
            return _("no") if column.of.what else _("not known")
        case "set":
            return _("yes") if column.of.what else _("known")
        case "values" if column.of.field.kind == Kind.YES_NO:
            return _("yes") if band.values[0] == "true" else _("no")
        case "values":
            said = [names.get(value) or choices.get(value) or value for value in band.values[:4]]
            return ", ".join(said) + (" …" if len(band.values) > len(said) else "")
        case "pooled":
            return _("anything else")
        case "recent":
            return recent_words(band.range or Range(None, None))
    return range_words(band.range or Range(None, None))


def range_words(found: Range) -> str:
    if found.low is None and found.high is None:
        return _("known")
    if found.low is None:
        return _("below %(high)s") % {"high": number(found.high)}
    if found.high is None:
        return _("from %(low)s") % {"low": number(found.low)}
    return _("%(low)s to below %(high)s") % {"low": number(found.low), "high": number(found.high)}


def number(value: float | None) -> str:
    return "" if value is None else f"{value:,}"


def recent_words(found: Range) -> str:
    if found.high is None:
        days = int(found.low or 0)
        many = ngettext("more than %(days)d day ago", "more than %(days)d days ago", days)
        return many % {"days": days} if days else _("ever")
    days = int(found.high)
    within = ngettext("in the last %(days)d day", "in the last %(days)d days", days) % {"days": days}
    if not found.low:
        return within
    return _("%(low)d to %(high)d days ago") % {"low": found.low, "high": found.high}
