"""What is wrong with a card or a rule: each fault with its place."""

from typing import Any

MOST_POINTS = 1000
ITS_OWN_RESULT = {"score", "grade", "tier"}  # a rule on these would feed on itself
Faults = list[dict[str, str]]


def fault(field: str, message: str, code: str = "invalid") -> dict[str, str]:
    return {"field": field, "code": code, "message": message}


def whole(value: Any, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most
