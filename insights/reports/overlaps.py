"""Which channel's leads are duplicates of which: who came by one channel first and then by another."""

from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from insights.reports.arrivals import BEGUN, FIRST
from insights.reports.scope import Column, Report, Scope, share
from leads.models import Channel
from pools.statements import fetch, fill

# A lead that comes again leaves a touch with its channel; one that was merged stands in the merge as it was.
AGAIN = f"""
WITH {BEGUN}, again AS (
    SELECT lead_id, channel, max(at) AS at FROM (
        SELECT t.lead_id, t.channel_id AS channel, t.at FROM leads_touch t
        WHERE t.workspace_id = {{workspace}} AND t.channel_id IS NOT NULL
            AND t.at >= {{begins}} AND t.at <= {{as_of}}
        UNION ALL
        SELECT m.survivor_id, (m.row ->> 'channel_id')::uuid, m.at FROM leads_merge m
        WHERE m.workspace_id = {{workspace}} AND m.undone_at IS NULL AND m.row ->> 'channel_id' IS NOT NULL
            AND m.at >= {{begins}} AND m.at <= {{as_of}}
        UNION ALL
        SELECT b.lead_id, b.own, b.at FROM begun b
        WHERE b.own IS NOT NULL AND b.at >= {{begins}} AND b.at <= {{as_of}}
    ) came GROUP BY 1, 2
)
"""
OVERLAPS = f"""{AGAIN}
SELECT {FIRST}, a.channel, count(*) FROM again a
JOIN leads_lead l ON l.workspace_id = {{workspace}} AND l.id = a.lead_id{{team}}
LEFT JOIN begun b ON b.lead_id = a.lead_id
WHERE {FIRST} <> a.channel GROUP BY 1, 2
"""
CAME = f"""
WITH {BEGUN}
SELECT {FIRST}, count(*) FROM leads_lead l LEFT JOIN begun b ON b.lead_id = l.id
WHERE l.workspace_id = {{workspace}} AND l.captured_at >= {{begins}} AND l.captured_at <= {{as_of}}
    AND {FIRST} IS NOT NULL{{team}} GROUP BY 1
"""


def overlaps(scope: Scope) -> Report:
    """Per pair of channels: how many leads of the first came again by the second, in the period.

    ``share``: of all that the second brought (its new leads and those it brought again).
    """
    about: dict[str, Any] = {
        "begins": scope.begins,
        "as_of": scope.as_of,
        "team": scope.of_team("l.team_id"),
    }
    pairs: list[tuple[UUID, UUID, int]] = fetch(fill(OVERLAPS, **about))  # type: ignore[assignment]
    came: dict[UUID, int] = dict(fetch(fill(CAME, **about)))
    brought = came.copy()
    for _first, second, count in pairs:
        brought[second] = brought.get(second, 0) + count
    names = dict(
        Channel.objects.filter(pk__in={pk for pair in pairs for pk in pair[:2]}).values_list("pk", "name")
    )
    rows: list[dict[str, Any]] = [
        {
            "first": names[first],
            "again": names[second],
            "first_channel": str(first),
            "again_channel": str(second),
            "leads": count,
            "share": share(count, brought[second]),
        }
        for first, second, count in pairs
        if first in names and second in names
    ]
    rows.sort(key=lambda row: (-row["leads"], row["first"], row["again"]))
    columns = [
        Column("first", _("Came first by"), "text"),
        Column("again", _("Came again by"), "text"),
        Column("leads", _("Leads")),
        Column("share", _("Of all it brought"), "share"),
    ]
    return Report(
        "overlaps", _("Same leads in two channels"), columns, rows, {"leads": sum(p[2] for p in pairs)}
    )
