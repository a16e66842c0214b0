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
    """An explanation by dimension, each with its parts; what is of none of them last. They add up to the score."""
    dimensions = [
        one
        | {"cap": one["cap"] or max(one["points"], WHOLE)}
        | {"parts": [part for part in found["parts"] if part["dimension"] == one["key"]]}
        for one in found["dimensions"]
    ]
    aside = [part for part in found["parts"] if not listed(part, dimensions)]
    if out := [part for part in aside if part["disqualifies"]]:
        dimensions.insert(0, of_none(_("Disqualified"), out))
    if rest := [part for part in aside if not part["disqualifies"]]:
        dimensions.append(of_none(_("Exclusions and limits"), rest))
    return {
        "dimensions": dimensions,
        "raises": found["raises"][:FEW],
        "scored_by": scored_by(found),
    }


def of_none(label: str, parts: list[dict[str, Any]]) -> dict[str, Any]:
    """Parts of dimensions that only take points, and of no dimension at all."""
    return {
        "key": "",
        "label": label,
        "points": sum(p["points"] for p in parts),
        "cap": WHOLE,
        "parts": parts,
    }


def listed(part: dict[str, Any], dimensions: list[dict[str, Any]]) -> bool:
    return any(part in one["parts"] for one in dimensions)


def scored_by(found: dict[str, Any]) -> str:
    """Which version gave the score."""
    if found["version"] is None:
        return ""
    return _("By %(card)s, version %(version)s") % {"card": found["name"], "version": found["version"]}
