"""What the scorecard says of a lead, arranged for its page."""

from typing import Any

from leads.models import Lead
from scoring.explain import explain

FEW = 3


def verdict(lead: Lead) -> dict[str, Any]:
    """The dimensions of the card that scored the lead, each with its parts, and what would raise it most."""
    found = explain(lead)
    dimensions = [
        one | {"parts": [part for part in found["parts"] if part["dimension"] == one["key"]]}
        for one in found["dimensions"]
    ]
    return {"dimensions": dimensions, "raises": found["raises"][:FEW]}
