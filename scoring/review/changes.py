"""Suggested changes, put into the rules of a card, whatever their kind."""

from typing import Any

from scoring.models import RuleKind

MOST_CHANGES = 8
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


def real(rules: list[Rule], changes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The changes that change something: three points for each, a quarter more of them, are three points still.

    ``own``, ``own_better``: the points that stand in a rule that gives less or more than those, now and then.
    """
    found = []
    for one in changes:
        rule = rules[one["position"]]
        new = times(rule, one) if one["better"] else rule | {"points": 0}
        if all(new[name] == rule[name] for name in ("points", "bands", "formula")) and one["better"]:
            continue
        own = rule["kind"] == RuleKind.PER_UNIT or rule["half_life"]
        found.append(one | ({"own": rule["points"], "own_better": new["points"]} if own else {}))
    return found[:MOST_CHANGES]


def times(rule: Rule, change: dict[str, Any]) -> Rule:
    """A rule of fixed points gets the better ones; any whose points vary so many times what it gives."""
    if rule["kind"] == RuleKind.POINTS and not rule["half_life"]:
        return rule | {"points": change["better"]}
    factor = float(change.get("factor", 1))
    cap = rule["cap"] and max(1, most(abs(rule["cap"] * factor)))
    match rule["kind"]:
        case RuleKind.POINTS | RuleKind.PER_UNIT:
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
