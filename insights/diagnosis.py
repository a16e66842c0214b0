"""Why one lead stands still: is the lead no good, or was the action not done? And what to do next."""

from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from insights.reports.stuck import ENOUGH, NEXT, QUIET_DAYS
from insights.usual import Usual, usual_times
from leads import frameworks, gates
from leads.models import FollowUp, Lead, Task
from leads.models.lead import OPEN, Stage

MANY = 2 * ENOUGH  # so many contacts without the facts: it is time to let it rest


@dataclass
class Missing:
    """One thing that is missing: ``what``, ``since`` when, ``whose`` it is to do; of a fact: its field."""

    what: str
    since: datetime | None = None
    whose: str = ""
    field: str = ""


@dataclass
class Diagnosis:
    """``cause``: action (ours), lead (theirs), "" while not stuck. ``move``: do, ask, step, defer, disqualify."""

    stuck: bool
    days: int
    limit: int
    usual: float | None
    thin: bool
    cause: str = ""
    missing: list[Missing] = field(default_factory=list)
    contacts: int = 0
    move: str = ""
    suggestion: str = ""

    def told(self) -> dict[str, Any]:
        return asdict(self)


def diagnose(
    lead: Lead,
    as_of: datetime,
    times: dict[str, Usual] | None = None,
    items: list[dict[str, Any]] | None = None,
) -> Diagnosis | None:
    """The diagnosis of an open lead; None for one that is not open. A fixed number of statements.

    ``items``: the checklist of the step ahead, where the caller has it already.
    """
    if lead.stage not in OPEN:
        return None
    usual = (times or usual_times(as_of))[lead.stage]
    days = max((as_of - lead.stage_since).days, 0)
    found = Diagnosis(days > usual.limit, days, usual.limit, usual.median, usual.thin)
    if not found.stuck:
        return found
    found.contacts = FollowUp.objects.filter(lead=lead, at__gte=lead.stage_since, at__lte=as_of).count()
    actions = actions_missing(lead, as_of)
    if items is None:
        items = gates.checklist(lead, NEXT[Stage(lead.stage)], as_of=as_of)
    facts = [Missing(item["message"], field=item["field"]) for item in items if not item["met"]]
    if facts and found.contacts >= ENOUGH:
        found.cause, found.missing = "lead", facts
        found.move, found.suggestion = for_lead(lead, facts, found.contacts)
    else:
        found.cause = "action"
        found.missing = actions or [never_enough(lead, found.contacts, facts)]
        found.move, found.suggestion = for_action(lead, actions, facts)
    return found


def actions_missing(lead: Lead, as_of: datetime) -> list[Missing]:
    """What we have not done: nobody holds it, tasks past their time, silence."""
    if lead.owner_id is None:
        return [Missing(_("Nobody holds it"), lead.pool_since)]
    late = (
        Task.objects.filter(lead=lead, done_at=None, due_at__lt=as_of)
        .select_related("member")
        .order_by("due_at")[:3]
    )
    found = [Missing(task.title, task.due_at, str(task.member)) for task in late]
    heard = lead.last_follow_up_at
    if heard is None:
        found.append(Missing(_("First contact"), lead.held_since or lead.stage_since, str(lead.owner)))
    elif heard < as_of - timedelta(days=QUIET_DAYS) and not found:
        found.append(Missing(_("A follow-up"), heard, str(lead.owner)))
    return found


def never_enough(lead: Lead, contacts: int, facts: list[Missing]) -> Missing:
    if not facts:
        return Missing(_("The step itself: the gate is open"), lead.stage_since, str(lead.owner))
    text = ngettext(
        "More contact: only %(count)d in this stage", "More contact: only %(count)d in this stage", contacts
    )
    return Missing(text % {"count": contacts}, lead.stage_since, str(lead.owner))


def for_action(lead: Lead, actions: list[Missing], facts: list[Missing]) -> tuple[str, str]:
    if actions and lead.owner_id is None:
        return "do", _("Claim it or hand it to somebody.")
    if actions:
        return "do", _("Do this first: %(what)s.") % {"what": actions[0].what}
    if not facts:
        return "step", _("Everything is there: take the step.")
    return "ask", question_for(facts[0])


def for_lead(lead: Lead, facts: list[Missing], contacts: int) -> tuple[str, str]:
    bad = [verdict for verdict in lead.assessment.values() if verdict == "bad"]
    if lead.need_level == "none" or len(bad) >= 2:
        return "disqualify", _("There is no need, or too much speaks against it: disqualify it.")
    if contacts >= MANY:
        text = _(
            "After %(count)d contacts the facts still don't come: defer it, with a day and a reason to come back."
        )
        return "defer", text % {"count": contacts}
    return "ask", question_for(facts[0])


def question_for(missing: Missing) -> str:
    """What to ask to learn a fact: the assessment's own question where there is one."""
    name = missing.field.partition(".")[0] if missing.field.startswith("contacts") else missing.field
    by_fact = {
        fact: one for _l, asked in frameworks.TEMPLATES.values() for one in asked for fact in one.facts
    }
    asked = frameworks.AUTHORITY if name == "contacts" else by_fact.get(name)
    if asked is None:
        return _("Find out: %(what)s.") % {"what": missing.what}
    return _("Ask: %(question)s") % {"question": asked.ask}
