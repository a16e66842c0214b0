"""By which channel a lead counts: the first one it came by, the last one, or each of them.

A lead that has taken up others in merges came by theirs as well. Its first channel is that of the earliest of them;
``leads_lead.channel_id`` is what it came by itself, or what people have written there.
"""

from dataclasses import dataclass
from typing import Any

from insights.reports.scope import Scope
from leads.conditions import Sql
from pools.statements import fill

# A lead comes first by its own channel; where it has taken up one that was there before it, by that one's.
# ``at``: since when that is known; ``began``: when it had come itself.
BEGUN = """
begun AS (
    SELECT DISTINCT ON (l.id) l.id AS lead_id, (m.row ->> 'channel_id')::uuid AS channel, l.channel_id AS own, t.at,
        (t.changes -> 'captured_at' ->> 0)::timestamptz AS began
    FROM leads_merge t
    JOIN leads_lead l ON l.workspace_id = {workspace} AND l.id = t.survivor_id
    JOIN leads_merge m ON m.workspace_id = {workspace} AND m.survivor_id = l.id AND m.undone_at IS NULL
        AND (m.row ->> 'captured_at')::timestamptz = l.captured_at AND m.row ->> 'channel_id' IS NOT NULL
    WHERE t.workspace_id = {workspace} AND t.taker = t.survivor_id AND t.undone_at IS NULL
        AND t.changes -> 'captured_at' IS NOT NULL
    ORDER BY l.id, m.at, m.id, t.at
)
"""
FIRST = "coalesce(b.channel, l.channel_id)"
JOIN_FIRST = " LEFT JOIN begun b ON b.lead_id = l.id"
# Every further time that leads of the period came: touches, what was merged, and themselves where that was not first.
# What was merged may have taken up others before: then its own moment stands in that merge.
ARRIVED = f"""{BEGUN}, arrived AS (
    SELECT t.lead_id, t.channel_id AS channel, t.at FROM leads_touch t
    WHERE t.workspace_id = {{workspace}} AND t.channel_id IS NOT NULL AND t.at >= {{begins}} AND t.at <= {{as_of}}
    UNION ALL
    SELECT m.survivor_id, (m.row ->> 'channel_id')::uuid, coalesce((
        SELECT k.changes -> 'captured_at' ->> 0 FROM leads_merge k
        WHERE k.workspace_id = {{workspace}} AND k.survivor_id = m.survivor_id AND k.taker = m.absorbed
            AND k.undone_at IS NULL AND k.changes -> 'captured_at' IS NOT NULL
        ORDER BY k.at, k.id LIMIT 1
    ), m.row ->> 'captured_at')::timestamptz FROM leads_merge m
    WHERE m.workspace_id = {{workspace}} AND m.undone_at IS NULL AND m.row ->> 'channel_id' IS NOT NULL
    UNION ALL
    SELECT lead_id, own, began FROM begun WHERE own IS NOT NULL
)
"""
LAST = f"""{ARRIVED}, latest AS (
    SELECT DISTINCT ON (lead_id) lead_id, channel FROM arrived ORDER BY lead_id, at DESC, channel
)
"""
ALL = f"""{ARRIVED}, every AS (SELECT lead_id, array_agg(DISTINCT channel) AS channels FROM arrived GROUP BY 1)
"""
JOIN_ALL = f"""{JOIN_FIRST} LEFT JOIN every e ON e.lead_id = l.id CROSS JOIN LATERAL (
    SELECT DISTINCT unnest(
        CASE WHEN e.channels IS NULL THEN ARRAY[{FIRST}]
        ELSE array_remove(array_append(e.channels, {FIRST}), NULL) END
    ) AS channel
) s"""


@dataclass(frozen=True)
class Counted:
    """By what leads ``l`` are counted: common table expressions, joins, and what to group by."""

    tables: Sql
    join: Sql
    source: Sql


def by_channel(scope: Scope) -> Counted:
    """As the scope says: by the first channel, the last one, or each (a lead then counts in several groups)."""
    tables, join, source = {
        "first": (BEGUN, JOIN_FIRST, FIRST),
        "last": (
            LAST,
            f"{JOIN_FIRST} LEFT JOIN latest z ON z.lead_id = l.id",
            f"coalesce(z.channel, {FIRST})",
        ),
        "all": (ALL, JOIN_ALL, "s.channel"),
    }[scope.by]
    places: dict[str, Any] = {"begins": scope.begins, "as_of": scope.as_of}
    return Counted(fill(tables, **places), Sql(join, ()), Sql(source, ()))


def by_campaign(scope: Scope) -> Counted:
    """By the campaign that stands in the lead."""
    return Counted(Sql("own AS (SELECT 1)", ()), Sql("", ()), Sql("l.campaign", ()))
