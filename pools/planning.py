"""Who would get what: the rules, the reps with their room, and the decision, without writing anything."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from leads.conditions import parse, vocabulary, where
from leads.models import Lead
from pools.matching import first_match
from pools.models import AssignmentRule
from pools.queries import claim_policy, held_up_to, waiting
from pools.statements import fetch, fill, uuids
from pools.turns import Choice, Rep, decide
from workspaces.models import Member, Role
from workspaces.tenancy import current_workspace

MOST = 10_000  # leads at a time; the best first

MATCH = """
SELECT l.id, {match} FROM leads_lead l
WHERE l.workspace_id = {workspace} AND l.id = ANY({leads}) ORDER BY l.score DESC, l.id
"""


def plan(leads: Sequence[UUID] | None, *, as_of: datetime) -> list[Choice]:
    """What ``assign`` would do with these leads now (None: with all that wait)."""
    if leads is None:
        leads = list(waiting().values_list("pk", flat=True)[:MOST])
    return choose(leads, list(active_rules()), reps(), as_of) if leads else []


def unassigned(as_of: datetime) -> list[Choice]:
    """MQLs for which nobody is found, each with the reason; what the next run assigns is not among them."""
    return [choice for choice in plan(None, as_of=as_of) if choice.member is None]


def active_rules() -> QuerySet[AssignmentRule]:
    return AssignmentRule.objects.filter(is_active=True).order_by("position", "id")


def reps(lock: bool = False) -> list[Rep]:
    """Active reps with the room they have; locked when it has to be counted right."""
    rows = Member.objects.filter(role=Role.REP, is_active=True).order_by("id")
    members = list(rows.select_for_update(no_key=True) if lock else rows)
    most = claim_policy().holding_capacity
    limits = {member.pk: min(member.capacity, most) for member in members}
    held = held_up_to(limits)
    return [Rep(member, limits[member.pk] - held.get(member.pk, 0)) for member in members]


def choose(
    leads: Sequence[UUID], rules: Sequence[AssignmentRule], reps: Sequence[Rep], as_of: datetime
) -> list[Choice]:
    """Decide about these leads, the best first; ``rules[…].turn`` moves on."""
    match = first_match(rules, as_of=as_of, lead="l")
    return decide(fetch(fill(MATCH, match=match, leads=uuids(leads))), rules, reps)


def matching(leads: QuerySet[Lead], condition: Any, *, as_of: datetime) -> QuerySet[Lead]:
    """Those that meet a condition given from outside; ConditionError with the path to its fault."""
    workspace = current_workspace()
    parsed = parse(condition, vocabulary(workspace), path="where")
    return leads.filter(where(parsed, as_of=as_of, time_zone=workspace.tz))
