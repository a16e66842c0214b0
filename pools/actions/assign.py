"""Qualified leads of the lead pool go to reps by rule: the first rule that fits, in turn, to whoever has room."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, Q

from pools.actions.hold import hold, turns_of
from pools.models import AssignmentRule, Began, Waiting
from pools.planning import MOST, active_rules, choose
from pools.queries import waiting
from pools.statements import execute, fill, texts, uuids
from pools.turns import Choice
from workspaces.models import Member
from workspaces.once import reads_once

FEW = 200  # waiting leads are looked at again every time; where more wait, each only once in a while
RETRY = timedelta(seconds=60)

TURNS = """
UPDATE pools_assignmentrule r SET turn = t.turn, turn_state = t.state::jsonb
FROM unnest({rules}, {turns}, {states}) AS t (id, turn, state)
WHERE r.workspace_id = {workspace} AND r.id = t.id
"""
# The record of the decision about what waits. ``since`` stays as it was.
WAIT = """
INSERT INTO pools_waiting AS w
    (id, workspace_id, created_at, updated_at, lead_id, since, tried_at, rule, reason, why)
SELECT leadcrm_uuid7(), {workspace}, {as_of}, {as_of}, t.lead, {as_of}, {as_of}, t.rule, t.reason, t.why::jsonb
FROM unnest({leads}, {rules}, {reasons}, {whys}) AS t (lead, rule, reason, why)
ON CONFLICT (workspace_id, lead_id) DO UPDATE SET
    tried_at = excluded.tried_at, rule = excluded.rule, reason = excluded.reason, why = excluded.why,
    updated_at = excluded.updated_at
"""


@dataclass
class Assigned:
    """``assigned``: lead -> member; ``waiting``: lead -> reason (no_rule, nobody, full)."""

    assigned: dict[UUID, UUID]
    waiting: dict[UUID, str]


@transaction.atomic
@reads_once
def assign(
    leads: Sequence[UUID] | None, *, as_of: datetime, actor: Member | None = None, **_: Any
) -> Assigned:
    """Give waiting leads (of ``leads``, or all) to reps, and record why and who was passed over.

    Leads that somebody else has locked are left for the next run. Assigners stand in line at the rules;
    locks are taken in the order leads, rules, members, so that nobody waits in a circle.
    """
    if leads is not None and not leads:
        return Assigned({}, {})
    found = lock_waiting(leads, as_of)
    if not found:
        return Assigned({}, {})
    choices = by_the_rules(found, as_of)
    turns = turns_of(choices)
    hold(turns, began=Began.ASSIGNED, as_of=as_of, actor=None)
    keep_waiting([choice for choice in choices if not choice.member], as_of)
    return Assigned(
        {turn.lead: turn.member.pk for turn in turns}, {c.lead: c.waits for c in choices if not c.member}
    )


def by_the_rules(leads: Sequence[UUID], as_of: datetime) -> list[Choice]:
    """What the rules decide about locked leads; whose turn it was is kept. Locks the rules, then the members."""
    rules = list(active_rules().select_for_update(no_key=True))
    choices = choose(leads, rules, as_of, lock=True)
    keep_turns(rules, {turn.rule for turn in turns_of(choices)})
    return choices


def assign_due(as_of: datetime) -> int:
    """Assign what waits, MOST at a time; how many found somebody. Call again until it is 0."""
    return len(assign(None, as_of=as_of).assigned)


def lock_waiting(leads: Sequence[UUID] | None, as_of: datetime) -> list[UUID]:
    rows = waiting() if leads is None else waiting().filter(pk__in=list(leads))
    if leads is None:
        lately = Waiting.objects.filter(tried_at__gt=as_of - RETRY)
        few = ~Exists(lately.order_by()[FEW : FEW + 1])
        rows = rows.filter(few | ~Q(pk__in=lately.values("lead_id")))
    return list(
        rows.select_for_update(no_key=True, skip_locked=True, of=("self",)).values_list("pk", flat=True)[
            :MOST
        ]
    )


def keep_turns(rules: list[AssignmentRule], moved: set[UUID | None]) -> None:
    ours = [rule for rule in rules if rule.pk in moved]
    if ours:
        ids, turns = uuids(rule.pk for rule in ours), uuids(rule.turn for rule in ours)
        execute(
            fill(TURNS, rules=ids, turns=turns, states=texts(json.dumps(rule.turn_state) for rule in ours))
        )


def named(why: dict[str, Any]) -> dict[str, Any]:
    """Without the record of everybody, which is kept for decisions that stand: what waits is decided anew."""
    return {key: value for key, value in why.items() if key != "passing"}


def keep_waiting(choices: list[Choice], as_of: datetime) -> None:
    if choices:
        execute(
            fill(
                WAIT,
                leads=uuids(choice.lead for choice in choices),
                rules=uuids(choice.rule.pk if choice.rule else None for choice in choices),
                reasons=texts(choice.waits for choice in choices),
                whys=texts(json.dumps(named(choice.why), ensure_ascii=False) for choice in choices),
                as_of=as_of,
            )
        )
