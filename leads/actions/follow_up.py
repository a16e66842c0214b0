"""A follow-up: something we did, with its outcome and the next step."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext as _

from leads.believable import believable
from leads.happened import happened
from leads.inserting import insert_all
from leads.locking import lock_one, require_holding
from leads.models import FollowUp, Lead, Task
from leads.models.followup import FollowUpChannel, Moved, Outcome
from leads.timeline import tell
from workspaces.models import Member
from workspaces.refusals import Invalid
from workspaces.texts import clean_text

LONGEST = 20_000
MOVING = (Outcome.INTERESTED, Outcome.MEETING_SET, Outcome.PRICE_ASKED)  # outcomes that mean life
CLOCK_DRIFT = timedelta(minutes=5)


def log_follow_up(
    pk: UUID,
    *,
    channel: str,
    summary: str = "",
    outcome: str = "",
    customer_initiated: bool = False,
    moved: Sequence[str] = (),
    next_action: str = "",
    next_at: datetime | None = None,
    at: datetime | None = None,
    as_of: datetime,
    actor: Member | None,
) -> FollowUp:
    """Write down a follow-up; the protection clock runs anew, the score and the next task follow.

    It says what was said, what came of it, or what it moved: a talk of which nobody can say anything moves no clock.
    ``at``: when it took place (not in the future). ``next_at`` makes a task for the actor; the task of
    the step before is done by this.
    """
    check(channel, outcome, summary, at, as_of, moved)
    believable("at", at)
    believable("next_at", next_at)
    lead = lock_one(pk)  # the lock decides against a reclaim that runs at this moment
    require_holding(actor, "follow_up", lead)
    at = at or as_of
    follow_up = FollowUp(
        lead=lead,
        member=actor,
        at=at,
        channel=channel,
        summary=clean_text(summary),
        outcome=outcome,
        customer_initiated=customer_initiated,
        moved=list(dict.fromkeys(moved)),
        next_action=clean_text(next_action)[:300],
        next_at=next_at,
    )
    insert_all([follow_up], as_of=as_of)
    follow_next_step(lead, follow_up, as_of)
    lead.first_response_at = lead.first_response_at or at
    lead.last_follow_up_at = max(lead.last_follow_up_at or at, at)
    lead.next_action_at = next_at
    if customer_initiated or moved or outcome in MOVING:
        lead.moved_at = max(lead.moved_at or at, at)
    lead.version += 1
    lead.updated_at = as_of
    lead.save(
        update_fields=[
            *("first_response_at", "last_follow_up_at", "next_action_at", "moved_at", "version", "updated_at")
        ]
    )
    data = {
        "follow_up": str(follow_up.pk),
        "channel": channel,
        "outcome": outcome,
        "summary": follow_up.summary,
        "customer_initiated": customer_initiated,
        "moved": follow_up.moved,
        "next_action": follow_up.next_action,
        "next_at": next_at.isoformat() if next_at else None,
    }
    tell("followed_up", [(lead.pk, data)], as_of=at, actor=actor)
    happened("followed_up", [lead.pk], as_of=as_of, actor=actor, follow_up=follow_up)
    return follow_up


def check(
    channel: str, outcome: str, summary: str, at: datetime | None, as_of: datetime, moved: Sequence[str] = ()
) -> None:
    errors = []
    if strange := [one for one in moved if one not in Moved.values]:
        message = _("Known values: %(known)s.") % {"known": ", ".join(Moved.values)}
        errors.append({"field": "moved", "code": "unknown_value", "message": f"{strange[0]}: {message}"})
    if not (clean_text(summary) or outcome or moved):
        message = _("Write down what was said, or what came of it.")
        errors.append({"field": "summary", "code": "required", "message": message})
    for name, value, known in (
        ("channel", channel, FollowUpChannel.values),
        ("outcome", outcome, Outcome.values),
    ):
        if value not in known:
            message = _("Known values: %(known)s.") % {"known": ", ".join(k for k in known if k)}
            errors.append({"field": name, "code": "unknown_value", "message": message})
    if len(summary) > LONGEST:
        message = _("At most %(longest)d characters.") % {"longest": LONGEST}
        errors.append({"field": "summary", "code": "too_long", "message": message})
    if at and at > as_of + CLOCK_DRIFT:
        message = _("A follow-up has taken place; plan what is to come as the next step.")
        errors.append({"field": "at", "code": "future", "message": message})
    if errors:
        raise Invalid(errors)


def follow_next_step(lead: Lead, follow_up: FollowUp, as_of: datetime) -> None:
    """The step before is done; the next one becomes a task of whoever holds the lead."""
    Task.objects.filter(lead=lead, origin="follow_up", done_at=None).update(done_at=as_of, updated_at=as_of)
    holder = lead.owner_id or (follow_up.member_id)
    if follow_up.next_at is None or holder is None:
        return
    Task.objects.create(
        lead=lead,
        member_id=holder,
        title=follow_up.next_action or _("Next step"),
        due_at=follow_up.next_at,
        origin="follow_up" if lead.owner_id else "",  # of a free lead: of whoever spoke with it
    )
