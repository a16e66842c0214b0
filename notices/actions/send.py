"""What is on its way goes out: leased, sent outside of any transaction, then marked as sent.

Whoever dies in between leaves a lease that runs out, and the item is sent again under the same id.
A failure is tried again with growing pauses for 72 hours, then parked, where an admin sees it.
"""

import logging
import time
from collections import deque
from datetime import datetime

from django.utils.translation import gettext as _

from notices.actions.fate import Batch, done, give_back, park, put_off
from notices.actions.take import batches, now_and_later, take, way
from notices.channels import NotSent, standard, wecom
from notices.channels.email import Post
from notices.mails import mail_of
from notices.models import Channel, Format
from notices.saying import lines_of
from workspaces.due import LEASE_S
from workspaces.models import Workspace
from workspaces.tenancy import enter

log = logging.getLogger(__name__)


def send_due(workspace: Workspace, as_of: datetime, *, seconds: float | None = None) -> int:
    """Send what is due; how many went out. It opens the workspace itself, a transaction for each step."""
    until = None if seconds is None else time.monotonic() + seconds
    sent, post = 0, Post()
    try:
        while until is None or time.monotonic() < until:
            with enter(workspace):
                rows = take(as_of)
            if not rows:
                break
            sent += send_leased(workspace, rows, as_of, post)
    finally:
        post.close()
    return sent


def send_leased(workspace: Workspace, rows: Batch, as_of: datetime, post: Post) -> int:
    """Send what is leased to us, batch by batch; what is not begun in time is somebody's next turn."""
    began, sent = time.monotonic(), 0
    now, later = now_and_later(batches(rows))
    with enter(workspace):
        for batch in later:
            give_back(batch)
    down: set[tuple] = set()
    waiting = deque(now)
    while waiting:
        batch = waiting.popleft()
        if way(batch[0]) in down or time.monotonic() - began > LEASE_S / 2:
            with enter(workspace):
                give_back(batch)
            continue
        try:
            sent += send_one(workspace, batch, as_of, post)
        except NotSent as why:
            with enter(workspace):
                put_off(batch, why, as_of)
            if why.down:
                down.add(way(batch[0]))
        except Exception as fault:
            log.exception("%d sendings, the first of them %s, met a fault", len(batch), batch[0].pk)
            if len(batch) > 1:  # whose fault it is, is seen when each goes alone
                waiting.extendleft([row] for row in reversed(batch))
                continue
            with enter(workspace):
                put_off(batch, NotSent(type(fault).__name__, down=False), as_of)
    return sent


def send_one(workspace: Workspace, batch: Batch, as_of: datetime, post: Post) -> int:
    """Send one batch and write it down; how many went out. NotSent when none did."""
    webhook = batch[0].webhook
    if batch[0].channel == Channel.WEBHOOK and (webhook is None or not webhook.is_active):
        with enter(workspace):
            park([row.pk for row in batch], as_of, fault=_("It is switched off."))
        return 0
    rest = go_out(workspace, batch, post)
    with enter(workspace):
        if rest:
            give_back(rest)
        return done(batch[: len(batch) - len(rest)], as_of)


def go_out(workspace: Workspace, batch: Batch, post: Post) -> Batch:
    """Send one batch; the end of it that did not fit into the message. NotSent when it did not go out."""
    first, webhook = batch[0], batch[0].webhook
    if webhook is None:
        with enter(workspace):
            mail = mail_of(batch)
        if mail is not None:
            post.send(mail)
        return []
    if webhook.format == Format.WECOM:
        with enter(workspace):
            lines = lines_of(batch)
        return batch[wecom.send(webhook.url, lines) :]
    key, at = str(first.pk), first.created_at
    standard.send(webhook.url, webhook.secret, message_id=key, event=first.event, at=at, data=first.payload)
    return []
