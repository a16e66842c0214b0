"""A manager hands leads to somebody."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from leads.models import Lead, Stage
from leads.models.lead import OPEN
from pools.actions.hold import Turn, close, hold
from pools.actions.release import lock_leads
from pools.models import Began
from pools.queries import HOLDERS, claim_policy, held_by, rooms_by_grade
from workspaces.models import Member
from workspaces.permissions import require
from workspaces.refusals import Invalid, NotThere, Refused

SET_ASIDE = {Stage.LOST, Stage.DISQUALIFIED}


@dataclass
class Given:
    """``given``: lead -> its new holder; ``kept``: leads that were theirs already."""

    given: dict[UUID, UUID]
    kept: list[UUID]


@transaction.atomic
def give(
    leads: Sequence[UUID],
    to: Member,
    reason: str = "",
    *,
    as_of: datetime,
    actor: Member | None,
    override: bool = False,
) -> Given:
    """Hand leads of any pool to one member, all or none; by a manager.

    Raises NotAllowed, NotThere, Invalid for a member who can't hold leads, Refused ``frozen`` for a lead
    that is set aside and ``capacity`` when ``to`` would hold too many and ``override`` is not said.
    """
    return share_out(leads, [to], reason, as_of=as_of, actor=actor, override=override)


def share_out(
    leads: Sequence[UUID],
    to: Sequence[Member],
    reason: str,
    *,
    as_of: datetime,
    actor: Member | None,
    override: bool,
) -> Given:
    """In the order of ``leads``, to each of ``to`` in turn. Locks leads, then members."""
    require(actor, "assign")
    locked = {lead.pk: lead for lead in lock_leads(leads)}
    members = lock_members(to)
    check_stages(locked.values())
    turns, kept = [], []
    for at, pk in enumerate(lead for lead in leads if lead in locked):
        member = members[at % len(members)]
        if locked[pk].owner_id == member.pk:
            kept.append(pk)
        else:
            turns.append(Turn(pk, member, why={"reason": "given", "note": reason} | former(locked[pk])))
    if not override:
        check_capacity(members, turns, locked)
    moving = [turn.lead for turn in turns if locked[turn.lead].owner_id]
    close(moving, reason=reason, as_of=as_of)
    hold(turns, began=Began.GIVEN, as_of=as_of, actor=actor)
    return Given({turn.lead: turn.member.pk for turn in turns}, kept)


def former(lead: Lead) -> dict[str, str]:
    return {"former_owner": str(lead.owner_id)} if lead.owner_id else {}


def lock_members(to: Sequence[Member]) -> list[Member]:
    """As stored now, in the order asked for; locked in the order of their ids."""
    rows = Member.objects.select_for_update(no_key=True).filter(pk__in=[one.pk for one in to]).order_by("id")
    found = {member.pk: member for member in rows}
    if not to or len(found) < len({one.pk for one in to}):
        raise NotThere(_("There is no such member."))
    for member in found.values():
        if not member.is_active or member.role not in HOLDERS:
            raise Invalid.field("owner", _("%(member)s can't hold leads.") % {"member": member})
    return [found[pk] for pk in dict.fromkeys(one.pk for one in to)]


def check_stages(leads: object) -> None:
    for lead in leads:  # type: ignore[attr-defined]
        if lead.stage in SET_ASIDE:
            text = _("“%(lead)s” is at “%(stage)s”. Reopen it first.")
            raise Refused("frozen", text % {"lead": lead, "stage": lead.get_stage_display()})


def check_capacity(members: Sequence[Member], turns: Sequence[Turn], locked: dict[UUID, Lead]) -> None:
    """Refused ``capacity`` when somebody would hold more open leads than they may, or more of a grade."""
    policy, held = claim_policy(), held_by(member.pk for member in members)
    for member in members:
        more = sum(turn.member.pk == member.pk and locked[turn.lead].stage in OPEN for turn in turns)
        capacity, now = min(member.capacity, policy.holding_capacity), held.get(member.pk, 0)
        if more and now + more > capacity:
            text = _(
                "%(member)s holds %(held)d of at most %(capacity)d open leads: no room for %(more)d more."
            )
            values = {"member": member, "held": now, "capacity": capacity, "more": more}
            raise Refused("capacity", text % values)
    check_grades(members, turns, locked, policy.capacity_by_grade)


def check_grades(
    members: Sequence[Member], turns: Sequence[Turn], locked: dict[UUID, Lead], limits: Mapping[str, int]
) -> None:
    """The same for each grade of which nobody may hold more than so many."""
    more = Counter(
        (turn.member.pk, locked[turn.lead].grade) for turn in turns if locked[turn.lead].stage in OPEN
    )
    rooms = rooms_by_grade([member.pk for member in members], limits)
    for member in members:
        for grade, room in rooms.get(member.pk, {}).items():
            if more[member.pk, grade] > room:
                text = _(
                    "%(member)s may hold %(most)d open leads of grade %(grade)s: no room for %(more)d more."
                )
                values = {"member": member, "most": limits[grade], "grade": grade}
                raise Refused("capacity", text % (values | {"more": more[member.pk, grade]}))
