"""Cards for tests."""

from typing import Any

from scoring.actions import activate, new_card, write_rules
from scoring.models import Scorecard
from tests.cast import NOW

DIMENSIONS = [
    {"key": "fit", "label": {"en": "Fit", "zh-hans": "匹配度"}, "cap": 20},
    {"key": "engagement", "label": "Engagement", "cap": 30},
    {"key": "exclusion", "label": "Exclusion", "cap": 0},
]
SETTINGS: dict[str, Any] = {
    "name": "Small",
    "dimensions": DIMENSIONS,
    "grades": {"A": 40, "B": 30, "C": 15},
    "threshold": 5,
}


def rule(dimension: str, points: int, field: str, op: str, value: Any = None, **more: Any) -> dict[str, Any]:
    """A rule with one question. ``days`` belongs to the question, the rest to the rule."""
    leaf: dict[str, Any] = {"field": field, "op": op}
    leaf |= {} if value is None else {"value": value}
    leaf |= {"days": more.pop("days")} if "days" in more else {}
    return {"dimension": dimension, "points": points, "condition": leaf, "label": f"{field} {op}", **more}


def in_force(*rules: dict[str, Any], **settings: Any) -> Scorecard:
    """A card with these rules, active; no lead is scored by it yet."""
    card = new_card(as_of=NOW, actor=None, **SETTINGS | settings)
    write_rules(card, list(rules), as_of=NOW, actor=None)
    return activate(card, as_of=NOW, actor=None, follow=False)
