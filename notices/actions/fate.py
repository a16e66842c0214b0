"""How it went: what was sent is marked, what failed is put off, and what is given up is told to admins."""

import logging
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from django.db.models import F
from django.db.models.functions import Coalesce

from notices.actions.notify import News, notify
from notices.backoff import GIVE_UP, pause
from notices.channels import NotSent
from notices.models import Kind, Sending, Webhook
from workspaces.due import FREE
from workspaces.models import Member, Role

log = logging.getLogger(__name__)
ALARM_AT = 3  # failures in a row after which admins hear of it
UNTRIED: dict[str, Any] = {**FREE, "attempts": 0}
Batch = list[Sending]


def ours(batch: Batch) -> Any:
    """Those of the batch whose lease is still ours."""
    tokens = {row.lease_token for row in batch}
    return Sending.objects.filter(pk__in=[row.pk for row in batch], lease_token__in=tokens)


def done(batch: Batch, as_of: datetime) -> int:
    """It went out: marked in one statement, only where the lease is still ours."""
    sent = ours(batch).update(sent_at=as_of, due_at=None, fault="", updated_at=as_of, **UNTRIED)
    if sent < len(batch):
        log.warning("%d of %d sendings were another worker's by now", len(batch) - sent, len(batch))
    if batch[0].webhook is not None:
        well = {"last_sent_at": as_of, "failing_since": None, "last_error": "", "updated_at": as_of}
        Webhook.objects.filter(pk=batch[0].webhook.pk).update(**well)
    return sent


def give_back(batch: Batch) -> None:
    """Not tried after all: it stays due (or is put off with the others), and no attempt is counted."""
    ours(batch).update(attempts=F("attempts") - 1, **FREE)


def put_off(batch: Batch, why: NotSent, as_of: datetime) -> None:
    """Later again; given up after 72 hours. Where nothing gets through, all that waits there waits as long."""
    for row in batch:
        row.tries += 1
    first = max(batch, key=lambda row: row.tries)
    again = as_of + pause(first.tries, first.pk, why.again_s)
    spent = [row for row in batch if why.gone or again > (row.first_tried_at or as_of) + GIVE_UP]
    values = {"fault": why.reason, "tries": F("tries") + 1, "updated_at": as_of, **UNTRIED}
    since = Coalesce("first_tried_at", as_of)
    ours(batch).update(due_at=again, first_tried_at=since, **values)
    park([row.pk for row in spent], as_of)
    if why.down:
        hold_back(first, again, as_of)
    webhook = first.webhook
    if webhook is not None:
        Webhook.objects.filter(pk=webhook.pk).update(
            failing_since=Coalesce("failing_since", as_of),
            last_error=why.reason,
            is_active=webhook.is_active and not why.gone,
            updated_at=as_of,
        )
    if first.tries == ALARM_AT or spent:
        alarm(first, why.reason, as_of)


def hold_back(first: Sending, again: datetime, as_of: datetime) -> None:
    """What else waits for the same way waits until it is tried again; its 72 hours run as well."""
    same: dict[str, Any] = {"channel": first.channel, "webhook": first.webhook}
    waiting = Sending.objects.filter(**same, sent_at=None, parked_at=None)
    since = Coalesce("first_tried_at", as_of)
    waiting.filter(due_at__lt=again).update(due_at=again, first_tried_at=since)
    spent = waiting.filter(first_tried_at__lt=again - GIVE_UP)
    park(list(spent.values_list("pk", flat=True)), as_of)


def park(ids: list[UUID], as_of: datetime, **more: Any) -> None:
    """Given up. An admin sees them and may send them again."""
    if ids:
        Sending.objects.filter(pk__in=ids).update(due_at=None, parked_at=as_of, **more, **UNTRIED)


def alarm(row: Sending, fault: str, as_of: datetime) -> None:
    """Admins hear, once a day for each way out, that nothing gets through there."""
    day = as_of.date().isoformat()
    about = row.webhook_id or row.workspace_id
    name = row.webhook.name if row.webhook else ""
    admins = Member.objects.filter(role=Role.ADMIN, is_active=True).values_list("pk", flat=True)
    source = uuid5(about, day)
    data = {"channel": row.channel, "name": name, "fault": fault}
    notify([News(pk, Kind.CHANNEL_FAILING, source, data=data) for pk in admins], as_of=as_of)
