"""The summary of a lead in words, in five parts, for whoever takes it over: to be read, copied and sent on."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from leads.masking import masked, sees_contact_data
from leads.models import FollowUp, Opportunity
from leads.models.deal import DealStep
from leads.models.followup import Moved
from leads.money import from_minor
from leads.reasons import of_deferral
from leads.summaries import Summary
from leads.tiers import label, tier_of
from workspaces.models import Member
from workspaces.tenancy import current_workspace

LONGEST = 400  # of what was said in one talk
PARTS = ("who", "why", "said", "agreed", "open")


@dataclass
class Part:
    """``title`` asks, ``lines`` answer; without lines nothing is recorded."""

    key: str
    title: str
    lines: list[str]


def hand_on(summary: Summary, *, member: Member | None, as_of: datetime) -> list[Part]:
    """Who, why, what was said, what is agreed, what is open; contact data masked as for ``member``."""
    return [
        Part("who", _("Who"), who(summary, member)),
        Part("why", _("Why it is worth it"), why(summary, as_of)),
        Part("said", _("What was said"), [talk_line(one) for one in summary.talks]),
        Part("agreed", _("What is agreed"), agreed(summary)),
        Part("open", _("What is open"), still_open(summary)),
    ]


def as_text(title: str, parts: list[Part]) -> str:
    """All of it as plain text, one line a fact."""
    blocks = [title]
    for part in parts:
        lines = part.lines or [_("Nothing yet.")]
        blocks.append("\n".join([part.title, *(f"- {line}" for line in lines)]))
    return "\n\n".join(blocks)


def title_of(summary: Summary) -> str:
    lead = summary.lead
    return " · ".join([str(lead)] + [str(lead.company)] * bool(lead.company_id))


def who(summary: Summary, member: Member | None) -> list[str]:
    lead = summary.lead
    name = joined(lead.name, lead.title, lead.company.name if lead.company else "")
    size = ngettext("%(count)d person", "%(count)d people", lead.employees or 0) % {
        "count": lead.employees or 0
    }
    company = joined(lead.industry, lead.region, size if lead.employees else "", lead.website)
    reach: dict[str, Any] = {"email": lead.email, "phone": lead.phone, "wechat": lead.wechat}
    if not sees_contact_data(member, lead):
        reach = masked(reach)
    lines = [name, company, joined(*reach.values())]
    lines += [joined(one.contact.name, one.contact.title, one.get_role_display()) for one in summary.people]  # type: ignore[attr-defined]
    came = _("Came in on %(day)s") % {"day": day(lead.captured_at)}
    lines.append(
        joined(
            came,
            str(lead.channel or ""),
            lead.campaign,
            _("held by %(name)s") % {"name": lead.owner} if lead.owner else _("held by nobody"),
        )
    )
    return [line for line in lines if line]


def why(summary: Summary, as_of: datetime) -> list[str]:
    lead = summary.lead
    days = max((as_of - lead.stage_since).days, 0)
    since = ngettext("for %(count)d day", "for %(count)d days", days) % {"count": days}
    grade = _("grade %(grade)s, %(score)d points") % {"grade": lead.grade, "score": lead.score}
    lines = [joined(f"{lead.get_stage_display()} {since}", grade, label(tier_of(lead, as_of)))]  # type: ignore[attr-defined]
    if lead.pain:
        lines.append(said(_("Pain"), short(lead.pain)))
    if lead.need_level != "unknown":
        lines.append(said(_("Need"), lead.get_need_level_display()))
    if lead.budget_status != "unknown" or lead.budget_amount is not None:
        status = lead.get_budget_status_display() if lead.budget_status != "unknown" else ""
        lines.append(said(_("Budget"), joined(amount(lead.budget_amount, lead.budget_currency), status)))
    if lead.authority != "unknown":
        lines.append(said(_("Authority"), lead.get_authority_display()))
    if lead.decision_process:
        lines.append(said(_("Decision process"), short(lead.decision_process)))
    if lead.timeline_date:
        lines.append(said(_("Wants to go live"), day(lead.timeline_date)))
    for question, answer in summary.answers:
        verdict = answer.get_verdict_display() if answer.verdict else ""  # type: ignore[attr-defined]
        lines.append(said(str(question.label), joined(verdict, short(answer.note), day(answer.at))))
    return lines


def talk_line(talk: FollowUp) -> str:
    outcome = talk.get_outcome_display() if talk.outcome else ""  # type: ignore[attr-defined]
    theirs = _("they came to us") if talk.customer_initiated else ""
    told = joined(day(talk.at), talk.get_channel_display(), outcome, theirs, str(talk.member or ""))  # type: ignore[attr-defined]
    return said(told, short(talk.summary)) if talk.summary else told


def agreed(summary: Summary) -> list[str]:
    lead, talk, lines = summary.lead, summary.talk, []
    if talk is not None and talk.next_action:
        by = f" {_('(by %(time)s)') % {'time': day(talk.next_at)}}" if talk.next_at else ""
        lines.append(_("Next: %(action)s") % {"action": talk.next_action} + by)
    labels = dict(Moved.choices)
    moved = [one for one in summary.talks if one.moved]
    lines += [joined(day(one.at), *(str(labels.get(value, value)) for value in one.moved)) for one in moved]
    if summary.deal is not None:
        lines.append(deal_line(summary.deal))
    if lead.stage == "deferred":
        back = day(lead.resume_at) if lead.resume_at else ""
        told = {"why": of_deferral(lead.deferral)}
        lines.append(joined(_("Put aside: %(why)s") % told, back))
    if lead.deferral.get("angle"):
        lines.append(_("Come back with: %(angle)s") % {"angle": lead.deferral["angle"]})
    return lines


def deal_line(deal: Opportunity) -> str:
    step = str(dict(DealStep.choices).get(deal.step, deal.step))
    close = _("closes on %(day)s") % {"day": day(deal.expected_close)} if deal.expected_close else ""
    rivals = pgettext("between items", ", ").join(one.get("name", "") for one in deal.competitors)
    against = _("against %(names)s") % {"names": rivals} if rivals else ""
    return said(_("Opportunity"), joined(amount(deal.amount, deal.currency), step, close, against))


def still_open(summary: Summary) -> list[str]:
    lines = [
        joined(task.title, _("by %(day)s") % {"day": day(task.due_at)}, str(task.member))
        for task in summary.tasks
    ]
    if summary.approval is not None:
        lines.append(
            _("Waits for a manager's approval, asked by %(name)s") % {"name": summary.approval.asked_by}
        )
    lines += summary.lacks
    if summary.unasked:
        names = pgettext("between items", ", ").join(str(one.label) for one in summary.unasked)
        lines.append(_("Nobody asked yet: %(questions)s") % {"questions": names})
    return lines


def joined(*facts: str) -> str:
    return " · ".join(fact for fact in map(str, facts) if fact)


def said(what: str, text: str) -> str:
    return _("%(sentence)s: %(text)s") % {"sentence": what, "text": text}


def short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= LONGEST else text[: LONGEST - 1].rstrip() + "…"


def day(moment: datetime | date | None) -> str:
    if moment is None:
        return ""
    local = moment.astimezone(current_workspace().tz) if isinstance(moment, datetime) else moment
    return date_format(local, "DATE_FORMAT")


def amount(minor: int | None, currency: str) -> str:
    if minor is None:
        return ""
    currency = currency or current_workspace().currency
    return f"{from_minor(minor, currency):,f} {currency}"
