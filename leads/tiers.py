"""Three tiers: focus, nurture, let go. From the grade and from movement, so that nobody has to sort."""

from datetime import datetime, timedelta

from leads.conditions.derived import FOCUS_DAYS, LET_GO_DAYS, TIERS
from leads.models import Lead
from leads.models.lead import OPEN


def tier_of(lead: Lead, as_of: datetime) -> str:
    """``focus``, ``nurture`` or ``let_go``; '' for a lead that is not open. ``derived.tier`` in Python."""
    if lead.stage not in OPEN:
        return ""
    moved = lead.moved_at or lead.stage_since or lead.captured_at
    if moved <= as_of - timedelta(days=LET_GO_DAYS[lead.grade]):
        return "let_go"
    lately = lead.grade in FOCUS_DAYS and moved > as_of - timedelta(days=FOCUS_DAYS[lead.grade])
    return "focus" if lately else "nurture"


def label(tier: str) -> str:
    """The tier in the reader's language; '' for none."""
    return str(TIERS.get(tier, ""))
