"""What a scorecard gives, in plain Python: the yardstick of the engine."""

import math
from fractions import Fraction
from typing import Any

from tests.leads.conditions.reference import PER_UNIT, Facts, World, holds, how_many, value_of

GRADES = ("A", "B", "C")
SPENT = 40  # half-lives


def points_of(rule: dict[str, Any], lead: Facts, world: World) -> int:
    if not holds(rule["condition"], lead, world):
        return 0
    kind = rule.get("kind") or ("per_unit" if rule.get("per_unit") else "points")
    if kind == "formula":
        return cut(rounded(worked_out(rule["tree"], lead, world)), rule.get("cap") or 1000)
    if kind == "bands":
        return in_band(rule, lead, world)
    counted = rule.get("measure") or first_count(rule["condition"])
    if rule.get("half_life") and kind in ("points", "per_unit"):
        cap = abs(rule["points"]) if kind == "points" else rule.get("cap") or 30_000
        many = faded(counted["field"], counted.get("days"), rule["half_life"], lead, world)
        got = min(cap, math.floor(abs(rule["points"]) * many + 0.500001))
        return got if rule["points"] > 0 else -got
    if kind != "per_unit":
        return int(rule["points"])
    many = rule["points"] * how_many(counted["field"], counted.get("days"), lead, world)
    return cut(many, rule.get("cap") or 30_000)


def cut(points: int, cap: int) -> int:
    return max(-cap, min(cap, points))


def faded(name: str, days: int | None, half_life: int, lead: Facts, world: World) -> float:
    kind = name.partition(".")[2]
    times = (
        lead.follow_ups if name == "follow_ups" else [at for k, at in lead.touches if not kind or k == kind]
    )
    ages = [(world.as_of - at).total_seconds() / 86_400 for at in times]
    longest = min(days or math.inf, SPENT * half_life)
    return math.fsum(0.5 ** (age / half_life) for age in ages if 0 <= age <= longest)


def in_band(rule: dict[str, Any], lead: Facts, world: World) -> int:
    found = number(rule["measure"]["field"], rule["measure"].get("days"), lead, world)
    if found is None:
        return next((one["points"] for one in rule["bands"] if one.get("unset")), 0)
    for band in rule["bands"]:
        if band.get("unset") or (band.get("from") is not None and found < Fraction(str(band["from"]))):
            continue
        later = [one["from"] for one in rule["bands"] if one.get("from") is not None]
        ends = [Fraction(str(one)) for one in later if band.get("from") is None or one > band["from"]]
        if band.get("to") is not None:
            end = Fraction(str(band["to"]))
            ends.append(end + 1 if end.denominator == 1 else end)
        if all(found < end for end in ends):
            return int(band["points"])
    return 0


def number(name: str, days: int | None, lead: Facts, world: World) -> Fraction | None:
    """A field's number, exactly; None when it is not known."""
    if name.split(".")[0] in ("touches", "follow_ups"):
        return Fraction(how_many(name, days, lead, world))
    if name == "budget_amount":
        minor = lead.columns["budget_amount"]
        return None if minor is None else Fraction(minor, PER_UNIT.get(lead.columns["budget_currency"], 100))
    found = value_of(name, lead, world)
    return None if found is None else Fraction(str(found))


# A formula is a tree of lists here: ["+", a, b], ["if", [">", a, b], c, d], ["field", name, days], 3.
Tree = Any


def worked_out(tree: Tree, lead: Facts, world: World) -> Fraction | None:
    if not isinstance(tree, list):
        return Fraction(str(tree))
    name, *given = tree
    if name == "field":
        found = number(given[0], given[1], lead, world)
        if found is None or abs(found) > 10**15:
            return None
        return to_places(found, 6)
    if name == "if":
        return worked_out(given[1] if asked(given[0], lead, world) else given[2], lead, world)
    values = [worked_out(one, lead, world) for one in given]
    if name in ("min", "max"):
        known = [one for one in values if one is not None]
        return (min(known) if name == "min" else max(known)) if known else None
    if None in values:
        return None
    a, b = (*values, Fraction(0))[:2]
    assert a is not None and b is not None
    if name == "/":
        return to_places(a / b, 12) if b else None
    if name == "round":
        return Fraction(rounded(a))
    return {"+": a + b, "-": a - b, "*": a * b, "minus": -a}[name]


def asked(test: Tree, lead: Facts, world: World) -> bool:
    a, b = (worked_out(one, lead, world) for one in test[1:])
    if a is None or b is None:
        return False
    return {">": a > b, ">=": a >= b, "<": a < b, "<=": a <= b, "=": a == b, "!=": a != b}[test[0]]


def rounded(value: Fraction | None) -> int:
    """To nine places and then to a whole number, halves away from zero; nothing when it isn't known."""
    if value is None or abs(value) > 10**15:
        return 0
    return int(to_places(to_places(value, 9), 0))


def to_places(value: Fraction, places: int) -> Fraction:
    found = Fraction(math.floor(abs(value) * 10**places + Fraction(1, 2)), 10**places)
    return found if value >= 0 else -found


def written(tree: Tree) -> str:
    """The tree as people write it."""
    if not isinstance(tree, list):
        return str(tree) if tree >= 0 else f"({tree})"
    name, *given = tree
    if name == "field":
        return "{" + given[0] + "}" + (f"[{given[1]}]" if given[1] else "")
    if name == "minus":
        return f"(-{written(given[0])})"
    if name in ("min", "max", "round", "if"):
        return f"{name}({', '.join(written(one) for one in given)})"
    return f"({written(given[0])} {name} {written(given[1])})"


def first_count(condition: dict) -> Any:
    if "field" in condition:
        return condition if condition["field"].split(".")[0] in ("touches", "follow_ups") else None
    inner = condition.get("all") or condition.get("any") or ([condition["not"]] if "not" in condition else [])
    return next((found for part in inner if (found := first_count(part))), None)


def weighed(points: int, weight: float) -> int:
    found = math.floor(abs(points) * Fraction(str(weight)) + Fraction(1, 2))
    return found if points >= 0 else -found


def score_of(card: dict[str, Any], lead: Facts, world: World) -> tuple[int, str, list[int]]:
    """Score, grade and the points of every rule."""
    points = [points_of(rule, lead, world) for rule in card["rules"]]
    total = 0
    for one in card["dimensions"]:
        there = sum(
            got for got, rule in zip(points, card["rules"], strict=True) if rule["dimension"] == one["key"]
        )
        there = weighed(there, one.get("weight", 1))
        total += there if one["cap"] is None else min(there, one["cap"])
    total = max(total, 0)
    grade = next((grade for grade in GRADES if total >= card["grades"][grade]), "D")
    for rule in card["rules"]:
        if rule.get("kind") == "disqualifier" and holds(rule["condition"], lead, world):
            grade = "D"
    return total, grade, points
