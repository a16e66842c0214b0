"""A manager keeps a lead with its holder: an extension of its clock, or a lock until a day. With a reason."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from leads.models import Lead, Pool
from leads.timeline import tell
from pools.actions.clocks import set_clocks
from pools.actions.release import lock_leads
from pools.models import Protection
from workspaces.calendar import working_time
from workspaces.models import Member
from workspaces.permissions import require
from workspaces.refusals import Invalid, Refused

FARTHEST = timedelta(days=730)


@transaction.atomic
def extend(
    leads: Sequence[UUID],
    *,
    reason: str,
    days: int | None = None,
    until: datetime | None = None,
    working: bool = False,
    as_of: datetime,
    actor: Member | None,
) -> list[Protection]:
    """Held leads stay ``days`` longer than their clocks say now, or ``until`` a moment; all or none.

    ``working``: working days. Also beyond the hard maximum: that is what a manager decides. It counts for
    the present holder. Raises NotAllowed, NotThere, Invalid (reason, days, until), Refused ``not_held`` and
    ``no_clock``.
    """
    require(actor, "assign")
    reason = said(reason)
    if (days is None) == (until is None):
        raise Invalid.field("days", _("Say for how many days, or until when."), "required")
    if days is not None and not 0 < days <= FARTHEST.days:
        raise Invalid.field(
            "days", _("Between 1 and %(most)d days.") % {"most": FARTHEST.days}, "out_of_range"
        )
    held = lock_held(leads)
    times = working_time() if working and days else None
    rows = []
    for lead in held:
        if lead.reclaim_at is None:
            raise Refused("no_clock", _("No clock runs for “%(lead)s”.") % {"lead": lead})
        begin = max(lead.reclaim_at, as_of)
        end = until or (times.add_days(begin, days or 0) if times else begin + timedelta(days=days or 0))
        check_until(end, as_of, later_than=lead.reclaim_at)
        rows.append(a_protection(lead, Protection.EXTENSION, end, reason, as_of, actor))
    return keep(rows, "extended", as_of, actor)


@transaction.atomic
def lock_until(
    leads: Sequence[UUID], until: datetime, *, reason: str, as_of: datetime, actor: Member | None
) -> list[Protection]:
    """No clock takes these leads before ``until``, whoever holds them; a lock of before is replaced.

    Raises NotAllowed, NotThere, Invalid (reason, until), Refused ``not_held``.
    """
    require(actor, "assign")
    reason = said(reason)
    check_until(until, as_of)
    held = lock_held(leads)
    end_locks([lead.pk for lead in held], as_of)
    return keep(
        [a_protection(lead, Protection.LOCK, until, reason, as_of, actor) for lead in held],
        "locked",
        as_of,
        actor,
    )


@transaction.atomic
def unlock(leads: Sequence[UUID], *, as_of: datetime, actor: Member | None) -> list[UUID]:
    """The clock counts again as if the lock had never been; those that were locked."""
    require(actor, "assign")
    lock_leads(leads)
    ended = end_locks(leads, as_of)
    tell("unlocked", [(lead, {}) for lead in ended], as_of=as_of, actor=actor)
    set_clocks(ended, as_of=as_of, actor=actor)
    return ended


def end_locks(leads: Sequence[UUID], as_of: datetime) -> list[UUID]:
    rows = Protection.objects.filter(
        lead__in=list(leads), kind=Protection.LOCK, ended_at=None, until__gt=as_of
    )
    found = list(rows.values_list("lead_id", flat=True).distinct())
    rows.update(ended_at=as_of, updated_at=as_of)
    return found


def lock_held(leads: Sequence[UUID]) -> list[Lead]:
    held = lock_leads(leads)
    for lead in held:
        if lead.pool != Pool.SALES:
            raise Refused("not_held", _("Nobody holds “%(lead)s”.") % {"lead": lead})
    return held


def said(reason: str) -> str:
    reason = reason.strip()
    if not reason:
        raise Invalid.field("reason", _("Say why: it stands in the timeline."), "required")
    return reason[:300]


def check_until(until: datetime, as_of: datetime, later_than: datetime | None = None) -> None:
    if until <= as_of:
        raise Invalid.field("until", _("Choose a day in the future."), "past")
    if until > as_of + FARTHEST:
        raise Invalid.field("until", _("Two years at most."), "out_of_range")
    if later_than is not None and until <= later_than:
        raise Invalid.field("until", _("The clock runs longer than that already."), "out_of_range")


def a_protection(
    lead: Lead, kind: str, until: datetime, reason: str, as_of: datetime, actor: Member | None
) -> Protection:
    by = actor.pk if actor else None
    return Protection(lead=lead, kind=kind, until=until, reason=reason, granted_at=as_of, actor_id=by)


def keep(rows: list[Protection], kind: str, as_of: datetime, actor: Member | None) -> list[Protection]:
    Protection.objects.bulk_create(rows)
    told = [(row.lead_id, {"until": row.until.isoformat(), "reason": row.reason}) for row in rows]
    tell(kind, told, as_of=as_of, actor=actor)
    set_clocks([row.lead_id for row in rows], as_of=as_of, actor=actor)
    return rows
