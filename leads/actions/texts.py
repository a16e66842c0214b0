"""Texts to start from, with places for a lead's fields. Only places that are known can be written."""

import re
from datetime import date, datetime
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from leads.models import Lead, TextTemplate
from leads.models.followup import FollowUpChannel
from workspaces.actions import audit
from workspaces.models import Member
from workspaces.permissions import require
from workspaces.refusals import Invalid, Refused
from workspaces.texts import clean_text

PLACE = re.compile(r"\{([^{}\n]{0,60})\}")
LONGEST = 20_000
PLACES = (
    *("name", "title", "company", "industry", "region", "campaign", "pain", "timeline_date"),
    *("owner", "me"),
)


def save_template(
    values: dict[str, Any], *, template: TextTemplate | None = None, as_of: datetime, actor: Member | None
) -> TextTemplate:
    """A text template, new or changed. Invalid names a place that no lead has."""
    require(actor, "fields")
    template = template or TextTemplate(name="", text="")
    for name in ("name", "text"):
        if name in values:
            setattr(template, name, clean_text(values[name]))
    template.channel = values.get("channel", template.channel)
    if not template.name:
        raise Invalid.field("name", _("Name the template."), "required")
    if template.channel and template.channel not in FollowUpChannel.values:
        raise Invalid.field("channel", _("There is no such way."), "unknown_value")
    if len(template.text) > LONGEST:
        raise Invalid.field("text", _("At most %(longest)d characters.") % {"longest": LONGEST}, "too_long")
    for place in PLACE.findall(template.text):
        if place.strip() not in PLACES:
            message = _("There is no place “%(name)s”; known: %(known)s.")
            known = ", ".join(f"{{{one}}}" for one in PLACES)
            raise Invalid.field("text", message % {"name": place, "known": known}, "unknown_field")
    if TextTemplate.objects.filter(name=template.name).exclude(pk=template.pk).exists():
        raise Refused("template_exists", _("There is a template of this name already."))
    template.updated_at = as_of
    template.save()
    audit("template_saved", template, {"name": template.name}, actor=actor, as_of=as_of)
    return template


def drop_template(template: TextTemplate, *, as_of: datetime, actor: Member | None) -> None:
    require(actor, "fields")
    audit("template_dropped", template, {"name": template.name}, actor=actor, as_of=as_of)
    template.delete()


def filled(template: TextTemplate, lead: Lead, member: Member | None) -> str:
    """The text with the lead's fields. What is not known stays as a gap that one sees: ``[company]``."""
    return PLACE.sub(lambda found: value_of(found[1].strip(), lead, member), template.text)


def value_of(place: str, lead: Lead, member: Member | None) -> str:
    told: dict[str, Any] = {
        "company": str(lead.company or ""),
        "owner": str(lead.owner or ""),
        "me": str(member or ""),
    }
    value = told[place] if place in told else getattr(lead, place, "") if place in PLACES else ""
    if isinstance(value, date):
        value = date_format(value, "DATE_FORMAT")
    return str(value) if value else f"[{place}]"
