"""A condition as a sentence, in the reader's language."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import get_language, override

from leads.conditions import phrases
from leads.conditions.fields import OPPOSITE, Field, Kind
from leads.conditions.tree import All, Any_, Condition, Leaf, Money, Not, leaves
from leads.models.company import Company
from leads.models.source import Channel
from workspaces.ids import is_id
from workspaces.models import Member, Team

LINKED = {"company": Company, "channel": Channel, "owner": Member, "team": Team}


def say(condition: Condition, language: str | None = None, names: Mapping[str, str] | None = None) -> str:
    """ "Industry is “saas”, and not tagged “competitor”": with a capital, without a full stop.

    language: a code such as "zh-hans"; the active one unless given. names: what the ids in it are called;
    looked up in the open workspace unless given (one query for each kind of link that is asked by id).
    """
    with override(language or get_language()):
        called = names_of([condition]) if names is None else names
        return capfirst(Speaker(called).whole(condition))


def names_of(conditions: list[Condition]) -> dict[str, str]:
    """The names of all companies, channels, members and teams that the conditions ask for by id."""
    wanted: dict[str, set[str]] = {}
    for leaf in (leaf for condition in conditions for leaf in leaves(condition)):
        if leaf.field.kind == Kind.LINK:
            ids = {value for value in as_tuple(leaf.value) if value and is_id(value)}
            wanted.setdefault(leaf.field.name, set()).update(ids)
    found: dict[str, str] = {}
    for link, ids in wanted.items():
        if ids:
            found.update({str(row.pk): str(row) for row in LINKED[link].objects.filter(pk__in=ids)})
    return found


def as_tuple(value: Any) -> tuple:
    return value if isinstance(value, tuple) else (value,)


class Speaker:
    """Says the parts of one condition; knows what ids are called."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self.names = names

    def whole(self, condition: Condition) -> str:
        match condition:
            case All(inner) if not inner:
                return str(phrases.EVERYONE)
            case All(inner):
                return str(phrases.AND).join(self.part(part, All) for part in inner)
            case Any_(inner):
                return str(phrases.OR).join(self.part(part, Any_) for part in inner)
            case Not(part):
                return self.denied(part)
        return self.leaf(condition)

    def part(self, condition: Condition, around: type) -> str:
        """Inside a group: what is joined by another word goes into brackets."""
        said = self.whole(condition)
        if isinstance(condition, Leaf | Not | around) or len(condition.parts) < 2:
            return said
        return phrases.INSIDE % {"phrase": said}

    def denied(self, condition: Condition) -> str:
        if isinstance(condition, Leaf):
            opposites = OPPOSITE | ({"has_any": "not_in"} if condition.field.kind == Kind.TAGS else {})
            if condition.op in opposites and not condition.gone:
                return self.leaf(
                    Leaf(condition.field, opposites[condition.op], condition.value, condition.days)
                )
            if condition.op in phrases.LACKING and not condition.gone:
                return self.fill(phrases.LACKING[condition.op], condition)
        return phrases.NOT % {"phrase": phrases.INSIDE % {"phrase": self.whole(condition)}}

    def leaf(self, leaf: Leaf) -> str:
        if leaf.gone:
            return phrases.GONE % {"field": leaf.field.label}
        if leaf.field.kind == Kind.ROLE:
            return self.role(leaf)
        if leaf.field.kind == Kind.COUNT:
            return self.count(leaf)
        special = phrases.BY_FIELD.get((leaf.field.name, leaf.op))
        turns = phrases.PHRASES | phrases.BY_KIND.get(leaf.field.kind, {})
        return str(special) if special else self.fill(turns[leaf.op], leaf)

    def fill(self, phrase: Any, leaf: Leaf) -> str:
        places = {"field": str(leaf.field.label)}
        if leaf.op == "between":
            places["low"], places["high"] = (self.value(leaf.field, one) for one in leaf.value)
        elif leaf.op.endswith("in_last_days"):
            places["value"] = days(leaf.value)
        elif leaf.value is not None:
            last = phrases.LAST_AND if leaf.op == "has_all" else phrases.LAST_OR
            places["value"] = listed([self.value(leaf.field, one) for one in as_tuple(leaf.value)], last)
        return phrase % places

    def role(self, leaf: Leaf) -> str:
        there = leaf.op == "is_set" or (leaf.op == "eq") == (leaf.value is True)
        there = there and leaf.op != "is_empty"
        phrase = phrases.HAS_ROLE if there else phrases.HAS_NO_ROLE
        return phrase % {"role": phrases.ROLES[leaf.field.key]}

    def count(self, leaf: Leaf) -> str:
        values = [value for value in as_tuple(leaf.value) if value is not None]
        many = values[-1] if values else 2
        places = {
            "field": counted(leaf.field, many),
            "value": listed([number(one) for one in values], phrases.LAST_OR),
        }
        if leaf.op == "between":
            places["low"], places["high"] = (number(one) for one in values)
        phrase = phrases.COUNTS[leaf.op] % places
        if leaf.days is None:
            return phrase
        return phrases.IN_WINDOW % {"phrase": phrase, "days": days(leaf.days)}

    def value(self, field: Field, value: Any) -> str:
        if isinstance(value, bool):
            return str(phrases.YES if value else phrases.NO)
        if field.kind == Kind.DAYS:
            return days(value)
        if isinstance(value, Money):
            return f"{value.currency} {number(value.amount)}".strip()
        if isinstance(value, date):
            return day(value)
        if not isinstance(value, str):
            return number(value)
        if field.kind == Kind.LINK and is_id(value):
            return phrases.QUOTED % {"text": self.names.get(value, value)}
        label = dict(field.choices).get(value)
        return str(label) if label and not field.custom else phrases.QUOTED % {"text": label or value}


def counted(field: Field, many: Any) -> str:
    """The noun of what is counted, in the form that follows ``many``."""
    n = {"n": 1 if many == 1 else 2}
    if field.name == "follow_ups":
        return phrases.FOLLOW_UP % n
    if field.name.startswith("follow_ups."):
        return phrases.FOLLOW_UPS[field.key] % n
    if not field.key:
        return phrases.ANY_TOUCH % n
    known = phrases.COUNTED.get(field.key)
    return known % n if known else phrases.OTHER_TOUCH % (n | {"kind": field.key})


def listed(words: list[str], last: Any) -> str:
    """ "a", "a or b", "a, b or c"."""
    if len(words) < 2:
        return "".join(words)
    return last % {"others": str(phrases.COMMA).join(words[:-1]), "last": words[-1]}


def days(many: Any) -> str:
    return phrases.DAYS % {"n": many if isinstance(many, int) else float(many)}


def number(value: Any) -> str:
    return f"{value:,}"


def day(value: date) -> str:
    """A day as the language writes it; a moment with its time and offset."""
    written = date_format(value, "DATE_FORMAT")
    if not isinstance(value, datetime):
        return written
    return f"{written} {value:%H:%M} ({value.tzname()})"
