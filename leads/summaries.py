"""What somebody must know who takes a lead over, read from its records: who, why, said, agreed, open."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db.models import F, Window
from django.db.models.functions import RowNumber
from django.utils.translation import gettext as _

from leads import gates
from leads.assessment import known_facts
from leads.frameworks import Question, active
from leads.models import Answer, Approval, FollowUp, Lead, LeadContact, Opportunity, Task
from leads.models.lead import FORWARD
from leads.telling import step_name
from workspaces.models import Member

TALKS = 5


@dataclass
class Summary:
    """One lead for its next holder. ``talks``, ``tasks``, ``answers``: the newest or nearest first.

    ``lacks``: what its next gate still wants, in words; ``unasked``: questions that nothing answers yet.
    """

    lead: Lead
    holder: Member | None = None
    people: list[LeadContact] = field(default_factory=list)
    talks: list[FollowUp] = field(default_factory=list)
    tasks: list[Task] = field(default_factory=list)
    answers: list[tuple[Question, Answer]] = field(default_factory=list)
    unasked: list[Question] = field(default_factory=list)
    deal: Opportunity | None = None
    approval: Approval | None = None
    step: str = ""
    lacks: list[str] = field(default_factory=list)

    @property
    def talk(self) -> FollowUp | None:
        return self.talks[0] if self.talks else None

    @property
    def task(self) -> Task | None:
        return self.tasks[0] if self.tasks else None

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
    """For these leads, the best first; a fixed number of statements (at most fourteen) for any number."""
    ids = list(leads)
    rows = Lead.objects.filter(pk__in=ids).select_related("company", "owner", "channel", "team")
    found = {lead.pk: Summary(lead, lead.owner) for lead in rows.defer("search").order_by("-score", "id")}
    people = LeadContact.objects.filter(lead_id__in=ids).select_related("contact").order_by("created_at")
    for person in people:
        found[person.lead_id].people.append(person)
    newest = Window(RowNumber(), partition_by=F("lead_id"), order_by=[F("at").desc(), F("id").desc()])
    talks = FollowUp.objects.filter(lead_id__in=ids).annotate(nth=newest).filter(nth__lte=TALKS)
    for talk in talks.select_related("member").order_by("nth"):
        found[talk.lead_id].talks.append(talk)
    tasks = (
        Task.objects.filter(lead_id__in=ids, done_at=None).select_related("member").order_by("due_at", "id")
    )
    for task in tasks:
        found[task.lead_id].tasks.append(task)  # type: ignore[index]
    for deal in Opportunity.objects.filter(lead_id__in=ids).order_by("created_at"):
        found[deal.lead_id].deal = deal
    for approval in Approval.objects.filter(lead_id__in=ids, status="waiting").select_related("asked_by"):
        found[approval.lead_id].approval = approval
    ask_questions(found)
    ask_gates(found, as_of)
    return list(found.values())


def ask_questions(found: dict[UUID, Summary]) -> None:
    """The latest answer to each question of the workspace, and the questions that nothing answers."""
    _name, questions = active()
    latest = Answer.objects.filter(lead_id__in=list(found)).order_by(
        "lead_id", "question", "-at", "-created_at"
    )
    answers = {(one.lead_id, one.question): one for one in latest.distinct("lead_id", "question")}
    for pk, one in found.items():
        for question in questions:
            answer = answers.get((pk, question.key))
            if answer is not None:
                one.answers.append((question, answer))
            elif not known_facts(one.lead, question):
                one.unasked.append(question)


def ask_gates(found: dict[UUID, Summary], as_of: datetime) -> None:
    by_step: dict[str, list[UUID]] = {}
    for pk, one in found.items():
        if step := FORWARD.get(one.lead.stage):
            one.step = step
            by_step.setdefault(step, []).append(pk)
    read = gates.read(by_step)
    for step, ids in by_step.items():
        for pk, verdict in gates.ask(read.get(step), ids, as_of=as_of).items():
            found[pk].lacks = [str(one["message"]) for one in verdict.unmet]
