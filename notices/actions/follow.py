"""What happens to leads becomes notices: each function is called by leadcrm/flow.py after one event.

All is read from the timeline entries that the event has just written, in the same transaction, grouped
per member: whoever gets 50 leads at once is told once. One statement where there is nothing to tell.
"""

import json
import re
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid5

from django.db import connection
from django.db.models import Q

from leads.inserting import id_array
from leads.models import Approval, FollowUp, Lead
from leads.planner import over
from notices.actions.notify import News, notify
from notices.models import Kind
from workspaces.calendar import away_until
from workspaces.models import Member, Role
from workspaces.tenancy import current_workspace, current_workspace_id

NAMED = 20  # a notice about many leads names this many

# One row for each (member, kind, who did it, with what words): the entries of this moment, and what they mean.
GROUPED = """
SELECT member, kind, actor_id, facts, (array_agg(id ORDER BY id))[1], count(*),
    (array_agg(lead_id ORDER BY id))[1:{named}], min(due)
FROM ({told}) told
WHERE member IS NOT NULL AND member IS DISTINCT FROM actor_id
GROUP BY member, kind, actor_id, facts
"""
ENTRIES = """
SELECT e.id, e.lead_id, e.kind, e.actor_id, e.data, e.at FROM leads_timelineentry e
WHERE e.workspace_id = %(workspace)s AND e.lead_id = ANY(%(leads)s::uuid[]) AND e.at = %(as_of)s
    AND e.kind = ANY(%(kinds)s)
"""
# Who has a lead now is told to whoever it comes from, or lost it to the clock within the last month.
GOT = f"""
WITH entry AS MATERIALIZED ({ENTRIES})
SELECT (data ->> 'owner')::uuid AS member, CASE WHEN data ? 'handover' THEN 'handover' ELSE 'assigned' END AS kind,
    actor_id, id, lead_id, jsonb_strip_nulls(jsonb_build_object('rule', data -> 'rule_name', 'note', data -> 'note',
        'former_owner', data -> 'former_owner', 'handover', data -> 'handover')) AS facts,
    NULL::timestamptz AS due
FROM entry WHERE kind IN ('assigned', 'given')
UNION ALL
SELECT (data ->> 'former_owner')::uuid, CASE WHEN data ? 'late' THEN 'reclaimed' ELSE 'claimed_by_other' END,
    actor_id, id, lead_id, jsonb_strip_nulls(jsonb_build_object('owner', data -> 'owner', 'note', data -> 'note',
        'reason', CASE WHEN data ? 'late' THEN 'late' END)), NULL
FROM entry WHERE kind IN ('assigned', 'given') AND data ? 'former_owner'
UNION ALL
SELECT (former.data ->> 'former_owner')::uuid, 'claimed_by_other', entry.actor_id, entry.id, entry.lead_id,
    jsonb_build_object('owner', entry.data -> 'owner'), NULL
FROM entry CROSS JOIN LATERAL (
    SELECT t.data FROM leads_timelineentry t
    WHERE t.workspace_id = %(workspace)s AND t.lead_id = entry.lead_id AND t.kind = 'reclaimed'
        AND t.at <= entry.at AND t.at > entry.at - interval '30 days'
    ORDER BY t.at DESC, t.id DESC LIMIT 1
) former
WHERE NOT entry.data ? 'former_owner' AND former.data -> 'former_owner' IS DISTINCT FROM entry.data -> 'owner'
"""
LOST = f"""
WITH entry AS MATERIALIZED ({ENTRIES})
SELECT (data ->> 'former_owner')::uuid AS member, 'reclaimed' AS kind, actor_id, id, lead_id,
    jsonb_strip_nulls(jsonb_build_object('reason', data -> 'reason', 'pool', data -> 'pool',
        'missing', data -> 'missing')) AS facts,
    NULL::timestamptz AS due
FROM entry
"""
WARNED = f"""
WITH entry AS MATERIALIZED ({ENTRIES})
SELECT (data ->> 'owner')::uuid AS member, 'reclaim_warning' AS kind, actor_id, id, lead_id,
    jsonb_strip_nulls(jsonb_build_object('reason', data -> 'reason', 'missing', data -> 'missing')) AS facts,
    (data ->> 'due')::timestamptz AS due
FROM entry
"""
# Whose hold a merge ended: somebody else holds the lead now, or nobody does.
MERGED = f"""
WITH entry AS MATERIALIZED ({ENTRIES})
SELECT (data ->> 'former_owner')::uuid AS member,
    CASE WHEN data ? 'owner' THEN 'claimed_by_other' ELSE 'reclaimed' END AS kind, actor_id, id, lead_id,
    jsonb_strip_nulls(jsonb_build_object('owner', data -> 'owner', 'reason', 'merged')) AS facts,
    NULL::timestamptz AS due
FROM entry
"""
# What concerns whoever holds the lead now.
HELD = f"""
WITH entry AS MATERIALIZED ({ENTRIES})
SELECT l.owner_id AS member, %(told_as)s AS kind, e.actor_id, e.id, e.lead_id,
    jsonb_strip_nulls(jsonb_build_object('reason', e.data -> 'reason', 'trigger', e.data -> 'trigger',
        'angle', e.data -> 'angle', 'source', e.data -> 'source')) AS facts,
    NULL::timestamptz AS due
FROM entry e JOIN leads_lead l ON l.workspace_id = %(workspace)s AND l.id = e.lead_id
"""


def tell_holders(
    leads: Sequence[UUID], *, as_of: datetime, actor: Member | None, pool: str = "sales", **_: Any
) -> None:
    """After leads changed hands: who got them, and who no longer has them."""
    if pool == "sales":
        tell_of(GOT, leads, ["claimed", "assigned", "given"], as_of)
    else:
        tell_of(LOST, leads, ["reclaimed", "released"], as_of)


def tell_merged(leads: Sequence[UUID], *, as_of: datetime, actor: Member | None, **_: Any) -> None:
    """After leads took up others: who held the one whose pursuit ended."""
    tell_of(MERGED, leads, ["merged"], as_of)


def tell_warned(leads: Sequence[UUID], *, as_of: datetime, actor: Member | None, **_: Any) -> None:
    """After holders were warned that the clock takes their leads back."""
    tell_of(WARNED, leads, ["warned"], as_of)
    away = away_until(as_of.astimezone(current_workspace().tz).date()) if leads else {}
    if away:
        tell_managers_of_the_absent(leads, away, as_of)


def tell_managers_of_the_absent(leads: Sequence[UUID], away: dict[UUID, date], as_of: datetime) -> None:
    """Who is away can't do anything about a warning: their managers can."""
    held: dict[UUID, list[tuple[UUID, datetime]]] = {}
    found = Lead.objects.filter(pk__in=list(leads), owner__in=list(away)).order_by("reclaim_at", "id")
    for lead, holder, due in found.values_list("pk", "owner_id", "reclaim_at"):
        if due is not None:
            held.setdefault(holder, []).append((lead, due))
    news = []
    for holder, managers in managers_of(set(held)).items():
        first, due = held[holder][0]
        data: dict[str, Any] = {
            "owner": str(holder),
            "away_until": away[holder].isoformat(),
            "due": due.isoformat(),
        }
        if len(held[holder]) > 1:
            data |= {"count": len(held[holder]), "leads": [str(lead) for lead, _due in held[holder][:NAMED]]}
        source, one = uuid5(first, f"{due.isoformat()} away"), first if len(held[holder]) == 1 else None
        news += [News(manager, Kind.RECLAIM_WARNING, source, one, None, dict(data)) for manager in managers]
    notify(news, as_of=as_of)


def tell_resumed(
    leads: Sequence[UUID], *, as_of: datetime, actor: Member | None, transition: str = "", **_: Any
) -> None:
    """After deferred leads came back on their day: by the clock, not by somebody's step."""
    if transition == "reopen" and actor is None:
        tell_of(HELD, leads, ["resumed"], as_of, told_as=Kind.RESUMED)


def tell_came_again(
    leads: Sequence[UUID], *, as_of: datetime, actor: Member | None, created: Sequence[UUID] = (), **_: Any
) -> None:
    """After a capture: who holds a lead that was known already hears that it came again."""
    fresh = set(created)
    tell_of(HELD, [pk for pk in leads if pk not in fresh], ["came_again"], as_of, told_as=Kind.CAME_AGAIN)


def tell_of(told: str, leads: Sequence[UUID], kinds: list[str], as_of: datetime, **more: Any) -> None:
    if not leads:
        return
    places = {
        "workspace": current_workspace_id(),
        "leads": id_array(leads),
        "as_of": as_of,
        "kinds": kinds,
        **more,
    }
    with over(leads), connection.cursor() as cursor:
        cursor.execute(GROUPED.format(told=told, named=NAMED), places)
        rows = cursor.fetchall()
    notify([news_of(*row) for row in rows], as_of=as_of)


def news_of(
    member: UUID,
    kind: str,
    actor: UUID | None,
    facts: str,
    source: UUID,
    count: int,
    leads: list[UUID],
    due: datetime | None,
) -> News:
    data = json.loads(facts) | ({"due": due.isoformat()} if due else {})
    if count > 1:
        data |= {"count": count, "leads": [str(pk) for pk in leads]}
    return News(member, kind, source, leads[0] if count == 1 else None, actor, data)


# --- people and approvals ----------------------------------------------------------------------
def tell_mentioned(
    leads: Sequence[UUID],
    *,
    as_of: datetime,
    actor: Member | None,
    follow_up: FollowUp | None = None,
    **_: Any,
) -> None:
    """After a follow-up: who stands in it with an @ hears of it."""
    if follow_up is None or "@" not in follow_up.summary:
        return
    data = {"text": follow_up.summary[:300]}
    news = [
        News(member.pk, Kind.MENTION, follow_up.pk, leads[0], by(actor), data)
        for member in mentioned(follow_up.summary)
        if actor is None or member.pk != actor.pk
    ]
    notify(news, as_of=as_of)


def by(actor: Member | None) -> UUID | None:
    return actor.pk if actor else None


def mentioned(text: str) -> list[Member]:
    """Members whose whole name, or the part of their address before the @, follows an @ in the text."""
    found = []
    for member in Member.objects.filter(is_active=True):
        names = [name for name in (member.name, member.email.split("@")[0]) if name]
        if any(re.search(rf"(?<![\w.])@{re.escape(name)}(?![A-Za-z0-9_])", text, re.I) for name in names):
            found.append(member)
    return found


def tell_approvers(leads: Sequence[UUID], *, as_of: datetime, actor: Member | None, **_: Any) -> None:
    """After somebody asked for an approval: all who may give it."""
    waiting = Approval.objects.filter(lead_id__in=list(leads), asked_at=as_of, status="waiting")
    managers = Member.objects.filter(is_active=True, role__in=(Role.ADMIN, Role.MANAGER))
    asked = list(waiting.values_list("pk", "lead_id", "transition", "payload"))
    if not asked:
        return
    others = managers.filter(~Q(pk=actor.pk)) if actor else managers
    news = [
        News(
            manager,
            Kind.APPROVAL_WANTED,
            pk,
            lead,
            by(actor),
            {"transition": step, "note": payload.get("note", "")},
        )
        for manager in others.values_list("pk", flat=True)
        for pk, lead, step, payload in asked
    ]
    notify(news, as_of=as_of)


def tell_decided(
    leads: Sequence[UUID], *, as_of: datetime, actor: Member | None, approval: Approval, **_: Any
) -> None:
    """After a manager's decision: whoever asked."""
    if actor is not None and approval.asked_by_id == actor.pk:
        return
    approved = approval.status == "approved"
    data = {"transition": approval.transition, "approved": approved, "reason": approval.reason}
    source = uuid5(approval.pk, approval.status)
    news = News(approval.asked_by_id, Kind.APPROVAL_DECIDED, source, approval.lead_id, by(actor), data)
    notify([news], as_of=as_of)


# --- response times ----------------------------------------------------------------------------
def tell_late(
    leads: Sequence[UUID], *, as_of: datetime, actor: Member | None, late: Sequence[Any] = (), **_: Any
) -> None:
    """After a response time ran out: the holder, or the managers of the holder's team, once for each step.

    What awaits a first contact and what awaits the next are two things to be told.
    """
    holders: dict[tuple[UUID, UUID, bool, str, str], list[Any]] = {}
    managers = managers_of({one.member for one in late if one.do == "manager"})
    for one in late:
        if one.do == "manager":
            for manager in managers.get(one.member, []):
                holders.setdefault((manager, one.member, one.missed, one.left, one.awaited), []).append(one)
        elif one.do != "hand_on":  # who gets and who loses it hears of it by the change itself
            holders.setdefault((one.member, one.member, one.missed, "", one.awaited), []).append(one)
    notify([late_news(*key, many) for key, many in holders.items() if key[0]], as_of=as_of)


def late_news(to: UUID, holder: UUID, missed: bool, left: str, awaited: str, many: list[Any]) -> News:
    first = min(many, key=lambda one: one.target_at)
    data: dict[str, Any] = {
        "owner": str(holder),
        "awaited": awaited,
        "due": first.target_at.isoformat(),
        "missed": missed,
    }
    if left:
        data["left"] = left
    if len(many) > 1:
        data |= {"count": len(many), "leads": [str(one.lead) for one in many[:NAMED]]}
    kind = Kind.RESPONSE_DUE if to == holder else Kind.RESPONSE_LATE
    source = uuid5(first.lead, f"{first.began_at.isoformat()} {first.do} {first.after}")
    return News(to, kind, source, first.lead if len(many) == 1 else None, None, data)


def managers_of(holders: set[UUID]) -> dict[UUID, list[UUID]]:
    """Who is told of each: the managers of their team, else all managers, else the admins. Never they themselves."""
    if not holders:
        return {}
    above = list(Member.objects.filter(is_active=True, role__in=(Role.ADMIN, Role.MANAGER)))
    teams = dict(Member.objects.filter(pk__in=holders).values_list("pk", "team_id"))
    found = {}
    for holder in holders:
        others = [one for one in above if one.pk != holder]
        managers = [one for one in others if one.role == Role.MANAGER]
        own = [one for one in managers if one.team_id and one.team_id == teams.get(holder)]
        found[holder] = [one.pk for one in own or managers or others]
    return found
