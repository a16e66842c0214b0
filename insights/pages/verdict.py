"""What the scorecard says of a lead, arranged for its page."""

from datetime import datetime
from typing import Any

from leads.models import Lead


def dimensions(lead: Lead) -> list[dict[str, Any]]:
    """The dimensions of the card that scored the lead: key, label, points, cap and their parts."""
    return []


def raises(lead: Lead, *, as_of: datetime) -> list[dict[str, Any]]:
    """What would raise the score most."""
    return []
