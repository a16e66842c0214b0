"""The moment "now" means: one for a whole statement, or one that each row of a lead brings along.

A statement about the past (``leads.past``) reads tables whose rows carry their own ``as_of``. The pieces of
a condition are the same then: a moment of a row adds and subtracts time as a datetime does, in SQL.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from leads.conditions.fragments import Sql, put


class Each:
    """``as_of=EACH``: each lead's own moment, a column ``as_of`` beside the lead's."""

    tzinfo = UTC


EACH: Final = Each()
AsOf = datetime | Each


class RowMoment(Sql):
    """The moment of a row as SQL."""

    def __sub__(self, span: timedelta) -> Sql:
        return put("({} - {}::interval)", self, span)

    def __add__(self, span: timedelta) -> Sql:  # type: ignore[override]
        return put("({} + {}::interval)", self, span)


def moment(alias: str, as_of: AsOf) -> datetime | RowMoment:
    """The moment for the rows called ``alias``; a span may be added to it or taken off."""
    return RowMoment(f"{alias}.as_of") if isinstance(as_of, Each) else as_of


def day_of(alias: str, as_of: AsOf, zone: ZoneInfo, before: int = 0) -> date | Sql:
    """The local day of the moment, or the one so many days before it."""
    if isinstance(as_of, Each):
        return put("((" + alias + ".as_of AT TIME ZONE {})::date - {}::integer)", str(zone), before)
    return as_of.astimezone(zone).date() - timedelta(days=before)
