"""The funnel: how many stand where, how many come through, and how long each step takes."""

from django.utils.translation import gettext as _

from insights.reports.cohort import ASIDE, LADDER, Alike, Cohort, cohort
from insights.reports.scope import Column, Report, Scope, leaf, share, tenth
from leads.models import Stage
from pools.statements import fetch, fill

# By whole days: some hundred groups give the median without sorting every lead.
STANDING = """
SELECT l.stage, greatest(0, date_part('day', {as_of} - l.stage_since)::int), count(*)
FROM leads_lead l WHERE l.workspace_id = {workspace}{team} GROUP BY 1, 2
"""

# Only steps forward tell how long a stage takes; those aside are counted by their own rows.
STEPS = """
SELECT s.source, percentile_cont(0.5) WITHIN GROUP (ORDER BY s.days_in_source)
FROM leads_stagechange s{join}
WHERE s.workspace_id = {workspace} AND s.at >= {begins} AND s.at <= {as_of}
    AND s.transition IN ('to_mql', 'to_sql', 'to_opportunity', 'win'){team}
GROUP BY s.source
"""
JOIN_LEAD = " JOIN leads_lead l ON l.workspace_id = s.workspace_id AND l.id = s.lead_id"


def funnel(scope: Scope, found: Cohort | None = None) -> Report:
    """Per stage: leads in it now and their median age; of those captured in the period, how many reached it.

    ``conversion``: of those who reached the stage before, the share that reached this one.
    ``median_days``: how long a step out of this stage took, of the steps in the period.
    """
    found = found or cohort(scope)
    now, took = standing(scope), days_taken(scope)
    rows = []
    before: int | None = None
    for stage in LADDER:
        reached = found.reached(stage)
        count, age = now.get(stage.value, (0, None))
        rows.append(
            {
                "stage": stage.value,
                "now": count,
                "median_age_days": age,
                "reached": reached,
                "conversion": share(reached, before) if before is not None else None,
                "median_days": took.get(stage.value),
                "where": scope.standing(leaf("stage", "eq", stage.value)),
            }
        )
        before = reached
    for stage in ASIDE:
        count, age = now.get(stage.value, (0, None))
        row = {"stage": stage.value, "now": count, "median_age_days": age, "conversion": None}
        reached = found.size(now_in(stage.value))
        where = scope.standing(leaf("stage", "eq", stage.value))
        rows.append(row | {"reached": reached, "median_days": None, "where": where})
    columns = [
        Column("stage", _("Stage"), "stage"),
        Column("now", _("In it now")),
        Column("median_age_days", _("Median age"), "days"),
        Column("reached", _("Reached it")),
        Column("conversion", _("Conversion"), "share"),
        Column("median_days", _("Median days in it"), "days"),
    ]
    captured, won = found.size(), found.reached(Stage.WON)
    total = {"captured": captured, "won": won, "conversion": share(won, captured)}
    return Report("funnel", _("Funnel"), columns, rows, total)


def now_in(stage: str) -> Alike:
    return lambda group: group.stage == stage


def standing(scope: Scope) -> dict[str, tuple[int, int | None]]:
    """By stage: how many leads stand in it, and the median of their whole days there."""
    ages: dict[str, list[tuple[int, int]]] = {}
    for stage, days, count in fetch(fill(STANDING, as_of=scope.as_of, team=scope.of_team("l.team_id"))):
        ages.setdefault(stage, []).append((days, count))
    return {
        stage: (sum(count for _days, count in found), median(sorted(found))) for stage, found in ages.items()
    }


def median(counted: list[tuple[int, int]]) -> int | None:
    """The lower median of values in ascending order, each with how often it occurs."""
    half, seen = (sum(count for _value, count in counted) + 1) // 2, 0
    for value, count in counted:
        seen += count
        if seen >= half:
            return value
    return None


def days_taken(scope: Scope) -> dict[str, float | None]:
    join = fill(JOIN_LEAD if scope.team else "")
    team = scope.of_team("l.team_id")
    rows = fetch(fill(STEPS, begins=scope.begins, as_of=scope.as_of, join=join, team=team))
    return {stage: tenth(days) for stage, days in rows}
