"""A vendor may tell of leads by their ids alone: their answers are fetched in turns, and kept with the message."""

import time
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from intake.actions.hooks import keys_of
from intake.hooks.events import Event, told_apart
from intake.hooks.fetching import NotFetched, fetch
from intake.models import Delivery, Hook
from workspaces.due import LEASE_S, MAX_ATTEMPTS

AGAIN_S = 10  # after a first fault, then twice as long each time
SLOWLY_S = 900  # where the vendor wants to be asked less; then twice as long each time
FETCHING_S = LEASE_S / 3  # then the rest of a message's leads is fetched in the next turn
GOING_ON = ("fetch", "fetching")  # reasons of a message of which a part is still to be fetched
ENTERED = ("created", "merged", "known", "test")
Kept = dict[str, dict[str, Any]]  # {the vendor's id of a lead: what was written down of it}


@dataclass
class Asked:
    """The events of a message, those of them that were fetched with their fields. ``missed``: by event why its
    fields are not there; ``waiting``: whose turn comes next; ``done``: by the vendor's id what an earlier turn did;
    ``news``: how many this turn has brought."""

    events: list[Event] = field(default_factory=list)
    fetched: set[str] = field(default_factory=set)
    missed: dict[str, NotFetched] = field(default_factory=dict)
    waiting: set[str] = field(default_factory=set)
    done: Kept = field(default_factory=dict)
    news: int = 0

    @property
    def left(self) -> set[str]:
        """The events that have no fields yet."""
        return self.waiting | set(self.missed)


def fetched(found: list[Event], hook: Hook, delivery: Delivery) -> Asked:
    """With the answers that have to be asked for, where there is a token to ask with. Outside of any transaction.

    Those that an earlier turn has brought are kept with the message; what one lead's answers lack holds up no other.
    """
    turn = Turn(hook, delivery)
    for event in found:
        turn.take(event)
    return turn.asked


class Turn:
    """One turn of asking for the leads of a message, until its time is over or the vendor answers no more."""

    def __init__(self, hook: Hook, delivery: Delivery) -> None:
        self.keys, self.kept = keys_of(hook), known_of(delivery)
        self.asked = Asked(done=done_before(delivery, self.kept))
        self.until = time.monotonic() + FETCHING_S
        self.stop: NotFetched | None = None

    def take(self, event: Event) -> None:
        """Put the event among those that were asked for, with its answers where they can be had."""
        kept = self.kept.get(event.lead_id, {})
        if event.fetch and kept.get("fields"):
            event = with_kept(event, kept)
            self.asked.fetched.add(event.id)
        elif event.fetch and self.keys.access_token and event.lead_id not in self.asked.done:
            event = self.ask(event)
        self.asked.events.append(event)

    def ask(self, event: Event) -> Event:
        asked = self.asked
        if self.stop is not None:
            asked.missed[event.id] = self.stop
        elif time.monotonic() > self.until and (asked.news or asked.missed):
            asked.waiting.add(event.id)
        else:
            try:
                event = fetch(event, self.keys)
                asked.fetched.add(event.id)
                asked.news += 1
            except NotFetched as fault:
                asked.missed[event.id] = fault
                self.stop = fault if fault.of_all else None
        return event


def known_of(delivery: Delivery) -> Kept:
    """What was written down of a message's events when it was taken in before, by the vendor's id of the lead."""
    kept = delivery.results if isinstance(delivery.results, list) else []
    return {one["external_id"]: one for one in kept if one.get("external_id")}


def done_before(delivery: Delivery, kept: Kept) -> Kept:
    """What earlier turns have dealt with; nothing when it is done again by hand: everything is entered again."""
    if delivery.reason not in GOING_ON:
        return {}
    return {name: one for name, one in kept.items() if one["status"] in ENTERED or one.get("gone")}


def with_kept(event: Event, kept: dict[str, Any]) -> Event:
    """The event with the answers that were fetched before."""
    about = event.about | kept.get("about", {})
    return told_apart(replace(event, fields=kept["fields"], about=about, fetch=""))


def next_turn(delivery: Delivery, asked: Asked, as_of: datetime) -> datetime | None:
    """When the rest is asked for; None when nothing is left, or waiting will not help."""
    faults = [one for one in asked.missed.values() if one.later]
    if faults and (asked.news or delivery.attempts < MAX_ATTEMPTS):
        pause = SLOWLY_S if any(one.slowly for one in faults) else AGAIN_S
        return as_of + timedelta(seconds=pause * 2 ** (1 if asked.news else delivery.attempts))
    return as_of if asked.waiting else None


def why(asked: Asked, event: Event) -> dict[str, Any]:
    """Why an event has no fields yet. ``gone``: it is not asked for again but by hand."""
    fault = asked.missed.get(event.id)
    if fault is None:
        return {"errors": []}
    errors = [{"field": "", "code": "fetch", "message": fault.detail}]
    return {"errors": errors, "gone": not (fault.later or fault.of_all)}
