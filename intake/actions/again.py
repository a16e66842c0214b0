"""Messages that came in: found, taken in once more, and dropped when they are old."""

from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from intake.models import Delivery, DeliveryStatus
from leads.models import Channel
from workspaces import due
from workspaces.actions import audit, audit_many
from workspaces.bell import ring
from workspaces.models import Member
from workspaces.permissions import require
from workspaces.refusals import NotThere, Refused

KEPT = timedelta(days=90)  # then a message is dropped; the lead and its touch stay
MOST_AT_ONCE = 5000  # messages that one click takes in again
ANEW: dict[str, Any] = {
    "status": DeliveryStatus.WAITING,
    "reason": "",
    "detail": "",
    "attempts": 0,
    "parked_at": None,
    "last_error": "",
}


def find_delivery(pk: Any) -> Delivery:
    found: Delivery | None = Delivery.objects.select_related("channel").filter(pk=pk).first()
    if found is None:
        raise NotThere(_("There is no such delivery."))
    return found


def replay(delivery: Delivery, *, tests: bool = False, as_of: datetime, actor: Member | None) -> None:
    """Take a stored message in once more, with the channel's fields as they are set now; ``tests``: its tests, too."""
    require(actor, "channels")
    if Delivery.objects.filter(pk=delivery.pk, leased_until__gt=as_of).exists():
        raise Refused("busy", _("It is being taken in at this moment."))
    wanted = {"with_tests": True} if tests else {}
    Delivery.objects.filter(pk=delivery.pk).update(due_at=as_of, updated_at=as_of, **ANEW, **wanted)
    audit("delivery_replayed", delivery, {"provider": delivery.provider}, actor=actor, as_of=as_of)
    ring()


def replay_failed(*, channel: Channel | None = None, as_of: datetime, actor: Member | None) -> int:
    """Take in every message that failed once more, of one channel or of all; how many."""
    require(actor, "channels")
    failed = Delivery.objects.filter(status=DeliveryStatus.FAILED)
    if channel is not None:
        failed = failed.filter(channel=channel)
    ids = list(failed.order_by("received_at").values_list("pk", flat=True)[:MOST_AT_ONCE])
    many: int = failed.filter(pk__in=ids).update(due_at=as_of, updated_at=as_of, **ANEW, **due.FREE)
    if many:
        audit_many("delivery_replayed", "delivery", [(pk, {}) for pk in ids], actor=actor, as_of=as_of)
        ring()
    return many


def forget_deliveries(as_of: datetime) -> int:
    """Drop messages of the open workspace that were dealt with long ago; how many. They hold personal data."""
    old = Delivery.objects.filter(received_at__lt=as_of - KEPT).exclude(status=DeliveryStatus.WAITING)
    ids = list(old.order_by("received_at").values_list("pk", flat=True)[:1000])
    if ids:
        Delivery.objects.filter(pk__in=ids).delete()
    return len(ids)
