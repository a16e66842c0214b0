"""A condition as a tree: groups (all, any, not) of leaves. Immutable, comparable, JSON again at any time."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from leads.conditions.fields import Field, Kind


@dataclass(frozen=True)
class Leaf:
    """One question about one field. ``value`` is parsed: text, numbers, dates, or a tuple of them."""

    field: Field
    op: str
    value: Any = None
    days: int | None = None
    gone: bool = False  # a stored question about a custom field that is no more: always unset


@dataclass(frozen=True)
class All:
    parts: tuple["Condition", ...] = ()


@dataclass(frozen=True)
class Any_:
    parts: tuple["Condition", ...]


@dataclass(frozen=True)
class Not:
    part: "Condition"


@dataclass(frozen=True)
class Money:
    """An amount in units (not minor ones); ``currency`` is '' when the lead's own is meant."""

    amount: Decimal | int
    currency: str = ""


Condition = Leaf | All | Any_ | Not
EVERYONE = All()


def leaves(condition: Condition) -> Iterator[Leaf]:
    """Every leaf, in the order in which they are written."""
    match condition:
        case Leaf():
            yield condition
        case Not(part):
            yield from leaves(part)
        case All(inner) | Any_(inner):
            for part in inner:
                yield from leaves(part)


def parts(condition: Condition) -> list[Condition]:
    """What must hold together: the parts of a top-level ``all``, else the condition itself."""
    return list(condition.parts) if isinstance(condition, All) else [condition]


def first_field(condition: Condition) -> str:
    """The field of the first leaf, which is where a page should point; '' for everyone."""
    return next((leaf.field.name for leaf in leaves(condition)), "")


def fields_used(condition: Condition) -> set[str]:
    return {leaf.field.name for leaf in leaves(condition)}


def time_dependent(condition: Condition) -> bool:
    """May the answer change merely because time passes?

    Counts without a window don't: what the lead did is never dated in the future.
    """
    return any(
        leaf.days is not None
        or leaf.field.kind == Kind.DAYS
        or leaf.field.timed
        or leaf.op.endswith("in_last_days")
        for leaf in leaves(condition)
    )


def to_json(condition: Condition) -> dict:
    """The JSON form; parsing it gives an equal condition."""
    match condition:
        case All(inner):
            return {"all": [to_json(part) for part in inner]}
        case Any_(inner):
            return {"any": [to_json(part) for part in inner]}
        case Not(part):
            return {"not": to_json(part)}
    written: dict[str, Any] = {"field": condition.field.name, "op": condition.op}
    if condition.value is not None:
        written["value"] = plain(condition.value)
    if condition.days is not None:
        written["days"] = condition.days
    return written


def plain(value: Any) -> Any:
    """A parsed value as JSON knows it."""
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    if isinstance(value, date):  # a datetime is a date, too
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, Money):
        if not value.currency:
            return plain(value.amount)
        return {"amount": str(value.amount), "currency": value.currency}
    return value
