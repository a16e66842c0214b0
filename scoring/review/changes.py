"""Suggested changes, put into the rules of a card, whatever their kind."""

from typing import Any

from scoring.models import RuleKind

LONGEST_FORMULA = 500
MOST_POINTS = 1000
Rule = dict[str, Any]


def with_changes(rules: list[Rule], changes: list[dict[str, Any]]) -> list[Rule]:
    """The rules, as ``write_rules`` takes them, with what a review suggests; what is worth nothing is left out."""
    by_place = {one["position"]: one for one in changes}
    return [
        times(rule, by_place[at]) if at in by_place else rule
        for at, rule in enumerate(rules)
        if at not in by_place or by_place[at]["better"]
    ]


def times(rule: Rule, change: dict[str, Any]) -> Rule:
    """A rule of fixed points gets the better ones; any other so many times what it gives."""
    if rule["kind"] == RuleKind.POINTS:
        return rule | {"points": change["better"]}
    factor = float(change.get("factor", 1))
    cap = rule["cap"] and max(1, most(abs(rule["cap"] * factor)))
    match rule["kind"]:
        case RuleKind.PER_UNIT:
            points = most(rule["points"] * factor) or (1 if rule["points"] * factor > 0 else -1)
            return rule | {"points": points, "cap": cap}
        case RuleKind.BANDS:
            return rule | {"bands": [one | {"points": most(one["points"] * factor)} for one in rule["bands"]]}
        case RuleKind.FORMULA:
            text = (
                f"({rule['formula']}) * {factor:g}"
                if factor >= 0
                else f"0 - ({rule['formula']}) * {-factor:g}"
            )
            return rule | {"formula": text, "cap": cap} if len(text) <= LONGEST_FORMULA else rule
    return rule


def most(points: float) -> int:
    return max(-MOST_POINTS, min(MOST_POINTS, round(points)))
