"""A member's open tasks as a calendar (RFC 5545), and as a week."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from django.utils.translation import gettext as _
from icalendar import Calendar, Event

from leads.models import Lead, Opportunity, Task
from leads.models.lead import Stage
from leads.queries import to_do
from workspaces.models import Member
from workspaces.tenancy import current_workspace

MOST = 500
BACK, AHEAD = timedelta(days=30), timedelta(days=365)
LENGTH = timedelta(minutes=30)


def calendar_of(member: Member, *, as_of: datetime, address: Callable[[Lead], str]) -> bytes:
    """The open tasks of a month back and a year ahead. How to reach a lead never stands in it."""
    workspace = current_workspace()
    made = Calendar()
    made.add("prodid", "-//LeadCRM//Tasks//EN")
    made.add("version", "2.0")
    made.add("method", "PUBLISH")
    made.add("x-wr-calname", f"{workspace.name}: {_('Tasks')}")
    for task in open_tasks(member, as_of - BACK, as_of + AHEAD):
        made.add_component(as_event(task, workspace.tz, address))
    return made.to_ical()  # type: ignore[no-any-return]


def as_event(task: Task, time_zone: object, address: Callable[[Lead], str]) -> Event:
    event, lead = Event(), task.lead
    event.add("uid", f"{task.pk}@leadcrm")
    event.add("dtstamp", task.updated_at)
    event.add("dtstart", task.due_at.astimezone(time_zone))  # type: ignore[arg-type]
    event.add("duration", LENGTH)
    named = (lead.name or str(lead.company or "")) if lead is not None else ""
    event.add("summary", f"{task.title} · {named}" if named else task.title)
    if lead is not None:
        event.add("url", address(lead))
        if lead.company is not None and lead.name:
            event.add("description", lead.company.name)
    return event


def open_tasks(member: Member, begins: datetime, ends: datetime) -> list[Task]:
    rows = to_do(member).filter(due_at__gte=begins, due_at__lt=ends)
    return list(rows.select_related("lead__company").order_by("due_at", "id")[:MOST])


@dataclass
class Day:
    """A day of the week: what is due, what comes back, what is to be closed; ``done``: what was done on it."""

    day: date
    tasks: list[Task] = field(default_factory=list)
    returns: list[Lead] = field(default_factory=list)
    closes: list[Opportunity] = field(default_factory=list)
    done: int = 0


@dataclass
class Week:
    """``late``: open tasks from before the week, in the current week alone."""

    begins: date
    days: list[Day]
    late: list[Task]

    @property
    def done(self) -> int:
        return sum(day.done for day in self.days)

    @property
    def total(self) -> int:
        return self.done + len(self.late) + sum(len(day.tasks) for day in self.days)


def week_of(member: Member, day: date, *, as_of: datetime) -> Week:
    """The member's week around a day, Monday first: five statements."""
    zone = current_workspace().tz
    monday = day - timedelta(days=day.weekday())
    begins = datetime.combine(monday, time(), tzinfo=zone)
    ends = datetime.combine(monday + timedelta(days=7), time(), tzinfo=zone)
    week = Week(monday, [Day(monday + timedelta(days=n)) for n in range(7)], [])
    by_day = {one.day: one for one in week.days}
    for task in open_tasks(member, begins, ends):
        by_day[task.due_at.astimezone(zone).date()].tasks.append(task)
    if begins <= as_of < ends:
        week.late = open_tasks(member, begins - AHEAD, begins)
    done = Task.objects.filter(member=member, done_at__gte=begins, done_at__lt=ends, skipped=False)
    for at in done.values_list("done_at", flat=True):
        by_day[at.astimezone(zone).date()].done += 1  # type: ignore[union-attr]
    back = Lead.objects.filter(stage=Stage.DEFERRED, resume_at__gte=begins, resume_at__lt=ends, owner=member)
    for lead in back.select_related("company").order_by("resume_at")[:MOST]:
        by_day[lead.resume_at.astimezone(zone).date()].returns.append(lead)  # type: ignore[union-attr]
    closing = Opportunity.objects.filter(
        status="open",
        lead__owner=member,
        expected_close__gte=monday,
        expected_close__lt=monday + timedelta(days=7),
    )
    for deal in closing.select_related("lead").order_by("expected_close")[:MOST]:
        by_day[deal.expected_close].closes.append(deal)  # type: ignore[index]
    return week
