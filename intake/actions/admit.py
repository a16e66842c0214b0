"""The events of a message become leads, each once, whichever message brings it."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from intake.actions.turns import Asked, why
from intake.hooks.events import Event
from intake.hooks.fields import Targets, incoming, targets_of, unused, without_lost_fields
from intake.hooks.reasons import only_id
from intake.hooks.sent import Provider
from intake.models import DeliveredEvent, Delivery, DeliveryStatus, Hook
from leads.actions import capture
from leads.incoming import Incoming, Source
from leads.models import CustomField

Result = dict[str, Any]  # {"external_id", "status", "lead", "errors", "fields", "about"}


@dataclass
class Outcome:
    status: str
    reason: str
    results: list[Result]
    detail: str = ""


def admit(delivery: Delivery, hook: Hook, asked: Asked, as_of: datetime, again: datetime | None) -> Outcome:
    """Enter the events as leads. ``again``: when those are asked for that have no fields yet."""
    if delivery.with_tests:
        asked.events = [replace(one, aside="") if one.aside == "test" else one for one in asked.events]
    entry = Entry(delivery, hook, asked, as_of)
    results = [entry.result(event) for event in asked.events]
    lost = [one for one in results if one["status"] == "not_fetched"]
    if not lost:
        return judged(results, delivery.provider)
    said = [error["message"] for one in lost for error in one["errors"]]
    status = DeliveryStatus.WAITING if again else DeliveryStatus.FAILED
    return Outcome(status, "fetch" if said else "fetching", results, said[0] if said else "")


class Entry:
    """A message on its way in: what it has brought before, and which of its events no other message has brought."""

    def __init__(self, delivery: Delivery, hook: Hook, asked: Asked, as_of: datetime) -> None:
        self.delivery, self.hook, self.asked, self.as_of = delivery, hook, asked, as_of
        self.custom = list(CustomField.objects.all())
        self.before = brought_by(delivery)
        self.mine = claimed(
            delivery, [one for one in asked.events if not (one.aside or one.id in asked.left)]
        )

    def result(self, event: Event) -> Result:
        """What became of an event; what was fetched of it stands beside, to be mapped by clicking and for next time."""
        if event.lead_id in self.asked.done:
            return self.asked.done[event.lead_id]
        if event.id in self.asked.left:
            return {"external_id": event.lead_id, "status": "not_fetched", **why(self.asked, event)}
        if event.aside or digest(event) not in self.mine:
            told: Result = {"external_id": event.lead_id, "status": event.aside or "known", "errors": []}
        else:
            told = self.enter(event)
        if event.id in self.asked.fetched:
            told |= {"fields": event.fields, "about": event.about}
        return told

    def enter(self, event: Event) -> Result:
        """One event through the common way in. Done again it fills blanks, but is no second touch."""
        targets = targets_of(event, without_lost_fields(self.hook.mapping, self.custom), self.custom)
        item = self.item(event, targets)
        source = self.source(event, targets, item.facts.get("pain", ""))
        (done,) = capture([item], source=source, as_of=self.as_of, actor=None)
        return {
            "external_id": event.lead_id,
            "status": done.status,
            "lead": str(done.lead_id) if done.lead_id else None,
            "errors": done.errors,
            "only_id": not event.fields,
        }

    def item(self, event: Event, targets: Targets) -> Incoming:
        item = incoming(self.delivery.provider, event, targets, self.custom)
        said = event.about.get("campaign_name") or event.about.get("utm_campaign", "")
        campaign = self.delivery.channel.campaign or said
        if campaign and not item.facts.get("campaign"):
            item.facts["campaign"] = campaign[:200]
        item.channel = ""  # the source is the channel whose address was written to
        return item

    def source(self, event: Event, targets: Targets, message: str) -> Source:
        """Where it came from, with what no field was found for."""
        delivery = self.delivery
        others = {f"field.{name}": said for name, said in list(unused(event, targets).items())[:50]}
        told = {"provider": delivery.provider, "delivery": str(delivery.pk), **event.about, **others}
        if message:
            told["message"] = message
        touch = "inquiry" if delivery.provider == Provider.WECOM else "form_submit"
        again = digest(event) in self.before
        return Source("webhook", delivery.channel, touch, told, replay=again or not event.acted)


def brought_by(delivery: Delivery) -> set[str]:
    return set(DeliveredEvent.objects.filter(delivery=delivery).values_list("event", flat=True))


def claimed(delivery: Delivery, found: Iterable[Event]) -> set[str]:
    """The events that this message is the first to bring: their rows are written here, whoever else waits."""
    rows = [
        DeliveredEvent(
            delivery=delivery, channel_id=delivery.channel_id, provider=delivery.provider, event=key
        )
        for key in sorted({digest(one) for one in found})
    ]
    DeliveredEvent.objects.bulk_create(rows, ignore_conflicts=True)
    return brought_by(delivery)


def digest(event: Event) -> str:
    return hashlib.sha256(event.id.encode()).hexdigest()


def judged(results: list[Result], provider: str) -> Outcome:
    """What became of a message, all of whose events were looked at."""
    states = {one["status"] for one in results}
    if "rejected" in states:
        return Outcome(DeliveryStatus.FAILED, "rejected", results)
    if states & {"created", "merged"}:
        bare = any(one.get("only_id") for one in results)
        return Outcome(DeliveryStatus.DONE, only_id(provider) if bare else "", results)
    reason = next((one for one in ("test", "deleted", "not_a_lead") if one in states), "known")
    return Outcome(DeliveryStatus.ASIDE, reason, results)
