"""Where it sticks, and whether the lead is no good or the action was not done.

The figures are counted by the same conditions that list the leads behind them.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _

from insights.reports.scope import Column, Report, Scope, all_of, any_of, leaf, share
from insights.usual import usual_times
from leads.conditions import Condition, Sql, compile_sql, parse, parts, say, to_json, vocabulary
from leads.conditions.fragments import comma
from leads.models import Gate, Stage
from pools.statements import fetch, fill
from workspaces.tenancy import current_workspace

QUIET_DAYS = 7
ENOUGH = 3  # follow-ups after which a missing fact is the lead's fault, not ours
NEXT = {Stage.LEAD: "to_mql", Stage.MQL: "to_sql", Stage.SQL: "to_opportunity", Stage.OPPORTUNITY: "win"}

# A lead that is not qualified yet and that nobody holds waits for nobody: only the rest is looked at.
COUNTS = """
WITH standing AS (
    SELECT l.stage, count(*) AS leads FROM leads_lead l
    WHERE l.workspace_id = {workspace} AND l.stage IN ('lead', 'mql', 'sql', 'opportunity'){team}
    GROUP BY l.stage
),
found AS (
    SELECT l.stage, {columns} FROM leads_lead l
    WHERE l.workspace_id = {workspace}{team}
        AND (l.stage IN ('mql', 'sql', 'opportunity') OR l.stage = 'lead' AND l.owner_id IS NOT NULL)
    GROUP BY l.stage
)
SELECT s.leads, f.* FROM standing s JOIN found f ON f.stage = s.stage
"""

# Held, and not followed up in time: never within a day, or not for a week.
SILENT = all_of(
    leaf("owner", "is_set"),
    any_of(
        all_of(leaf("last_follow_up_at", "is_empty"), leaf("held_since", "not_in_last_days", 1)),
        all_of(
            leaf("last_follow_up_at", "is_set"),
            leaf("last_follow_up_at", "not_in_last_days", QUIET_DAYS),
            leaf("held_since", "not_in_last_days", QUIET_DAYS),
        ),
    ),
)
UNHELD = leaf("owner", "is_empty")
WORKED = all_of(
    leaf("owner", "is_set"),
    leaf("last_follow_up_at", "in_last_days", QUIET_DAYS),
    leaf("follow_ups", "gte", ENOUGH),
)


@dataclass(frozen=True)
class Cause:
    """Why leads of a stage stand still. ``reason``: "action" (ours) or "lead" (theirs)."""

    stage: str
    reason: str
    text: str
    where: dict[str, Any]
    suggestion: str = ""


def stuck(scope: Scope) -> Report:
    """Per stage and cause: how many leads, and their share of the stage. Leads with several causes count in each.

    ``late``: of them, past the stage's usual time (``limit_days``, by the workspace's history).
    """
    times = usual_times(scope.as_of)
    words = vocabulary(current_workspace())
    found = causes(scope)
    asked = [parse(cause.where, words, stored=True) for cause in found]
    counts = [
        fill(
            f"count(*) FILTER (WHERE l.stage = '{cause.stage}' AND ({{one}}){late}) AS {name}{at}",
            one=compiled(scope, one),
            since=scope.as_of - timedelta(days=times[cause.stage].limit + 1),
        )
        for name, late in (("c", ""), ("d", " AND l.stage_since <= {since}"))
        for at, (cause, one) in enumerate(zip(found, asked, strict=True))
    ]
    rows = fetch(fill(COUNTS, columns=comma(counts), team=scope.of_team("l.team_id")))
    counted = {row[1]: (row[0], *row[2:]) for row in rows}
    told = []
    for at, cause in enumerate(found):
        stage = counted.get(cause.stage)
        if stage and stage[at + 1]:
            told.append(
                {
                    "stage": cause.stage,
                    "reason": cause.reason,
                    "cause": cause.text,
                    "leads": stage[at + 1],
                    "share": share(stage[at + 1], stage[0]),
                    "where": cause.where,
                    "suggestion": cause.suggestion,
                    "limit_days": times[cause.stage].limit,
                    "usual_days": times[cause.stage].median,
                    "late": stage[at + 1 + len(found)],
                    "late_where": all_of(cause.where, leaf("days_in_stage", "gt", times[cause.stage].limit)),
                }
            )
    shown = [
        Column("stage", _("Stage"), "stage"),
        Column("reason", _("What is missing"), "reason"),
        Column("cause", _("Why it stands still"), "text"),
        Column("leads", _("Leads")),
        Column("share", _("Of the stage"), "share"),
        Column("late", _("Past the usual time")),
        Column("limit_days", _("Usual time"), "days"),
        Column("suggestion", _("Next move"), "text"),
    ]
    total = {
        reason: sum(row["leads"] for row in told if row["reason"] == reason) for reason in ("action", "lead")
    }
    return Report("stuck", _("Where it sticks"), shown, told, total)


def compiled(scope: Scope, condition: Condition) -> Sql:
    return compile_sql(condition, as_of=scope.as_of, time_zone=current_workspace().tz, lead="l")


def causes(scope: Scope) -> list[Cause]:
    """Actions not done, then, stage by stage, the facts that its next gate still wants after enough follow-ups."""
    words = vocabulary(current_workspace())
    gates = {gate.transition: gate for gate in Gate.objects.filter(transition__in=NEXT.values())}
    found = []
    for stage, step in NEXT.items():
        here = leaf("stage", "eq", stage.value)
        if stage != Stage.LEAD:
            where = scope.standing(here, UNHELD)
            claim = _("Claim it or hand it to somebody.")
            found.append(Cause(stage.value, "action", _("Nobody holds it"), where, claim))
        text = _("No follow-up in time: none within a day, or none for %(days)d days") % {"days": QUIET_DAYS}
        call = _("Follow up today, or give it back.")
        found.append(Cause(stage.value, "action", text, scope.standing(here, SILENT), call))
        gate = gates.get(step)
        for item in parts(parse(gate.condition, words, stored=True)) if gate else []:
            missing = {"not": to_json(item)}
            text = _("After %(enough)d follow-ups still not met: %(condition)s")
            text %= {"enough": ENOUGH, "condition": say(item)}
            ask = _("Ask for it outright; if it does not come, defer.")
            found.append(Cause(stage.value, "lead", text, scope.standing(here, WORKED, missing), ask))
    return found
