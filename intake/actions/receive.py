"""A message has come in: proven, stored as it is, answered. Understanding it is due work."""

from collections.abc import Mapping
from datetime import datetime

from django.db.models import F

from intake.hooks.proving import Proven, print_of, refuse_replay
from intake.hooks.sent import Provider, Sent
from intake.models import Delivery, Hook
from workspaces.bell import ring

# Headers that are kept: what proves and what names, never what signs somebody in.
DROPPED = ("authorization", "cookie", "proxy-authorization")
MOST_HEADERS, LONGEST_HEADER = 40, 500


def receive(hook: Hook, sent: Sent, proven: Proven, *, as_of: datetime) -> tuple[Delivery, bool]:
    """(the stored delivery, whether it is new). Replayed (409) for the same signed message once more.

    A vendor that tries again, because our answer got lost, meets what is stored: nothing enters twice.
    """
    seal = print_of(Provider(hook.provider), sent)
    fresh = Delivery(
        channel_id=hook.channel_id,
        provider=hook.provider,
        key=proven.key,
        message_id=proven.message_id,
        seal=seal,
        body=sent.body,
        text=proven.text,
        headers=kept(sent.headers),
        received_at=as_of,
        due_at=as_of,
    )
    Delivery.objects.bulk_create([fresh], ignore_conflicts=True)
    same = Delivery.objects.filter(channel_id=hook.channel_id, provider=hook.provider, key=proven.key)
    stored = same.defer("body", "text").get()
    if stored.pk == fresh.pk:
        ring()
        return fresh, True
    refuse_replay(stored.seal, seal)
    same.update(repeats=F("repeats") + 1, updated_at=as_of)
    return stored, False


def kept(headers: Mapping[str, str]) -> dict[str, str]:
    found = [(name, text[:LONGEST_HEADER]) for name, text in headers.items() if name not in DROPPED]
    return {name: text.replace("\x00", "") for name, text in sorted(found)[:MOST_HEADERS]}
