"""How a room tells what happened, so that what must follow follows in the same transaction.

Lower rooms never import upper ones: they say what happened to a set of leads, and
``leadcrm/flow.py`` has written down, on one page, which actions come next and in which order.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from workspaces.models import Member
from workspaces.moved import moved

Following = Callable[..., Any]
_following: dict[str, list[Following]] = {}

EVENTS = (
    "arriving",  # new leads are about to be written (fact: arriving, which takes what is decided about them)
    "came_again",  # known leads came in once more (facts: source, a leads.incoming.Source)
    "captured",  # leads came in, new or known (facts: created, the scores of the new ones by id)
    "facts_changed",  # a person or an import changed what is known
    "touched",  # the lead did something
    "followed_up",  # we did something (facts: follow_up)
    "stage_changed",  # facts: transition
    "owner_changed",  # claimed, assigned, released, reclaimed (facts: pool)
    "warned",  # the holder was warned that the clock takes it back
    "merging",  # leads are about to be taken up by others (facts: over, of each two whose pursuit ends)
    "merged",  # leads took up others
    "unmerged",  # a merge was undone: both leads stand again (facts: merged_at)
    "team_changed",  # their holder went to another team, and they with them
    "response_due",  # a response time runs out or was missed (facts: late)
    "approval_asked",  # a step waits for a manager
    "approval_decided",  # a manager decided (facts: approval)
    "rescored",  # the score or the grade changed
    "rules_changed",  # a scorecard, a tag rule, a gate: leads=None means all of the workspace
    "fields_changed",  # a field of the workspace's own came, went or has other choices (facts: field, its name)
    "looked_at_anew",  # a set of leads after the rules changed; None: all of a small workspace
)

UNSEEN = ("arriving", "merging", "rules_changed", "fields_changed")  # nothing to be seen yet


def after(event: str, *actions: Following) -> None:
    """Register what follows an event, in order. Called by leadcrm/flow.py alone."""
    if event not in EVENTS:
        raise ValueError(f"Nothing called {event!r} ever happens.")
    _following[event] = list(actions)


def happened(
    event: str,
    leads: Sequence[UUID] | None,
    *,
    as_of: datetime,
    actor: Member | None,
    **facts: Any,
) -> None:
    """Run what follows ``event`` for a set of leads, in this transaction. An empty set is nothing."""
    if leads is not None and not leads:
        return
    for action in _following.get(event, ()):
        action(leads, as_of=as_of, actor=actor, **facts)
    if event not in UNSEEN:
        moved(leads, actor=actor)
