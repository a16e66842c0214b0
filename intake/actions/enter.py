"""Stored answers and visits enter the workspace, many at once. Due work: done once, whoever dies meanwhile."""

import logging
import time
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.dateparse import parse_datetime

from intake.actions.submit import ANSWERS
from intake.asking import BANDED, title_of
from intake.forms import arrival
from intake.models import ReferralLink, Submission, SubmissionKind, SubmissionStatus, Visitor
from leads.actions import capture, record_touches
from leads.facts import Fields, custom_fields
from leads.incoming import Incoming, Source
from leads.models import Channel, Lead
from workspaces.bell import hear
from workspaces.due import FREE, MAX_ATTEMPTS, LeaseLost, claim_due, ours
from workspaces.models import Workspace
from workspaces.refusals import Invalid, Refusal
from workspaces.tenancy import enter

log = logging.getLogger(__name__)
BATCH = 200
AGAIN_S = 10  # after a first fault, then twice as long each time
KEPT = timedelta(days=30)  # then an answer is dropped; the lead and its touch stay
KEPT_FAILED = timedelta(days=90)


def answers_due(workspace: Workspace, as_of: datetime, *, seconds: float | None = None) -> int:
    """Enter what was sent and is due; how many. It opens its own transactions."""
    until = None if seconds is None else time.monotonic() + seconds
    done = 0
    while until is None or time.monotonic() < until:
        with enter(workspace):
            hear(ANSWERS)
            clock = timezone.now()
            found = claim_due(Submission, as_of, clock, BATCH)
            spent = Submission.objects.filter(parked_at__isnull=False, status=SubmissionStatus.WAITING)
            spent.update(status=SubmissionStatus.FAILED, due_at=None)
        if not found:
            break
        done += take_in(workspace, found, as_of)
    return done


def take_in(workspace: Workspace, found: list[Submission], as_of: datetime) -> int:
    """Leased rows in one transaction; where that fails each by itself, so that one bad row holds up no other."""
    try:
        with enter(workspace):
            settle(found, as_of)
        return len(found)
    except LeaseLost:
        log.info("Answers are another worker's now")
        return 0
    except Exception as fault:
        if len(found) == 1:
            put_off(workspace, found[0], fault, as_of)
            return 0
        log.warning("A set of %d answers met %s: each by itself", len(found), type(fault).__name__)
    return sum(take_in(workspace, [one], as_of) for one in found)


def settle(found: list[Submission], as_of: datetime) -> None:
    """Effect and completion together; LeaseLost, and nothing kept, when a row is somebody else's by now."""
    channels = Channel.objects.in_bulk({one.channel_id for one in found})
    links = linked(found)
    answers = [one for one in found if one.kind == SubmissionKind.ANSWER]
    for (channel, by_link), group in grouped(answers).items():
        enter_answers(channels[channel], group, links if by_link else {}, as_of)
    leases = {one.lease_token for one in found}
    mine = Submission.objects.filter(pk__in=[one.pk for one in found], lease_token__in=leases)
    changed = mine.update(
        status=SubmissionStatus.DONE, due_at=None, attempts=0, last_error="", updated_at=as_of, **FREE
    )
    if changed != len(found):
        raise LeaseLost(f"{len(found) - changed} answers")
    recognise(answers)
    follow([one for one in found if one.kind == SubmissionKind.VISIT], as_of)
    Submission.objects.bulk_update([one for one in answers if one.lead_id], ["lead_id"])


def linked(found: Iterable[Submission]) -> dict[UUID, ReferralLink]:
    ids = {one.link_id for one in found if one.link_id}
    rows = ReferralLink.objects.select_related("member", "member__user")
    return {link.pk: link for link in rows.filter(pk__in=ids)} if ids else {}


def grouped(answers: Iterable[Submission]) -> dict[tuple[UUID, bool], list[Submission]]:
    """By channel, and whether they came by a colleague's link; in the order of the channels' ids."""
    found: dict[tuple[UUID, bool], list[Submission]] = {}
    for one in sorted(answers, key=lambda one: (str(one.channel_id), bool(one.link_id), str(one.pk))):
        found.setdefault((one.channel_id, bool(one.link_id)), []).append(one)
    return found


def enter_answers(
    channel: Channel, answers: list[Submission], links: dict[UUID, ReferralLink], as_of: datetime
) -> None:
    """The answers to one form, as one set of arrivals."""
    custom = custom_fields()
    items = [
        arrived(channel, one, custom, links.get(one.link_id) if one.link_id else None) for one in answers
    ]
    kind = "referral" if links else "form"
    source = Source(kind, channel, touch="form_submit", data={})
    for one, done in zip(answers, capture(items, source=source, as_of=as_of, actor=None), strict=True):
        if done.lead_id is None:
            raise Invalid(done.errors)
        one.lead_id = done.lead_id


def arrived(
    channel: Channel, answer: Submission, custom: Fields, link: ReferralLink | None = None
) -> Incoming:
    """A stored answer as an arrival, with what is told of it in the touch and the timeline."""
    attributes = {key: value for key, value in answer.data.get("attributes", {}).items() if key in custom}
    item = arrival({**answer.data, "attributes": attributes, "consent": True}, without_needs(channel), custom)
    told: dict[str, Any] = {"form": title_of(channel), **answer.notes}
    if answer.consent:
        told["consent"] = answer.consent
    if item.facts.get("pain"):
        told["message"] = item.facts["pain"]
    if said := {name: answer.data[name] for name in BANDED if isinstance(answer.data.get(name), str)}:
        told["answers"] = said
    if link is not None:
        told |= {"referred_by": str(link.member_id), "referred_by_name": str(link.member)}
    campaign = channel.campaign or answer.notes.get("utm_campaign", "")[:200]
    if campaign and not item.facts.get("campaign"):
        item.facts["campaign"] = campaign
    item.told, item.at = told, answer.received_at
    return item


def without_needs(channel: Channel) -> Channel:
    """The channel as the answer met it: what became required since is not asked of it any more."""
    form = {**channel.form, "required": []} if isinstance(channel.form, dict) else {}
    return Channel(pk=channel.pk, form=form, name=channel.name, campaign=channel.campaign)


def recognise(answers: Iterable[Submission]) -> None:
    """From now on a browser that agreed is known as the lead it named itself. The rows are locked by now, and read
    once more: who has taken their consent back since the set was claimed is not known by it."""
    named = [one for one in sorted(answers, key=lambda one: one.pk) if one.visitor]
    if not named:
        return
    ids = [one.pk for one in named]
    agreed = set(Submission.objects.filter(pk__in=ids).exclude(visitor="").values_list("pk", flat=True))
    rows = {
        one.visitor: Visitor(
            channel_id=one.channel_id, lead_id=one.lead_id, digest=one.visitor, agreed_at=one.received_at
        )
        for one in named
        if one.lead_id and one.pk in agreed
    }
    Visitor.objects.bulk_create(
        [rows[key] for key in sorted(rows)],
        update_conflicts=True,
        unique_fields=["workspace", "digest"],
        update_fields=["lead", "channel", "updated_at"],
    )


def follow(visits: list[Submission], as_of: datetime) -> None:
    """What known visitors did becomes touches of their leads; whoever is not known (any more) leaves nothing."""
    if not visits:
        return
    known = dict(
        Visitor.objects.filter(digest__in={one.visitor for one in visits}).values_list("digest", "lead_id")
    )
    there = set(Lead.objects.filter(pk__in=set(known.values())).values_list("pk", flat=True))
    items: list[tuple[UUID, str, datetime | None, dict[str, Any]]] = []
    for visit in visits:
        lead = known.get(visit.visitor)
        if lead in there:
            for event in visit.data.get("events", []):
                at = parse_datetime(event.get("at", "")) or visit.received_at
                items.append((lead, event["kind"], min(at, as_of), {**event.get("data", {}), **visit.notes}))
    if items:
        record_touches(items, as_of=as_of, actor=None)


def put_off(workspace: Workspace, row: Submission, fault: Exception, as_of: datetime) -> None:
    """Again after a pause; failed at once when it is refused, and after five tries."""
    if not isinstance(fault, Refusal):
        log.error("Answer %s met a fault", row.pk, exc_info=fault)
    said = fault.message if isinstance(fault, Refusal) else type(fault).__name__
    values: dict[str, Any] = {"last_error": said, "updated_at": as_of, **FREE}
    if isinstance(fault, Refusal) or row.attempts >= MAX_ATTEMPTS:
        values |= {"status": SubmissionStatus.FAILED, "due_at": None, "attempts": 0}
    else:
        values |= {"due_at": as_of + timedelta(seconds=AGAIN_S * 2**row.attempts)}
    with enter(workspace):
        ours(row).update(**values)


def forget_answers(as_of: datetime) -> int:
    """Drop answers of the open workspace that were entered long ago; how many. They hold personal data."""
    old = Submission.objects.filter(received_at__lt=as_of - KEPT, status=SubmissionStatus.DONE)
    failed = Submission.objects.filter(received_at__lt=as_of - KEPT_FAILED).exclude(
        status=SubmissionStatus.WAITING
    )
    ids = list((old | failed).order_by("received_at").values_list("pk", flat=True)[:1000])
    if ids:
        Submission.objects.filter(pk__in=ids).delete()
    return len(ids)
