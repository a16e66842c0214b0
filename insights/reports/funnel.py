"""The funnel: how many stand where, how many come through, and how long each step takes."""

from django.utils.translation import gettext as _

from insights.reports.cohort import ASIDE, LADDER, Cohort, cohort
from insights.reports.scope import Column, Report, Scope, leaf, share, tenth
from leads.models import Stage
from pools.statements import fetch, fill

STANDING = """
SELECT l.stage, count(*),
    percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM {as_of} - l.stage_since)::float8) / 86400
FROM leads_lead l WHERE l.workspace_id = {workspace}{team} GROUP BY l.stage
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
        reached = found.size(lambda group, stage=stage: group.stage == stage.value)
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


def standing(scope: Scope) -> dict[str, tuple[int, float | None]]:
    rows = fetch(fill(STANDING, as_of=scope.as_of, team=scope.of_team("l.team_id")))
    return {stage: (count, tenth(days)) for stage, count, days in rows}


def days_taken(scope: Scope) -> dict[str, float | None]:
    join = fill(JOIN_LEAD if scope.team else "")
    team = scope.of_team("l.team_id")
    rows = fetch(fill(STEPS, begins=scope.begins, as_of=scope.as_of, join=join, team=team))
    return {stage: tenth(days) for stage, days in rows}
