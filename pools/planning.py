"""Who would get what: the rules, the reps with their room, and the decision, without writing anything."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from leads.conditions import parse, vocabulary, where
from leads.conditions.fragments import comma
from leads.models import Lead
from pools.deciding import Floor, Named, decide
from pools.matching import Asking
from pools.models import AssignmentPolicy, AssignmentRule, AssignmentRuleMember, RepTerms, Strategy
from pools.queries import HOLDERS, claim_policy, day_of, held_up_to, rooms_by_grade, waiting
from pools.statements import fetch, fill, uuids
from pools.strategies import Known
from pools.turns import Choice, Facts, Rep, wait_reason
from workspaces.calendar import attendance
from workspaces.models import Member, Role
from workspaces.once import once
from workspaces.tenancy import current_workspace

MOST = 10_000  # leads at a time; the best first
LOOKED_BACK = timedelta(days=365)

MATCH = """
SELECT l.id, ARRAY[{holds}]::boolean[], l.grade, l.industry, l.company_id, l.owner_id, ch.owner_team_id
FROM leads_lead l LEFT JOIN leads_channel ch ON ch.workspace_id = {workspace} AND ch.id = l.channel_id
WHERE l.workspace_id = {workspace} AND l.id = ANY({leads}) ORDER BY l.score DESC, l.id
"""
FORMER = """
SELECT a.lead_id, a.member_id, max(a.ended_at) FROM pools_assignment a
WHERE a.workspace_id = {workspace} AND a.lead_id = ANY({leads}) AND a.ended_at > {since}
GROUP BY a.lead_id, a.member_id
"""
# What the rules gave: claims have a quota of their own.
TAKEN = """
SELECT a.member_id, count(*) FILTER (WHERE a.began_at >= {day}), count(*) FROM pools_assignment a
WHERE a.workspace_id = {workspace} AND a.member_id = ANY({members}) AND a.began = 'assigned'
    AND a.began_at >= {week}
GROUP BY a.member_id
"""
# Whoever holds another lead of the company; the one who has held one longest.
COMPANIES = """
SELECT DISTINCT ON (l.company_id) l.company_id, l.owner_id FROM leads_lead l
WHERE l.workspace_id = {workspace} AND l.company_id = ANY({companies}) AND l.owner_id IS NOT NULL
ORDER BY l.company_id, l.held_since, l.id
"""
# Won, lost or disqualified by whoever held it then: who takes it over later has not won it.
CLOSED = """
SELECT a.member_id, l.industry, l.grade, count(*) FILTER (WHERE l.stage = 'won'), count(*)
FROM pools_assignment a JOIN leads_lead l ON l.workspace_id = {workspace} AND l.id = a.lead_id
WHERE a.workspace_id = {workspace} AND a.member_id = ANY({members})
  AND ((l.stage = 'won' AND l.stage_since >= {since} AND a.began_at <= l.stage_since
        AND (a.ended_at IS NULL OR a.ended_at > l.stage_since))
    OR (a.ended = 'closed' AND a.end_reason IN ('lose', 'disqualify') AND a.ended_at >= {since}))
GROUP BY a.member_id, l.industry, l.grade
"""


@dataclass
class Team:
    """Everybody who can be given leads, and whom each rule names."""

    reps: list[Rep]
    named: Named = field(default_factory=dict)
    default: Rep | None = None


def plan(leads: Sequence[UUID] | None, *, as_of: datetime) -> list[Choice]:
    """What ``assign`` would do with these leads now (None: with all that wait)."""
    if leads is None:
        leads = list(waiting().values_list("pk", flat=True)[:MOST])
    return choose(leads, list(active_rules()), as_of) if leads else []


def unqualified(choices: Sequence[Choice]) -> int:
    """How many of these the rules give to nobody before they are qualified."""
    return len(choices) - waiting().filter(pk__in=[choice.lead for choice in choices]).count()


def unassigned(as_of: datetime) -> list[Choice]:
    """Leads for which nobody is found, each with the reason; what the next run assigns is not among them."""
    return [choice for choice in plan(None, as_of=as_of) if choice.member is None]


def without_takers(rules: Sequence[AssignmentRule], as_of: datetime) -> dict[UUID, str]:
    """Rules whose leads nobody could take at this moment, each with the reason: nobody, full, absent, …"""
    team = the_team(rules, as_of, lock=False)
    floor = Floor(rules, team.reps, Known(as_of), team.named, team.default)
    return {
        desk.rule.pk: wait_reason(Choice(desk.rule.pk, passed=desk.passed), len(desk.reps))
        for desk in floor.desks
        if len(desk.out) == len(desk.reps)
    }


def active_rules() -> QuerySet[AssignmentRule]:
    return AssignmentRule.objects.filter(is_active=True).order_by("position", "id")


def choose(
    leads: Sequence[UUID], rules: Sequence[AssignmentRule], as_of: datetime, *, lock: bool = False
) -> list[Choice]:
    """Decide about these leads, the best first; ``rules[…].turn`` moves on. ``lock``: the reps, to count right."""
    facts = facts_of(leads, rules, as_of)
    team = the_team(rules, as_of, lock)
    return decide(facts, rules, team.reps, known(rules, facts, team.reps, as_of), team.named, team.default)


def facts_of(leads: Sequence[UUID], rules: Sequence[AssignmentRule], as_of: datetime) -> list[Facts]:
    """What rules and strategies ask about each lead, and who held it too lately to get it again."""
    asking = Asking(as_of)
    holds = comma([asking.sql(rule.condition) for rule in rules])
    rows = fetch(fill(MATCH, holds=holds, leads=uuids(leads)))
    cooldown = timedelta(days=claim_policy().cooldown_days)
    former: dict[UUID, dict[UUID, datetime]] = {}
    for lead, member, ended in fetch(fill(FORMER, leads=uuids(leads), since=as_of - cooldown)):
        former.setdefault(lead, {})[member] = ended + cooldown
    return [
        Facts(
            lead,
            [index for index, true in enumerate(fits) if true],
            grade,
            industry.strip().casefold(),
            company,
            holder,
            former.get(lead, {}),
            team,
        )
        for lead, fits, grade, industry, company, holder, team in rows
    ]


def the_team(rules: Sequence[AssignmentRule], as_of: datetime, lock: bool) -> Team:
    """Active reps and whoever a rule names, with the room they have; locked when it has to be counted right."""
    named = {
        rule.pk: theirs for rule in rules if (theirs := once("named_by_rules", named_by_rules).get(rule.pk))
    }
    asked = {member for theirs in named.values() for member in theirs}
    default = once("default_assignee", default_assignee)
    found = Member.objects.filter(is_active=True).order_by("id")
    found = found.filter(
        Q(role=Role.REP) | Q(pk__in=[*asked, *([default] if default else [])], role__in=HOLDERS)
    )
    members = list(found.select_for_update(no_key=True) if lock else found)
    reps = with_room(members, as_of)
    return Team(reps, named, next((rep for rep in reps if rep.member.pk == default), None))


def named_by_rules() -> Named:
    """Whom each rule names, with a weight of their own there."""
    named: Named = {}
    for rule, member, weight in AssignmentRuleMember.objects.values_list("rule_id", "member_id", "weight"):
        named.setdefault(rule, {})[member] = weight
    return named


def default_assignee() -> UUID | None:
    policy = AssignmentPolicy.objects.first()
    return policy.default_assignee_id if policy else None


def with_room(members: Sequence[Member], as_of: datetime) -> list[Rep]:
    """What each may still take: in hand (of some grades, too), today and this week; and whether they are there."""
    policy = claim_policy()
    limits = {member.pk: min(member.capacity, policy.holding_capacity) for member in members}
    held, by_grade = held_up_to(limits), rooms_by_grade(limits, policy.capacity_by_grade)
    terms = once("rep_terms", lambda: {row.member_id: row for row in RepTerms.objects.all()})
    there = attendance(as_of)
    limited = [pk for pk, row in terms.items() if row.per_day is not None or row.per_week is not None]
    day, _ends = day_of(as_of)
    week = day - timedelta(days=there.shared.day_of(as_of).weekday())
    taken = {
        member: (today, this_week)
        for member, today, this_week in (
            fetch(fill(TAKEN, members=uuids(limited), day=day, week=week)) if limited else []
        )
    }
    found = []
    for member in members:
        row, (today, this_week) = terms.get(member.pk) or RepTerms(), taken.get(member.pk, (0, 0))
        found.append(
            Rep(
                member,
                room=limits[member.pk] - held.get(member.pk, 0),
                held=held.get(member.pk, 0),
                today=None if row.per_day is None else row.per_day - today,
                week=None if row.per_week is None else row.per_week - this_week,
                by_grade=by_grade.get(member.pk, {}),
                level=row.level,
                weight=row.weight,
                absent=there.away(member.pk) == "absent",
                off_hours=there.away(member.pk, hours=True) == "off_hours",
            )
        )
    return found


def known(
    rules: Sequence[AssignmentRule], facts: Sequence[Facts], reps: Sequence[Rep], as_of: datetime
) -> Known:
    """What the strategies of these rules look at; nothing is read that none of them needs."""
    strategies = {rule.strategy for rule in rules}
    local = as_of.astimezone(current_workspace().tz)
    found = Known(as_of, local.year * 12 + local.month - 1)
    if Strategy.STICKY_COMPANY in strategies:
        companies = {one.company for one in facts if one.company}
        found.companies = dict(fetch(fill(COMPANIES, companies=uuids(companies)))) if companies else {}
    if Strategy.BEST_CLOSER in strategies:
        members = uuids(rep.member.pk for rep in reps)
        for member, industry, grade, won, closed in fetch(
            fill(CLOSED, members=members, since=as_of - LOOKED_BACK)
        ):
            key = (member, industry.strip().casefold(), grade)
            before = found.won.get(key, (0, 0))
            found.won[key] = (before[0] + won, before[1] + closed)
    return found


def matching(leads: QuerySet[Lead], condition: Any, *, as_of: datetime) -> QuerySet[Lead]:
    """Those that meet a condition given from outside; ConditionError with the path to its fault."""
    workspace = current_workspace()
    parsed = parse(condition, vocabulary(workspace), path="where")
    return leads.filter(where(parsed, as_of=as_of, time_zone=workspace.tz))
