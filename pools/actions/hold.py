"""The one way a lead gets a holder, and the one way it loses its holder."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from leads.happened import happened
from leads.models import Pool
from pools.models import Ended
from pools.statements import execute, fetch, fill, uuids
from workspaces.models import Member

OPEN_STAGES = "('lead', 'mql', 'sql', 'opportunity')"


@dataclass(frozen=True)
class Turn:
    """Who gets which lead, by which rule, and why: ``{"reason", "rule_name", "note", "passed_over"}``."""

    lead: UUID
    member: Member
    rule: UUID | None = None
    why: dict[str, Any] = field(default_factory=dict)


# The lead's holder, the record of it and the timeline entry, in one statement. The rows are locked already.
# Each join names the leads once more: whatever plan is chosen, only their rows are looked at.
HOLD = """
WITH turn AS (
    SELECT * FROM unnest({leads}, {members}, {teams}, {rules}, {whys}::text[])
        AS t (lead_id, member_id, team_id, rule, why)
),
held AS (
    UPDATE leads_lead l SET pool = 'sales', pool_since = {as_of}, owner_id = t.member_id, team_id = t.team_id,
        held_since = {as_of}, reclaim_at = NULL, reclaim_reason = '', warn_at = NULL,
        version = l.version + 1, updated_at = {as_of}
    FROM turn t WHERE l.workspace_id = {workspace} AND l.id = ANY({leads}) AND l.id = t.lead_id
),
waited AS (
    DELETE FROM pools_waiting w WHERE w.workspace_id = {workspace} AND w.lead_id = ANY({leads})
),
told AS (
    INSERT INTO leads_timelineentry
        (id, workspace_id, created_at, updated_at, lead_id, at, kind, actor_id, data)
    SELECT leadcrm_uuid7(), {workspace}, {as_of}, {as_of}, lead_id, {as_of}, {began}, {actor}::uuid,
        why::jsonb || jsonb_build_object('owner', member_id::text)
    FROM turn
)
INSERT INTO pools_assignment (id, workspace_id, created_at, updated_at, lead_id, member_id, began_at, began,
    actor_id, rule, why, ended, end_reason)
SELECT leadcrm_uuid7(), {workspace}, {as_of}, {as_of}, lead_id, member_id, {as_of}, {began},
    {actor}::uuid, rule, why::jsonb, '', ''
FROM turn
"""

# Read in the statement after the one that locked: only then everything committed before is seen.
FREE = """
WITH chosen AS MATERIALIZED (
    SELECT l.id, l.owner_id, l.reclaim_at, l.reclaim_reason, t.why
    FROM leads_lead l JOIN unnest({leads}, {whys}::text[]) AS t (id, why) ON t.id = l.id
    WHERE l.workspace_id = {workspace} AND l.id = ANY({leads})
),
freed AS (
    UPDATE leads_lead l SET pool = {pool}, pool_since = {as_of}, owner_id = NULL, team_id = NULL,
        held_since = NULL, reclaim_at = NULL, reclaim_reason = '', warn_at = NULL,
        version = l.version + 1, updated_at = {as_of}
    FROM chosen c WHERE l.workspace_id = {workspace} AND l.id = ANY({leads}) AND l.id = c.id
),
ended AS (
    UPDATE pools_assignment a SET ended_at = {as_of}, ended = {ended}, updated_at = {as_of},
        end_reason = COALESCE({reason}, c.reclaim_reason)
    FROM chosen c
    WHERE a.workspace_id = {workspace} AND a.lead_id = ANY({leads}) AND a.lead_id = c.id AND a.ended_at IS NULL
),
told AS (
    INSERT INTO leads_timelineentry
        (id, workspace_id, created_at, updated_at, lead_id, at, kind, actor_id, data)
    SELECT leadcrm_uuid7(), {workspace}, {as_of}, {as_of}, id, {as_of}, {kind}, {actor}::uuid,
        why::jsonb || jsonb_build_object('former_owner', owner_id::text, 'reason', COALESCE({reason}, reclaim_reason),
            'due', reclaim_at, 'pool', {pool}::text)
    FROM chosen WHERE owner_id IS NOT NULL
)
SELECT id FROM chosen WHERE owner_id IS NOT NULL
"""

CLOSE = """
UPDATE pools_assignment SET ended_at = {as_of}, ended = {ended}, end_reason = {reason}, updated_at = {as_of}
WHERE workspace_id = {workspace} AND lead_id = ANY({leads}) AND ended_at IS NULL
"""


def hold(turns: Sequence[Turn], *, began: str, as_of: datetime, actor: Member | None) -> None:
    """Give each lead to its member. The caller has locked leads and members and closed what was open."""
    if not turns:
        return
    execute(
        fill(
            HOLD,
            leads=uuids(turn.lead for turn in turns),
            members=uuids(turn.member.pk for turn in turns),
            teams=uuids(turn.member.team_id for turn in turns),
            rules=uuids(turn.rule for turn in turns),
            whys=[json.dumps(turn.why, ensure_ascii=False) for turn in turns],
            began=began,
            as_of=as_of,
            actor=actor and str(actor.pk),
        )
    )
    happened("owner_changed", [turn.lead for turn in turns], as_of=as_of, actor=actor, pool=Pool.SALES)


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
    which also holds ``whys``: for each of ``leads``, in their order.
    """
    if not leads:
        return []
    statement = fill(
        FREE,
        leads=uuids(leads),
        whys=[json.dumps(why, ensure_ascii=False) for why in whys or [{}] * len(leads)],
        pool=pool,
        ended=ended,
        reason=None if reason is None else reason[:300],
        kind=kind,
        as_of=as_of,
        actor=actor and str(actor.pk),
    )
    freed = [row[0] for row in fetch(statement)]
    happened("owner_changed", freed, as_of=as_of, actor=actor, pool=pool, ended=ended)
    return freed


def close(leads: Sequence[UUID], *, ended: str = Ended.REASSIGNED, reason: str, as_of: datetime) -> None:
    """End the open assignments of locked leads that go to another holder at once."""
    if leads:
        execute(fill(CLOSE, leads=uuids(leads), ended=ended, reason=reason[:300], as_of=as_of))
