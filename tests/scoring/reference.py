"""What a scorecard gives, in plain Python: the yardstick of the engine."""

from typing import Any

from tests.leads.conditions.reference import Facts, World, holds, how_many

GRADES = ("A", "B", "C")


def points_of(rule: dict[str, Any], lead: Facts, world: World) -> int:
    if not holds(rule["condition"], lead, world):
        return 0
    if not rule.get("per_unit"):
        return rule["points"]
    counted = first_count(rule["condition"])
    many = rule["points"] * how_many(counted["field"], counted.get("days"), lead, world)
    cap = rule.get("cap") or 30_000
    return max(-cap, min(cap, many))


def first_count(condition: dict) -> Any:
    if "field" in condition:
        return condition if condition["field"].split(".")[0] in ("touches", "follow_ups") else None
    inner = condition.get("all") or condition.get("any") or ([condition["not"]] if "not" in condition else [])
    return next((found for part in inner if (found := first_count(part))), None)


def score_of(card: dict[str, Any], lead: Facts, world: World) -> tuple[int, str, list[int]]:
    """Score, grade and the points of every rule."""
    points = [points_of(rule, lead, world) for rule in card["rules"]]
    total = 0
    for one in card["dimensions"]:
        there = sum(
            got for got, rule in zip(points, card["rules"], strict=True) if rule["dimension"] == one["key"]
        )
        total += there if one["cap"] is None else min(there, one["cap"])
    total = max(total, 0)
    grade = next((grade for grade in GRADES if total >= card["grades"][grade]), "D")
    return total, grade, points
