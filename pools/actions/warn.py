"""The holder is warned before the clock takes a lead back."""

import json
from datetime import datetime

from django.db import transaction

from leads.happened import happened
from leads.models import Lead
from leads.planner import over
from pools.periods import FROM_POLICIES, active_policies, clocks_sql
from pools.statements import execute, texts, uuids
from pools.unmet import missing_of
from workspaces.models import Member
from workspaces.once import once, reads_once

BATCH = 500

# Those that are due are locked. ``why``: more about each of them, for its timeline. Which day is the last one before
# the end of its period is for the policy to say.
WARN = (
    FROM_POLICIES
    + """,
due AS MATERIALIZED (
    SELECT l.id, l.owner_id, l.reclaim_at, l.reclaim_reason, l.warn_at, t.why,
        CASE WHEN s.due = l.reclaim_at THEN {last_day} ELSE l.reclaim_at - interval '1 day' END AS last_day
    FROM warning s {calendars}
    JOIN leads_lead l ON l.workspace_id = {workspace} AND l.id = ANY({ids}) AND l.id = s.id
    JOIN unnest({ids}, {whys}) AS t (id, why) ON t.id = l.id
),
warned AS (
    UPDATE leads_lead l
    SET warn_at = CASE WHEN due.last_day > {as_of} AND due.warn_at < due.last_day THEN due.last_day END
    FROM due WHERE l.workspace_id = {workspace} AND l.id = ANY({ids}) AND l.id = due.id
)
INSERT INTO leads_timelineentry
    (id, workspace_id, created_at, updated_at, lead_id, at, kind, actor_id, data)
SELECT leadcrm_uuid7(), {workspace}, {as_of}, {as_of}, id, {as_of}, 'warned', NULL,
    jsonb_build_object('owner', owner_id::text, 'due', reclaim_at, 'reason', reclaim_reason) || why::jsonb
FROM due
"""
)


@transaction.atomic
@reads_once
def warn_due(as_of: datetime, *, limit: int = BATCH, actor: Member | None = None) -> int:
    """Write a warning into the timelines of up to ``limit`` leads; returns how many.

    Twice a period: at the policy's share of it, then a day (or a working day) before its end. ``warn_at`` moves on
    to the second and is cleared by it; set_clocks begins anew only when the end of the period moves. Where facts are
    missing, the warning says which. What is due to be taken back in this very run is not warned about.
    """
    due = Lead.objects.filter(warn_at__lte=as_of, reclaim_at__gt=as_of).order_by("warn_at")
    locked = due.select_for_update(no_key=True, skip_locked=True).values_list("pk", "reclaim_reason")
    found = dict(locked[:limit])
    if not found:
        return 0
    missing = missing_of([lead for lead, reason in found.items() if reason == "facts"], as_of)
    policies = once("pool_policies", active_policies)
    whys = [json.dumps({"missing": missing[lead]} if lead in missing else {}) for lead in found]
    with over(list(found)):
        execute(clocks_sql(WARN, policies, list(found), as_of, ids=uuids(found), whys=texts(whys)))
    happened("warned", list(found), as_of=as_of, actor=actor)
    return len(found)
