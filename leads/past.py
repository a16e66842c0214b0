"""The facts of leads as they were known at given moments, each lead at its own.

``look_back`` writes them into tables of this transaction that have the shape of the real ones, so that the
one rule language and the one scoring engine answer about the past: a condition is compiled with
``as_of=EACH`` and the tables of ``PAST``. What was not known yet is not there: edits made later are taken
back (every edit tells what stood there before), blanks filled later are blank again, and touches, follow-ups,
answers, people, tags (also those that came and went with a rule), the stage and the holder are those of the
moment. What a lead took over in a merge is given back; the touches, follow-ups and tags that came with it
count by their own dates, its steps and its holder only once its pursuit was the survivor's.

Not told by anybody, and so not known: a tag that a rule took off before such spans were kept, and what was written
into the tables past the actions.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from leads.conditions.fragments import Sql, put
from leads.models import Lead
from leads.past_belongings import CONTACTS, TAGS
from leads.past_holders import HOLDERS, MOVED
from leads.planner import FEW, over
from workspaces.tenancy import current_workspace_id

Moments = Sequence[tuple[UUID, datetime]]


@dataclass(frozen=True)
class Ground:
    """Where a statement finds leads and what hangs on them. ``leads``: the table to call by an alias.

    ``empty``: those tables that have no row for any of these leads.
    """

    leads: str
    tables: Mapping[str, str]
    empty: frozenset[str] = frozenset()


def known(row: str, lead: str, moment: str) -> str:
    """Whether a touch or a talk was known at a moment: it had taken place and was written down.

    What came with the lead, or within an hour of it (an imported history), counts by its own date.
    """
    return (
        f"{row}.at <= {moment} AND ({row}.created_at <= {moment}"
        f" OR {row}.created_at <= {lead}.created_at + interval '1 hour')"
    )


def seen(table: str, what: str) -> str:
    """The rows of a table that were known at the moment of their lead, with that moment.

    what: what they are, which ``hidden_rows`` may name.
    """
    return (
        f"(SELECT y.*, p.as_of FROM {table} y JOIN past_lead p ON p.workspace_id = y.workspace_id"
        f" AND p.id = y.lead_id WHERE {known('y', 'p', 'p.as_of')}"
        f" AND {what} <> ALL (ARRAY(SELECT h.what FROM past_hidden h))) x"
    )


PAST = Ground(
    leads="past_lead",
    tables={
        "touch": seen("leads_touch", "y.kind"),
        "follow_up": seen("leads_followup", "''"),
        "contact": "past_contact x",
        "tag": "past_tag x JOIN leads_tag t ON t.workspace_id = x.workspace_id AND t.id = x.tag_id",
    },
)

TEXTS = (
    "name title email email_key phone phone_e164 wechat website domain industry region campaign external_id"
    " pain budget_currency decision_process credit_code email_traits quality"
).split()
CHOICES = ("need_level", "budget_status", "authority")
TYPED = {
    "employees": "integer",
    "budget_amount": "bigint",
    "timeline_date": "date",
    "company_id": "uuid",
    "channel_id": "uuid",
}
# What nobody tells the history of: known only as long as the lead has not been changed since.
LATEST = (
    "moved_at",
    "next_action_at",
    "reclaim_at",
    "resume_at",
    "warn_at",
    "reclaim_reason",
    "held_before",
    "worked_before",
    "version",
)
SINCE = {
    "stage": "COALESCE(next_step.source, l.stage)",
    "stage_since": "CASE WHEN next_step.source IS NULL THEN l.stage_since"
    " ELSE COALESCE(last_step.at, l.captured_at) END",
    "pool": "CASE WHEN h.lead_id IS NULL THEN l.pool ELSE h.pool END",
    "pool_since": "CASE WHEN h.lead_id IS NULL THEN l.pool_since ELSE COALESCE(h.pool_since, l.captured_at) END",
    "owner_id": "CASE WHEN h.lead_id IS NULL THEN l.owner_id ELSE h.owner_id END",
    "team_id": "CASE WHEN h.lead_id IS NULL OR h.owner_id = l.owner_id THEN l.team_id ELSE h.team_id END",
    "held_since": "CASE WHEN h.lead_id IS NULL THEN l.held_since"
    " WHEN h.owner_id IS NOT NULL THEN COALESCE(h.held_since, l.captured_at) END",
    "first_response_at": "talked.first",
    "last_follow_up_at": "talked.last",
    "assessment": "CASE WHEN l.updated_at <= m.moment THEN l.assessment"
    " ELSE COALESCE(answered.verdicts, '{}') END",
    "updated_at": "LEAST(l.updated_at, m.moment)",
}

# What each lead's field was before the first change that came after the moment. A merge knows what it wrote,
# and an undone one gave back what was not changed since.
UNDONE = """
WITH told AS (
    SELECT m.lead_id, e.at, e.id, e.kind, e.data
    FROM past_moment m JOIN leads_timelineentry e
        ON e.workspace_id = {workspace} AND e.lead_id = m.lead_id AND e.at > m.moment
    WHERE e.kind IN ('edited', 'enriched', 'came_again', 'unfilled', 'quality')
    UNION ALL
    SELECT m.lead_id, g.at, g.id, 'merged', jsonb_build_object('changes', g.changes)
    FROM past_moment m JOIN leads_merge g ON g.workspace_id = {workspace}
        AND g.survivor_id = m.lead_id AND g.taker = m.lead_id AND g.at > m.moment
    UNION ALL
    SELECT m.lead_id, g.undone_at, g.id, 'parted', jsonb_build_object('kept', g.kept, 'changes', (
        SELECT COALESCE(jsonb_object_agg(c.key, jsonb_build_array(c.value -> 1, c.value -> 0)), '{{}}')
        FROM jsonb_each(g.changes) c
    ))
    FROM past_moment m JOIN leads_merge g ON g.workspace_id = {workspace}
        AND g.survivor_id = m.lead_id AND g.taker = m.lead_id AND g.undone_at > m.moment
), changes AS (
    SELECT t.lead_id, t.at, t.id, c.key AS name, c.value -> 0 AS was
    FROM told t, jsonb_each(t.data -> 'changes') c
    WHERE t.kind <> 'came_again' AND c.key <> 'attributes'
        AND (t.kind <> 'parted' OR NOT t.data -> 'kept' @> jsonb_build_array(jsonb_build_object('what', c.key)))
    UNION ALL
    SELECT t.lead_id, t.at, t.id, 'attributes.' || k.key, t.data #> ARRAY['changes', 'attributes', '0', k.key]
    FROM told t, LATERAL (
        SELECT jsonb_object_keys(t.data #> '{{changes,attributes,0}}')
        UNION SELECT jsonb_object_keys(t.data #> '{{changes,attributes,1}}')
    ) k (key)
    WHERE t.kind <> 'came_again' AND t.data #> '{{changes,attributes}}' IS NOT NULL
        AND t.data #> ARRAY['changes', 'attributes', '0', k.key]
            IS DISTINCT FROM t.data #> ARRAY['changes', 'attributes', '1', k.key]
        AND (t.kind <> 'parted'
            OR NOT t.data -> 'kept' @> jsonb_build_array(jsonb_build_object('what', 'attributes.' || k.key)))
    UNION ALL
    SELECT t.lead_id, t.at, t.id, f.name, NULL
    FROM told t, jsonb_array_elements_text(t.data -> 'filled') f (name)
    WHERE t.kind = 'came_again' AND f.name <> 'attributes'
    UNION ALL
    SELECT t.lead_id, t.at, t.id, 'quality', t.data -> 'before' FROM told t WHERE t.kind = 'quality'
    UNION ALL
    SELECT t.lead_id, t.at, t.id, 'attributes.' || f.key, NULL
    FROM told t, jsonb_array_elements_text(t.data -> 'attributes') f (key)
    WHERE t.kind = 'came_again'
), first AS (
    SELECT DISTINCT ON (lead_id, name) lead_id, name, was FROM changes ORDER BY lead_id, name, at, id
)
SELECT lead_id,
    jsonb_object_agg(name, was) FILTER (WHERE NOT starts_with(name, 'attributes.')) AS was,
    jsonb_object_agg(substr(name, 12), was) FILTER (WHERE starts_with(name, 'attributes.')) AS attributes
FROM first GROUP BY lead_id
"""

LEADS = """
SELECT {columns}, m.moment AS as_of
FROM past_moment m
JOIN leads_lead l ON l.workspace_id = {workspace} AND l.id = m.lead_id
LEFT JOIN past_change c ON c.lead_id = m.lead_id
LEFT JOIN (
    SELECT DISTINCT ON (n.lead_id) n.lead_id, n.source FROM (
        SELECT s.lead_id, s.source, s.at, s.id FROM leads_stagechange s
        JOIN past_moment m ON m.lead_id = s.lead_id LEFT JOIN past_moved v ON v.id = s.id
        WHERE s.workspace_id = {workspace} AND s.at > m.moment AND v.id IS NULL
        UNION ALL
        SELECT m.lead_id, g.changes -> 'stage' ->> e.side, e.at, g.id FROM leads_merge g
        JOIN past_moment m ON m.lead_id = g.survivor_id
        CROSS JOIN LATERAL (VALUES (g.at, 0), (g.undone_at, 1)) e (at, side)
        WHERE g.workspace_id = {workspace} AND g.taker = m.lead_id AND e.at > m.moment AND g.changes ? 'stage'
            AND (e.side = 0 OR NOT g.kept @> '[{{"what": "pursuit"}}]')
    ) n ORDER BY n.lead_id, n.at, n.id
) next_step ON next_step.lead_id = m.lead_id
LEFT JOIN (
    SELECT s.lead_id, max(s.at) AS at FROM leads_stagechange s
    JOIN past_moment m ON m.lead_id = s.lead_id LEFT JOIN past_moved v ON v.id = s.id
    WHERE s.workspace_id = {workspace} AND s.at <= m.moment AND v.id IS NULL GROUP BY s.lead_id
) last_step ON last_step.lead_id = m.lead_id
LEFT JOIN (
    SELECT f.lead_id, min(f.at) AS first, max(f.at) AS last FROM leads_followup f
    JOIN past_moment m ON m.lead_id = f.lead_id
    JOIN leads_lead w ON w.workspace_id = {workspace} AND w.id = f.lead_id
    WHERE f.workspace_id = {workspace} AND {talked} GROUP BY f.lead_id
) talked ON talked.lead_id = m.lead_id
LEFT JOIN past_holder h ON h.lead_id = m.lead_id
LEFT JOIN (
    SELECT a.lead_id, jsonb_object_agg(a.question, a.verdict) FILTER (WHERE a.verdict <> '') AS verdicts FROM (
        SELECT DISTINCT ON (a.lead_id, a.question) a.lead_id, a.question, a.verdict FROM leads_answer a
        JOIN past_moment m ON m.lead_id = a.lead_id
        WHERE a.workspace_id = {workspace} AND a.at <= m.moment
        ORDER BY a.lead_id, a.question, a.at DESC, a.created_at DESC
    ) a GROUP BY a.lead_id
) answered ON answered.lead_id = m.lead_id
"""


def look_back(moments: Sql | Moments) -> Ground:
    """Write the facts of these leads, each as known at its moment (what happened at it included).

    moments: pairs, or SQL that gives rows (lead_id uuid, moment timestamptz), a lead once. The tables stand
    until the transaction ends or somebody looks back again. A fixed number of statements for any set.
    """
    rows = moments if isinstance(moments, Sql) else of_pairs(moments)
    many = range(FEW + 1) if isinstance(moments, Sql) else moments
    workspace = f"'{current_workspace_id()}'::uuid"
    with over(many):
        keep("past_moment", rows)
        keep("past_hidden", hidden_rows(()))
        keep("past_change", Sql(UNDONE.format(workspace=workspace)))
        keep("past_moved", Sql(MOVED.format(workspace=workspace)))
        keep("past_holder", Sql(HOLDERS.format(workspace=workspace)))
        talked = known("f", "w", "m.moment")
        keep("past_lead", Sql(LEADS.format(workspace=workspace, columns=columns(), talked=talked)))
        keep("past_tag", Sql(TAGS.format(workspace=workspace)))
        keep("past_contact", Sql(CONTACTS.format(workspace=workspace)))
    return PAST


def keep(table: str, rows: Sql) -> None:
    """Write what a statement gives into a table of this transaction, instead of what it held before.

    The same table is used again: each new one would hold a lock until the end of the transaction.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TEMPORARY TABLE IF NOT EXISTS {table} ON COMMIT DROP AS {rows.text} WITH NO DATA",
            rows.params or None,
        )
        cursor.execute(f"TRUNCATE {table}")
        cursor.execute(f"INSERT INTO {table} {rows.text}", rows.params or None)
        cursor.execute(f"ANALYZE {table}")


def hidden_rows(kinds: Sequence[str]) -> Sql:
    """Kinds of touches that nobody shall see, "" for follow-ups; none as long as nobody says so."""
    return put("SELECT unnest({}::text[]) AS what", list(kinds))


def of_pairs(moments: Moments) -> Sql:
    leads, times = [str(lead) for lead, _at in moments], [at for _lead, at in moments]
    return put("SELECT * FROM unnest({}::uuid[], {}::timestamptz[]) AS given (lead_id, moment)", leads, times)


def columns() -> str:
    """Every column of a lead as it was, under its own name."""
    return ", ".join(
        f"{as_it_was(field.column)} AS {field.column}" for field in Lead._meta.local_fields if field.column
    )


def blank_of(column: str) -> str | None:
    """What a fact of a lead is where nothing is known of it, as SQL; None when the column is no fact."""
    if column in TEXTS:
        return "''"
    return "'unknown'" if column in CHOICES else "NULL" if column in TYPED else None


def as_it_was(column: str) -> str:
    if column == "attributes":
        return (
            "CASE WHEN c.attributes IS NULL THEN l.attributes"
            " ELSE jsonb_strip_nulls(l.attributes || c.attributes) END"
        )
    if column in TEXTS or column in CHOICES:
        blank = blank_of(column)
        return (
            f"CASE WHEN c.was ? '{column}' THEN COALESCE(c.was ->> '{column}', {blank}) ELSE l.{column} END"
        )
    if column in TYPED:
        return (
            f"CASE WHEN c.was ? '{column}' THEN (c.was ->> '{column}')::{TYPED[column]} ELSE l.{column} END"
        )
    if column in LATEST:
        return f"CASE WHEN l.updated_at <= m.moment THEN l.{column} END"
    return SINCE.get(column, f"l.{column}")
