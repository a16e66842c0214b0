"""The moment "now" means: one for a whole statement, one that each row of a lead brings along, or one that is
said later.

A statement about the past (``leads.past``) reads tables whose rows carry their own ``as_of``. The pieces of
a condition are the same then: a moment of a row adds and subtracts time as a datetime does, in SQL.
A statement that is put together once and run often leaves the moment open (``LATER``); ``filled`` says it.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, ClassVar, Final
from zoneinfo import ZoneInfo

from leads.conditions.fragments import Sql, put


class Each:
    """``as_of=EACH``: each lead's own moment, a column ``as_of`` beside the lead's."""

    tzinfo = UTC


@dataclass(frozen=True)
class Later:
    """``as_of=LATER``: a place among the parameters for the moment, or for one so far from it."""

    shift: timedelta = timedelta()
    tzinfo: ClassVar = UTC

    def __add__(self, span: timedelta) -> "Later":
        return replace(self, shift=self.shift + span)

    def __sub__(self, span: timedelta) -> "Later":
        return replace(self, shift=self.shift - span)

    def at(self, moment: datetime) -> datetime:
        return moment + self.shift


@dataclass(frozen=True)
class DayLater:
    """A place for the local day of a moment said later, or the one so many days before it."""

    zone: ZoneInfo
    before: int = 0

    def at(self, moment: datetime) -> date:
        return moment.astimezone(self.zone).date() - timedelta(days=self.before)


EACH: Final = Each()
LATER: Final = Later()
AsOf = datetime | Each | Later


class RowMoment(Sql):
    """The moment of a row as SQL."""

    def __sub__(self, span: timedelta) -> Sql:
        return put("({} - {}::interval)", self, span)

    def __add__(self, span: timedelta) -> Sql:  # type: ignore[override]
        return put("({} + {}::interval)", self, span)


def moment(alias: str, as_of: AsOf) -> datetime | RowMoment | Later:
    """The moment for the rows called ``alias``; a span may be added to it or taken off."""
    return RowMoment(f"{alias}.as_of") if isinstance(as_of, Each) else as_of


def day_of(alias: str, as_of: AsOf, zone: ZoneInfo, before: int = 0) -> date | Sql | DayLater:
    """The local day of the moment, or the one so many days before it."""
    if isinstance(as_of, Each):
        return put("((" + alias + ".as_of AT TIME ZONE {})::date - {}::integer)", str(zone), before)
    if isinstance(as_of, Later):
        return DayLater(zone, before)
    return as_of.astimezone(zone).date() - timedelta(days=before)


def filled(statement: Sql, say: Callable[[Any], Any]) -> Sql:
    """The statement with every parameter as ``say`` answers for it."""
    return Sql(statement.text, tuple(say(one) for one in statement.params))
