"""The holder is warned before the clock takes a lead back."""

from datetime import datetime

from django.db import transaction

from leads.happened import happened
from pools.statements import fetch, fill
from workspaces.models import Member

BATCH = 500

# What is due to be taken back in this very run is not warned about any more.
WARN = """
WITH due AS MATERIALIZED (
    SELECT id, owner_id, reclaim_at, reclaim_reason, warn_at, reclaim_at - interval '1 day' AS last_day
    FROM leads_lead
    WHERE workspace_id = {workspace} AND warn_at <= {as_of} AND reclaim_at > {as_of}
    ORDER BY warn_at LIMIT {limit} FOR NO KEY UPDATE SKIP LOCKED
),
warned AS (
    UPDATE leads_lead l
    SET warn_at = CASE WHEN due.last_day > {as_of} AND due.warn_at < due.last_day THEN due.last_day END
    FROM due WHERE l.workspace_id = {workspace} AND l.id = due.id
)
INSERT INTO leads_timelineentry
    (id, workspace_id, created_at, updated_at, lead_id, at, kind, actor_id, data)
SELECT leadcrm_uuid7(), {workspace}, {as_of}, {as_of}, id, {as_of}, 'warned', NULL,
    jsonb_build_object('owner', owner_id::text, 'due', reclaim_at, 'reason', reclaim_reason)
FROM due
RETURNING lead_id
"""


@transaction.atomic
def warn_due(as_of: datetime, *, limit: int = BATCH, actor: Member | None = None) -> int:
    """Write a warning into the timelines of up to ``limit`` leads; returns how many.

    Twice a period: at the policy's share of it, then a day before its end. ``warn_at`` moves on to the
    second and is cleared by it; set_clocks begins anew only when the end of the period moves.
    """
    warned = [row[0] for row in fetch(fill(WARN, as_of=as_of, limit=limit))]
    happened("warned", warned, as_of=as_of, actor=actor)
    return len(warned)
