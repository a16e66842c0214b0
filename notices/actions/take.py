"""What is due to go out is taken: leased, a member's e-mails together, and what kills its workers set aside."""

from datetime import datetime

from django.db import connection
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from notices.actions.fate import Batch, alarm, park
from notices.models import Channel, Format, Sending, Webhook
from workspaces.due import claim_due
from workspaces.tenancy import current_workspace_id

BATCH = 50
MOST_MAILED = 5000  # notices that the e-mails of one batch can hold together
ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtextextended('notices ' || %s, 0))"


def take(as_of: datetime) -> Batch:
    """What is due, leased to us: up to BATCH, and whatever else goes with the same e-mails.

    Takers take turns, so that no two of them share what one member is told at once.
    """
    with connection.cursor() as cursor:
        cursor.execute(ONE_AT_A_TIME, [str(current_workspace_id())])
    clock = timezone.now()
    rows: Batch = claim_due(Sending, as_of, clock, BATCH)
    members = {row.member_id for row in rows if row.channel == Channel.EMAIL}
    if members:
        same = Q(channel=Channel.EMAIL, member__in=members)
        rows += claim_due(Sending, as_of, clock, MOST_MAILED, only=same)
    if len(rows) < BATCH:
        set_aside(as_of)
    return with_webhooks(rows)


def with_webhooks(rows: Batch) -> Batch:
    found = Webhook.objects.in_bulk([row.webhook_id for row in rows if row.webhook_id])
    for row in rows:
        row.webhook = found.get(row.webhook_id) if row.webhook_id else None
    return rows


def set_aside(as_of: datetime) -> None:
    """What was claimed too often and never ended was parked by the claim: it says so, and admins hear of it."""
    found = Sending.objects.filter(due_at__lte=as_of, parked_at__isnull=False, sent_at=None)
    rows = list(found.select_related("webhook"))
    fault = _("The program stopped again and again while it was being sent.")
    park([row.pk for row in rows], as_of, fault=fault)
    for row in {way(row): row for row in rows}.values():
        alarm(row, fault, as_of)


def batches(rows: Batch) -> list[Batch]:
    """What goes out as one: a member's e-mails, the lines of one WeCom group, each event of a webhook.

    What failed together is tried again together, without what came since: a mail that is sent again is the same.
    """
    found: dict[tuple, Batch] = {}
    for row in rows:
        alone = row.pk if row.webhook is not None and row.webhook.format == Format.STANDARD else None
        key = (*way(row), row.member_id, row.tries, row.attempts, alone)
        found.setdefault(key, []).append(row)
    return list(found.values())


def way(row: Sending) -> tuple:
    """What is down together: all e-mail, or one webhook."""
    return row.channel, row.webhook_id


def now_and_later(found: list[Batch]) -> tuple[list[Batch], list[Batch]]:
    """What a worker has died over goes alone: if it kills this one as well, it takes nothing else with it."""
    doubtful = next((batch for batch in found if batch[0].attempts > 1), None)
    if doubtful is None:
        return found, []
    return [doubtful], [batch for batch in found if batch is not doubtful]
