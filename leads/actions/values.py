"""Counting the values of free texts over a whole workspace, for those who type one (``leads.looking_ahead``).

Due work: a field a transaction, again after an hour, or after a hundred times as long as it took; where no lead has
changed, nothing is counted.
"""

import logging
import time
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Count, Max
from django.utils import timezone

from leads.conditions.fragments import Sql, put
from leads.inserting import insert_rows
from leads.looking_ahead import LONGEST, columns
from leads.models import FieldValue, Lead, ValueCount
from leads.planner import over
from workspaces.due import LeaseLost, claim_due, finish, renew
from workspaces.models import Workspace
from workspaces.tenancy import current_workspace_id, enter

log = logging.getLogger(__name__)
AGAIN = timedelta(hours=1)
PACE = 100  # at most a hundredth of the time goes into counting
MOST_KEPT = 50_000  # values of one field, the most frequent
COUNT = """
WITH seen AS MATERIALIZED (
    SELECT key, (array_agg(value ORDER BY many DESC, value))[1] AS value, sum(many)::integer AS leads
    FROM (
        SELECT value, lower(normalize(btrim(value), NFKC)) AS key, many
        FROM (
            SELECT {} AS value, count(*) AS many FROM leads_lead l WHERE l.workspace_id = {} GROUP BY 1
        ) spelt WHERE value <> '' AND length(value) <= {}
    ) folded WHERE key <> '' GROUP BY key ORDER BY leads DESC, key LIMIT {}
), gone AS (
    DELETE FROM leads_fieldvalue v WHERE v.workspace_id = {} AND v.field = {}
    AND NOT EXISTS (SELECT FROM seen s WHERE s.key = v.key)
)
INSERT INTO leads_fieldvalue AS v (id, created_at, updated_at, workspace_id, field, key, value, leads)
SELECT leadcrm_uuid7(), {}, {}, {}, {}, s.key, s.value, s.leads FROM seen s
ON CONFLICT (workspace_id, field, key) DO UPDATE
    SET value = EXCLUDED.value, leads = EXCLUDED.leads, updated_at = EXCLUDED.updated_at
    WHERE v.leads <> EXCLUDED.leads OR v.value <> EXCLUDED.value
"""


def values_due(workspace: Workspace, as_of: datetime, *, seconds: float | None = None) -> int:
    """Count the values of a workspace if that is due; how many fields. It opens its own transactions."""
    with enter(workspace):
        if not ValueCount.objects.exists():
            insert_rows(ValueCount, 1, as_of=as_of, unless_there=True, due_at=[as_of])
        found = claim_due(ValueCount, as_of, timezone.now())
    return count_all(workspace, found[0], as_of) if found else 0


def count_all(workspace: Workspace, work: ValueCount, as_of: datetime) -> int:
    began = time.monotonic()
    try:
        with enter(workspace):
            now = Lead.objects.aggregate(seen=Count("pk"), changed_at=Max("updated_at"))
            stale = now != {"seen": work.seen, "changed_at": work.changed_at}
            fields = columns() if stale else {}
        for name, column in fields.items():
            with enter(workspace):
                renew(work, timezone.now())
                count_values(name, column, as_of)
        took = timedelta(seconds=time.monotonic() - began)
        told = now | {"counted_at": as_of}
        with enter(workspace):
            if stale:
                FieldValue.objects.exclude(field__in=fields).delete()
            finish(work, lambda: tell(work, told), as_of + max(AGAIN, PACE * took))
    except LeaseLost:
        log.info("The values are another worker's to count now")
        return 0
    return len(fields)


def tell(work: ValueCount, told: dict) -> None:
    ValueCount.objects.filter(pk=work.pk).update(**told)


def count_values(field: str, column: Sql, as_of: datetime) -> None:
    """All values of one field anew; only what is different is written. One statement."""
    workspace = current_workspace_id()
    counted = put(
        COUNT, column, workspace, LONGEST, MOST_KEPT, workspace, field, as_of, as_of, workspace, field
    )
    with over(None), connection.cursor() as cursor:
        cursor.execute(counted.text, counted.params)
