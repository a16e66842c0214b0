"""Customers: made by winning, asked later how content they are."""

from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from leads.locking import require_holding
from leads.models import Customer, Lead
from leads.timeline import tell
from workspaces.models import Member
from workspaces.refusals import Invalid
from workspaces.texts import clean_text

ASK_AFTER = timedelta(days=30)


def welcome(leads: list[Lead], as_of: datetime) -> None:
    """Each lead that was won is a customer from now on; one that was won before stays one. One statement."""
    Customer.objects.bulk_create(
        [
            Customer(
                lead=lead,
                company_id=lead.company_id,
                name=(lead.company.name if lead.company else str(lead))[:300],
                since=as_of,
                ask_at=as_of + ASK_AFTER,
            )
            for lead in leads
        ],
        ignore_conflicts=True,
    )


def rate(customer: Customer, mark: Any, note: str = "", *, as_of: datetime, actor: Member | None) -> Customer:
    """How content they are, from 1 to 5."""
    require_holding(actor, "follow_up", customer.lead)
    if isinstance(mark, bool) or not isinstance(mark, int) or not 1 <= mark <= 5:
        raise Invalid.field("satisfaction", _("A mark from 1 to 5."))
    customer.satisfaction, customer.satisfaction_note = mark, clean_text(note)[:2000]
    customer.satisfaction_at, customer.updated_at = as_of, as_of
    customer.save()
    told = {"mark": mark, "note": customer.satisfaction_note}
    tell("rated", [(customer.lead_id, told)], as_of=as_of, actor=actor)
    return customer
