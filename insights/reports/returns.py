"""What was put aside and came back, by what, and what was won on the second and third attempt."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from insights.reports.scope import Column, Report, Scope, share
from leads.models.deferral import DeferReason
from pools.statements import fetch, fill

CAME_BACK = """
SELECT d.reason_code, count(*), count(*) FILTER (WHERE d.ended_by = 'day'),
    count(*) FILTER (WHERE d.ended_by IN ('touch', 'field', 'again')), count(*) FILTER (WHERE d.ended_by = 'hand'),
    count(*) FILTER (WHERE l.stage = 'won')
FROM leads_deferral d JOIN leads_lead l ON l.workspace_id = d.workspace_id AND l.id = d.lead_id{team}
WHERE d.workspace_id = {workspace} AND d.ended_at >= {begins} AND d.ended_at <= {as_of}
GROUP BY 1 ORDER BY 2 DESC
"""
# An attempt begins with the lead and with each time it is begun again; it is won or not.
ATTEMPTS = """
WITH tried AS (
    SELECT s.lead_id, 1 + count(*) FILTER (WHERE s.transition = 'reopen' AND s.at <= {as_of}) AS attempt,
        max(s.at) FILTER (WHERE s.transition = 'win') AS won
    FROM leads_stagechange s WHERE s.workspace_id = {workspace} AND s.at <= {as_of} GROUP BY s.lead_id
)
SELECT t.attempt, count(*), count(*) FILTER (WHERE t.won >= {begins})
FROM tried t JOIN leads_lead l ON l.workspace_id = {workspace} AND l.id = t.lead_id{team}
WHERE t.attempt > 1 GROUP BY 1 ORDER BY 1
"""


def returns(scope: Scope) -> Report:
    """By reason: how many came back in the period, how, and how many of them are won. Then by attempt."""
    about = {"begins": scope.begins, "as_of": scope.as_of, "team": scope.of_team("l.team_id")}
    labels = dict(DeferReason.choices)
    rows = [
        {
            "kind": "reason",
            "label": str(labels.get(code, code)),
            "leads": count,
            "on_day": day,
            "by_trigger": trigger,
            "by_hand": hand,
            "won": won,
            "win_share": share(won, count),
        }
        for code, count, day, trigger, hand, won in fetch(fill(CAME_BACK, **about))
    ]
    total = {
        key: sum(row[key] for row in rows) for key in ("leads", "on_day", "by_trigger", "by_hand", "won")
    }
    for attempt, count, won in fetch(fill(ATTEMPTS, **about)):
        text = ngettext("Attempt %(number)d", "Attempt %(number)d", attempt) % {"number": attempt}
        rows.append(
            {"kind": "attempt", "attempt": attempt, "label": text, "leads": count, "won": won}
            | {"on_day": None, "by_trigger": None, "by_hand": None, "win_share": share(won, count)}
        )
        total[f"won_on_{attempt}"] = won
    columns = [
        Column("label", _("Put aside because, or attempt"), "text"),
        Column("leads", _("Came back")),
        Column("on_day", _("On their day")),
        Column("by_trigger", _("By a trigger")),
        Column("by_hand", _("By hand")),
        Column("won", _("Won")),
        Column("win_share", _("Share won"), "share"),
    ]
    return Report("returns", _("What came back"), columns, rows, total)
