"""Pieces of SQL with their parameters, and what every piece needs to know."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from leads.conditions.fields import Field
    from leads.conditions.moments import AsOf
    from leads.conditions.sources import Sources


class Sql(NamedTuple):
    """SQL text with ``%s`` places, and the values for them."""

    text: str
    params: tuple = ()


@dataclass(frozen=True)
class Blank:
    """A place among the parameters that is filled in when the statement runs (``moments.filled``)."""

    name: str


TRUE, FALSE = Sql("TRUE"), Sql("FALSE")


def put(template: str, *pieces: "Sql | Any") -> Sql:
    """Fill each ``{}`` of the template: with a piece of SQL, or with a place for a value."""
    texts: list[str] = []
    params: list[Any] = []
    for piece in pieces:
        if isinstance(piece, Sql):
            texts.append(piece.text)
            params += piece.params
        else:
            texts.append("%s")
            params.append(piece)
    return Sql(template.format(*texts), tuple(params))


def comma(pieces: Iterable["Sql | Any"]) -> Sql:
    listed = list(pieces)
    return put(", ".join("{}" for _ in listed), *listed)


def both(*pieces: Sql) -> Sql:
    return pieces[0] if len(pieces) == 1 else put("(" + " AND ".join("{}" for _ in pieces) + ")", *pieces)


def either(*pieces: Sql) -> Sql:
    return pieces[0] if len(pieces) == 1 else put("(" + " OR ".join("{}" for _ in pieces) + ")", *pieces)


def no(piece: Sql) -> Sql:
    return put("NOT ({})", piece)


def surely(piece: Sql) -> Sql:
    """Null counts as false."""
    return put("(({}) IS TRUE)", piece)


def compare(op: str, value: Any, expression: Sql) -> Sql:
    """eq, in, gt, gte, lt, lte or between on an expression and plain values of its type."""
    if op == "in":
        return put("{} IN ({})", expression, comma(value))
    if op == "between":
        return put("({} >= {} AND {} <= {})", expression, value[0], expression, value[1])
    return put("{} " + SIGNS[op] + " {}", expression, value)


SIGNS = {"eq": "=", "gt": ">", "gte": ">=", "lt": "<", "lte": "<="}


@dataclass(frozen=True)
class Scope:
    """Where a piece stands: the lead's alias, the moment, the zone, and what is already joined.

    ``as_of``: a datetime, or ``leads.conditions.moments.EACH`` for rows that carry their own.
    """

    lead: str
    as_of: "AsOf"
    time_zone: str | ZoneInfo
    sources: "Sources | None" = None

    def __post_init__(self) -> None:
        if self.as_of.tzinfo is None:
            raise ValueError("as_of needs a time zone")
        if not self.lead.isidentifier():
            raise ValueError(f"not an alias: {self.lead!r}")
        if self.sources is not None and self.sources.as_of != self.as_of:
            raise ValueError("the sources were collected as of another moment")

    @property
    def zone(self) -> ZoneInfo:
        return self.time_zone if isinstance(self.time_zone, ZoneInfo) else ZoneInfo(self.time_zone)

    def column(self, name: str) -> Sql:
        return Sql(f'"{self.lead}".{name}')


def known(field: "Field", column: Sql, piece: Sql) -> Sql:
    """A comparison on a plain column: false, not null, where the column is null."""
    return put("({} IS NOT NULL AND {})", column, piece) if field.nullable else piece
