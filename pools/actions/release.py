"""A holder gives leads back; a lead that is lost, unfit or sent back leaves its holder."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from leads.models import Lead, Pool, Stage
from leads.models.lead import OPEN
from pools.actions.hold import free
from pools.models import Ended
from workspaces.models import Member
from workspaces.permissions import may
from workspaces.refusals import Invalid, NotAllowed, NotThere, Refused

RETURNABLE = {*OPEN, Stage.DEFERRED}


@transaction.atomic
def release(leads: Sequence[UUID], reason: str, *, as_of: datetime, actor: Member | None) -> list[UUID]:
    """Put held leads into the recycle pool, all or none. By their holder, or by a manager for anybody.

    Raises Invalid without a reason, NotThere, NotAllowed for somebody else's lead, Refused ``not_held``
    and ``closed`` (won, lost and disqualified leads stay where they are).
    """
    reason = reason.strip()
    if not reason:
        raise Invalid.field("reason", _("Say why: the next holder will read it."), "required")
    held = lock_leads(leads)
    for lead in held:
        check_release(lead, actor)
    ids = [lead.pk for lead in held]
    return free(
        ids, pool=Pool.RECYCLE, ended=Ended.RELEASED, reason=reason, kind="released", as_of=as_of, actor=actor
    )


def check_release(lead: Lead, actor: Member | None) -> None:
    if lead.owner_id is None:
        raise Refused("not_held", _("Nobody holds “%(lead)s”.") % {"lead": lead})
    if not may(actor, "assign") and lead.owner_id != (actor and actor.pk):
        raise NotAllowed(_("Only its holder or a manager can give a lead back."))
    if lead.stage not in RETURNABLE:
        stage = lead.get_stage_display()
        raise Refused("closed", _("A lead at “%(stage)s” is not given back.") % {"stage": stage})


def lock_leads(leads: Sequence[UUID]) -> list[Lead]:
    """These leads, locked in the order of their ids; NotThere when one of them does not exist."""
    wanted = set(leads)
    found = list(Lead.objects.select_for_update(no_key=True).filter(pk__in=wanted).order_by("id"))
    if len(found) < len(wanted):
        raise NotThere(_("There is no such lead."))
    return found
