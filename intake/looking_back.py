"""Stored messages as people look at them: what was sent, without the keys that stood in it."""

from intake.actions.deliver import read
from intake.actions.turns import known_of, with_kept
from intake.hooks.events import Event
from intake.hooks.reading import NotUnderstood
from intake.models import Delivery, Hook

HIDDEN = "••••"


def body_of(delivery: Delivery, hook: Hook | None = None) -> str:
    """The message as it came (of WeCom: decrypted), with the channel's own keys made unreadable."""
    said = delivery.text or bytes(delivery.body).decode(errors="replace")
    for key in (hook.secret, hook.verify_token, hook.access_token) if hook else ():
        if key:
            said = said.replace(key, HIDDEN)
    return said


def sample_event(hook: Hook) -> Event:
    """The last event with fields, sent or fetched; an empty one while none has come."""
    last = Delivery.objects.filter(channel_id=hook.channel_id, provider=hook.provider)
    for delivery in last.order_by("-received_at")[:5]:
        try:
            found = read(delivery)
        except NotUnderstood:
            continue
        known = known_of(delivery)
        for event in found:
            kept = known.get(event.lead_id, {})
            if event.fields or kept.get("fields"):
                return event if event.fields else with_kept(event, kept)
    return Event("")
