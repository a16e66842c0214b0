"""What the scorecard says of a lead, arranged for its page."""

from typing import Any

from django.utils.translation import gettext as _

from leads.models import Lead
from scoring.explain import explain

FEW = 3
WHOLE = 100  # what the bar of a dimension without a limit is measured by


def verdict(lead: Lead) -> dict[str, Any]:
    """The dimensions of the card that scored the lead, each with its parts, and what would raise it most."""
    return arranged(explain(lead))


def arranged(found: dict[str, Any]) -> dict[str, Any]:
    """An explanation by dimension: each with its parts."""
    dimensions = [
        one
        | {"cap": one["cap"] or max(one["points"], WHOLE)}
        | {"parts": [part for part in found["parts"] if part["dimension"] == one["key"]]}
        for one in found["dimensions"]
    ]
    beside = [part for part in found["parts"] if part["disqualifies"] and not listed(part, dimensions)]
    if beside:
        out = {"key": "", "label": _("Disqualified"), "points": 0, "cap": WHOLE, "parts": beside}
        dimensions.insert(0, out)
    return {
        "dimensions": dimensions,
        "raises": found["raises"][:FEW],
        "scored_by": scored_by(found),
    }


def listed(part: dict[str, Any], dimensions: list[dict[str, Any]]) -> bool:
    return any(part in one["parts"] for one in dimensions)


def scored_by(found: dict[str, Any]) -> str:
    """Which version gave the score."""
    if found["version"] is None:
        return ""
    return _("By %(card)s, version %(version)s") % {"card": found["name"], "version": found["version"]}
