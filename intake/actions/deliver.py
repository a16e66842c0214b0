"""What came in is understood and becomes leads: due work, one message after the other."""

import logging
import time
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from intake.actions.admit import Outcome, admit
from intake.actions.hooks import hook_of
from intake.actions.turns import AGAIN_S, fetched, next_turn
from intake.hooks.events import Event, events
from intake.hooks.reading import NotUnderstood
from intake.models import Delivery, DeliveryStatus
from workspaces import due
from workspaces.due import LEASE_S, MAX_ATTEMPTS, LeaseLost, claim_due, finish
from workspaces.models import Workspace
from workspaces.refusals import Refusal
from workspaces.tenancy import enter

log = logging.getLogger(__name__)
BATCH = 20


def deliveries_due(workspace: Workspace, as_of: datetime, *, seconds: float | None = None) -> int:
    """Take in what has come and is due; how many messages. It opens its own transactions."""
    until = None if seconds is None else time.monotonic() + seconds
    done = 0
    while until is None or time.monotonic() < until:
        found = taken(workspace, as_of)
        if not found:
            break
        began = time.monotonic()
        for delivery in found:
            if time.monotonic() - began > LEASE_S / 2:
                break  # the rest is whoever's next turn, when the lease has run out
            done += take_in(workspace, delivery, as_of)
    return done


def taken(workspace: Workspace, as_of: datetime) -> list[Delivery]:
    """The next messages, leased to us; those that were tried too often have failed."""
    with enter(workspace):
        clock = timezone.now()
        found: list[Delivery] = claim_due(Delivery, as_of, clock, BATCH)
        spent = Delivery.objects.filter(parked_at__isnull=False, status=DeliveryStatus.WAITING)
        spent.update(status=DeliveryStatus.FAILED, reason="crashed", due_at=None, processed_at=clock)
        return found


def take_in(workspace: Workspace, delivery: Delivery, as_of: datetime) -> int:
    """One leased message, to its end; 1 when it was dealt with."""
    try:
        understand(workspace, delivery, as_of)
        return 1
    except LeaseLost:
        log.info("Delivery %s is another worker's now", delivery.pk)
    except NotUnderstood as fault:
        end(workspace, delivery, Outcome(DeliveryStatus.FAILED, fault.code, [], fault.detail), as_of)
        return 1
    except Refusal as refusal:
        outcome = Outcome(DeliveryStatus.FAILED, refusal.code[:40], [], refusal.message)
        end(workspace, delivery, outcome, as_of)
        return 1
    except Exception as fault:
        log.exception("Delivery %s met a fault", delivery.pk)
        put_off(workspace, delivery, "crashed", type(fault).__name__, as_of)
    return 0


def understand(workspace: Workspace, delivery: Delivery, as_of: datetime) -> None:
    """Read a message, ask for what it does not say itself, enter its leads: effect and end in one transaction."""
    with enter(workspace):
        hook = hook_of(delivery.channel, delivery.provider)
    asked = fetched(read(delivery), hook, delivery)
    with enter(workspace):
        again = next_turn(delivery, asked, as_of)
        tried = delivery.attempts
        finish(delivery, lambda: settle(delivery, admit(delivery, hook, asked, as_of, again), as_of), again)
        if again and not asked.news:  # a turn that brought nothing counts
            Delivery.objects.filter(pk=delivery.pk).update(attempts=tried)


def read(delivery: Delivery) -> list[Event]:
    """The events of a stored message. NotUnderstood says why there are none."""
    body = delivery.text.encode() if delivery.text else bytes(delivery.body)
    return events(delivery.provider, body, delivery.message_id)


def settle(delivery: Delivery, outcome: Outcome, as_of: datetime) -> None:
    Delivery.objects.filter(pk=delivery.pk).update(
        status=outcome.status,
        reason=outcome.reason,
        detail=outcome.detail,
        results=outcome.results,
        processed_at=None if outcome.status == DeliveryStatus.WAITING else as_of,
        updated_at=as_of,
    )


def end(workspace: Workspace, delivery: Delivery, outcome: Outcome, as_of: datetime) -> None:
    """There is nothing to enter, and another try would change nothing."""
    try:
        with enter(workspace):
            finish(delivery, lambda: settle(delivery, outcome, as_of))
    except LeaseLost:
        log.info("Delivery %s is another worker's now", delivery.pk)


def put_off(workspace: Workspace, delivery: Delivery, reason: str, detail: str, as_of: datetime) -> None:
    """Again after a pause; failed after five times."""
    over = delivery.attempts >= MAX_ATTEMPTS
    again = as_of + timedelta(seconds=AGAIN_S * 2**delivery.attempts)
    values: dict[str, Any] = {"reason": reason, "detail": detail, "last_error": detail, "updated_at": as_of}
    if over:
        values |= {"status": DeliveryStatus.FAILED, "due_at": None, "processed_at": as_of, "attempts": 0}
    else:
        values |= {"due_at": again}
    with enter(workspace):
        due.ours(delivery).update(**values, **due.FREE)
