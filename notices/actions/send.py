"""What is on its way goes out: leased, sent outside of any transaction, then marked as sent.

Whoever dies in between leaves a lease that runs out, and the item is sent again under the same id.
A failure is tried again with growing pauses for 72 hours, then parked, where an admin sees it.
"""

import logging
import time
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from django.db.models import F
from django.db.models.functions import Coalesce
from django.utils import timezone

from notices.actions.notify import News, notify
from notices.backoff import GIVE_UP, pause
from notices.channels import NotSent, standard, wecom
from notices.channels.email import Post
from notices.mails import mail_of
from notices.models import Channel, Format, Kind, Sending, Webhook
from notices.saying import lines_of
from workspaces.due import FREE, LEASE_S, claim_due
from workspaces.models import Member, Role, Workspace
from workspaces.tenancy import enter

log = logging.getLogger(__name__)
BATCH = 50
ALARM_AT = 3  # failures in a row after which admins hear of it
Batch = list[Sending]


def send_due(workspace: Workspace, as_of: datetime, *, seconds: float | None = None) -> int:
    """Send what is due; how many went out. It opens the workspace itself, a transaction for each step."""
    until = None if seconds is None else time.monotonic() + seconds
    sent, post = 0, Post()
    try:
        while until is None or time.monotonic() < until:
            with enter(workspace):
                rows = with_webhooks(claim_due(Sending, as_of, timezone.now(), BATCH))
            if not rows:
                break
            sent += send_leased(workspace, rows, as_of, post)
    finally:
        post.close()
    return sent


def with_webhooks(rows: Batch) -> Batch:
    found = Webhook.objects.in_bulk([row.webhook_id for row in rows if row.webhook_id])
    for row in rows:
        row.webhook = found.get(row.webhook_id) if row.webhook_id else None
    return rows


def send_leased(workspace: Workspace, rows: Batch, as_of: datetime, post: Post) -> int:
    began, sent = time.monotonic(), 0
    down: set[tuple] = set()
    for way, batch in batches(rows):
        if way in down or time.monotonic() - began > LEASE_S / 2:
            give_back(workspace, batch)  # what is not begun by now is somebody's next turn
            continue
        try:
            go_out(workspace, batch, post)
        except NotSent as why:
            with enter(workspace):
                put_off(batch, why, as_of)
            if why.down:
                down.add(way)
        else:
            with enter(workspace):
                sent += done(batch, as_of)
    return sent


def batches(rows: Batch) -> list[tuple[tuple, Batch]]:
    """What goes out as one, with its way: a member's e-mails, the lines of one WeCom group, each event of a webhook."""
    found: dict[tuple, Batch] = {}
    for row in rows:
        alone = row.pk if row.webhook is not None and row.webhook.format == Format.STANDARD else None
        found.setdefault((row.channel, row.webhook_id, row.member_id, alone), []).append(row)
    return [(key[:2], batch) for key, batch in found.items()]


def go_out(workspace: Workspace, batch: Batch, post: Post) -> None:
    """Send one batch. NotSent when it did not go out. Switched off meanwhile: there is nobody to tell."""
    first, webhook = batch[0], batch[0].webhook
    if first.channel == Channel.EMAIL:
        with enter(workspace):
            mail = mail_of(batch)
        if mail is not None:
            post.send(mail)
    elif webhook is None or not webhook.is_active:
        return
    elif webhook.format == Format.WECOM:
        with enter(workspace):
            lines = lines_of(batch)
        wecom.send(webhook.url, lines)
    else:
        key, at = str(first.pk), first.created_at
        standard.send(
            webhook.url, webhook.secret, message_id=key, event=first.event, at=at, data=first.payload
        )


def ours(batch: Batch) -> Any:
    """Those of the batch whose lease is still ours."""
    return Sending.objects.filter(pk__in=[row.pk for row in batch], lease_token=batch[0].lease_token)


UNTRIED: dict[str, Any] = {**FREE, "attempts": 0}


def done(batch: Batch, as_of: datetime) -> int:
    """It went out: marked in one statement, only where the lease is still ours."""
    sent = ours(batch).update(sent_at=as_of, due_at=None, fault="", updated_at=as_of, **UNTRIED)
    if sent < len(batch):
        log.warning("%d of %d sendings were another worker's by now", len(batch) - sent, len(batch))
    if batch[0].webhook is not None:
        well = {"last_sent_at": as_of, "failing_since": None, "last_error": "", "updated_at": as_of}
        Webhook.objects.filter(pk=batch[0].webhook.pk).update(**well)
    return sent


def give_back(workspace: Workspace, batch: Batch) -> None:
    """Not tried after all: it stays due (or is put off with the others), and no attempt is counted."""
    with enter(workspace):
        ours(batch).update(attempts=F("attempts") - 1, **FREE)


def put_off(batch: Batch, why: NotSent, as_of: datetime) -> None:
    """Later again; given up after 72 hours. Where nothing gets through, all that waits there waits as long."""
    for row in batch:
        row.tries += 1
    first = max(batch, key=lambda row: row.tries)
    again = as_of + pause(first.tries, first.pk, why.again_s)
    spent = [row for row in batch if again > (row.first_tried_at or as_of) + GIVE_UP]
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
    if first.tries == ALARM_AT or why.gone or spent:
        alarm(first, why.reason, as_of)


def hold_back(first: Sending, again: datetime, as_of: datetime) -> None:
    """What else waits for the same way waits until it is tried again; its 72 hours run as well."""
    same: dict[str, Any] = {"channel": first.channel, "webhook": first.webhook}
    waiting = Sending.objects.filter(**same, sent_at=None, parked_at=None)
    since = Coalesce("first_tried_at", as_of)
    waiting.filter(due_at__lt=again).update(due_at=again, first_tried_at=since)
    spent = waiting.filter(first_tried_at__lt=again - GIVE_UP)
    park(list(spent.values_list("pk", flat=True)), as_of)


def park(ids: list[UUID], as_of: datetime) -> None:
    """Given up. An admin sees them and may send them again."""
    if ids:
        Sending.objects.filter(pk__in=ids).update(due_at=None, parked_at=as_of, **UNTRIED)


def alarm(row: Sending, fault: str, as_of: datetime) -> None:
    """Admins hear, once a day for each way out, that nothing gets through there."""
    day = as_of.date().isoformat()
    about = row.webhook_id or row.workspace_id
    name = row.webhook.name if row.webhook else ""
    admins = Member.objects.filter(role=Role.ADMIN, is_active=True).values_list("pk", flat=True)
    source = uuid5(about, day)
    data = {"channel": row.channel, "name": name, "fault": fault}
    notify([News(pk, Kind.CHANNEL_FAILING, source, data=data) for pk in admins], as_of=as_of)
