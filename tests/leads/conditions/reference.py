"""What a condition means, in plain Python: the yardstick the SQL is measured by.

Written from docs/conditions.md, over facts in memory; it shares no code with ``leads.conditions``.
"""

import math
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

PER_UNIT = {"JPY": 1, "KWD": 1000}
NEED = ["none", "vague", "clear", "urgent"]
GRADES = ["D", "C", "B", "A"]
UNKNOWN = {"need_level", "budget_status", "authority"}
ELAPSED = {
    "age_days": "captured_at",
    "days_in_stage": "stage_since",
    "days_since_follow_up": "last_follow_up_at",
}
LINKS = {"company", "channel", "owner", "team"}
NEGATIVE = {"ne": "eq", "not_in": "in", "is_empty": "is_set", "not_in_last_days": "in_last_days"}


@dataclass
class Facts:
    """A lead and what hangs on it. A link is (id, its names) or None."""

    columns: dict[str, Any]
    links: dict[str, tuple[str, list[str]] | None] = field(default_factory=dict)
    touches: list[tuple[str, datetime]] = field(default_factory=list)
    follow_ups: list[datetime] = field(default_factory=list)
    roles: set[str] = field(default_factory=set)
    tags: set[str] = field(default_factory=set)


@dataclass
class World:
    as_of: datetime
    zone: ZoneInfo
    kinds: dict[str, str]  # of the custom fields


def holds(condition: dict | None, lead: Facts, world: World) -> bool:
    if not condition:
        return True
    if "all" in condition:
        return all(holds(part, lead, world) for part in condition["all"])
    if "any" in condition:
        return any(holds(part, lead, world) for part in condition["any"])
    if "not" in condition:
        return not holds(condition["not"], lead, world)
    op = condition["op"]
    if op in NEGATIVE:
        return not leaf(condition | {"op": NEGATIVE[op]}, lead, world)
    return leaf(condition, lead, world)


def leaf(asked: dict, lead: Facts, world: World) -> bool:
    name, op, value = asked["field"], asked["op"], asked.get("value")
    if name == "tags":
        return about_tags(op, value, lead)
    if name.split(".")[0] in ("touches", "follow_ups"):
        count = how_many(name, asked.get("days"), lead, world)
        return count > 0 if op == "is_set" else compared(op, count, value)
    if name.split(".")[0] == "contacts":
        role = name.partition(".")[2]
        there = role in lead.roles if role else bool(lead.roles)
        return there if op == "is_set" else there == value
    if name in LINKS:
        return about_link(op, value, lead.links.get(name))
    return about_value(name, op, value, lead, world)


def about_value(name: str, op: str, value: Any, lead: Facts, world: World) -> bool:
    found = value_of(name, lead, world)
    if op == "is_set":
        return found is not None and not (name in UNKNOWN and found == "unknown")
    if found is None:
        return False
    if name == "budget_amount":
        return about_money(op, value, lead)
    if name in ("need_level", "grade") and op in ("gt", "gte", "lt", "lte", "between"):
        scale = NEED if name == "need_level" else GRADES
        if found not in scale:
            return False
        places = [scale.index(one) if one in scale else -1 for one in listed(value)]
        return compared(op, scale.index(found), places if op == "between" else places[0])
    if isinstance(found, datetime):
        return about_time(op, value, found, world)
    if isinstance(found, date):
        return about_day(op, value, found, world)
    if name == "phone":
        return about_phone(op, value, found)
    if isinstance(found, str):
        return about_text(op, value, found)
    return compared(op, found, value)


def value_of(name: str, lead: Facts, world: World) -> Any:
    """The lead's value; None when it is unset (a malformed custom value is)."""
    if name in ELAPSED:
        since = lead.columns[ELAPSED[name]]
        return None if since is None else math.floor((world.as_of - since) / timedelta(days=1))
    if name.startswith("attributes."):
        key = name.partition(".")[2]
        return attribute(lead.columns["attributes"].get(key), world.kinds[key])
    if name.startswith("email_is_"):
        traits = (lead.columns.get("email_traits") or "").split()
        return name.removeprefix("email_is_") in traits if lead.columns["email_key"] else None
    column = {"email": "email_key", "phone": "phone_e164"}.get(name, name)
    found = lead.columns[column]
    return None if found == "" else found


def attribute(found: Any, kind: str) -> Any:
    if kind == "number":
        return found if isinstance(found, int | float) and not isinstance(found, bool) else None
    if kind == "boolean":
        return found if isinstance(found, bool) else None
    if not isinstance(found, str) or not found:
        return None
    if kind != "date":
        return found
    try:
        return date.fromisoformat(found) if re.fullmatch(r"\d{4}-\d\d-\d\d", found, re.ASCII) else None
    except ValueError:
        return None


def compared(op: str, found: Any, value: Any) -> bool:
    checks: dict[str, Callable[[], bool]] = {
        "eq": lambda: found == value,
        "in": lambda: found in value,
        "gt": lambda: found > value,
        "gte": lambda: found >= value,
        "lt": lambda: found < value,
        "lte": lambda: found <= value,
        "between": lambda: value[0] <= found <= value[1],
    }
    return checks[op]()


def fold(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().lower()


def about_text(op: str, value: Any, found: str) -> bool:
    have = unicodedata.normalize("NFKC", found).lower()
    if op == "in":
        return have in [fold(one) for one in value]
    if op == "contains":
        return fold(value) in have
    if op == "has_word":
        return has_word(fold(value), have)
    return have.startswith(fold(value)) if op == "starts_with" else have == fold(value)


def has_word(word: str, text: str) -> bool:
    """Somewhere in the text, with no Latin letter or digit next to it."""

    def latin(sign: str) -> bool:
        return sign.isascii() and sign.isalnum()

    places = [at for at in range(len(text)) if text.startswith(word, at)]
    ends = [(text[:at][-1:], text[at + len(word) :][:1]) for at in places]
    return any(not latin(before) and not latin(after) for before, after in ends)


def about_phone(op: str, value: Any, found: str) -> bool:
    """Only digits count; a number without its country code is a Chinese one in these tests."""
    digits = ["".join(re.findall(r"\d", one)) for one in listed(value)]
    if op in ("contains", "has_word"):
        return digits[0] in found
    if op == "starts_with":
        return found.startswith("+" + digits[0])
    return found in [
        one if one.startswith("+") else f"+86{d}" for one, d in zip(listed(value), digits, strict=True)
    ]


def about_link(op: str, value: Any, link: tuple[str, list[str]] | None) -> bool:
    if link is None:
        return False
    if op == "is_set":
        return True
    by_id = op in ("eq", "in") and link[0] in listed(value)
    return by_id or any(about_text(op, value, name) for name in link[1])


def about_tags(op: str, value: Any, lead: Facts) -> bool:
    have = {fold(tag) for tag in lead.tags}
    if op == "is_set":
        return bool(have)
    wanted = [fold(one) for one in listed(value)]
    return all(one in have for one in wanted) if op == "has_all" else any(one in have for one in wanted)


def about_money(op: str, value: Any, lead: Facts) -> bool:
    if op == "in":
        return any(about_money("eq", one, lead) for one in value)
    if op == "between":
        return about_money("gte", value[0], lead) and about_money("lte", value[1], lead)
    currency = lead.columns["budget_currency"]
    if isinstance(value, dict):
        if value["currency"] != currency:
            return False
        value = float(value["amount"])
    return compared(op, lead.columns["budget_amount"] / PER_UNIT.get(currency, 100), value)


def about_day(op: str, value: Any, found: date, world: World) -> bool:
    if op == "in_last_days":
        today = world.as_of.astimezone(world.zone).date()
        return today - timedelta(days=value) <= found <= today
    days = [date.fromisoformat(one) for one in listed(value)]
    op = {"before": "lt", "after": "gt"}.get(op, op)
    return compared(op, found, days if op == "between" else days[0])


def about_time(op: str, value: Any, found: datetime, world: World) -> bool:
    if op == "in_last_days":
        return world.as_of - timedelta(days=value) <= found <= world.as_of
    if op == "between":
        low, high = value
        return about_time("gte", low, found, world) and about_time("lte", high, found, world)
    op = {"before": "lt", "after": "gt"}.get(op, op)
    if len(value) == 10:  # a day: compared with the day on which it was, there
        return compared(op, found.astimezone(world.zone).date(), date.fromisoformat(value))
    return compared(op, found, datetime.fromisoformat(value))


def how_many(name: str, days: int | None, lead: Facts, world: World) -> int:
    kind = name.partition(".")[2]
    times = (
        lead.follow_ups if name == "follow_ups" else [at for k, at in lead.touches if not kind or k == kind]
    )
    first = world.as_of - timedelta(days=days) if days else None
    return sum(at <= world.as_of and (first is None or at >= first) for at in times)


def listed(value: Any) -> list:
    return list(value) if isinstance(value, list) else [value]
