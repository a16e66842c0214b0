"""Members say that a lead is no real one. When enough of them do, its policy takes it back."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from leads.locking import lock_one
from leads.timeline import tell
from pools.actions.clocks import set_clocks
from pools.models import InvalidMark
from workspaces.models import Member
from workspaces.permissions import require
from workspaces.refusals import Refused


@transaction.atomic
def mark_invalid(lead: UUID, reason: str = "", *, as_of: datetime, actor: Member) -> int:
    """One more member says so; how many do by now. Refused ``marked`` the second time."""
    require(actor, "follow_up")
    lock_one(lead)
    open_ = InvalidMark.objects.filter(lead_id=lead, settled_at=None)
    if open_.filter(member=actor).exists():
        raise Refused("marked", _("You have marked this lead as invalid already."))
    InvalidMark.objects.create(lead_id=lead, member=actor, at=as_of, reason=reason.strip()[:300])
    many = open_.count()
    tell(
        "marked_invalid", [(lead, {"reason": reason.strip()[:300], "marks": many})], as_of=as_of, actor=actor
    )
    set_clocks([lead], as_of=as_of, actor=actor)
    return many


@transaction.atomic
def unmark_invalid(lead: UUID, *, as_of: datetime, actor: Member) -> int:
    """The member takes their mark back; how many are left."""
    require(actor, "follow_up")
    lock_one(lead)
    open_ = InvalidMark.objects.filter(lead_id=lead, settled_at=None)
    if open_.filter(member=actor).delete()[0]:
        tell("unmarked_invalid", [(lead, {"marks": open_.count()})], as_of=as_of, actor=actor)
        set_clocks([lead], as_of=as_of, actor=actor)
    return open_.count()


def settle_marks(leads: list[UUID], as_of: datetime) -> None:
    """The marks on leads that were taken back for them have had their effect."""
    InvalidMark.objects.filter(lead__in=leads, settled_at=None).update(settled_at=as_of)
