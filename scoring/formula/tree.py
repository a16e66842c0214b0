"""A formula as a tree of small parts. Immutable; each part knows how deep and how large it is."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from leads.conditions import Field


@dataclass(frozen=True)
class Number:
    value: Decimal


@dataclass(frozen=True)
class Reading:
    """A field's number. ``days``: the window of a count."""

    field: Field
    days: int | None = None
    gone: bool = False  # a custom field that is no more: never known


@dataclass(frozen=True)
class Sum:
    """``sign``: + - * /"""

    sign: str
    left: "Part"
    right: "Part"


@dataclass(frozen=True)
class Minus:
    part: "Part"


@dataclass(frozen=True)
class Call:
    """min, max, round or if."""

    name: str
    given: tuple["Part", ...]


@dataclass(frozen=True)
class Test:
    """A comparison (= != < <= > >=), or ``and``, ``or``, ``not`` of tests: what ``if`` asks."""

    sign: str
    parts: tuple["Part", ...]


Part = Number | Reading | Sum | Minus | Call | Test


def inner(part: Part) -> tuple[Part, ...]:
    match part:
        case Sum():
            return (part.left, part.right)
        case Minus():
            return (part.part,)
        case Call():
            return part.given
        case Test():
            return part.parts
    return ()


def walk(part: Part) -> Iterator[Part]:
    """Every part, the outer ones first."""
    waiting = [part]
    while waiting:
        one = waiting.pop()
        yield one
        waiting.extend(reversed(inner(one)))


def readings(part: Part) -> list[Reading]:
    """The fields that are read, each once, in the order in which they are written."""
    return list(dict.fromkeys(one for one in walk(part) if isinstance(one, Reading)))
