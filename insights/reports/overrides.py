"""Gates that a manager passed over: who, which, why, and what was missing."""

from django.utils.translation import gettext as _

from insights.reports.scope import Column, Report, Scope
from leads.models import Stage
from leads.telling import step_name
from pools.statements import fetch, fill

MOST = 500
OVERRIDES = """
SELECT s.at, l.id, coalesce(nullif(l.name, ''), nullif(l.email, ''), l.phone), s.transition, s.target,
    coalesce(nullif(m.name, ''), m.email), s.verdict ->> 'override',
    array(SELECT jsonb_array_elements_text(coalesce(s.verdict -> 'unmet', '[]'))), l.stage
FROM leads_stagechange s
JOIN leads_lead l ON l.workspace_id = s.workspace_id AND l.id = s.lead_id{team}
LEFT JOIN workspaces_member m ON m.workspace_id = s.workspace_id AND m.id = s.actor_id
WHERE s.workspace_id = {workspace} AND s.at >= {begins} AND s.at <= {as_of}
    AND s.verdict ->> 'override' IS NOT NULL
ORDER BY s.at DESC, s.id DESC LIMIT {most}
"""


def overrides(scope: Scope) -> Report:
    """Each override of the period, the latest first. ``missing``: the codes of the items that were not met."""
    team = scope.of_team("l.team_id")
    found = fetch(fill(OVERRIDES, begins=scope.begins, as_of=scope.as_of, team=team, most=MOST))
    rows = [
        {
            "at": at,
            "lead": str(lead),
            "name": name,
            "step": step_name(step),
            "member": member or "",
            "reason": reason,
            "missing": ", ".join(missing),
            "count": len(missing),
            "stage": stage,
        }
        for at, lead, name, step, _target, member, reason, missing, stage in found
    ]
    columns = [
        Column("at", _("When"), "moment"),
        Column("name", _("Lead"), "lead"),
        Column("step", _("Step"), "text"),
        Column("member", _("Manager"), "text"),
        Column("reason", _("Why"), "text"),
        Column("missing", _("What was missing"), "text"),
        Column("stage", _("Stands now in"), "stage"),
    ]
    won = sum(row["stage"] == Stage.WON for row in rows)
    return Report("overrides", _("Gates passed over"), columns, rows, {"overrides": len(rows), "won": won})
