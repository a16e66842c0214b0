"""New MQLs go to reps by rule: the first rule that fits, in turn, to whoever has room."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from pools.actions.hold import Turn, hold
from pools.models import AssignmentRule, Began
from pools.planning import MOST, active_rules, choose, reps
from pools.queries import waiting
from pools.statements import execute, fill, uuids
from workspaces.models import Member

TURNS = """
UPDATE pools_assignmentrule r SET turn = t.turn, updated_at = {as_of}
FROM unnest({rules}, {turns}) AS t (id, turn)
WHERE r.workspace_id = {workspace} AND r.id = t.id
"""


@dataclass
class Assigned:
    """``assigned``: lead -> member; ``waiting``: lead -> reason (no_rule, nobody, full)."""

    assigned: dict[UUID, UUID]
    waiting: dict[UUID, str]


@transaction.atomic
def assign(
    leads: Sequence[UUID] | None, *, as_of: datetime, actor: Member | None = None, **_: Any
) -> Assigned:
    """Give waiting MQLs (of ``leads``, or all) to reps, and record why and who was passed over.

    Leads that somebody else has locked are left for the next run. Assigners stand in line at the rules;
    locks are taken in the order leads, rules, members, so that nobody waits in a circle.
    """
    if leads is not None and not leads:
        return Assigned({}, {})
    found = lock_waiting(leads)
    if not found:
        return Assigned({}, {})
    rules = list(active_rules().select_for_update(no_key=True))
    choices = choose(found, rules, reps(lock=True), as_of)
    turns = [Turn(c.lead, c.member, c.rule.pk if c.rule else None, c.why) for c in choices if c.member]
    keep_turns(rules, {turn.rule for turn in turns}, as_of)
    hold(turns, began=Began.ASSIGNED, as_of=as_of, actor=None)
    return Assigned(
        {turn.lead: turn.member.pk for turn in turns}, {c.lead: c.waits for c in choices if not c.member}
    )


def assign_due(as_of: datetime) -> int:
    """Assign what waits, MOST at a time; how many found somebody. Call again until it is 0."""
    return len(assign(None, as_of=as_of).assigned)


def lock_waiting(leads: Sequence[UUID] | None) -> list[UUID]:
    rows = waiting() if leads is None else waiting().filter(pk__in=list(leads))
    return list(rows.select_for_update(no_key=True, skip_locked=True).values_list("pk", flat=True)[:MOST])


def keep_turns(rules: list[AssignmentRule], moved: set[UUID | None], as_of: datetime) -> None:
    ours = [rule for rule in rules if rule.pk in moved]
    if ours:
        ids, turns = uuids(rule.pk for rule in ours), uuids(rule.turn for rule in ours)
        execute(fill(TURNS, rules=ids, turns=turns, as_of=as_of))
