"""Two leads side by side: what each of them says, and where they differ."""

from typing import Any

from django.http import HttpRequest
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from leads.actions.arrivals import BLANK
from leads.masking import masked, sees_contact_data
from leads.matching.reasons import label_of
from leads.merging.facts import FACTS, OTHER, THIS
from leads.models import Duplicate, Lead
from leads.telling import label


def order(found: Duplicate) -> tuple[Lead, Lead]:
    """The one that stays first: who has a holder, then who came first."""
    pair = sorted((found.a, found.b), key=lambda lead: (lead.owner_id is None, lead.captured_at, lead.pk))
    return pair[0], pair[1]


def facts_of(request: HttpRequest, lead: Lead) -> dict[str, Any]:
    """What a lead says, by fact, as far as the reader may see it."""
    values: dict[str, Any] = {}
    for name in FACTS:
        display = getattr(lead, f"get_{name}_display", None)
        said = getattr(lead, name)
        values[name] = "" if said in BLANK else display() if display else said
    if not sees_contact_data(request.member, lead):
        values = masked(values)
    return values | {f"attributes.{key}": value for key, value in lead.attributes.items()}


def side_by_side(
    first: dict[str, Any], second: dict[str, Any], labels: dict[str, str]
) -> list[dict[str, Any]]:
    """Facts that one of the two says; ``differ`` where both say something else."""
    rows = []
    for name in dict.fromkeys([*first, *second]):
        one, two = first.get(name), second.get(name)
        if one in (None, "") and two in (None, ""):
            continue
        text = label_of(name, labels) if name.startswith("attributes.") else label(name)
        rows.append(
            {
                "name": name,
                "label": capfirst(text),
                "first": "" if one is None else one,
                "second": "" if two is None else two,
                "differ": one not in (None, "") and two not in (None, "") and str(one) != str(two),
                "takes": OTHER if one in (None, "") else THIS,
            }
        )
    return sorted(rows, key=lambda row: not row["differ"])


def pursuit_of(lead: Lead) -> str:
    holder = str(lead.owner) if lead.owner else _("nobody holds it")
    return f"{lead.get_stage_display()} · {holder}"
