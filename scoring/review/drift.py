"""Who comes in: how far the leads of late differ from those before."""

from datetime import datetime, timedelta
from typing import Any

import numpy as np
from django.db import connection

from leads.conditions.fragments import Sql
from scoring.proof.measures import drift
from workspaces.tenancy import current_workspace

RECENT, BEFORE = timedelta(days=30), timedelta(days=120)
FEWEST_IN = 50  # leads that came in, in either span, before a shift is worked out
STEADY, SHIFTED = 0.1, 0.25

MARKS = {
    "grade": "l.grade",
    "industry": "lower(l.industry)",
    "region": "lower(l.region)",
    "channel": "l.channel_id::text",
    "employees": "CASE WHEN l.employees IS NULL THEN '' WHEN l.employees < 50 THEN '0-49'"
    " WHEN l.employees < 200 THEN '50-199' WHEN l.employees < 1000 THEN '200-999' ELSE '1000-' END",
}


def shifts(as_of: datetime, theirs: Sql) -> list[dict[str, Any]]:
    """How far the leads of the last 30 days differ from those of the 90 days before, by mark.

    theirs: which leads ``l``. value: the population stability index; state: steady, some, shifted or few.
    """
    return [{"mark": mark, **shift(column, as_of, theirs)} for mark, column in MARKS.items()]


def shift(column: str, as_of: datetime, theirs: Sql) -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT COALESCE({column}, ''), count(*) FILTER (WHERE l.captured_at < %s),"
            " count(*) FILTER (WHERE l.captured_at >= %s) FROM leads_lead l"
            f" WHERE l.workspace_id = %s AND l.captured_at >= %s AND l.captured_at <= %s{theirs.text}"
            " GROUP BY 1 ORDER BY count(*) DESC LIMIT 20",
            [as_of - RECENT, as_of - RECENT, current_workspace().pk, as_of - BEFORE, as_of, *theirs.params],
        )
        rows = cursor.fetchall()
    before = np.array([row[1] for row in rows], float)
    now = np.array([row[2] for row in rows], float)
    if not len(rows) or before.sum() < FEWEST_IN or now.sum() < FEWEST_IN:
        return {"value": None, "state": "few"}
    value = drift(before, now)
    state = "steady" if value < STEADY else "some" if value < SHIFTED else "shifted"
    return {"value": round(value, 3), "state": state}
