"""Putting aside: what is remembered of it, and what would bring the lead back before its day."""

from datetime import date, datetime
from typing import Any

from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from leads.conditions.fields import TOUCHES
from leads.facts import KNOWN_CHOICES
from leads.incoming import TEXTS
from leads.models import Deferral, Lead
from leads.models.deferral import Trigger
from leads.models.lead import Stage
from workspaces.models import Member
from workspaces.refusals import Invalid

FACTS = (
    *TEXTS,
    *KNOWN_CHOICES,
    "budget_amount",
    "employees",
    "timeline_date",
    "company_id",
    "score",
    "grade",
)


def clean_trigger(details: dict[str, Any]) -> dict[str, Any]:
    """``trigger`` as ``trigger_kind``, ``trigger_what`` and words.

    It may be a text, an object ``{"kind": "touch", "what": "pricing_page"}``, ``{"kind": "field", "what":
    "budget_status"}`` or ``{"kind": "date", "on": "2026-05-01"}``, or come as those parts.
    """
    given = details.pop("trigger", "")
    told = dict(given) if isinstance(given, dict) else {"text": given}
    kind = str(told.get("kind") or details.pop("trigger_kind", "") or "")
    what = str(told.get("what") or told.get("on") or details.pop("trigger_what", "") or "")
    details.pop("trigger_what", None)
    text = str(told.get("text") or "")
    if not kind and text in TOUCHES:
        kind, what, text = Trigger.TOUCH, text, ""
    if not kind:
        return details | ({"trigger": text} if text else {})
    if kind not in Trigger.values:
        message = _("Known values: %(known)s.") % {"known": ", ".join(Trigger.values)}
        raise Invalid.field("trigger", message, "unknown_value")
    check_what(kind, what)
    found = {"trigger_kind": str(kind), "trigger_what": what[:60], "trigger": text or what}
    return details | found


def check_what(kind: str, what: str) -> None:
    if kind == Trigger.FIELD and what not in FACTS and not what.startswith("attributes."):
        raise Invalid.field("trigger", _("A lead has no field “%(name)s”.") % {"name": what}, "unknown_field")
    if kind == Trigger.DATE and on_day(what) is None:
        raise Invalid.field("trigger", _("Write a day as 2026-03-31."))


def on_day(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None


def fact_of(lead: Lead, name: str) -> Any:
    """A fact as JSON, to be compared later; None for one that is not set."""
    if name.startswith("attributes."):
        return lead.attributes.get(name.removeprefix("attributes."))
    value = getattr(lead, name, None)
    return value if value is None or isinstance(value, str | int) else str(value)


def remember(leads: list[Lead], details: dict[str, Any], as_of: datetime, actor: Member | None) -> None:
    """A row for each lead that is put aside. One statement."""
    kind, what = details.get("trigger_kind", ""), details.get("trigger_what", "")
    Deferral.objects.bulk_create(
        [
            Deferral(
                lead_id=lead.pk,
                member=actor,
                at=as_of,
                reason_code=details.get("reason_code", "other"),
                reason=details.get("reason", ""),
                resume_at=details["resume_at"],
                trigger_kind=kind,
                trigger_what=what,
                trigger_was=fact_of(lead, what) if kind == Trigger.FIELD else None,
                trigger=details.get("trigger", ""),
                angle=details.get("angle", ""),
            )
            for lead in leads
        ],
        batch_size=5000,
    )


def end(leads: list[Lead], by: str, as_of: datetime) -> None:
    """The leads that were put aside are back: on their day, by a trigger, or by hand."""
    back = [lead.pk for lead in leads if lead.stage == Stage.DEFERRED]
    if back:
        Deferral.objects.filter(lead__in=back, ended_at=None).update(
            ended_at=as_of, ended_by=by, updated_at=as_of
        )
