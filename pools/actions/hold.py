"""The one way a lead gets a holder, and the one way it loses its holder."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from leads.actions import planned_sql
from leads.conditions.fragments import Sql, comma, put
from leads.happened import happened
from leads.models import Lead, Pool
from leads.planner import over
from pools.models import Ended
from pools.periods import CLOCKED, active_policies, clocks_sql
from pools.statements import execute, fetch, fill, texts, uuids
from pools.turns import NOBODY, Choice, Passed
from workspaces.models import Member
from workspaces.once import once, reads_once

OPEN_STAGES = "('lead', 'mql', 'sql', 'opportunity')"


@dataclass(frozen=True)
class Turn:
    """Who gets which lead, by which rule, and why (see ``Assignment.why``); ``passed``: who did not get it."""

    lead: UUID
    member: Member
    rule: UUID | None = None
    why: dict[str, Any] = field(default_factory=dict)
    passed: Passed = NOBODY


def turns_of(choices: Iterable[Choice]) -> list[Turn]:
    """Of what the rules decided: those leads that somebody gets."""
    return [
        Turn(one.lead, one.member, one.rule.pk if one.rule else None, one.why, one.passed)
        for one in choices
        if one.member is not None
    ]


# Everything a new holder means for the lead, in one statement: holder, clock, the first thing to do, the record
# of it and the timeline entry. The policies look at the lead as it will be. The rows are locked already.
# Each join names the leads once more: whatever plan is chosen, only their rows are looked at.
HOLD = (
    """
WITH turn AS (
    SELECT * FROM unnest({ids}, {members}, {teams}, {rules}, {whys})
        AS t (lead_id, member_id, team_id, rule, why)
),
"""
    + CLOCKED
    + """,
planned AS MATERIALIZED ({planned}),
held AS (
    UPDATE leads_lead l SET pool = 'sales', pool_since = {as_of}, owner_id = t.member_id, team_id = t.team_id,
        held_since = {as_of}, held_before = 0, worked_before = 0,
        reclaim_at = w.due, reclaim_reason = w.why, warn_at = w.warn,
        next_action_at = CASE
            WHEN l.next_action_at IS NULL OR l.next_action_at > {as_of} + make_interval(hours => p.hours)
                AND l.next_action_at <> l.stage_since THEN {as_of} + make_interval(hours => p.hours)
            ELSE l.next_action_at END,
        version = l.version + 1, updated_at = {as_of}
    FROM turn t JOIN warning w ON w.id = t.lead_id LEFT JOIN planned p ON p.lead_id = t.lead_id
    WHERE l.workspace_id = {workspace} AND l.id = ANY({ids}) AND l.id = t.lead_id
),
waited AS (
    DELETE FROM pools_waiting w WHERE w.workspace_id = {workspace} AND w.lead_id = ANY({ids})
),
passing AS (
    INSERT INTO pools_passing (id, workspace_id, created_at, updated_at, candidates, reasons)
    SELECT p.id, {workspace}, {as_of}, {as_of}, p.candidates::jsonb, p.reasons::jsonb
    FROM unnest({passings}, {candidates}, {reasons}) AS p (id, candidates, reasons)
),
told AS (
    INSERT INTO leads_timelineentry
        (id, workspace_id, created_at, updated_at, lead_id, at, kind, actor_id, data)
    SELECT leadcrm_uuid7(), {workspace}, {as_of}, {as_of}, lead_id, {as_of}, {began}, {actor}::uuid,
        why::jsonb - 'among' || jsonb_build_object('owner', member_id::text)
    FROM turn
)
INSERT INTO pools_assignment (id, workspace_id, created_at, updated_at, lead_id, member_id, began_at, began,
    actor_id, rule, why, ended, end_reason)
SELECT leadcrm_uuid7(), {workspace}, {as_of}, {as_of}, lead_id, member_id, {as_of}, {began},
    {actor}::uuid, rule, why::jsonb, '', ''
FROM turn
"""
)
AS_HELD = """(SELECT {columns} FROM leads_lead x JOIN turn t ON t.lead_id = x.id
    WHERE x.workspace_id = {workspace} AND x.id = ANY({leads}))"""
# What holding changes; a clock that ran before means nothing to the new holder.
CHANGED = {
    "pool": "'sales'::varchar",
    "pool_since": "{as_of}::timestamptz",
    "owner_id": "t.member_id",
    "team_id": "t.team_id",
    "held_since": "{as_of}::timestamptz",
    "held_before": "0::bigint",
    "worked_before": "0::bigint",
    "reclaim_at": "NULL::timestamptz",
    "reclaim_reason": "''::varchar",
    "warn_at": "NULL::timestamptz",
}

# Read in the statement after the one that locked: only then everything committed before is seen.
FREE = """
WITH chosen AS MATERIALIZED (
    SELECT l.id, l.owner_id, l.reclaim_at, l.reclaim_reason, t.why
    FROM leads_lead l JOIN unnest({leads}, {whys}) AS t (id, why) ON t.id = l.id
    WHERE l.workspace_id = {workspace} AND l.id = ANY({leads})
),
freed AS (
    UPDATE leads_lead l SET pool = {pool}, pool_since = {as_of}, owner_id = NULL, team_id = NULL,
        held_since = NULL, held_before = 0, worked_before = 0, reclaim_at = NULL, reclaim_reason = '', warn_at = NULL,
        version = l.version + 1, updated_at = {as_of}
    FROM chosen c WHERE l.workspace_id = {workspace} AND l.id = ANY({leads}) AND l.id = c.id
),
ended AS (
    UPDATE pools_assignment a SET ended_at = {as_of}, ended = {ended}, updated_at = {as_of},
        end_reason = COALESCE({reason}, c.why::jsonb ->> 'reason', c.reclaim_reason)
    FROM chosen c
    WHERE a.workspace_id = {workspace} AND a.lead_id = ANY({leads}) AND a.lead_id = c.id AND a.ended_at IS NULL
),
told AS (
    INSERT INTO leads_timelineentry
        (id, workspace_id, created_at, updated_at, lead_id, at, kind, actor_id, data)
    SELECT leadcrm_uuid7(), {workspace}, {as_of}, {as_of}, id, {as_of}, {kind}, {actor}::uuid,
        jsonb_build_object('former_owner', owner_id::text, 'reason', COALESCE({reason}, reclaim_reason),
            'due', reclaim_at, 'pool', {pool}::text) || why::jsonb
    FROM chosen WHERE owner_id IS NOT NULL
)
SELECT id FROM chosen WHERE owner_id IS NULL
"""

CLOSE = """
UPDATE pools_assignment SET ended_at = {as_of}, ended = {ended}, end_reason = {reason}, updated_at = {as_of}
WHERE workspace_id = {workspace} AND lead_id = ANY({leads}) AND ended_at IS NULL
"""


@reads_once
def hold(turns: Sequence[Turn], *, began: str, as_of: datetime, actor: Member | None) -> None:
    """Give each lead to its member. The caller has locked leads and members and closed what was open."""
    if not turns:
        return
    turns = sorted(turns, key=lambda turn: turn.lead)  # as their rows lie, which is several times faster
    leads = [turn.lead for turn in turns]
    ids, passings = uuids(leads), {t.passed.record: t.passed for t in turns if t.passed.many}
    with over(leads):
        statement = clocks_sql(
            HOLD,
            once("pool_policies", active_policies),
            leads,
            as_of,
            rows=as_held(ids, as_of),
            ids=ids,
            members=uuids(turn.member.pk for turn in turns),
            teams=uuids(turn.member.team_id for turn in turns),
            rules=uuids(turn.rule for turn in turns),
            whys=texts(json.dumps(turn.why, ensure_ascii=False) for turn in turns),
            passings=uuids(passings),
            candidates=texts(json.dumps(one.candidates) for one in passings.values()),
            reasons=texts(json.dumps(one.by_reason()) for one in passings.values()),
            planned=planned_sql(leads),
            began=began,
            actor=actor and str(actor.pk),
        )
        execute(statement)
        happened("owner_changed", leads, as_of=as_of, actor=actor, pool=Pool.SALES)


def as_held(leads: Sql, as_of: datetime) -> Sql:
    """The leads as they will be when their turns have come."""
    columns = [
        put(
            f"{CHANGED[column].replace('{as_of}', '{}')} AS {column}",
            *[as_of] * CHANGED[column].count("{as_of}"),
        )
        if column in CHANGED
        else Sql(f"x.{column}")
        for column in (field.column for field in Lead._meta.concrete_fields)
    ]
    return fill(AS_HELD, columns=comma(columns), leads=leads)


def free(
    leads: Sequence[UUID],
    *,
    pool: str,
    ended: str,
    reason: str | None,
    kind: str,
    as_of: datetime,
    actor: Member | None,
    whys: Sequence[dict[str, Any]] | None = None,
) -> list[UUID]:
    """Take locked leads from their holders into ``pool``; returns those that had a holder.

    ``reason``: None means the reason of the lead's own clock. ``kind``: of the timeline entry,
    which also holds ``whys``: for each of ``leads``, in their order; a reason among them has the last word.
    """
    if not leads:
        return []
    told = ["{}"] * len(leads) if whys is None else [json.dumps(why, ensure_ascii=False) for why in whys]
    statement = fill(
        FREE,
        leads=uuids(leads),
        whys=texts(told),
        pool=pool,
        ended=ended,
        reason=None if reason is None else reason[:300],
        kind=kind,
        as_of=as_of,
        actor=actor and str(actor.pk),
    )
    with over(leads):
        free_before = {row[0] for row in fetch(statement)}
        freed = [lead for lead in leads if lead not in free_before]
        happened("owner_changed", freed, as_of=as_of, actor=actor, pool=pool)
    return freed


def close(leads: Sequence[UUID], *, ended: str = Ended.REASSIGNED, reason: str, as_of: datetime) -> None:
    """End the open assignments of locked leads that go to another holder at once."""
    if leads:
        execute(fill(CLOSE, leads=uuids(leads), ended=ended, reason=reason[:300], as_of=as_of))
