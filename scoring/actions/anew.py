"""All leads looked at anew after the rules changed: at once when they are few, else set by set as due work.

Each set is a transaction of its own: old scores stand until the new ones are in, lists stay usable, a killed
worker loses one set, and the row says how far it is. A later change of the rules replaces what is running.
"""

import json
import logging
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import F
from django.utils import timezone

from leads.happened import happened
from leads.models import Lead, TagRule
from scoring.models import CardStatus, Rescoring, RescoringStatus, Rule, Scorecard
from workspaces.bell import ring
from workspaces.due import FREE, MAX_ATTEMPTS, LeaseLost, claim_due, finish, ours, renew
from workspaces.ids import first_id
from workspaces.models import Member, Workspace
from workspaces.permissions import require
from workspaces.tenancy import enter

log = logging.getLogger(__name__)
AT_ONCE = 5000  # leads that are worth waiting for
SET = 5000  # leads of one transaction
AGAIN_S = 10  # after a set that failed
A_MINUTE = timedelta(minutes=1)
ON_THEIR_WAY = timedelta(minutes=10)  # no arrival takes longer from its first to its last statement


def all_anew(
    leads: Sequence[UUID] | None,
    *,
    as_of: datetime,
    actor: Member | None,
    card: Scorecard | None = None,
    **_facts: Any,
) -> Rescoring | None:
    """Tags, scores and what follows from them, for these leads or (None) for the whole workspace.

    The row of the work when it goes on in the background.
    """
    if leads is not None:
        happened("looked_at_anew", leads, as_of=as_of, actor=actor)
        return None
    before = Rescoring.objects.filter(status__in=[RescoringStatus.RUNNING, RescoringStatus.FAILED])
    before.update(status=RescoringStatus.REPLACED, due_at=None, lease_token=None, finished_at=as_of)
    if Lead.objects.values("pk")[: AT_ONCE + 1].count() <= AT_ONCE:
        happened("looked_at_anew", None, as_of=as_of, actor=actor)
        once_more(as_of, actor)
        return None
    row = Rescoring.objects.create(
        scorecard=card, member=actor, total=Lead.objects.count(), due_at=as_of, started_at=as_of
    )
    ring()
    return row


def once_more(as_of: datetime, actor: Member | None) -> None:
    """Leads that were on their way in while the rules changed: written by the old rules, and seen by nobody since.

    They are looked at in a minute, by a row that nobody watches.
    """
    oldest = timezone.now() - ON_THEIR_WAY
    Rescoring.objects.create(
        status=RescoringStatus.DONE,
        member=actor,
        position=first_id(oldest),
        due_at=as_of + A_MINUTE,
        started_at=as_of,
        finished_at=as_of,
    )


def anew_if_asked(
    leads: Sequence[UUID] | None, *, field: str, as_of: datetime, actor: Member | None, **_facts: Any
) -> None:
    """All leads, if a card in force or a tag rule names the field: what it asks has another answer now."""
    rules = Rule.objects.filter(scorecard__status=CardStatus.ACTIVE)
    asked = [*rules.values_list("condition", "measure", "formula"), *active_tag_rules()]
    if field in json.dumps(asked):
        all_anew(leads, as_of=as_of, actor=actor)


def active_tag_rules() -> list[Any]:
    return list(TagRule.objects.filter(is_active=True).values_list("condition"))


def progress() -> Rescoring | None:
    """The rescoring that is running now."""
    return Rescoring.objects.filter(status=RescoringStatus.RUNNING).select_related("scorecard").first()


def latest() -> Rescoring | None:
    """The last rescoring of all leads in the background, how ever it ended."""
    return Rescoring.objects.filter(total__gt=0).order_by("-created_at", "-id").first()


def stopped() -> Rescoring | None:
    """The rescoring that was given up after faults: the leads behind its place keep their old scores."""
    last = latest()
    return last if last is not None and last.status == RescoringStatus.FAILED else None


def go_on(*, as_of: datetime, actor: Member | None) -> Rescoring | None:
    """Go on where the rescoring stopped; None when none did."""
    require(actor, "rules")
    row = stopped()
    if row is not None:
        Rescoring.objects.filter(pk=row.pk, status=RescoringStatus.FAILED).update(
            status=RescoringStatus.RUNNING,
            due_at=as_of,
            attempts=0,
            parked_at=None,
            finished_at=None,
            last_error="",
            **FREE,
        )
        row.refresh_from_db()
        ring()
    return row


def anew_due(workspace: Workspace, as_of: datetime, *, seconds: float | None = None) -> int:
    """Go on with the workspace's rescoring, set by set; how many leads were looked at.

    It opens its own transactions. ``seconds``: after so long the rest is left to whoever looks next.
    """
    until = None if seconds is None else time.monotonic() + seconds
    done = 0
    while until is None or time.monotonic() < until:
        row = take(workspace, as_of)
        if row is None:
            break
        done += work_on(workspace, row, as_of, until)
    return done


def take(workspace: Workspace, as_of: datetime) -> Rescoring | None:
    with enter(workspace):
        found = claim_due(Rescoring, as_of, timezone.now())
        parked = Rescoring.objects.filter(parked_at__isnull=False, status=RescoringStatus.RUNNING)
        parked.update(status=RescoringStatus.FAILED, due_at=None, finished_at=as_of)
        return found[0] if found else None


def work_on(workspace: Workspace, row: Rescoring, as_of: datetime, until: float | None) -> int:
    done = 0
    try:
        while until is None or time.monotonic() < until:
            with enter(workspace):
                count = one_set(row, as_of)
            done += count
            if not count:
                with enter(workspace):
                    finish(row, lambda: ended(row, as_of))
                return done
        hand_back(workspace, row)
    except LeaseLost:
        log.info("Rescoring %s was replaced, or is another worker's now", row.pk)
    except Exception as fault:
        log.exception("Rescoring %s met a fault after %s leads", row.pk, row.done)
        stumble(workspace, row, fault)
    return done


def one_set(row: Rescoring, as_of: datetime) -> int:
    """The next leads in the order of their ids, with the place that is reached."""
    waiting = Lead.objects.order_by("pk").values_list("pk", flat=True)
    if row.position:
        waiting = waiting.filter(pk__gt=row.position)
    leads = list(waiting[:SET])
    if not leads:
        return 0
    renew(row, timezone.now())
    happened("looked_at_anew", leads, as_of=as_of, actor=row.member)
    ours(row).update(position=leads[-1], done=F("done") + len(leads))
    row.position, row.done = leads[-1], row.done + len(leads)
    return len(leads)


def ended(row: Rescoring, as_of: datetime) -> None:
    if row.status == RescoringStatus.DONE:
        return  # it was for late arrivals
    once_more(as_of, row.member)
    Rescoring.objects.filter(pk=row.pk).update(
        status=RescoringStatus.DONE, finished_at=as_of, total=F("done"), updated_at=as_of
    )


def hand_back(workspace: Workspace, row: Rescoring) -> None:
    """Others are waiting too: whoever looks next goes on."""
    with enter(workspace):
        ours(row).update(attempts=0, **FREE)
        ring()


def stumble(workspace: Workspace, row: Rescoring, fault: Exception) -> None:
    """A fault of ours or of the database: tried again soon, given up after the last attempt."""
    with enter(workspace):
        if row.attempts >= MAX_ATTEMPTS:
            ours(row).update(
                status=RescoringStatus.FAILED, due_at=None, lease_token=None, finished_at=timezone.now()
            )
        else:
            again = timezone.now() + timedelta(seconds=AGAIN_S)
            ours(row).update(leased_until=again, last_error=repr(fault)[:2000])
