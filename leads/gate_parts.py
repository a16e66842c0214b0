"""A gate taken apart for clicking, and put together again: what is plain in its condition, and the rest.

Everything stays one condition; fields, roles, a least score and follow-ups are only its plainest items.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from leads.models.company import BuyingRole
from leads.models.followup import FollowUpChannel

FACTS = (
    *("name", "title", "email", "phone", "wechat", "company", "website", "industry", "region", "employees"),
    *("pain", "need_level", "budget_amount", "budget_status", "authority", "decision_process"),
    *("timeline_date", "channel", "campaign"),
)
ROLES = ("contacts", *(f"contacts.{role}" for role in BuyingRole.values))
COUNTED = ("follow_ups", *(f"follow_ups.{kind}" for kind in FollowUpChannel.values))


@dataclass
class Parts:
    """``fields``, ``roles``: names of the rule language; ``follow_ups``: (field, how many); ``more``: the rest."""

    fields: list[str] = field(default_factory=list)
    roles: list[str] = field(default_factory=list)
    score: int | None = None
    follow_ups: tuple[str, int] | None = None
    more: dict[str, Any] = field(default_factory=dict)


def take_apart(condition: dict[str, Any] | None) -> Parts:
    """What of a stored condition can be clicked; what can't, stays as a condition in ``more``."""
    parts = Parts()
    rest = [item for item in items_of(condition) if not take(item, parts)]
    parts.more = {"all": rest} if rest else {}
    return parts


def items_of(condition: dict[str, Any] | None) -> Sequence[dict[str, Any]]:
    if not condition:
        return []
    inner = condition.get("all")
    return inner if isinstance(inner, list) else [condition]


def take(item: dict[str, Any], parts: Parts) -> bool:
    """Put a plain item into its place; False when it is not plain, or its place is taken."""
    name, op, value = item.get("field"), item.get("op"), item.get("value")
    if op == "is_set" and (name in FACTS or str(name).startswith("attributes.")) and name not in parts.fields:
        parts.fields.append(str(name))
    elif op == "is_set" and name in ROLES and name not in parts.roles:
        parts.roles.append(str(name))
    elif (name, op) == ("score", "gte") and isinstance(value, int) and parts.score is None:
        parts.score = value
    elif name in COUNTED and op == "gte" and isinstance(value, int) and not parts.follow_ups:
        if "days" in item:
            return False
        parts.follow_ups = (str(name), value)
    else:
        return False
    return True


def put_together(parts: Parts) -> dict[str, Any]:
    """The condition that says all of it, the plainest first."""
    items: list[dict[str, Any]] = []
    if parts.score is not None:
        items.append({"field": "score", "op": "gte", "value": parts.score})
    items += [{"field": name, "op": "is_set"} for name in (*parts.fields, *parts.roles)]
    if parts.follow_ups and parts.follow_ups[1] > 0:
        items.append({"field": parts.follow_ups[0], "op": "gte", "value": parts.follow_ups[1]})
    if not items:
        return parts.more or {}
    items += items_of(parts.more)
    return {"all": items} if items else {}
