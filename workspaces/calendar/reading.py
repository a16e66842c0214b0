"""The open workspace's calendar as it is stored, read in a fixed number of statements."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from workspaces.calendar.time import Spans, WorkingTime
from workspaces.models import Absence, CalendarDay, Member, MemberHours, WorkCalendar
from workspaces.once import once
from workspaces.tenancy import current_workspace


def calendar() -> WorkCalendar:
    """The stored calendar, or the usual one of the workspace's country where none is stored."""
    return WorkCalendar.objects.first() or WorkCalendar(country=current_workspace().region)


def working_time() -> WorkingTime:
    """When the open workspace works. Two statements, or what is kept of them."""
    return once("working_time", read_working_time)


def read_working_time() -> WorkingTime:
    stored = calendar()
    return WorkingTime(
        zone=current_workspace().tz,
        week=week(stored.hours),
        country=stored.country,
        subdivision=stored.subdivision,
        days=dict(CalendarDay.objects.values_list("day", "works")),
    )


def week(hours: Any) -> tuple[Spans, ...]:
    """Stored hours as minutes: ["09:00", "18:00"] is (540, 1080)."""
    return tuple(tuple((minute(begin), minute(end)) for begin, end in day) for day in hours)


def minute(clock: str) -> int:
    hour, _colon, rest = clock.partition(":")
    return int(hour) * 60 + int(rest)


def member_times(shared: WorkingTime) -> dict[UUID, WorkingTime]:
    """The times of those members whose week is their own. One statement."""
    rows = MemberHours.objects.values_list("member_id", "hours")
    return {member: replace(shared, week=week(hours)) for member, hours in rows}


def absent_on(day: date, members: Iterable[Member] | None = None) -> set[UUID]:
    """The members who are away on a day (of the workspace's wall clock). One statement."""
    rows = Absence.objects.filter(starts_on__lte=day, ends_on__gte=day)
    if members is not None:
        rows = rows.filter(member__in=list(members))
    return set(rows.values_list("member_id", flat=True))


def away_until(day: date) -> dict[UUID, date]:
    """Who is away on a day, and the last day of it. One statement."""
    rows = Absence.objects.filter(starts_on__lte=day, ends_on__gte=day)
    return dict(rows.order_by("ends_on").values_list("member_id", "ends_on"))


class Attendance:
    """Who is at work at a moment, answered in memory."""

    def __init__(self, as_of: datetime) -> None:
        self.as_of = as_of
        self.shared = working_time()
        self.own = once("member_times", lambda: member_times(self.shared))
        day = self.shared.day_of(as_of)
        self.absent = once(f"absent {day}", lambda: absent_on(day))
        self.open = self.shared.works_at(as_of)

    def away(self, member: UUID, *, hours: bool = False) -> str:
        """Why the member is not there: ``absent``, ``off_hours`` (asked for by ``hours``); '' when they are."""
        if member in self.absent:
            return "absent"
        if not hours:
            return ""
        own = self.own.get(member)
        there = own.works_at(self.as_of) if own else self.open
        return "" if there else "off_hours"


def attendance(as_of: datetime) -> Attendance:
    """Who is there at ``as_of``. Four statements at most, for any number of members."""
    return Attendance(as_of)
