"""The ideal customer in five questions, and the rules that the answers make."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from scoring.defaults import DECIDING, any_of, leaf, role
from scoring.faults import Faults, fault
from workspaces.refusals import Invalid

# industries, regions, titles, exclusions: lists of texts; size: [from, to], either may be missing.
QUESTIONS = ("industries", "size", "regions", "titles", "exclusions")
MOST_TEXTS = 50
DIMENSIONS = [
    {"key": "fit", "cap": 50, "label": {"en": "Fit", "zh-hans": "匹配度"}},
    {"key": "authority", "cap": 20, "label": {"en": "Authority", "zh-hans": "决策链"}},
    {"key": "need", "cap": 15, "label": {"en": "Need", "zh-hans": "需求"}},
    {"key": "engagement", "cap": 15, "label": {"en": "Engagement", "zh-hans": "互动"}},
    {"key": "exclusion", "cap": 0, "label": {"en": "Exclusion", "zh-hans": "排除项"}},
]


def rules_for(answers: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The rules of an ideal customer; Invalid names each answer that can't be used.

    What is not answered makes no rule, and its points go to what is, so that the fit still reaches 50.
    """
    found = clean(answers)
    fit = shares({name: found[name] for name in ("industries", "size", "regions") if found[name]})
    rules = []
    if found["industries"]:
        rules.append(
            gives(
                "fit",
                fit["industries"],
                "Target industry",
                "目标行业",
                leaf("industry", "in", found["industries"]),
            )
        )
    if found["size"]:
        rules.append(by_size(found["size"][0], found["size"][1], fit["size"]))
    if found["regions"]:
        rules.append(
            gives("fit", fit["regions"], "Served region", "服务地区", leaf("region", "in", found["regions"]))
        )
    titles = [leaf("title", "has_word", one) for one in found["titles"]]
    decides = any_of(*titles, leaf("authority", "in", DECIDING), *role(*DECIDING))
    rules.append(gives("authority", 20, "The right person", "合适的联系人", decides))
    rules += [
        gives("need", 15, "Need is urgent", "需求迫切", leaf("need_level", "eq", "urgent")),
        gives("need", 10, "Need is clear", "需求明确", leaf("need_level", "eq", "clear")),
        gives("need", 8, "Pain written down", "已记录痛点", leaf("pain", "is_set")),
        {
            **gives("engagement", 3, "Anything they did", "任何行为", leaf("touches", "gte", 1, days=90)),
            "kind": "per_unit",
            "cap": 15,
            "half_life": 30,
        },
    ]
    if found["exclusions"]:
        words = found["exclusions"]
        out = any_of(
            leaf("tags", "has_any", words),
            leaf("industry", "in", words),
            *(leaf("title", "has_word", word) for word in words),
        )
        label = {"en": "Never a customer", "zh-hans": "永远不是客户"}
        rules.append({"dimension": "exclusion", "kind": "disqualifier", "label": label, "condition": out})
    return rules


def gives(key: str, points: int, english: str, chinese: str, condition: Any) -> dict[str, Any]:
    label = {"en": english, "zh-hans": chinese}
    return {"dimension": key, "points": points, "label": label, "condition": condition}


def shares(answered: Mapping[str, Any]) -> dict[str, int]:
    """The 50 points of fit among what was answered: industry weighs most."""
    weights = {"industries": 5, "size": 3, "regions": 2}
    total = sum(weights[name] for name in answered) or 1
    return {name: round(50 * weights[name] / total) for name in answered}


def by_size(least: int | None, largest: int | None, points: int) -> dict[str, Any]:
    """Full points inside the range, a third just outside of it: half as large, or twice as large."""
    near = max(points // 3, 1)
    bands: list[dict[str, Any]] = []
    if least:
        bands += [{"from": least // 2, "points": near}] if least > 1 else []
    bands.append({"from": least or 0, "points": points})
    if largest:
        bands += [{"from": largest + 1, "points": near}, {"from": 2 * largest + 1, "points": 0}]
    label = {"en": "The right size", "zh-hans": "规模合适"}
    about = {"dimension": "fit", "kind": "bands", "label": label, "condition": {}}
    return about | {"measure": {"field": "employees"}, "bands": bands}


def clean(answers: Mapping[str, Any]) -> dict[str, Any]:
    faults: Faults = []
    for name in answers:
        if name not in QUESTIONS:
            faults.append(fault(f"answers.{name}", _("There is no such field."), "unknown"))
    found: dict[str, Any] = {
        name: texts(answers.get(name), name, faults) for name in QUESTIONS if name != "size"
    }
    found["size"] = size(answers.get("size"), faults)
    if not faults and not (found["industries"] or found["size"] or found["regions"]):
        message = _("Answer at least one of: industry, size, region.")
        faults.append(fault("answers", message, "required"))
    if faults:
        raise Invalid(faults)
    return found


def texts(value: Any, name: str, faults: Faults) -> list[str]:
    right = (
        isinstance(value, list) and len(value) <= MOST_TEXTS and all(isinstance(one, str) for one in value)
    )
    if value is not None and not right:
        faults.append(
            fault(f"answers.{name}", _("Give a list of at most %(most)d texts.") % {"most": MOST_TEXTS})
        )
        return []
    return list(dict.fromkeys(one.strip()[:200] for one in value or [] if one.strip()))


def size(value: Any, faults: Faults) -> tuple[int | None, int | None] | None:
    if value in (None, [], [None, None]):
        return None
    right = isinstance(value, list) and len(value) == 2
    right = right and all(one is None or (type(one) is int and 0 <= one <= 10**8) for one in value)
    if not right or (None not in value and value[0] > value[1]):
        faults.append(fault("answers.size", _("Give the fewest and the most employees, such as [50, 500].")))
        return None
    return value[0], value[1]
