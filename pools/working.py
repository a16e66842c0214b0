"""Working time in SQL: ``moment + N hours or days of work`` for any number of rows in one statement.

The calendar's spans stand in four arrays, which a statement binds once (``CALENDAR``); a binary search
(``width_bucket``) finds the span of a moment, and from what was worked until then the span of the answer.
The same answer as ``WorkingTime.add`` gives in memory, to the microsecond.
"""

from datetime import datetime, timedelta

from leads.conditions.fragments import Sql, put
from workspaces.calendar import Timeline, WorkingTime, working_time

FARTHEST_BACK = timedelta(days=3660)

# One row: when each span begins (b) and ends (f), what was worked before it (w) and until its end (e), and the zone.
CALENDAR = """(SELECT {}::timestamp[] AS b, {}::timestamp[] AS f, {}::interval[] AS w, {}::interval[] AS e,
    {}::text AS zone)"""

# What was worked from the first span to the moment.
WORKED = """(SELECT CASE WHEN at.n = 0 THEN interval '0'
    ELSE {c}.w[at.n] + (LEAST(at.local, {c}.f[at.n]) - {c}.b[at.n]) END
  FROM (SELECT {m} AT TIME ZONE {c}.zone AS local, width_bucket({m} AT TIME ZONE {c}.zone, {c}.b) AS n) at)"""

# The moment at which so much is worked: in the first span at whose end it is. Behind the last span (a moment
# that the timeline was not made for, or a week without any work): plain time, rather than never.
REACHED = """COALESCE((SELECT ({c}.b[at.n] + (at.worked - {c}.w[at.n])) AT TIME ZONE {c}.zone
  FROM (SELECT t.worked, 1 + width_bucket(t.worked - interval '1 microsecond', {c}.e) AS n
        FROM (SELECT {worked} + {amount} AS worked) t) at), {m} + {amount})"""


# The same time of day on the last working day before the moment's own; plain time before the first.
BEFORE = """COALESCE((SELECT ({c}.b[at.n] + at.time) AT TIME ZONE {c}.zone
  FROM (SELECT t.local - t.day AS time, width_bucket(t.day - interval '1 microsecond', {c}.b) AS n
        FROM (SELECT {m} AT TIME ZONE {c}.zone AS local, date_trunc('day', {m} AT TIME ZONE {c}.zone) AS day) t) at
  WHERE at.n > 0), {m} - interval '1 day')"""


def calendar_sql(line: Timeline) -> Sql:
    """The timeline as a table of one row, to be joined (``CROSS JOIN {calendar} c``)."""
    spans = zip(line.begins, line.ends, line.worked, strict=True)
    until = [worked + (end - begin) for begin, end, worked in spans]
    return put(
        CALENDAR,
        array(one.isoformat(" ") for one in line.begins),
        array(one.isoformat(" ") for one in line.ends),
        array(f"{one.total_seconds():.6f} s" for one in line.worked),
        array(f"{one.total_seconds():.6f} s" for one in until),
        str(line.zone),
    )


def array(values: object) -> str:
    return "{" + ",".join(f'"{one}"' for one in values) + "}"  # type: ignore[attr-defined]


def worked(moment: Sql, calendar: str) -> Sql:
    """What was worked from the calendar's first span to ``moment``, an interval."""
    return put(WORKED.replace("{c}", calendar).replace("{m}", "{}"), *[moment] * WORKED.count("{m}"))


def after(moment: Sql, amount: Sql, calendar: str) -> Sql:
    """``moment`` + ``amount`` (an interval) of work, by the calendar joined under that name."""
    text = REACHED.replace("{c}", calendar)
    for name in ("{worked}", "{amount}", "{m}"):
        text = text.replace(name, "{}")
    return put(text, worked(moment, calendar), amount, moment, amount)


def a_day_before(moment: Sql, calendar: str) -> Sql:
    """The same time on the last working day before ``moment``, by the calendar of days joined under that name."""
    return put(BEFORE.replace("{c}", calendar).replace("{m}", "{}"), *[moment] * BEFORE.count("{m}"))


def calendars(as_of: datetime, *, hours: timedelta, days: timedelta, begins: datetime | None = None) -> Sql:
    """The open workspace's calendar to be joined: ``ch`` for up to so many ``hours`` of work, ``cd`` for ``days``.

    ``begins``: the first moment that counts (None: see ``line_for``).
    """
    times = working_time()

    def table(amount: timedelta, in_days: bool) -> Sql:
        if begins is None:
            return calendar_sql(line_for(times, as_of, amount, in_days=in_days))
        return calendar_sql(times.timeline(begins, as_of + timedelta(days=1), amount, in_days=in_days))

    return put("CROSS JOIN {} ch CROSS JOIN {} cd", table(hours, False), table(days, True))


def line_for(times: WorkingTime, as_of: datetime, amount: timedelta, *, in_days: bool) -> Timeline:
    """A timeline for moments up to ``as_of``, far enough back for whatever is not overdue long since.

    A moment before it counts as its beginning: after ``amount`` both are past, unless it is years.
    """
    back = min(amount * 3 + timedelta(days=120), FARTHEST_BACK)
    return times.timeline(as_of - back, as_of + timedelta(days=1), amount, in_days=in_days)
