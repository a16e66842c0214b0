"""A rep takes leads from a pool. Nobody waits for a lead, and only success is counted."""

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from leads.conditions.fragments import put
from leads.models import Lead
from leads.models.lead import OPEN
from pools.actions.hold import OPEN_STAGES, Turn, hold
from pools.models import Assignment, Began, Ended
from pools.queries import FREE_POOLS, ClaimRoom, claim_room, with_former_hold
from pools.statements import Sql, fetch, fill, uuids
from pools.who import Claiming, claim_rules, may_claim_sql, speaking
from pools.words import at_local
from workspaces.models import Member
from workspaces.once import reads_once
from workspaces.permissions import require
from workspaces.refusals import NotThere, Refused


@dataclass
class Claimed:
    """``claimed``: in the order asked for; ``refused``: why not, ``{"code", "message", "until"}`` by lead."""

    claimed: list[UUID] = field(default_factory=list)
    refused: dict[UUID, dict[str, Any]] = field(default_factory=dict)


# In the order asked for, as many as there is room for; what somebody else has locked is passed by.
PICK = """
SELECT id FROM leads_lead
WHERE workspace_id = {workspace} AND id = ANY({leads}) AND pool IN ('lead', 'recycle') AND stage IN {open}
ORDER BY array_position({leads}, id) LIMIT {room} FOR NO KEY UPDATE SKIP LOCKED
"""

# Both pools by their index, the better lead first, no further than it takes: what others have locked is passed by.
BEST = """
SELECT l.id FROM (
    (SELECT l.id, l.score FROM leads_lead l WHERE l.workspace_id = {workspace} AND l.pool = 'lead'
        AND l.stage IN {open} AND {not_cooling} AND {theirs} ORDER BY l.score DESC, l.id DESC LIMIT {many})
    UNION ALL
    (SELECT l.id, l.score FROM leads_lead l WHERE l.workspace_id = {workspace} AND l.pool = 'recycle'
        AND l.stage IN {open} AND {not_cooling} AND {theirs} ORDER BY l.score DESC, l.id DESC LIMIT {many})
) best
JOIN leads_lead l ON l.workspace_id = {workspace} AND l.id = best.id
WHERE l.pool IN ('lead', 'recycle') AND l.stage IN {open}
ORDER BY best.score DESC, best.id DESC LIMIT {room} FOR NO KEY UPDATE OF l SKIP LOCKED
"""
NOT_COOLING = """NOT EXISTS (SELECT 1 FROM pools_assignment a WHERE a.workspace_id = {workspace}
    AND a.lead_id = l.id AND a.member_id = {member}::uuid AND a.ended_at > {since})"""
SPARE = 500
LOOKED_AT = 20  # leads of the pools, to say why none of them can be had
LOCK = """
SELECT capacity, team_id FROM workspaces_member WHERE workspace_id = {workspace} AND id = {member}::uuid
FOR NO KEY UPDATE
"""


@reads_once
def claim(member: Member, leads: Sequence[UUID], *, as_of: datetime) -> Claimed:
    """Take these leads for ``member``, in this order, as far as the rules and the room allow.

    Codes of refusal: ``taken``, ``frozen``, ``reserved``, ``cooldown``, ``quota``, ``capacity``, ``not_found``.
    """
    require(member, "claim")
    wanted = list(dict.fromkeys(leads))
    member, room = lock(member, as_of)
    result = Claimed(refused=refusals(member, wanted, room, as_of))
    open_to = [lead for lead in wanted if lead not in result.refused]
    picked = pick(open_to, room.left)
    # Whoever stands before the last one we got was passed by, because somebody else has it in hand.
    spent = len(picked) == room.left
    last = max((open_to.index(lead) for lead in picked), default=-1)
    for index, lead in enumerate(open_to):
        if lead not in picked:
            result.refused[lead] = no_room(room) if spent and index > last else taken_now()
    result.claimed = [lead for lead in open_to if lead in picked]
    give_to(member, result.claimed, "claimed", as_of)
    return result


def claim_one(member: Member, lead: UUID, *, as_of: datetime) -> None:
    """Take one lead, or raise Refused with the code and the reason (NotThere when there is no such lead)."""
    refused = claim(member, [lead], as_of=as_of).refused.get(lead)
    if refused and refused["code"] == "not_found":
        raise NotThere(refused["message"])
    if refused:
        more = {"rule": refused["rule"]} if "rule" in refused else {}
        raise Refused(refused["code"], refused["message"], until=refused["until"], **more)


@reads_once
def claim_best(member: Member, count: int, *, as_of: datetime) -> Claimed:
    """Take the ``count`` best by score that ``member`` may have, or fewer. Refused without room.

    Where there is none for them, ``refused`` says why not the best of what lies in the pools.
    """
    require(member, "claim")
    member, room = lock(member, as_of)
    if not room.left:
        refused = no_room(room)
        raise Refused(refused["code"], refused["message"], until=refused["until"])
    found = best(member, min(count, room.left), room, as_of)
    give_to(member, found, "best", as_of)
    return Claimed(found, {} if found else refusals(member, lying(), room, as_of))


def end_claims(changes: Sequence[dict[str, Any]], *, as_of: datetime, actor: Member) -> set[UUID]:
    """Claims that are being taken back end, and stay as they are: who claimed has seen whom the lead is. They
    count for the day's quota, and who claimed is the lead's former holder. Returns the ids of these assignments."""
    made = [one["id"] for one in changes if one["table"] == Assignment._meta.db_table and not one["before"]]
    claims = Assignment.objects.filter(pk__in=made, began=Began.CLAIMED)
    found = set(claims.values_list("pk", flat=True))
    claims.update(ended_at=as_of, ended=Ended.RELEASED, end_reason="undone", updated_at=as_of)
    return found


def lying() -> list[UUID]:
    """The best of what nobody holds, whoever may have it."""
    free = Lead.objects.filter(pool__in=FREE_POOLS, stage__in=OPEN).order_by("-score", "-pk")
    return list(free.values_list("pk", flat=True)[:LOOKED_AT])


def lock(member: Member, as_of: datetime) -> tuple[Member, ClaimRoom]:
    """One member's claims stand in line, so that room is counted right. Returns the member as stored now."""
    [(capacity, team)] = fetch(fill(LOCK, member=str(member.pk)))
    member = copy(member)
    member.capacity, member.team_id = capacity, team
    return member, claim_room(member, as_of)


def pick(leads: list[UUID], room: int) -> set[UUID]:
    if not leads or not room:
        return set()
    return {row[0] for row in fetch(fill(PICK, leads=uuids(leads), room=room, open=Sql(OPEN_STAGES)))}


def best(member: Member, count: int, room: ClaimRoom, as_of: datetime) -> list[UUID]:
    """The best by score; with limits by grade, each grade up to its own. Grades follow the score."""
    if not room.by_grade:
        return best_of(member, count, room, as_of, Sql("TRUE"))
    found: list[UUID] = []
    for grade in ("A", "B", "C", "D"):
        some = min(count - len(found), room.by_grade.get(grade, count))
        if some > 0:
            found += best_of(member, some, room, as_of, put("l.grade = {}", grade))
    return found


def best_of(member: Member, count: int, room: ClaimRoom, as_of: datetime, among: Sql) -> list[UUID]:
    not_cooling = fill(NOT_COOLING, member=str(member.pk), since=as_of - room.cooldown)
    rules = claim_rules()
    theirs = put("{} AND {}", among, may_claim_sql(member, rules, room.freeze, as_of, "l"))
    if not rules and not room.freeze:
        theirs = among
    statement = fill(
        BEST, not_cooling=not_cooling, theirs=theirs, many=count + SPARE, room=count, open=Sql(OPEN_STAGES)
    )
    return [row[0] for row in fetch(statement)]


def give_to(member: Member, leads: list[UUID], reason: str, as_of: datetime) -> None:
    turns = [Turn(lead, member, why={"reason": reason}) for lead in leads]
    hold(turns, began=Began.CLAIMED, as_of=as_of, actor=member)


def refusals(member: Member, wanted: list[UUID], room: ClaimRoom, as_of: datetime) -> dict[UUID, dict]:
    """What can be said before anything is locked: unknown, held, set aside, reserved, frozen, in cool-down,
    or one too many of its grade."""
    known = with_former_hold(Lead.objects.filter(pk__in=wanted), member).select_related("owner")
    found = {lead.pk: lead for lead in known}
    rules = speaking(list(found), claim_rules(), as_of)
    grades = dict(room.by_grade)
    said = {}
    for pk in wanted:
        no = refusal(found[pk], member, room, as_of, rules.get(pk)) if pk in found else unknown()
        if not no and found[pk].grade in grades:
            grades[found[pk].grade] -= 1
            no = grade_full(found[pk].grade, room) if grades[found[pk].grade] < 0 else None
        if no:
            said[pk] = no
    return said


def refusal(
    lead: Any, member: Member, room: ClaimRoom, as_of: datetime, claiming: Claiming | None = None
) -> dict[str, Any] | None:
    if lead.pool not in FREE_POOLS:
        if lead.owner_id == member.pk:
            return no("taken", _("You hold this lead already."))
        return no("taken", _("%(owner)s holds this lead.") % {"owner": lead.owner})
    if lead.stage not in OPEN:
        text = _("This lead is at “%(stage)s” and can't be claimed. Reopen it first.")
        return no("frozen", text % {"stage": lead.get_stage_display()})
    if claiming is not None and not claiming.lets(member):
        return reserved(claiming)
    fresh_until = lead.captured_at + (claiming.freeze(room.freeze) if claiming else room.freeze)
    if fresh_until > as_of:
        text = _("This lead has just come in: nobody may claim it before %(until)s.")
        return no("frozen", text % {"until": at_local(fresh_until)}, fresh_until)
    if lead.left_member_at and lead.left_member_at + room.cooldown > as_of:
        return cooling(lead.left_member_at + room.cooldown, room)
    return None


def reserved(claiming: Claiming) -> dict[str, Any]:
    """Whose it is, by which rule."""
    places = {"rule": claiming.rule.name, "team": claiming.rule.team}
    if claiming.rule.team and claiming.named:
        text = _(
            "By the rule “%(rule)s” only the team %(team)s and the members it names may claim this lead."
        )
    elif claiming.rule.team:
        text = _("By the rule “%(rule)s” only the team %(team)s may claim this lead.")
    elif claiming.named:
        text = _("By the rule “%(rule)s” only the members it names may claim this lead.")
    else:
        text = _("By the rule “%(rule)s” nobody may claim this lead.")
    return no("reserved", text % places) | {"rule": claiming.rule.name}


def grade_full(grade: str, room: ClaimRoom) -> dict[str, Any]:
    text = _("You hold as many leads of grade %(grade)s as you may: %(most)d.")
    return no("capacity", text % {"grade": grade, "most": room.limits[grade]})


def cooling(until: datetime, room: ClaimRoom) -> dict[str, Any]:
    text = _("You held this lead before. A former holder waits %(days)d days: until %(until)s.")
    return no("cooldown", text % {"days": room.cooldown.days, "until": at_local(until)}, until)


def no_room(room: ClaimRoom) -> dict[str, Any]:
    """Which of the two limits stands in the way."""
    if not room.quota_left or room.quota_left < room.capacity_left:
        text = _("Today's %(quota)d claims are used up. You can claim again from %(until)s.")
        until = room.quota_until
        return no("quota", text % {"quota": room.quota, "until": at_local(until)}, until)
    text = _("You hold as many open leads as you may: %(capacity)d. Close or give back some first.")
    return no("capacity", text % {"capacity": room.capacity})


def taken_now() -> dict[str, Any]:
    return no("taken", _("Somebody else is taking or changing this lead at this very moment."))


def unknown() -> dict[str, Any]:
    return no("not_found", _("There is no such lead."))


def no(code: str, message: str, until: datetime | None = None) -> dict[str, Any]:
    return {"code": code, "message": message, "until": until.isoformat() if until else None}
