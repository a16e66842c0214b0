"""Webhooks and WeCom robots of a workspace: who is told of what. Set by admins."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.db import transaction
from django.utils.translation import gettext as _

from notices.channels.standard import new_secret
from notices.events import events as known_events
from notices.models import Channel, Format, Sending, Webhook
from workspaces.actions import audit
from workspaces.bell import ring
from workspaces.ids import uuid7
from workspaces.models import Member
from workspaces.permissions import require
from workspaces.refusals import Invalid, Refused

MOST = 50
CHANGEABLE = ("name", "url", "events", "is_active")


@transaction.atomic
def add_webhook(
    *,
    url: str,
    events: Sequence[str],
    name: str = "",
    format: str = Format.STANDARD,
    as_of: datetime,
    actor: Member | None,
) -> Webhook:
    """A new subscription with a secret of its own. Invalid: the address, an unknown event, none at all."""
    require(actor, "webhooks")
    if Webhook.objects.count() >= MOST:
        raise Refused("too_many", _("A workspace has at most %(most)d webhooks.") % {"most": MOST})
    values = cleaned({"url": url, "events": events, "name": name}, format)
    secret = new_secret() if format == Format.STANDARD else ""
    webhook = Webhook.objects.create(format=format, secret=secret, **values)
    told = {"url": hidden(webhook), "events": list(events)}
    audit("webhook_added", webhook, told, actor=actor, as_of=as_of)
    return webhook


@transaction.atomic
def change_webhook(
    webhook: Webhook, changes: Mapping[str, Any], *, as_of: datetime, actor: Member | None
) -> Webhook:
    """Name, address, events, whether it is on. Its format and secret stay."""
    require(actor, "webhooks")
    given = cleaned({key: changes[key] for key in CHANGEABLE if key in changes}, webhook.format)
    for key, value in given.items():
        setattr(webhook, key, value)
    if "url" in given or given.get("is_active"):
        webhook.failing_since, webhook.last_error = None, ""
    webhook.save()
    told = {key: value for key, value in given.items() if key != "url"}
    audit("webhook_changed", webhook, told, actor=actor, as_of=as_of)
    return webhook


def new_secret_of(webhook: Webhook, *, as_of: datetime, actor: Member | None) -> str:
    """A new secret, shown once; the old one no longer signs anything."""
    require(actor, "webhooks")
    if webhook.format != Format.STANDARD:
        raise Refused("no_secret", _("A WeCom robot has no secret of ours: its address is one."))
    webhook.secret = new_secret()
    webhook.save(update_fields=["secret", "updated_at"])
    audit("webhook_secret_renewed", webhook, {}, actor=actor, as_of=as_of)
    return webhook.secret


def drop_webhook(webhook: Webhook, *, as_of: datetime, actor: Member | None) -> None:
    """It is told nothing more; what still waited for it is dropped with it."""
    require(actor, "webhooks")
    audit("webhook_dropped", webhook, {"name": webhook.name}, actor=actor, as_of=as_of)
    webhook.delete()


def try_webhook(webhook: Webhook, *, as_of: datetime, actor: Member | None) -> Sending:
    """Send it something now, so that an admin sees whether it gets through. Refused: it is switched off."""
    require(actor, "webhooks")
    refuse_if_off(webhook)
    source = uuid7()
    sending = Sending.objects.create(
        id=source,
        channel=Channel.WEBHOOK,
        webhook=webhook,
        event="test",
        source=source,
        payload={"text": _("A test: this is how notices of LeadCRM arrive.")},
        due_at=as_of,
    )
    ring()
    return sending


def send_again(sending: Sending, *, as_of: datetime, actor: Member | None) -> None:
    """Try anew what was given up, for another 72 hours. Refused: it was not, or its webhook is switched off."""
    require(actor, "webhooks")
    refuse_if_off(sending.webhook)
    again = Sending.objects.filter(pk=sending.pk, sent_at__isnull=True, parked_at__isnull=False)
    values = {"due_at": as_of, "parked_at": None, "tries": 0, "attempts": 0, "first_tried_at": None}
    if not again.update(**values, fault="", updated_at=as_of):
        raise Refused("not_parked", _("This was sent, or is being tried."))
    ring()


def refuse_if_off(webhook: Webhook | None) -> None:
    if webhook is not None and not webhook.is_active:
        text = _("“%(name)s” is switched off: nothing is sent to it.") % {"name": webhook.name}
        raise Refused("switched_off", text)


def cleaned(values: Mapping[str, Any], format: str) -> dict[str, Any]:
    found = dict(values)
    if format not in Format.values:
        text = _("Known formats: %(known)s.") % {"known": ", ".join(Format.values)}
        raise Invalid.field("format", text, "unknown_value")
    if "url" in found:
        found["url"] = clean_url(str(found["url"]))
    if "events" in found:
        found["events"] = clean_events(found["events"])
    if "name" in found:
        name = " ".join(str(found["name"] or "").split())[:200]
        found["name"] = name or (urlsplit(found["url"]).hostname if "url" in found else "")
        if not found["name"]:
            raise Invalid.field("name", _("Give it a name."), "required")
    return found


def clean_url(url: str) -> str:
    url = url.strip()
    parts = urlsplit(url) if len(url) <= 1000 and url.isprintable() and " " not in url else None
    try:
        good = parts is not None and parts.scheme in ("http", "https") and bool(parts.hostname)
        good = (
            good and parts is not None and (parts.port is None or parts.port > 0) and "@" not in parts.netloc
        )
    except ValueError:  # a port that is no number
        good = False
    if not good:
        raise Invalid.field("url", _("An address begins with https:// or http://."), "malformed")
    return url


def clean_events(events: Any) -> list[str]:
    known = known_events()
    if not isinstance(events, list | tuple) or not events:
        raise Invalid.field("events", _("Choose at least one event."), "required")
    unknown = [str(one) for one in events if one not in known]
    if unknown:
        places = {"event": unknown[0], "known": ", ".join(known)}
        text = _("Unknown event %(event)s; known: %(known)s.") % places
        raise Invalid.field("events", text, "unknown_value")
    return [name for name in known if name in events]


def hidden(webhook: Webhook) -> str:
    """The address without what may be a key in it."""
    parts = urlsplit(webhook.url)
    return f"{parts.scheme}://{parts.netloc}{parts.path if webhook.format != Format.WECOM else '/…'}"
