"""How long a stage usually takes, by the workspace's own history."""

from dataclasses import dataclass
from datetime import datetime
from math import ceil

from django.db import connection

from leads.models.lead import OPEN
from workspaces.tenancy import current_workspace_id

LAST = 500  # completed stays that are looked at, the latest
ENOUGH = 20  # fewer completed stays tell nothing: then the fallback holds
FALLBACK_DAYS = 7

STAYS = """
SELECT v.stage, count(d.days_in_source),
    percentile_cont(0.5) WITHIN GROUP (ORDER BY d.days_in_source),
    percentile_cont(0.75) WITHIN GROUP (ORDER BY d.days_in_source)
FROM unnest(%s::text[]) AS v (stage)
LEFT JOIN LATERAL (
    SELECT s.days_in_source FROM leads_stagechange s
    WHERE s.workspace_id = %s AND s.source = v.stage AND s.at <= %s
        AND s.transition IN ('to_mql', 'to_sql', 'to_opportunity', 'win')
    ORDER BY s.at DESC LIMIT %s
) d ON true
GROUP BY v.stage
"""


@dataclass(frozen=True)
class Usual:
    """``median``: of the last completed stays, None when there are none. A lead that has stood longer than
    ``limit`` days (three of four were quicker; the fallback where history is ``thin``) is past its time."""

    stage: str
    stays: int
    median: float | None
    limit: int
    thin: bool


def usual_times(as_of: datetime) -> dict[str, Usual]:
    """By stage, of the open ones. One statement, whatever the history."""
    stages = [stage.value for stage in OPEN]
    with connection.cursor() as cursor:
        cursor.execute(STAYS, [stages, current_workspace_id(), as_of, LAST])
        rows = cursor.fetchall()
    found = {}
    for stage, stays, half, three_quarters in rows:
        thin = stays < ENOUGH
        limit = FALLBACK_DAYS if thin else max(1, ceil(three_quarters))
        found[stage] = Usual(stage, stays, half, limit, thin)
    return found
