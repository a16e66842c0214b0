"""What a report is about: a period that ends at a moment, and perhaps one team."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from leads.conditions import Sql
from pools.statements import fill

PERIODS = (7, 30, 90, 365)
USUAL = 30
LONGEST = 3660

By = Literal["first", "last", "all"]
SOURCES: tuple[By, ...] = ("first", "last", "all")

Row = dict[str, Any]


@dataclass(frozen=True)
class Scope:
    """The ``days`` up to ``as_of``; with a ``team`` only what its members hold or held.

    ``by``: which of the channels that a lead came by it counts for, where channels are compared.
    """

    as_of: datetime
    days: int = USUAL
    team: UUID | None = None
    by: By = "first"

    @property
    def begins(self) -> datetime:
        return self.as_of - timedelta(days=self.days)

    def before(self) -> "Scope":
        """The period of the same length that ends where this one begins."""
        return replace(self, as_of=self.begins)

    def of_team(self, column: str) -> Sql:
        """``AND column = team``, or nothing when all teams are meant."""
        return fill(f" AND {column} = {{team}}::uuid", team=str(self.team)) if self.team else Sql("", ())

    def captured(self, *more: dict[str, Any]) -> dict[str, Any]:
        """The condition that lists the leads captured in the period, and ``more``."""
        asked = [{"field": "captured_at", "op": "in_last_days", "value": self.days}, *more]
        return all_of(*asked, *self.team_leaf())

    def standing(self, *more: dict[str, Any]) -> dict[str, Any]:
        """The condition that lists leads whenever they came."""
        return all_of(*more, *self.team_leaf())

    def team_leaf(self) -> list[dict[str, Any]]:
        return [{"field": "team", "op": "eq", "value": str(self.team)}] if self.team else []


def leaf(name: str, op: str, value: Any = None) -> dict[str, Any]:
    found: dict[str, Any] = {"field": name, "op": op}
    return found if value is None else found | {"value": value}


def all_of(*conditions: dict[str, Any]) -> dict[str, Any]:
    return {"all": list(conditions)}


def any_of(*conditions: dict[str, Any]) -> dict[str, Any]:
    return {"any": list(conditions)}


@dataclass(frozen=True)
class Column:
    """``kind``: text, stage, grade, count, share (0 to 1), times (a multiple), days, hours or
    money (minor units)."""

    key: str
    label: str
    kind: str = "count"


@dataclass
class Report:
    """Rows under columns, and what holds for all of them.

    A row may also have ``where``: the condition that lists its leads, and ids of what it is about.
    """

    name: str
    title: str
    columns: list[Column]
    rows: list[Row]
    total: Row = field(default_factory=dict)


def share(part: float | None, whole: float | None) -> float | None:
    """``part`` of ``whole`` as 0 to 1; None when there is nothing to divide by."""
    return round(part / whole, 4) if part is not None and whole else None


def tenth(value: Any) -> float | None:
    """One decimal, as people say days and hours."""
    return None if value is None else round(float(value), 1)
