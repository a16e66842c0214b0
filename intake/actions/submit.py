"""Somebody outside has answered a channel's form."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from intake.forms import CONSENT, arrival, required_by
from leads.actions import capture
from leads.incoming import Source
from leads.models import Channel
from workspaces.ids import workspace_of
from workspaces.models import Workspace
from workspaces.refusals import Invalid, NotThere
from workspaces.tenancy import step_in

NOTED = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "referrer")
LONGEST_NOTE = 300


def enter_by(token: str) -> Channel:
    """The channel a public token addresses, its workspace now open. NotThere when there is none."""
    workspace_id = workspace_of(token)
    workspace = Workspace.objects.filter(pk=workspace_id).first() if workspace_id else None
    if workspace is None:
        raise NotThere(_("There is no such form."))
    step_in(workspace)
    channel: Channel | None = Channel.objects.filter(token=token, is_active=True).first()
    if channel is None:
        raise NotThere(_("There is no such form."))
    return channel


def submit(
    channel: Channel, data: Mapping[str, Any], *, notes: Mapping[str, Any], consent: bool, as_of: datetime
) -> UUID:
    """Take in an answer: a new lead, or a touch of a known one. Invalid with all that is wrong.

    ``notes``: where the visitor came from. What was agreed to is kept word for word with the touch.
    """
    if CONSENT in required_by(channel) and channel.consent_text and not consent:
        data = {**data, CONSENT: False}
    else:
        data = {**data, CONSENT: True}
    item = arrival(data, channel)
    kept = {name: str(notes[name])[:LONGEST_NOTE] for name in NOTED if notes.get(name)}
    told: dict[str, Any] = {"form": channel.form.get("title") or channel.name, **kept}
    if channel.consent_text:
        told["consent"] = {"given": consent, "text": channel.consent_text}
    if item.facts.get("pain"):
        told["message"] = item.facts["pain"]
    campaign = channel.campaign or kept.get("utm_campaign", "")[:200]
    if campaign and not item.facts.get("campaign"):
        item.facts["campaign"] = campaign
    source = Source("form", channel, touch="form_submit", data=told)
    (found,) = capture([item], source=source, as_of=as_of, actor=None)
    if found.lead_id is None:
        raise Invalid(found.errors)
    return found.lead_id
