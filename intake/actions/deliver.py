"""What came in is understood: each event of a message becomes a lead, once. Due work, and done again on demand."""

import hashlib
import logging
import time
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from intake.actions.hooks import hook_of, keys_of
from intake.hooks.events import Event, events
from intake.hooks.fetching import NotFetched, fetch
from intake.hooks.fields import incoming, targets_of, unused, without_lost_fields
from intake.hooks.reading import NotUnderstood
from intake.hooks.reasons import only_id
from intake.hooks.sent import Provider
from intake.models import DeliveredEvent, Delivery, DeliveryStatus, Hook
from leads.actions import capture
from leads.incoming import Source
from leads.models import Channel, CustomField
from workspaces import due
from workspaces.actions import audit, audit_many
from workspaces.bell import ring
from workspaces.due import LEASE_S, MAX_ATTEMPTS, LeaseLost, claim_due, finish
from workspaces.models import Member, Workspace
from workspaces.permissions import require
from workspaces.refusals import NotThere, Refusal, Refused
from workspaces.tenancy import enter

log = logging.getLogger(__name__)
BATCH = 20
AGAIN_S = 10  # after a first fault, then twice as long each time
KEPT = timedelta(days=90)  # then a message is dropped; the lead and its touch stay
FETCHING_S = LEASE_S / 3  # then the rest of a message's leads is fetched in the next turn
SLOWLY_S = 900  # where the vendor wants to be asked less; then twice as long each time
MOST_AT_ONCE = 5000  # messages that one click takes in again
GOING_ON = ("fetch", "fetching")  # reasons of a message of which a part is still to be fetched
ENTERED = ("created", "merged", "known", "test")


@dataclass
class Outcome:
    status: str
    reason: str
    results: list[dict[str, Any]]
    detail: str = ""


@dataclass
class Asked:
    """The events of a message, those of them that were fetched with their fields. ``missed``: by event why its
    fields are not there; ``waiting``: whose turn comes next; ``done``: by the vendor's id what an earlier turn did."""

    events: list[Event]
    fetched: set[str] = field(default_factory=set)
    missed: dict[str, NotFetched] = field(default_factory=dict)
    waiting: set[str] = field(default_factory=set)
    done: dict[str, dict[str, Any]] = field(default_factory=dict)
    news: int = 0


def deliveries_due(workspace: Workspace, as_of: datetime, *, seconds: float | None = None) -> int:
    """Take in what has come and is due; how many messages. It opens its own transactions."""
    until = None if seconds is None else time.monotonic() + seconds
    done = 0
    while until is None or time.monotonic() < until:
        with enter(workspace):
            clock = timezone.now()
            found = claim_due(Delivery, as_of, clock, BATCH)
            spent = Delivery.objects.filter(parked_at__isnull=False, status=DeliveryStatus.WAITING)
            spent.update(status=DeliveryStatus.FAILED, reason="crashed", due_at=None, processed_at=clock)
        if not found:
            break
        began = time.monotonic()
        for delivery in found:
            if time.monotonic() - began > LEASE_S / 2:
                break  # the rest is whoever's next turn, when the lease has run out
            done += take_in(workspace, delivery, as_of)
    return done


def take_in(workspace: Workspace, delivery: Delivery, as_of: datetime) -> int:
    """One leased message, to its end; 1 when it was dealt with."""
    try:
        with enter(workspace):
            hook = hook_of(delivery.channel, delivery.provider)
        asked = fetched(read(delivery), hook, delivery)
        with enter(workspace):
            again = next_turn(delivery, asked, as_of)
            tried = delivery.attempts
            finish(
                delivery, lambda: settle(delivery, entered(delivery, hook, asked, as_of, again), as_of), again
            )
            if again and not asked.news:  # a turn that brought nothing counts
                Delivery.objects.filter(pk=delivery.pk).update(attempts=tried)
        return 1
    except LeaseLost:
        log.info("Delivery %s is another worker's now", delivery.pk)
    except NotUnderstood as fault:
        end(workspace, delivery, Outcome(DeliveryStatus.FAILED, fault.code, [], fault.detail), as_of)
        return 1
    except Refusal as refusal:
        end(
            workspace, delivery, Outcome(DeliveryStatus.FAILED, refusal.code[:40], [], refusal.message), as_of
        )
        return 1
    except Exception as fault:
        log.exception("Delivery %s met a fault", delivery.pk)
        put_off(workspace, delivery, "crashed", type(fault).__name__, as_of)
    return 0


def read(delivery: Delivery) -> list[Event]:
    """The events of a stored message. NotUnderstood says why there are none."""
    body = delivery.text.encode() if delivery.text else bytes(delivery.body)
    return events(delivery.provider, body, delivery.message_id)


def fetched(found: list[Event], hook: Hook, delivery: Delivery) -> Asked:
    """With the answers that have to be asked for, where there is a token to ask with. Outside of any transaction.

    Those that an earlier turn has brought are kept with the message; what one lead's answers lack holds up no other.
    """
    keys, asked = keys_of(hook), Asked([])
    known = known_of(delivery)
    if delivery.reason in GOING_ON:  # done again by hand, everything is entered again
        over = {name: one for name, one in known.items() if one["status"] in ENTERED or one.get("gone")}
        asked.done = over
    until = time.monotonic() + FETCHING_S
    stop: NotFetched | None = None
    for event in found:
        kept = known.get(event.lead_id, {})
        if not event.fetch:
            asked.events.append(event)
        elif kept.get("fields"):
            asked.events.append(with_kept(event, kept))
            asked.fetched.add(event.id)
        elif not keys.access_token or event.lead_id in asked.done:
            asked.events.append(event)
        elif stop is not None:
            asked.events.append(event)
            asked.missed[event.id] = stop
        elif time.monotonic() > until and (asked.news or asked.missed):
            asked.events.append(event)
            asked.waiting.add(event.id)
        else:
            try:
                asked.events.append(fetch(event, keys))
                asked.fetched.add(event.id)
                asked.news += 1
            except NotFetched as fault:
                asked.events.append(event)
                asked.missed[event.id] = fault
                stop = fault if fault.of_all else None
    return asked


def known_of(delivery: Delivery) -> dict[str, dict[str, Any]]:
    """What was written down of a message's events when it was taken in before, by the vendor's id of the lead."""
    kept = delivery.results if isinstance(delivery.results, list) else []
    return {one["external_id"]: one for one in kept if one.get("external_id")}


def with_kept(event: Event, kept: dict[str, Any]) -> Event:
    """The event with the answers that were fetched before."""
    return replace(event, fields=kept["fields"], about=event.about | kept.get("about", {}), fetch="")


def next_turn(delivery: Delivery, asked: Asked, as_of: datetime) -> datetime | None:
    """When the rest is asked for; None when nothing is left, or waiting will not help."""
    faults = [one for one in asked.missed.values() if one.later]
    if faults and (asked.news or delivery.attempts < MAX_ATTEMPTS):
        pause = SLOWLY_S if any(one.slowly for one in faults) else AGAIN_S
        return as_of + timedelta(seconds=pause * 2 ** (1 if asked.news else delivery.attempts))
    return as_of if asked.waiting else None


def entered(delivery: Delivery, hook: Hook, asked: Asked, as_of: datetime, again: datetime | None) -> Outcome:
    """Enter the events as leads, each once whichever message brings it. ``again``: when the rest is asked for."""
    custom = list(CustomField.objects.all())
    before = set(DeliveredEvent.objects.filter(delivery=delivery).values_list("event", flat=True))
    left = asked.waiting | set(asked.missed)
    if delivery.with_tests:
        asked.events = [replace(one, aside="") if one.aside == "test" else one for one in asked.events]
    mine = ours(delivery, [one for one in asked.events if not (one.aside or one.id in left)])
    results: list[dict[str, Any]] = []
    for event in asked.events:
        name = event.lead_id
        if name in asked.done:
            results.append(asked.done[name])
            continue
        if event.id in left:
            results.append({"external_id": name, "status": "not_fetched", **why(asked, event)})
            continue
        if event.aside or digest(event) not in mine:
            told: dict[str, Any] = {"external_id": name, "status": event.aside or "known", "errors": []}
        else:
            told = enter_one(delivery, hook, event, custom, as_of, first=digest(event) not in before)
        if event.id in asked.fetched:  # to be mapped by clicking, and for the next time
            told |= {"fields": event.fields, "about": event.about}
        results.append(told)
    lost = [one for one in results if one["status"] == "not_fetched"]
    if not lost:
        return judged(results, delivery.provider)
    said = [error["message"] for one in lost for error in one["errors"]]
    status = DeliveryStatus.WAITING if again else DeliveryStatus.FAILED
    return Outcome(status, "fetch" if said else "fetching", results, said[0] if said else "")


def why(asked: Asked, event: Event) -> dict[str, Any]:
    """Why an event has no fields yet. ``gone``: it is not asked for again but by hand."""
    fault = asked.missed.get(event.id)
    if fault is None:
        return {"errors": []}
    errors = [{"field": "", "code": "fetch", "message": fault.detail}]
    return {"errors": errors, "gone": not (fault.later or fault.of_all)}


def ours(delivery: Delivery, found: Iterable[Event]) -> set[str]:
    """The events that this message is the first to bring: their rows are written here, whoever else waits."""
    rows = [
        DeliveredEvent(
            delivery=delivery, channel_id=delivery.channel_id, provider=delivery.provider, event=key
        )
        for key in sorted({digest(one) for one in found})
    ]
    DeliveredEvent.objects.bulk_create(rows, ignore_conflicts=True)
    return set(DeliveredEvent.objects.filter(delivery=delivery).values_list("event", flat=True))


def digest(event: Event) -> str:
    return hashlib.sha256(event.id.encode()).hexdigest()


def enter_one(
    delivery: Delivery, hook: Hook, event: Event, custom: list[CustomField], as_of: datetime, *, first: bool
) -> dict[str, Any]:
    """One event through the common way in. Done again it fills blanks, but is no second touch."""
    targets = targets_of(event, without_lost_fields(hook.mapping, custom), custom)
    item = incoming(delivery.provider, event, targets, custom)
    channel = delivery.channel
    about = event.about | {f"field.{name}": said for name, said in list(unused(event, targets).items())[:50]}
    told = {"provider": delivery.provider, "delivery": str(delivery.pk), **about}
    if item.facts.get("pain"):
        told["message"] = item.facts["pain"]
    campaign = channel.campaign or event.about.get("campaign_name") or event.about.get("utm_campaign", "")
    if campaign and not item.facts.get("campaign"):
        item.facts["campaign"] = campaign[:200]
    item.channel = ""  # the source is the channel whose address was written to
    touch = "inquiry" if delivery.provider == Provider.WECOM else "form_submit"
    source = Source("webhook", channel, touch, told, replay=not first)
    (done,) = capture([item], source=source, as_of=as_of, actor=None)
    return {
        "external_id": event.lead_id,
        "status": done.status,
        "lead": str(done.lead_id) if done.lead_id else None,
        "errors": done.errors,
        "only_id": not event.fields,
    }


def judged(results: list[dict[str, Any]], provider: str) -> Outcome:
    states = {one["status"] for one in results}
    if "rejected" in states:
        return Outcome(DeliveryStatus.FAILED, "rejected", results)
    if states & {"created", "merged"}:
        bare = any(one.get("only_id") for one in results)
        return Outcome(DeliveryStatus.DONE, only_id(provider) if bare else "", results)
    reason = next((one for one in ("test", "deleted", "not_a_lead") if one in states), "known")
    return Outcome(DeliveryStatus.ASIDE, reason, results)


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


def find_delivery(pk: Any) -> Delivery:
    found: Delivery | None = Delivery.objects.select_related("channel").filter(pk=pk).first()
    if found is None:
        raise NotThere(_("There is no such delivery."))
    return found


def replay(delivery: Delivery, *, tests: bool = False, as_of: datetime, actor: Member | None) -> None:
    """Take a stored message in once more, with the channel's fields as they are set now; ``tests``: its tests, too."""
    require(actor, "channels")
    busy = Delivery.objects.filter(pk=delivery.pk, leased_until__gt=as_of).exists()
    if busy:
        raise Refused("busy", _("It is being taken in at this moment."))
    fresh: dict[str, Any] = {"due_at": as_of, "attempts": 0, "parked_at": None, "last_error": ""}
    if tests:
        fresh["with_tests"] = True
    Delivery.objects.filter(pk=delivery.pk).update(
        status=DeliveryStatus.WAITING, reason="", detail="", updated_at=as_of, **fresh
    )
    audit("delivery_replayed", delivery, {"provider": delivery.provider}, actor=actor, as_of=as_of)
    ring()


def replay_failed(*, channel: Channel | None = None, as_of: datetime, actor: Member | None) -> int:
    """Take in every message that failed once more, of one channel or of all; how many."""
    require(actor, "channels")
    failed = Delivery.objects.filter(status=DeliveryStatus.FAILED)
    if channel is not None:
        failed = failed.filter(channel=channel)
    ids = list(failed.order_by("received_at").values_list("pk", flat=True)[:MOST_AT_ONCE])
    fresh: dict[str, Any] = {"due_at": as_of, "attempts": 0, "parked_at": None, "last_error": ""}
    many: int = failed.filter(pk__in=ids).update(
        status=DeliveryStatus.WAITING, reason="", detail="", updated_at=as_of, **fresh, **due.FREE
    )
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
