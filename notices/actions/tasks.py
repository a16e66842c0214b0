"""Whose task is due hears of it, once for each moment it was set to."""

from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from leads.queries import OF_THE_HOLDER, RESTING
from notices.actions.notify import News, notify
from notices.models import Kind
from workspaces.tenancy import current_workspace_id

BATCH = 200
LATEST = timedelta(days=1)  # a task that was due earlier stands on Today anyway

# Member by member: that is how open tasks are indexed; not those of leads that have left (leads.queries.to_do).
# The source is the task and the moment it is set to.
DUE = """
SELECT t.id, t.member_id, t.lead_id, t.title, t.due_at, t.source
FROM workspaces_member m
CROSS JOIN LATERAL (
    SELECT t.*, md5(t.id::text || extract(epoch FROM t.due_at)::text)::uuid AS source FROM leads_task t
    LEFT JOIN leads_lead l ON l.workspace_id = t.workspace_id AND l.id = t.lead_id
    WHERE t.workspace_id = %(workspace)s AND t.member_id = m.id AND t.done_at IS NULL
        AND t.due_at > %(since)s AND t.due_at <= %(as_of)s
        AND (l.id IS NULL OR l.stage <> ALL(%(resting)s)
            AND (l.owner_id IS NOT NULL OR t.origin <> ALL(%(of_the_holder)s)))
) t
WHERE m.workspace_id = %(workspace)s AND m.is_active
    AND NOT EXISTS (SELECT 1 FROM notices_notice n WHERE n.workspace_id = %(workspace)s
        AND n.member_id = t.member_id AND n.kind = 'task_due' AND n.source = t.source)
ORDER BY t.due_at LIMIT %(limit)s
"""


@transaction.atomic
def tell_tasks_due(as_of: datetime) -> int:
    """Tell members of up to BATCH tasks whose time has come; how many. Call again until it is 0."""
    places: dict[str, Any] = {
        "workspace": current_workspace_id(),
        "as_of": as_of,
        "since": as_of - LATEST,
        "limit": BATCH,
        "resting": list(RESTING),
        "of_the_holder": list(OF_THE_HOLDER),
    }
    with connection.cursor() as cursor:
        cursor.execute(DUE, places)
        rows = cursor.fetchall()
    news = [
        News(
            member,
            Kind.TASK_DUE,
            source,
            lead,
            None,
            {"task": str(task), "title": title, "due": due_at.isoformat()},
        )
        for task, member, lead, title, due_at, source in rows
    ]
    return notify(news, as_of=as_of)
