"""The people who sell: what they hold, how soon they act, what comes of it, and who gets what."""

from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from insights.reports.answers import Answers, answers
from insights.reports.scope import Column, Report, Scope, leaf, share
from pools.statements import fetch, fill

# Overdue: nobody has spoken with it since the hold began, and the time for that is over: what the response policy
# gives, a day where none speaks for it.
OVERDUE = """l.owner_id IS NOT NULL AND l.stage IN ('lead', 'mql', 'sql', 'opportunity')
    AND (l.last_follow_up_at IS NULL OR l.last_follow_up_at < l.held_since)
    AND COALESCE((SELECT c.target_at FROM pools_responseclock c
            WHERE c.workspace_id = {workspace} AND c.lead_id = l.id), l.held_since + interval '24 hours') <= {as_of}"""

REPS = f"""
SELECT m.id, m.name, m.email, m.capacity, m.is_active AND m.takes_leads, m.role,
    coalesce(h.held, 0), coalesce(h.overdue, 0), coalesce(f.follow_ups, 0),
    coalesce(s.sql, 0), coalesce(s.opportunity, 0), coalesce(s.won, 0)
FROM workspaces_member m
LEFT JOIN (
    SELECT l.owner_id, count(*) AS held, count(*) FILTER (WHERE {OVERDUE}) AS overdue
    FROM leads_lead l
    WHERE l.workspace_id = {{workspace}} AND l.owner_id IS NOT NULL
        AND l.stage IN ('lead', 'mql', 'sql', 'opportunity')
    GROUP BY l.owner_id
) h ON h.owner_id = m.id
LEFT JOIN (
    SELECT u.member_id, count(*) AS follow_ups FROM leads_followup u
    WHERE u.workspace_id = {{workspace}} AND u.at >= {{begins}} AND u.at <= {{as_of}} GROUP BY u.member_id
) f ON f.member_id = m.id
LEFT JOIN (
    SELECT c.actor_id, count(*) FILTER (WHERE c.target = 'sql') AS sql,
        count(*) FILTER (WHERE c.target = 'opportunity') AS opportunity,
        count(*) FILTER (WHERE c.target = 'won') AS won
    FROM leads_stagechange c
    WHERE c.workspace_id = {{workspace}} AND c.at >= {{begins}} AND c.at <= {{as_of}}
        AND c.target IN ('sql', 'opportunity', 'won')
    GROUP BY c.actor_id
) s ON s.actor_id = m.id
WHERE m.workspace_id = {{workspace}}{{team}} ORDER BY m.name, m.id
"""


def reps(scope: Scope, found: dict[UUID | None, Answers] | None = None) -> Report:
    """Per rep, and for others who hold leads: what they hold now, and what they did in the period.

    ``conversion``: won of the steps to SQL that they took in the period.
    """
    found = answers(scope) if found is None else found
    rows = fetch(fill(REPS, as_of=scope.as_of, begins=scope.begins, team=scope.of_team("m.team_id")))
    told = [rep(scope, row, found.get(row[0], Answers())) for row in rows]
    shown = [one for one in told if (one["role"] == "rep" and one["takes_leads"]) or one["busy"]]
    return Report("reps", _("Reps"), rep_columns(), shown, {"overdue": sum(one["overdue"] for one in told)})


def rep(scope: Scope, row: tuple, mine: Answers) -> dict[str, Any]:
    pk, name, email, capacity, takes, role, held, overdue, follow_ups, sql, opportunity, won = row
    return {
        "member": str(pk),
        "name": name or email,
        "role": role,
        "takes_leads": takes,
        "busy": bool(held or follow_ups or sql or opportunity or won or mine.held),
        "held": held,
        "capacity": capacity,
        "new": mine.held,
        "in_time": mine.share_in_time,
        "median_hours": mine.median_hours,
        "overdue": overdue,
        "reclaimed": mine.reclaimed,
        "follow_ups": follow_ups,
        "sql": sql,
        "opportunity": opportunity,
        "won": won,
        "conversion": share(won, sql),
        "where": scope.standing(
            leaf("owner", "eq", str(pk)), leaf("stage", "in", ["lead", "mql", "sql", "opportunity"])
        ),
    }


def rep_columns() -> list[Column]:
    return [
        Column("name", _("Rep"), "text"),
        Column("held", _("Holds")),
        Column("capacity", _("May hold")),
        Column("new", _("New")),
        Column("in_time", _("Contacted in time"), "share"),
        Column("median_hours", _("Median response"), "hours"),
        Column("overdue", _("Overdue")),
        Column("reclaimed", _("Taken back")),
        Column("follow_ups", _("Follow-ups")),
        Column("sql", _("SQL")),
        Column("opportunity", _("Opportunities")),
        Column("won", _("Won")),
        Column("conversion", _("SQL to won"), "share"),
    ]
