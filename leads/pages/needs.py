"""Why a lead stands in a list, and what it needs: one short phrase, told from its own columns."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from leads.models import Lead
from leads.models.lead import OPEN, Stage
from leads.reasons import of_deferral


@dataclass(frozen=True)
class Need:
    text: str
    tone: str = ""  # "", "warn" or "bad"


def need_of(lead: Lead, as_of: datetime) -> Need:
    """The most pressing thing about a lead."""
    if lead.stage not in OPEN:
        return aside(lead)
    if lead.owner_id is None:
        return unheld(lead)
    return overdue(lead, as_of) or lacking(lead) or planned(lead)


def aside(lead: Lead) -> Need:
    if lead.stage == Stage.DEFERRED:
        why = of_deferral(lead.deferral) if isinstance(lead.deferral, dict) else ""
        return Need(_("Put aside: %(why)s") % {"why": why} if why else _("Put aside for later"))
    if lead.stage == Stage.WON:
        return Need(_("A customer now"))
    return Need(_("Lost; reopen it if they come back") if lead.stage == Stage.LOST else _("Not a customer"))


def unheld(lead: Lead) -> Need:
    if lead.pool == "recycle":
        return Need(_("Taken back: free to claim"))
    if lead.stage == Stage.MQL:
        return Need(_("Qualified, and nobody holds it"), "warn")
    return Need(_("Free to claim"))


def overdue(lead: Lead, as_of: datetime) -> Need | None:
    """What was not done in time, the worst first."""
    contacted = lead.first_response_at is not None
    if lead.reclaim_at and lead.reclaim_at <= as_of:
        return Need(_("Overdue: it goes back to the pool"), "bad")
    if lead.warn_at and lead.warn_at <= as_of:
        text = _("Follow up, or it goes back") if contacted else _("First contact is nearly overdue")
        return Need(text, "warn")
    if lead.next_action_at and lead.next_action_at <= as_of:
        return Need(_("The next step is due"), "warn")
    if not contacted:
        return Need(_("First contact"), "warn" if lead.stage == Stage.MQL else "")
    if lead.last_follow_up_at and as_of - lead.last_follow_up_at > timedelta(days=5):
        days = (as_of - lead.last_follow_up_at).days
        return Need(_("Quiet for %(days)d days") % {"days": days}, "warn")
    return None


def lacking(lead: Lead) -> Need | None:
    """The fact that the usual next gate asks for first."""
    if lead.stage == Stage.MQL and not lead.pain:
        return Need(_("Write down the pain"))
    if lead.stage == Stage.SQL and lead.budget_amount is None and lead.budget_status in ("unknown", "none"):
        return Need(_("Find out the budget"))
    if lead.stage == Stage.SQL and lead.authority == "unknown":
        return Need(_("Find out who decides"))
    return None


def planned(lead: Lead) -> Need:
    if lead.next_action_at:
        return Need(_("Next step planned"))
    return Need(_("Plan the next step"))
