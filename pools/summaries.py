"""What somebody must know who takes a lead over: the last talk, what the gate wants, and the next step."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from leads import gates
from leads.models import FollowUp, Lead, Task
from leads.telling import step_name
from pools.models import Assignment, Handover
from pools.words import waiting_reason
from workspaces.models import Member

AHEAD = {"lead": "to_mql", "mql": "to_sql", "sql": "to_opportunity", "opportunity": "win"}


@dataclass
class Summary:
    """One lead for its next holder. ``lacks``: what its next gate still wants, said in words."""

    lead: Lead
    holder: Member | None = None
    talk: FollowUp | None = None
    step: str = ""
    lacks: list[str] = field(default_factory=list)
    task: Task | None = None

    @property
    def step_name(self) -> str:
        return step_name(self.step)

    @property
    def advice(self) -> str:
        """The one thing to do next, as a sentence."""
        if self.task is not None:
            return self.task.title
        if self.talk is None:
            return _("Get in touch: nobody has spoken with them yet.")
        if self.talk.next_action:
            return self.talk.next_action
        if self.lacks:
            return self.lacks[0]
        return _("Take the step: nothing is missing.") if self.step else ""


def summaries(leads: Sequence[UUID], *, as_of: datetime) -> list[Summary]:
    """For these leads, the best first; a fixed number of statements (at most nine) for any number."""
    ids = list(leads)
    rows = Lead.objects.filter(pk__in=ids).select_related("company", "owner").defer("search", "attributes")
    found = {lead.pk: Summary(lead, lead.owner) for lead in rows.order_by("-score", "id")}
    talks = FollowUp.objects.filter(lead_id__in=ids).order_by("lead_id", "-at", "-id").distinct("lead_id")
    for talk in talks:
        if talk.lead_id in found:
            found[talk.lead_id].talk = talk
    tasks = (
        Task.objects.filter(lead_id__in=ids, done_at=None).order_by("lead_id", "due_at").distinct("lead_id")
    )
    for task in tasks:
        if task.lead_id in found:
            found[task.lead_id].task = task
    ask_gates(found, as_of)
    return list(found.values())


def ask_gates(found: dict[UUID, Summary], as_of: datetime) -> None:
    by_step: dict[str, list[UUID]] = {}
    for pk, one in found.items():
        if step := AHEAD.get(one.lead.stage):
            one.step = step
            by_step.setdefault(step, []).append(pk)
    read = gates.read(by_step)
    for step, ids in by_step.items():
        for pk, verdict in gates.ask(read.get(step), ids, as_of=as_of).items():
            found[pk].lacks = [str(one["message"]) for one in verdict.unmet]


def of_handover(record: Handover, *, as_of: datetime, holder: Member | None = None) -> list[Summary]:
    """What a handover moved, lead by lead; with ``holder``: what it brought them."""
    rows = Assignment.objects.filter(began="given", began_at=record.at, why__handover=str(record.pk))
    if holder is not None:
        rows = rows.filter(member=holder)
    got = {row.lead_id: row.member for row in rows.select_related("member")}
    told = summaries(list(got), as_of=as_of)
    for one in told:
        one.holder = got[one.lead.pk]
    return told


def left_behind(record: Handover) -> list[dict[str, Any]]:
    """Leads for which the rules found nobody, each with the reason."""
    names = Lead.objects.in_bulk(list(record.left))
    return [
        {"lead": names[UUID(pk)], "why": waiting_reason(why)}
        for pk, why in record.left.items()
        if UUID(pk) in names
    ]
