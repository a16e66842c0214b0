"""The five questions of qualification, answered from what is known of a lead, as one picture.

Each answer is {"value": 0 to 1 or None when nobody has asked yet, "text": what is known}. What is
unknown is as visible as what is bad.
"""

from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from leads.models import Lead
from leads.models.assessment import Verdict
from leads.models.company import BuyingRole

NEED = {"none": 0.05, "vague": 0.3, "clear": 0.75, "urgent": 1.0}
BUDGET = {"none": 0.05, "estimated": 0.7, "approved": 1.0}
AUTHORITY = {
    "user": 0.2,
    "influencer": 0.45,
    "finance": 0.6,
    "champion": 0.65,
    "decision_maker": 0.95,
    "economic_buyer": 1.0,
}
VERDICTS = {
    "good": (0.9, Verdict.GOOD.label),
    "mixed": (0.5, Verdict.MIXED.label),
    "bad": (0.1, Verdict.BAD.label),
}
SOON, LATER, FAR = 90, 180, 365  # days to the day they want to go live
Answer = dict[str, Any]


def five_questions(
    lead: Lead, roles: list[str], fit: tuple[int, int] | None, today: date
) -> dict[str, Answer]:
    """The five answers. ``fit``: points and cap of the scorecard's dimension, None when there is none."""
    found = {
        "fit": of_fit(lead, fit),
        "need": of_need(lead),
        "budget": of_budget(lead),
        "authority": of_authority(lead, roles),
        "timeline": of_timeline(lead, today),
    }
    for key, answer in found.items():
        judged = VERDICTS.get(lead.assessment.get(key, ""))
        if judged is not None:  # what somebody heard counts as much as what is written in the facts
            value = answer["value"]
            answer["value"] = judged[0] if value is None else (value + judged[0]) / 2
            answer["text"] = answer["text"] or str(judged[1])
    return found


def of_fit(lead: Lead, fit: tuple[int, int] | None) -> Answer:
    facts = [lead.industry, lead.region]
    if lead.employees:
        facts.append(_("%(count)d people") % {"count": lead.employees})
    text = " · ".join(fact for fact in facts if fact)
    if not text:
        return {"value": None, "text": ""}
    value = max(0.0, min(1.0, fit[0] / fit[1])) if fit and fit[1] else 0.5
    return {"value": value, "text": text}


def of_need(lead: Lead) -> Answer:
    value = NEED.get(lead.need_level)
    if value is None and lead.pain:
        value = 0.5
    return {"value": value, "text": lead.get_need_level_display() if value is not None else ""}


def of_budget(lead: Lead) -> Answer:
    value = BUDGET.get(lead.budget_status)
    if value is None and lead.budget_amount:
        value = 0.6
    text = lead.get_budget_status_display() if lead.budget_status in BUDGET else ""
    return {"value": value, "text": text, "amount": lead.budget_amount}


def of_authority(lead: Lead, roles: list[str]) -> Answer:
    known = [role for role in [*roles, lead.authority] if role in AUTHORITY]
    if not known:
        return {"value": None, "text": ""}
    best = max(known, key=lambda role: AUTHORITY[role])
    return {"value": AUTHORITY[best], "text": BuyingRole(best).label}


def of_timeline(lead: Lead, today: date) -> Answer:
    if lead.timeline_date is None:
        return {"value": None, "text": ""}
    days = (lead.timeline_date - today).days
    value = (
        0.15 if days < 0 else 1.0 if days <= SOON else 0.75 if days <= LATER else 0.5 if days <= FAR else 0.25
    )
    return {"value": value, "text": date_format(lead.timeline_date, "DATE_FORMAT")}
