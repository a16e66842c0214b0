"""A member leaves or is away: what they hold goes to colleagues, with its stage, tasks and history."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from leads.models import Lead
from leads.planner import over
from pools.actions.assign import by_the_rules
from pools.actions.give import check_capacity, check_stages, former, lock_members
from pools.actions.hold import Turn, close, hold, turns_of
from pools.actions.release import lock_leads
from pools.models import Began, Handover
from pools.statements import execute, fill, uuids
from workspaces.models import Member
from workspaces.permissions import require
from workspaces.refusals import Invalid, Refused

# Who gets the lead gets what was still to be done for it; what a third person has to do stays theirs.
TASKS = """
UPDATE leads_task t SET member_id = g.member, updated_at = {as_of}
FROM unnest({leads}, {members}) AS g (lead, member)
WHERE t.workspace_id = {workspace} AND t.lead_id = g.lead AND t.member_id = {holder}::uuid AND t.done_at IS NULL
"""


@dataclass
class HandedOver:
    """``given``: lead -> its new holder; ``left``: lead -> why nobody was found; both in order of score."""

    record: Handover
    given: dict[UUID, UUID] = field(default_factory=dict)
    left: dict[UUID, str] = field(default_factory=dict)


@transaction.atomic
def hand_over(
    holder: Member,
    to: Sequence[Member],
    reason: str,
    *,
    leads: Sequence[UUID] | None = None,
    by_rule: bool = False,
    as_of: datetime,
    actor: Member | None,
    override: bool = False,
) -> HandedOver:
    """Everything ``holder`` has (or those of ``leads`` that are theirs) goes to one or many, evenly.

    ``by_rule``: the assignment rules decide instead, lead by lead; for whom they find nobody, stays. A
    reason is needed: it is what the new holders read. By a manager. Raises Invalid, NotThere, Refused
    ``nothing`` (they hold none of these), ``frozen``, and ``capacity`` unless ``override`` is said.
    """
    require(actor, "assign")
    check(holder, to, reason, by_rule)
    ids = held(holder, leads)
    locked = {lead.pk: lead for lead in lock_leads(ids) if lead.owner_id == holder.pk}
    ids = [pk for pk in ids if pk in locked]  # what left while we waited is not theirs to hand over
    if not ids:
        raise Refused("nothing", _("%(member)s holds none of these leads.") % {"member": holder})
    check_stages(locked.values())
    record = Handover(
        member=holder, actor_id=actor.pk if actor else None, at=as_of, reason=reason.strip()[:300]
    )
    record.by_rule = by_rule
    turns, left = by_rules(ids, as_of) if by_rule else in_turn(ids, to)
    note = {"reason": "given", "note": record.reason, "handover": str(record.pk)}
    turns = [replace(t, why=t.why | note | former(locked[t.lead])) for t in turns]
    if not by_rule and not override:
        check_capacity(lock_members(to), turns, locked)
    record.moved, record.left = len(turns), {str(pk): why for pk, why in left.items()}
    record.save()
    with over(ids):
        close([turn.lead for turn in turns], reason=record.reason, as_of=as_of)
        hold(turns, began=Began.GIVEN, as_of=as_of, actor=actor)
        move_tasks(turns, holder, as_of)
    return HandedOver(record, {turn.lead: turn.member.pk for turn in turns}, left)


def check(holder: Member, to: Sequence[Member], reason: str, by_rule: bool) -> None:
    if not reason.strip():
        raise Invalid.field("reason", _("Say why: the next holder will read it."), "required")
    if by_rule and to:
        raise Invalid.field("to", _("Either you name members, or the rules decide."))
    if not by_rule and not to:
        raise Invalid.field("to", _("Choose at least one member."), "required")
    if any(member.pk == holder.pk for member in to):
        raise Invalid.field("to", _("They hold these leads already."))


def held(holder: Member, leads: Sequence[UUID] | None) -> list[UUID]:
    """What the holder has, or those of ``leads`` that are theirs; the best first."""
    theirs = Lead.objects.filter(owner=holder)
    if leads is not None:
        theirs = theirs.filter(pk__in=list(leads))
    return list(theirs.order_by("-score", "id").values_list("pk", flat=True))


def in_turn(leads: Sequence[UUID], to: Sequence[Member]) -> tuple[list[Turn], dict[UUID, str]]:
    members = lock_members(to)
    return [Turn(pk, members[at % len(members)]) for at, pk in enumerate(leads)], {}


def by_rules(leads: Sequence[UUID], as_of: datetime) -> tuple[list[Turn], dict[UUID, str]]:
    """As the assignment rules give them, each to somebody else than its holder, and in their turn."""
    choices = by_the_rules(leads, as_of)
    return turns_of(choices), {one.lead: one.waits for one in choices if one.member is None}


def move_tasks(turns: Sequence[Turn], holder: Member, as_of: datetime) -> None:
    """Open tasks of the former holder for these leads become the new holders'."""
    if turns:
        members = uuids(turn.member.pk for turn in turns)
        leads = uuids(turn.lead for turn in turns)
        execute(fill(TASKS, leads=leads, members=members, holder=str(holder.pk), as_of=as_of))
