"""Calculating with working time. Everything happens on the workspace's wall clock.

Nine o'clock is nine o'clock on both sides of a change to summer time. A wall-clock time that a change
leaves out is read as the clock before the change would show it (02:30 becomes 03:30), one that comes twice
is the second: the same choice that PostgreSQL makes, so that memory and SQL agree.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from workspaces.calendar.holidays import year_of

ONE_DAY = timedelta(days=1)
NONE = timedelta()
FARTHEST = 20 * 366  # days that are looked through before a calendar counts as one without any work

Spans = tuple[tuple[int, int], ...]  # minutes from midnight
Span = tuple[datetime, datetime]  # on the wall clock, without a zone


def at_wall(local: datetime, zone: ZoneInfo) -> datetime:
    """The moment at which the clock on the wall shows ``local`` (without a zone)."""
    first, second = local.replace(tzinfo=zone, fold=0), local.replace(tzinfo=zone, fold=1)
    twice = first.utcoffset() > second.utcoffset()  # type: ignore[operator]
    return (second if twice else first).astimezone(UTC)


@dataclass(frozen=True)
class WorkingTime:
    """A calendar: seven days of hours, a country's holidays, and days of one's own."""

    zone: ZoneInfo
    week: tuple[Spans, ...]
    country: str = ""
    subdivision: str = ""
    days: Mapping[date, bool] = field(default_factory=dict)

    @property
    def never(self) -> bool:
        """True where no weekday has any hours: then all time counts, rather than none."""
        return not any(self.week)

    def spans(self, day: date) -> Spans:
        """The working hours of one day; () on a free one.

        A weekend day that is worked on instead of another one has the hours of the first working weekday.
        """
        usual = self.week[day.weekday()]
        works = self.days.get(day)
        if works is None:
            free, instead = year_of(self.country, self.subdivision, day.year)
            works = day in instead or (bool(usual) and day not in free)
        if not works:
            return ()
        return usual or next((spans for spans in self.week if spans), ())

    def works_on(self, day: date) -> bool:
        return bool(self.spans(day))

    def works_at(self, moment: datetime) -> bool:
        local = self.local(moment)
        minute = local.hour * 60 + local.minute
        return any(begin <= minute < end for begin, end in self.spans(local.date()))

    def local(self, moment: datetime) -> datetime:
        """The wall clock at a moment, without a zone."""
        return moment.astimezone(self.zone).replace(tzinfo=None)

    def day_of(self, moment: datetime) -> date:
        return self.local(moment).date()

    def opening(self, moment: datetime) -> datetime:
        """The moment itself within working hours, else the next beginning of work."""
        local = self.local(moment)
        for begin, end in self.walk(local, in_days=False):
            if local < end:
                return moment if local >= begin else at_wall(begin, self.zone)
        return moment

    def add_hours(self, moment: datetime, hours: float | timedelta) -> datetime:
        """``moment`` + N hours of work; N = 0: the moment itself. Hours as a number or a timedelta."""
        return self.add(moment, hours if isinstance(hours, timedelta) else timedelta(hours=hours), False)

    def add_days(self, moment: datetime, days: float | timedelta) -> datetime:
        """``moment`` + N working days, at the same time of day: Friday 15:00 + 1 is Monday 15:00.

        A moment on a free day counts as the midnight that ends it.
        """
        return self.add(moment, days if isinstance(days, timedelta) else timedelta(days=days), True)

    def add(self, moment: datetime, amount: timedelta, in_days: bool) -> datetime:
        if amount <= NONE:
            return moment
        if self.never:
            return moment + amount
        local, left = self.local(moment), amount
        for begin, end in self.walk(local, in_days):
            begin = max(begin, local)
            if begin >= end:
                continue
            if left <= end - begin:
                return at_wall(begin + left, self.zone)
            left -= end - begin
        return moment + amount  # a calendar that stops working: plain time, rather than never

    def hours_between(self, begin: datetime, end: datetime) -> float:
        """Hours of work between two moments."""
        return self.between(begin, end, False) / timedelta(hours=1)

    def between(self, begin: datetime, end: datetime, in_days: bool) -> timedelta:
        """The work between two moments; ``in_days``: of whole working days, 24 hours each."""
        first, last = self.local(begin), self.local(end)
        worked = NONE
        for opens, closes in self.walk(first, in_days, last):
            worked += max(NONE, min(closes, last) - max(opens, first))
        return worked

    def walk(self, local: datetime, in_days: bool, until: datetime | None = None) -> Iterator[Span]:
        """Spans of work from the day of ``local`` on, ``until`` some day; ``in_days``: whole working days."""
        first = local.date().toordinal()
        last = until.date().toordinal() if until else min(first + FARTHEST, date.max.toordinal())
        for day in range(first, last + 1):
            yield from self.of_day(date.fromordinal(day), in_days)

    def of_day(self, day: date, in_days: bool) -> Iterator[Span]:
        midnight = datetime.combine(day, time())
        if in_days:
            if self.works_on(day):
                yield midnight, midnight + ONE_DAY
            return
        for begin, end in self.spans(day):
            yield midnight + timedelta(minutes=begin), midnight + timedelta(minutes=end)

    def timeline(self, first: datetime, last: datetime, amount: timedelta, *, in_days: bool) -> "Timeline":
        """The spans that SQL needs to add up to ``amount`` to any moment from ``first`` to ``last``."""
        line = Timeline(self.zone, [], [], [])
        until, total, needed = self.local(last), NONE, None
        for begin, end in self.walk(self.local(first), in_days, until + FARTHEST * ONE_DAY):
            line.begins.append(begin)
            line.ends.append(end)
            line.worked.append(total)
            total += end - begin
            if needed is None and end >= until:
                needed = total + amount
            if needed is not None and total >= needed:
                break
        return line


@dataclass(frozen=True)
class Timeline:
    """Spans of work in order: when each begins and ends, and how much was worked before it."""

    zone: ZoneInfo
    begins: list[datetime]
    ends: list[datetime]
    worked: list[timedelta]
