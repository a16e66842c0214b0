"""What a scorecard must be before it is stored: everything wrong with it is said at once (422)."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from leads.conditions import ConditionError, Vocabulary, parse, to_json
from scoring.cards import GRADES, ReadCard
from scoring.cycles import on_fed_tags, own_result
from scoring.faults import MOST_POINTS, Faults, fault, whole
from scoring.rulechecks import clean_amounts
from workspaces.refusals import Invalid
from workspaces.texts import clean_text, named

KEY = re.compile(r"[a-z][a-z0-9_]{0,29}")
MOST_DIMENSIONS = 20
MOST_RULES = 500
MOST_WEIGHT = 100


def clean_label(value: Any, field: str, faults: Faults) -> Any:
    """One text for all languages, or {"en": …, "zh-hans": …}."""
    languages = {code for code, _name in settings.LANGUAGES}
    texts = value if isinstance(value, dict) else {"en": value}
    right = set(texts) <= languages and all(isinstance(t, str) and len(t) <= 200 for t in texts.values())
    if not right:
        faults.append(fault(field, _("Give a text, or one for each language: en, zh-hans.")))
        return value
    cleaned = {code: clean_text(text) for code, text in texts.items()}
    return cleaned if isinstance(value, dict) else cleaned["en"]


def clean_settings(given: Mapping[str, Any]) -> dict[str, Any]:
    """name, dimensions, grades and threshold of a card; Invalid lists what is wrong."""
    faults: Faults = []
    name = clean_name(given.get("name"), faults)
    dimensions = clean_dimensions(given.get("dimensions"), faults)
    grades = clean_grades(given.get("grades"), faults)
    threshold = given.get("threshold")
    caps = [one["cap"] for one in dimensions]
    if not isinstance(threshold, int) or not whole(threshold, 0, 30_000):
        faults.append(fault("threshold", _("The threshold is a whole number from 0.")))
    elif caps and None not in caps and threshold > sum(caps):
        faults.append(above_maximum(sum(caps)))
    if faults:
        raise Invalid(faults)
    return {"name": name, "dimensions": dimensions, "grades": grades, "threshold": threshold}


def clean_name(value: Any, faults: Faults) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > 200:
        faults.append(fault("name", _("Give the scorecard a name of at most 200 characters.")))
        return ""
    return named(value)


def clean_dimensions(value: Any, faults: Faults) -> list[dict[str, Any]]:
    if not isinstance(value, list) or not 0 < len(value) <= MOST_DIMENSIONS:
        message = _("A scorecard has 1 to %(most)d dimensions.") % {"most": MOST_DIMENSIONS}
        faults.append(fault("dimensions", message))
        return []
    found: dict[str, dict[str, Any]] = {}
    for at, one in enumerate(value):
        path = f"dimensions[{at}]"
        one = one if isinstance(one, dict) else {}
        key, cap = one.get("key"), one.get("cap")
        if not isinstance(key, str) or not KEY.fullmatch(key) or key in found:
            faults.append(
                fault(f"{path}.key", _("A key of its own: lower-case letters, digits, underscores."))
            )
            continue
        if cap is not None and not whole(cap, 0, MOST_POINTS):
            message = _("The most points of a dimension: a whole number from 0 to %(most)d, or none.")
            faults.append(fault(f"{path}.cap", message % {"most": MOST_POINTS}))
        label = clean_label(one.get("label") or key, f"{path}.label", faults)
        weight = clean_weight(one.get("weight"), f"{path}.weight", faults)
        found[key] = {"key": key, "label": label, "cap": cap} | ({} if weight == 1 else {"weight": weight})
    return list(found.values())


def clean_weight(value: Any, field: str, faults: Faults) -> float | int:
    """What the points of a dimension are multiplied by before its cap: 1 unless said otherwise."""
    value = 1 if value is None else value
    right = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= MOST_WEIGHT
    if not right or round(value * 100) / 100 != value:
        message = _("A weight multiplies the points: a number from 0 to %(most)d, with at most two decimals.")
        faults.append(fault(field, message % {"most": MOST_WEIGHT}))
        return 1
    return value


def clean_grades(value: Any, faults: Faults) -> dict[str, int]:
    limits = [value.get(grade, -1) for grade in GRADES] if isinstance(value, dict) else []
    right = limits and set(value) == set(GRADES) and all(whole(one, 0, 30_000) for one in limits)
    if not right or limits != sorted(set(limits), reverse=True):
        faults.append(fault("grades", _("Lower limits of A, B and C, each below the one before.")))
        return {}
    return dict(value)


def clean_rules(
    given: Any,
    dimensions: Sequence[Mapping[str, Any]],
    words: Vocabulary,
    before: Sequence[Mapping[str, Any]] = (),
) -> list[dict[str, Any]]:
    """The rules as they are stored, in their order; Invalid lists what is wrong with each.

    ``before``: rules that were accepted once. What one of them asks may be asked on, also when a custom field
    that it names is no more: its question is answered as for an unset value, and the other rules can be changed.
    """
    if not isinstance(given, list) or len(given) > MOST_RULES:
        raise Invalid.field("rules", _("Give a list of at most %(most)d rules.") % {"most": MOST_RULES})
    faults: Faults = []
    keys = {one["key"] for one in dimensions}
    known = [asked_by(one) for one in before]
    found = [
        clean_rule(one, f"rules[{at}]", keys, words, faults, stored=asked_by(one) in known)
        for at, one in enumerate(given)
    ]
    new = [(at, one) for at, one in enumerate(found) if one and asked_by(given[at]) not in known]
    faults += on_fed_tags(
        (f"rules[{at}].condition", parse(one["condition"], words, stored=True)) for at, one in new
    )
    if faults:
        raise Invalid(faults)
    return [one | {"position": position} for position, one in enumerate(found)]


def asked_by(rule: Any) -> Any:
    """What a rule asks and measures, to compare with that of another."""
    if not isinstance(rule, Mapping):
        return None
    return [rule.get("condition") or {}, rule.get("measure") or {}, rule.get("formula") or ""]


KNOWN = {
    *("id", "position", "dimension", "label", "condition", "sentence", "condition_text", "scorecard"),
    *(
        "kind",
        "points",
        "per_unit",
        "measure",
        "bands",
        "formula",
        "cap",
        "half_life",
        "created_at",
        "updated_at",
    ),
}


def clean_rule(
    one: Any, path: str, keys: set[str], words: Vocabulary, faults: Faults, *, stored: bool = False
) -> dict[str, Any]:
    if not isinstance(one, dict):
        faults.append(fault(path, _("A rule has a dimension, a condition and points.")))
        return {}
    faults += [
        fault(f"{path}.{name}", _("There is no such field."), "unknown") for name in one if name not in KNOWN
    ]
    if one.get("dimension") not in keys:
        message = _("Known dimensions: %(known)s.") % {"known": ", ".join(sorted(keys))}
        faults.append(fault(f"{path}.dimension", message))
    condition, asked = clean_condition(one.get("condition"), f"{path}.condition", words, faults, stored)
    return {
        "dimension": one.get("dimension"),
        "label": clean_label(one.get("label") or "", f"{path}.label", faults),
        "condition": condition,
        **clean_amounts(one, path, asked, words, faults, stored=stored),
    }


def clean_condition(
    value: Any, path: str, words: Vocabulary, faults: Faults, stored: bool
) -> tuple[Any, Any]:
    """The condition as it is stored, and parsed; ({}, None) when it is wrong."""
    try:
        condition = parse(value, words, path=path, stored=stored)
    except ConditionError as error:
        faults += error.errors
        return {}, None
    if not stored and (why := own_result(condition)):
        faults.append(fault(path, why, "cycle"))
    return to_json(condition), condition


def check_reachable(card: ReadCard) -> None:
    """Invalid when nobody could ever reach the threshold."""
    most = card.maximum()
    if most is not None and card.threshold > most:
        raise Invalid([above_maximum(most)])


def above_maximum(most: int) -> dict[str, str]:
    message = _("The threshold is above the most points anybody can reach (%(most)d).")
    return fault("threshold", message % {"most": most}, "unreachable")
