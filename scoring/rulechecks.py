"""What a rule gives, checked before it is stored: points, what is measured, bands, formula, cap and half-life."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext as _

from leads.conditions import Condition, Kind, Vocabulary, leaves
from leads.conditions.errors import nearest, shown
from scoring import formula
from scoring.bands import bands_of
from scoring.faults import ITS_OWN_RESULT, MOST_POINTS, Faults, fault, whole
from scoring.models import RuleKind

MOST_BANDS = 50
MOST_HALF_LIFE = 3650
MOST_DAYS = 36_500
LARGEST = 10**15
Given = Mapping[str, Any]


def clean_amounts(
    one: Given,
    path: str,
    condition: Condition | None,
    words: Vocabulary,
    faults: Faults,
    *,
    stored: bool = False,
) -> dict[str, Any]:
    """kind, points, measure, bands, formula, cap, half_life as they are stored.

    ``condition``: of the rule, None when it is wrong. ``stored``: what it measures was accepted before.
    """
    kind = kind_of(one, path, faults)
    measure = clean_measure(one.get("measure"), kind, f"{path}.measure", words, faults, stored)
    needs_count(one, kind, measure, path, condition, words, faults)
    return {
        "kind": kind,
        "points": clean_points(one.get("points"), kind, f"{path}.points", faults),
        "measure": measure,
        "bands": clean_bands(one.get("bands"), kind, f"{path}.bands", faults),
        "formula": clean_formula(one.get("formula"), kind, f"{path}.formula", words, faults, stored),
        "cap": clean_cap(one.get("cap"), kind, f"{path}.cap", faults),
        "half_life": clean_half_life(one, kind, path, faults),
    }


def kind_of(one: Given, path: str, faults: Faults) -> str:
    """As it is said, else as it follows from what is given."""
    per_unit = one.get("per_unit", False)
    if not isinstance(per_unit, bool):
        faults.append(fault(f"{path}.per_unit", _("Answer true or false.")))
    kind = one.get("kind")
    if kind in RuleKind.values:
        return str(kind)
    if kind is not None:
        message = _("Known kinds: %(known)s.") % {"known": ", ".join(RuleKind.values)}
        faults.append(fault(f"{path}.kind", message))
    if one.get("formula"):
        return RuleKind.FORMULA
    if one.get("bands"):
        return RuleKind.BANDS
    return RuleKind.PER_UNIT if per_unit is True else RuleKind.POINTS


def clean_points(value: Any, kind: str, path: str, faults: Faults) -> int:
    if kind in (RuleKind.BANDS, RuleKind.FORMULA):
        return 0
    if kind == RuleKind.DISQUALIFIER and value is None:
        return 0
    if not whole(value, -MOST_POINTS, MOST_POINTS) or (value == 0 and kind != RuleKind.DISQUALIFIER):
        message = _("Points are a whole number from -%(most)d to %(most)d, but not 0.")
        faults.append(fault(path, message % {"most": MOST_POINTS}))
        return 0
    return int(value)


def clean_cap(value: Any, kind: str, path: str, faults: Faults) -> int | None:
    if value is None:
        return None
    if not whole(value, 1, MOST_POINTS):
        message = _("The most points of a rule: a whole number from 1 to %(most)d, or none.")
        faults.append(fault(path, message % {"most": MOST_POINTS}))
        return None
    return int(value) if kind in (RuleKind.PER_UNIT, RuleKind.FORMULA) else None


def clean_half_life(one: Given, kind: str, path: str, faults: Faults) -> int | None:
    value = one.get("half_life")
    if value is None:
        return None
    if not whole(value, 1, MOST_HALF_LIFE):
        message = _("The half-life is a whole number of days from 1 to %(most)d, or none.")
        faults.append(fault(f"{path}.half_life", message % {"most": MOST_HALF_LIFE}))
        return None
    if kind not in (RuleKind.POINTS, RuleKind.PER_UNIT):
        faults.append(fault(f"{path}.half_life", _("Only fixed points and points for each can fade.")))
    return int(value)


def needs_count(
    one: Given,
    kind: str,
    measure: dict[str, Any],
    path: str,
    condition: Condition | None,
    words: Vocabulary,
    faults: Faults,
) -> None:
    """What is given per unit, or fades, needs something that is counted."""
    if not (kind == RuleKind.PER_UNIT or (kind == RuleKind.POINTS and one.get("half_life"))):
        return
    if measure or one.get("measure"):
        field = words.find(str(measure.get("field")))
        if measure and (field is None or field.kind != Kind.COUNT):
            message = _("Touches and follow-ups are counted; “%(name)s” is not.")
            faults.append(fault(f"{path}.measure", message % {"name": shown(measure["field"])}))
    elif condition is not None and not any(leaf.field.kind == Kind.COUNT for leaf in leaves(condition)):
        message = _("Points per unit need a count of touches or follow-ups in the condition.")
        if kind == RuleKind.POINTS:
            message = _("What fades needs a count of touches or follow-ups in the condition.")
        faults.append(fault(f"{path}.condition", message))


def clean_measure(
    value: Any, kind: str, path: str, words: Vocabulary, faults: Faults, stored: bool
) -> dict[str, Any]:
    """{"field", "days"?}: a field with a number. Needed by bands."""
    if kind in (RuleKind.FORMULA, RuleKind.DISQUALIFIER):
        return {}
    if isinstance(value, str) and value:
        value = {"field": value}
    if not value:
        if kind == RuleKind.BANDS:
            faults.append(fault(path, _("Say which number the bands are of, such as employees."), "required"))
        return {}
    name, days = (value.get("field"), value.get("days")) if isinstance(value, dict) else (None, None)
    field = words.find(name) if isinstance(name, str) else None
    if name in ITS_OWN_RESULT:
        message = _("A rule can't ask about the score or the grade: it would feed on itself.")
        faults.append(fault(path, message, "cycle"))
    elif (field is None or field.kind not in formula.NUMERIC) and stored:
        return dict(value)
    elif field is None:
        known = [one for one in words.names if (f := words.find(one)) and f.kind in formula.NUMERIC]
        message = _("There is no field “%(name)s”.") % {"name": shown(name)} + nearest(str(name), known)
        faults.append(fault(path, message, "unknown_field"))
    elif field.kind not in formula.NUMERIC:
        message = _("“%(name)s” is not a number.") % {"name": shown(name)}
        faults.append(fault(path, message, "wrong_type"))
    if days is None:
        return {"field": name}
    if not whole(days, 1, MOST_DAYS) or (field is not None and field.kind != Kind.COUNT):
        faults.append(fault(f"{path}.days", _("Only touches and follow-ups are counted within days.")))
    return {"field": name, "days": days}


def clean_formula(value: Any, kind: str, path: str, words: Vocabulary, faults: Faults, stored: bool) -> str:
    if kind != RuleKind.FORMULA:
        return ""
    try:
        formula.parse(value, words, stored=stored)
    except formula.FormulaError as error:
        faults.append(fault(path, error.message, error.code))
        return ""
    return str(value).strip()


def clean_bands(value: Any, kind: str, path: str, faults: Faults) -> list[dict[str, Any]]:
    """In ascending order, none over another; the band of unknown numbers last."""
    if kind != RuleKind.BANDS:
        return []
    if not isinstance(value, list) or not 0 < len(value) <= MOST_BANDS:
        faults.append(fault(path, _("Give 1 to %(most)d bands.") % {"most": MOST_BANDS}))
        return []
    before = len(faults)
    found = [clean_band(one, f"{path}[{at}]", faults) for at, one in enumerate(value)]
    if len(faults) > before:
        return []
    unset = [one for one in found if one.get("unset")]
    ranged = sorted((one for one in found if not one.get("unset")), key=beginning)
    read = bands_of(ranged)
    for one, following in pairwise(read):
        end = one.stop
        overlaps = following.start is None or (one.start is not None and one.start >= following.start)
        if overlaps or (end is not None and following.start is not None and end > following.start):
            faults.append(
                fault(path, _("Two bands lie over each other, or begin at the same number."), "overlap")
            )
            break
    if len(unset) > 1:
        faults.append(fault(path, _("There is one band for numbers that are not known."), "overlap"))
    return [*ranged, *unset]


def beginning(band: Given) -> float:
    return float("-inf") if band.get("from") is None else float(band["from"])


def clean_band(one: Any, path: str, faults: Faults) -> dict[str, Any]:
    if not isinstance(one, dict) or set(one) - {"from", "to", "points", "unset"}:
        faults.append(fault(path, _("A band has “from”, “to” and “points”.")))
        return {}
    if not whole(one.get("points"), -MOST_POINTS, MOST_POINTS):
        message = _("Points are a whole number from -%(most)d to %(most)d.")
        faults.append(fault(f"{path}.points", message % {"most": MOST_POINTS}))
    if one.get("unset"):
        return {"unset": True, "points": one.get("points")}
    start, end = one.get("from"), one.get("to")
    for name, number in (("from", start), ("to", end)):
        if number is not None and not plain(number):
            faults.append(fault(f"{path}.{name}", _("This is not a number."), "wrong_type"))
            return {}
    if start is not None and end is not None and end < start:
        faults.append(fault(path, _("The first value is the lowest one, the second the highest.")))
    found = {"from": start, "points": one.get("points")}
    return found if end is None else {"from": start, "to": end, "points": one.get("points")}


def plain(number: Any) -> bool:
    """A number that is finite and of a sensible size; NaN compares as false."""
    return isinstance(number, int | float) and not isinstance(number, bool) and -LARGEST <= number <= LARGEST
