"""Channels as somebody sets them up: name, kind, form, tags, cost."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from leads.actions.channels import key_of, new_channel
from leads.models import Channel
from workspaces.actions import audit
from workspaces.models import Member
from workspaces.permissions import require
from workspaces.refusals import Refused

SETTINGS = ("kind", "campaign", "cost_per_month", "tags", "consent_text", "form", "owner_team", "is_active")

Span = tuple[datetime, datetime | None]


def add_channel(name: str, *, as_of: datetime, actor: Member | None, **settings: Any) -> Channel:
    """A new channel with a public token of its own. Refused when there is one of that name."""
    require(actor, "channels")
    channel = new_channel(name, settings.get("kind", ""))
    refuse_same_name(channel)
    channel.runs = [[as_of.isoformat(), None]]
    apply(channel, settings, as_of)
    channel.save()
    audit("channel_added", channel, {"name": channel.name}, actor=actor, as_of=as_of)
    return channel


def change_channel(
    channel: Channel, changes: dict[str, Any], *, as_of: datetime, actor: Member | None
) -> Channel:
    """Change a channel's name and settings. Its token stays: forms and webhooks out there use it."""
    require(actor, "channels")
    if "name" in changes:
        channel.name, channel.name_key = changes["name"], key_of(changes["name"])
        refuse_same_name(channel)
    apply(channel, changes, as_of)
    channel.save()
    told = {name: str(value) for name, value in changes.items()}
    audit("channel_changed", channel, told, actor=actor, as_of=as_of)
    return channel


def apply(channel: Channel, settings: dict[str, Any], as_of: datetime) -> None:
    runs = channel.in_use()
    for name in SETTINGS:
        if name in settings:
            setattr(channel, name, settings[name])
    channel.runs = [[written(one) for one in span] for span in switched(runs, channel.is_active, as_of)]


def switched(runs: list[Span], on: bool, as_of: datetime) -> list[Span]:
    """When it was in use, now that it is switched on or off."""
    began, ended = runs[-1]
    if on and ended:
        return [*runs, (as_of, None)]
    if on:
        return [*runs[:-1], (min(began, as_of), None)]
    return [*runs[:-1], (began, ended or as_of)]


def written(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def refuse_same_name(channel: Channel) -> None:
    if Channel.objects.filter(name_key=channel.name_key).exclude(pk=channel.pk).exists():
        raise Refused("channel_exists", _("There is a channel of this name already."))
