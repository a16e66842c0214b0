"""Changing when the workspace and its members work. Each change is in the audit log.

``changed`` is filled in by leadcrm/flow.py: what calculates with working time follows in the same
transaction.
"""

import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from workspaces.actions import audit
from workspaces.calendar.holidays import check_country
from workspaces.calendar.reading import calendar, minute
from workspaces.models import Absence, CalendarDay, Member, MemberHours, WorkCalendar
from workspaces.permissions import may, require
from workspaces.refusals import Invalid, NotAllowed

CLOCK = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d|24:00")
changed: list[Callable[..., Any]] = []


@transaction.atomic
def change_calendar(changes: dict[str, Any], *, as_of: datetime, actor: Member | None) -> WorkCalendar:
    """``country``, ``subdivision``, ``hours``. Invalid for an unknown country or hours that are none."""
    require(actor, "rules")
    stored = calendar()
    for name in ("country", "subdivision", "hours"):
        if name in changes:
            setattr(stored, name, changes[name])
    stored.country, stored.subdivision = stored.country.upper(), stored.subdivision.upper()
    if "country" in changes and "subdivision" not in changes:
        stored.subdivision = ""
    check_country(stored.country, stored.subdivision)
    check_hours(stored.hours)
    if not any(stored.hours):
        raise Invalid.field("hours", _("At least one day of the week has hours."), "required")
    stored.save()
    audit("calendar_changed", stored, changes, actor=actor, as_of=as_of)
    follow(as_of, actor)
    return stored


@transaction.atomic
def set_day(day: date, works: bool, name: str = "", *, as_of: datetime, actor: Member | None) -> CalendarDay:
    """A day of the workspace's own, over what the week and the country say."""
    require(actor, "rules")
    row, _new = CalendarDay.objects.update_or_create(day=day, defaults={"works": works, "name": name})
    audit("calendar_day_set", row, {"day": str(day), "works": works}, actor=actor, as_of=as_of)
    follow(as_of, actor)
    return row


@transaction.atomic
def drop_day(row: CalendarDay, *, as_of: datetime, actor: Member | None) -> None:
    require(actor, "rules")
    audit("calendar_day_dropped", row, {"day": str(row.day)}, actor=actor, as_of=as_of)
    row.delete()
    follow(as_of, actor)


def follow(as_of: datetime, actor: Member | None) -> None:
    for action in changed:
        action(as_of=as_of, actor=actor)


@transaction.atomic
def set_member_hours(
    member: Member, hours: Any, *, as_of: datetime, actor: Member | None
) -> MemberHours | None:
    """A member's own week; None: the workspace's again. Their own, or anybody's by a manager."""
    check_own(member, actor)
    if hours is None:
        MemberHours.objects.filter(member=member).delete()
        row = None
    else:
        check_hours(hours)
        row, _new = MemberHours.objects.update_or_create(member=member, defaults={"hours": hours})
    audit("member_hours_set", member, {"hours": hours}, actor=actor, as_of=as_of)
    return row


@transaction.atomic
def add_absence(
    member: Member,
    starts_on: date,
    ends_on: date,
    reason: str = "",
    *,
    as_of: datetime,
    actor: Member | None,
) -> Absence:
    """Away from the first to the last day. Their own, or anybody's by a manager. Invalid: ends before it starts."""
    check_own(member, actor)
    if ends_on < starts_on:
        raise Invalid.field("ends_on", _("The last day can't be before the first."), "out_of_range")
    row = Absence.objects.create(member=member, starts_on=starts_on, ends_on=ends_on, reason=reason)
    days = {"member": str(member.pk), "starts_on": str(starts_on), "ends_on": str(ends_on)}
    audit("absence_added", row, days, actor=actor, as_of=as_of)
    return row


@transaction.atomic
def drop_absence(row: Absence, *, as_of: datetime, actor: Member | None) -> None:
    check_own(row.member, actor)
    days = {"member": str(row.member_id), "starts_on": str(row.starts_on), "ends_on": str(row.ends_on)}
    audit("absence_dropped", row, days, actor=actor, as_of=as_of)
    row.delete()


def check_own(member: Member, actor: Member | None) -> None:
    if not may(actor, "assign") and (actor is None or actor.pk != member.pk):
        raise NotAllowed(_("Only a manager changes when somebody else works."))


def check_hours(hours: Any) -> None:
    """Invalid unless ``hours`` are seven lists of ["09:00", "18:00"], in order, none overlapping."""
    shape = _("Seven lists, Monday first, of pairs such as [“09:00”, “18:00”].")
    if not isinstance(hours, list) or len(hours) != 7:
        raise Invalid.field("hours", shape)
    for day in hours:
        if not isinstance(day, list) or len(day) > 10:
            raise Invalid.field("hours", shape)
        last = -1
        for pair in day:
            if not (isinstance(pair, list) and len(pair) == 2 and all(is_clock(one) for one in pair)):
                raise Invalid.field("hours", shape)
            begin, end = minute(pair[0]), minute(pair[1])
            if begin < last or end <= begin:
                text = _("Hours stand in order and don't overlap: %(begin)s to %(end)s does not fit.")
                raise Invalid.field("hours", text % {"begin": pair[0], "end": pair[1]}, "out_of_range")
            last = end


def is_clock(value: Any) -> bool:
    return isinstance(value, str) and bool(CLOCK.fullmatch(value))
