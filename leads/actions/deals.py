"""What a step means for the opportunity: it is opened, won or lost with its lead."""

from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from leads.actions.customers import welcome
from leads.believable import believable
from leads.gates import Step
from leads.models import Lead, Opportunity
from leads.models.deal import DealStep
from leads.models.lead import Stage
from leads.money import per_unit
from leads.reasons import said
from workspaces.refusals import Invalid
from workspaces.tenancy import current_workspace


def follow(leads: list[Lead], step: Step, details: dict[str, Any], as_of: datetime) -> None:
    """Open an opportunity for each lead, or close those that are open. One statement."""
    if step.target == Stage.OPPORTUNITY:
        open_for(leads, details)
        return
    closing = {Stage.WON: "won", Stage.LOST: "lost", Stage.DISQUALIFIED: "lost", Stage.LEAD: "lost"}
    if step.target in closing:
        Opportunity.objects.filter(lead__in=[lead.pk for lead in leads], status="open").update(
            status=closing[Stage(step.target)],
            closed_at=as_of,
            close_reason=said(step.name, details.get("reason_code", ""), details.get("reason", "")),
            updated_at=as_of,
        )
    if step.target == Stage.WON:
        welcome(leads, as_of)


def open_for(leads: list[Lead], details: dict[str, Any]) -> None:
    asked = asked_for(details)
    currency = current_workspace().currency
    close = closing_day(details.get("expected_close"))
    Opportunity.objects.bulk_create(
        [
            Opportunity(
                lead=lead,
                owner_id=lead.owner_id,
                name=str(lead),
                step=DealStep.PROPOSAL,
                amount=asked[0] if asked else lead.budget_amount,
                currency=asked[1] if asked else lead.budget_currency or currency,
                expected_close=close or lead.timeline_date,
            )
            for lead in leads
        ]
    )


def asked_for(details: dict[str, Any]) -> tuple[int, str] | None:
    """The amount that the step was told, as minor units of a currency (the workspace's unless said)."""
    value = details.get("amount")
    if value is None:
        return None
    inner = value if isinstance(value, dict) else {"amount": value}
    currency = str(inner.get("currency") or details.get("currency") or current_workspace().currency)
    return minor(inner.get("amount"), currency), currency


def minor(value: Any, currency: str) -> int:
    """Money as minor units of its currency, from a number or a text. Invalid otherwise."""
    try:
        units = Decimal(str(value)) * per_unit(currency)
        if units != units.to_integral_value() or not 0 <= units < 2**63:
            raise InvalidOperation
    except InvalidOperation:
        raise Invalid.field("amount", _("This is not an amount of money.")) from None
    return int(units)


def closing_day(value: Any) -> date | None:
    if value is None or isinstance(value, date):
        believable("expected_close", value)
        return value
    try:
        found = parse_date(str(value))
    except ValueError:  # a day that is none, such as 31 June
        found = None
    if found is None:
        raise Invalid.field("expected_close", _("Write a day as 2026-03-31."))
    believable("expected_close", found)
    return found
