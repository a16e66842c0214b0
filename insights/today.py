"""What a member should do now, in order, and why. A fixed number of statements, whatever is due."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet
from django.utils.translation import gettext as _

from leads.models import FollowUp, Lead, Task
from leads.models.lead import OPEN
from leads.queries import to_do
from leads.reasons import of_deferral
from pools.queries import day_of
from pools.words import clock_reason
from workspaces.counts import count_all
from workspaces.models import Member
from workspaces.paging import among

MOST = 60
SOON = timedelta(hours=36)
AHEAD = timedelta(days=7)
LATE, NOW, LATER = "late", "now", "later"
SHOWN = ("id", "name", "email", "phone", "grade", "score")
CLOCK = ("reclaim_at", "reclaim_reason", "held_since", "next_action_at", "stage_since", "deferral")


@dataclass(frozen=True)
class Who:
    """The lead of an item, as far as a row of the list tells of it."""

    id: UUID
    name: str
    company: str
    grade: str
    score: int


@dataclass
class Item:
    """One thing to do: for which lead, why, by when, and the one action that does it."""

    at: datetime
    group: str
    why: str
    kind: str  # first_contact, warning, task, returned, hot
    lead: Who | None = None
    task: UUID | None = None
    also: list[str] = field(default_factory=list)
    leaves: str = ""  # why the clock takes the lead back before the day is over


@dataclass
class Day:
    """A member's list, grouped, and how far the day has come."""

    groups: dict[str, list[Item]]
    done: int
    total: int
    tonight: list[tuple[str, int]] = field(
        default_factory=list
    )  # why leads leave before it is over, and how many


def day(member: Member, as_of: datetime, done: int | None = None) -> Day:
    """The member's day as of a moment: one row a lead, its most urgent reason first.

    ``done``: how much of it is done, where the caller has counted ``finished`` already.
    """
    _begins, ends = day_of(as_of)
    running = clocks(member, as_of, ends)
    items = sorted(
        [*running, *tasks(member, as_of, ends), *fresh(member, as_of)],
        key=lambda item: item.at,
    )
    groups: dict[str, list[Item]] = {LATE: [], NOW: [], LATER: []}
    seen: dict[Any, Item] = {}
    for item in items:
        key = item.lead.id if item.lead else item.task
        first = seen.setdefault(key, item)
        if first is not item and (first.task or not item.task):  # a task keeps its button beside a clock
            first.also.append(item.why)
            continue
        groups[item.group].append(item)
    if done is None:
        done = sum(count_all(**finished(member, as_of)).values())
    tonight = Counter(item.leaves for item in running if item.leaves)
    if len(running) == MOST:  # there may be more than the list shows
        tonight = leaving_by(member, ends)
    return Day(groups, done, done + len(groups[LATE]) + len(groups[NOW]), tonight.most_common())


def leaving_by(member: Member, ends: datetime) -> Counter[str]:
    """Why leads leave the member before that moment, and how many."""
    rows = Lead.objects.filter(owner=member, reclaim_at__lte=ends).order_by().values_list("reclaim_reason")
    return Counter({clock_reason(why): many for why, many in rows.annotate(many=Count("pk"))})


def clocks(member: Member, as_of: datetime, ends: datetime) -> list[Item]:
    """Leads whose protection clock ends soon: a first contact that is due, or what leaves tonight."""
    first, leaves = _("First contact is due"), _("Leaves you soon: %(why)s")
    found = []
    for lead in shown(Lead.objects.filter(owner=member, reclaim_at__lte=as_of + SOON), "reclaim_at"):
        new, reason = lead.reclaim_reason == "first_contact", clock_reason(lead.reclaim_reason)
        why = first if new else leaves % {"why": reason}
        group = LATE if lead.reclaim_at <= as_of else NOW if lead.reclaim_at <= ends else LATER
        item = Item(lead.reclaim_at, group, why, "first_contact" if new else "warning", who(lead))
        item.leaves = reason if lead.reclaim_at <= ends else ""
        found.append(item)
    return found


def shown(leads: QuerySet[Lead], *order: str) -> QuerySet[Any]:
    """The first leads in that order; companies are joined to those only."""
    first = leads.order_by(*order)[:MOST]
    rows = Lead.objects.filter(among(first)).order_by(*order).annotate(company_name=F("company__name"))
    return rows.values_list(*SHOWN, *CLOCK, "company_name", named=True)


def who(lead: Any) -> Who:
    name = lead.name or lead.email or lead.phone or str(lead.id)
    return Who(lead.id, name, lead.company_name or "", lead.grade, lead.score)


def tasks(member: Member, as_of: datetime, ends: datetime) -> list[Item]:
    """Open tasks that are late, due today or in the week to come."""
    rows = (
        to_do(member)
        .filter(due_at__lte=as_of + AHEAD)
        .select_related("lead__company")
        .order_by("due_at")[:MOST]
    )
    return [
        Item(
            task.due_at,
            LATE if task.due_at < as_of else NOW if task.due_at <= ends else LATER,
            task.title,
            "task",
            of_task(task),
            task.pk,
        )
        for task in rows
    ]


def of_task(task: Task) -> Who | None:
    lead = task.lead
    if lead is None:
        return None
    return Who(lead.pk, str(lead), str(lead.company or ""), lead.grade, lead.score)


def fresh(member: Member, as_of: datetime) -> list[Item]:
    """Good leads that wait for their first word, and deferred ones that came back."""
    untouched = Q(last_follow_up_at=None) | Q(last_follow_up_at__lt=F("held_since"))
    returned = Q(next_action_at__lte=as_of, next_action_at=F("stage_since"))
    rows = Lead.objects.filter(owner=member, stage__in=OPEN)
    rows = rows.filter(Q(grade__in=["A", "B"]) & untouched | returned)
    hot = _("New and promising: grade %(grade)s")
    found = []
    for lead in shown(rows, "-score", "-id"):
        back = lead.next_action_at is not None and lead.next_action_at == lead.stage_since
        why = back_because(lead.deferral) if back else hot % {"grade": lead.grade}
        at = lead.next_action_at if back else lead.held_since or as_of
        found.append(Item(at, NOW, why, "returned" if back else "hot", who(lead)))
    return found


def back_because(deferral: Any) -> str:
    """Why it was put aside, and with what to come back: nobody has to look it up."""
    text, told = _("Came back: it was put aside until now"), deferral if isinstance(deferral, dict) else {}
    if why := of_deferral(told):
        text = _("Came back; put aside because: %(why)s") % {"why": why}
    if told.get("angle"):
        text += " · " + _("come back with: %(angle)s") % {"angle": told["angle"]}
    return text


def finished(member: Member, as_of: datetime) -> dict[str, QuerySet]:
    """What the member has done today, to be counted: follow-ups and tasks."""
    begins, ends = day_of(as_of)
    by_hand = Task.objects.filter(member=member, done_at__gte=begins, done_at__lt=ends)
    return {
        "talked": FollowUp.objects.filter(member=member, at__gte=begins, at__lt=ends),
        "by_hand": by_hand.exclude(origin="follow_up").exclude(skipped=True),
    }
