"""When leads had tags by rules: what comes off leaves from when to when it was on, and by which rule.

A tag that is on tells it by its own row, so nothing is written before it ends: a rule has had it since
its ``updated_at``.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

from leads.conditions.fragments import Sql, put
from leads.models import LeadTag
from workspaces.tenancy import current_workspace_id

# What of a row of leads_leadtag (called t) says how long a rule has had it on.
SPAN = "t.id AS row_id, t.lead_id, t.tag_id, t.rule_id, t.updated_at AS since"


def spans_until(ended: Sql, as_of: datetime) -> Sql:
    """The statement that writes what is over, from SQL that gives rows of ``SPAN``.

    What came and went at one moment was never seen, and leaves nothing.
    """
    return put(
        "INSERT INTO leads_tagspan"
        " (id, created_at, updated_at, workspace_id, lead_id, tag_id, rule_id, row_id, since, until)"
        " SELECT leadcrm_uuid7(), {}, {}, {}, e.lead_id, e.tag_id, e.rule_id, e.row_id, e.since, {}"
        " FROM ({}) e WHERE e.since < {}",
        as_of,
        as_of,
        current_workspace_id(),
        as_of,
        ended,
        as_of,
    )


def end_spans(rows: QuerySet[LeadTag], as_of: datetime) -> None:
    """These tags are their rules' no longer, whatever becomes of them: called before it happens."""
    try:
        among = rows.filter(rule__isnull=False).order_by().values("pk").query.sql_with_params()
    except EmptyResultSet:  # tags of no leads
        return
    ended = put(
        f"SELECT {SPAN} FROM leads_leadtag t WHERE t.workspace_id = {{}} AND t.id IN ({{}})",
        current_workspace_id(),
        Sql(*among),
    )
    statement = spans_until(ended, as_of)
    with connection.cursor() as cursor:
        cursor.execute(statement.text, statement.params)


def spans_go_back(survivor: UUID, absorbed: UUID, rows: Sequence[str]) -> None:
    """A merge is undone: what its tags' rows (``rows``: their ids) have left behind meanwhile goes back with them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE leads_tagspan SET lead_id = %s WHERE workspace_id = %s AND lead_id = %s"
            " AND row_id = ANY(%s::uuid[])",
            [absorbed, current_workspace_id(), survivor, list(rows)],
        )
