"""What happens to leads goes out to the webhooks that subscribed to it: one statement, also where none did."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from leads.inserting import id_array
from leads.planner import over
from notices.events import LEAD_EVENTS
from notices.models import Webhook
from workspaces.bell import ring
from workspaces.models import Member
from workspaces.once import once
from workspaces.tenancy import current_workspace_id

# The lead as it is after the event, without a word about how to reach it: that, the API tells who may ask.
# A program gets one for each lead; a group of people one line for all that an action did at once.
EVENTS = """
WITH wanted AS MATERIALIZED (
    SELECT w.id, w.format, k.kind, k.event FROM notices_webhook w
    CROSS JOIN unnest(%(kinds)s::text[], %(events)s::text[]) AS k (kind, event)
    WHERE w.workspace_id = %(workspace)s AND w.is_active AND w.events ? k.event
), happened AS (
    SELECT wanted.id AS webhook, wanted.format, wanted.event, e.id, e.actor_id, e.data, l.id AS lead, l.name, l.stage,
        l.pool, l.owner_id, l.score, l.grade, l.version
    FROM wanted
    JOIN leads_timelineentry e ON e.workspace_id = %(workspace)s AND e.lead_id = ANY(%(leads)s::uuid[])
        AND e.at = %(as_of)s AND e.kind = wanted.kind
    JOIN leads_lead l ON l.workspace_id = %(workspace)s AND l.id = e.lead_id
), message AS (
    SELECT webhook, event, id AS source, jsonb_build_object('lead', lead, 'name', name, 'stage', stage, 'pool', pool,
        'owner', owner_id, 'score', score, 'grade', grade, 'version', version, 'actor', actor_id,
        'facts', data - 'import') AS payload
    FROM happened WHERE format = 'standard'
    UNION ALL
    SELECT webhook, event, (array_agg(id ORDER BY id))[1], jsonb_build_object('count', count(*),
        'lead', (array_agg(lead ORDER BY id))[1], 'name', (array_agg(name ORDER BY id))[1], 'owner', owner_id)
    FROM happened WHERE format = 'wecom' GROUP BY webhook, event, owner_id
)
INSERT INTO notices_sending (id, workspace_id, created_at, updated_at, due_at, attempts, last_error, channel,
    webhook_id, event, source, payload, digest, tries, fault)
SELECT leadcrm_uuid7(), %(workspace)s, %(as_of)s, %(as_of)s, %(as_of)s, 0, '', 'webhook', webhook, event, source,
    payload, false, 0, ''
FROM message
ON CONFLICT DO NOTHING
"""
KINDS = {
    "captured": ("captured", "came_again"),
    "stage_changed": ("stage", "resumed"),
    "owner_changed": ("claimed", "assigned", "given", "released", "reclaimed"),
}


def tell_captured(leads: Sequence[UUID], *, as_of: datetime, actor: Member | None, **_: Any) -> None:
    tell_programs("captured", leads, as_of)


def tell_stage(leads: Sequence[UUID], *, as_of: datetime, actor: Member | None, **_: Any) -> None:
    tell_programs("stage_changed", leads, as_of)


def tell_owner(leads: Sequence[UUID], *, as_of: datetime, actor: Member | None, **_: Any) -> None:
    tell_programs("owner_changed", leads, as_of)


def subscribed() -> bool:
    """Whether any program wants to be told at all."""
    return Webhook.objects.filter(is_active=True).exists()


def tell_programs(event: str, leads: Sequence[UUID], as_of: datetime) -> None:
    """Write a sending for each lead and each webhook that wants this event; for a group of people, one in all."""
    if not once("subscribed", subscribed):
        return
    kinds = KINDS[event]
    places: dict[str, Any] = {
        "workspace": current_workspace_id(),
        "leads": id_array(leads),
        "as_of": as_of,
        "kinds": list(kinds),
        "events": [LEAD_EVENTS[kind][0] for kind in kinds],
    }
    with over(leads), connection.cursor() as cursor:
        cursor.execute(EVENTS, places)
        if cursor.rowcount:
            ring()
