"""First contact: how soon after somebody got a lead they spoke with it."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from insights.reports.scope import Column, Report, Scope, share, tenth
from pools.responses import first_contact_by
from pools.statements import fetch, fill

IN_TIME_H = 24
LIMITS_H = (1, 4, 24, 48, 72)  # the upper ends of the classes; beyond them: later

# One row for each time somebody began to hold a lead in the period, with their first follow-up in that hold.
# It counts as judged once it was answered, or once the time was over that the policy in force gives for it.
HELD = """
held AS (
    SELECT a.member_id, a.lead_id, a.began_at, a.ended, a.end_reason, f.at AS answered,
        date_part('epoch', f.at - a.began_at) / 3600 AS hours,
        f.at <= t.target AS in_time,
        f.at IS NOT NULL OR least(coalesce(a.ended_at, {as_of}), {as_of}) >= t.target AS judged
    FROM pools_assignment a
    JOIN workspaces_member m ON m.workspace_id = a.workspace_id AND m.id = a.member_id{team}
    {leads} {calendars}
    CROSS JOIN LATERAL (SELECT {target} AS target) t
    LEFT JOIN LATERAL (
        SELECT f.at FROM leads_followup f
        WHERE f.workspace_id = {workspace} AND f.lead_id = a.lead_id AND f.at >= a.began_at
            AND f.at <= least(coalesce(a.ended_at, {as_of}), {as_of})
        ORDER BY f.at LIMIT 1
    ) f ON true
    WHERE a.workspace_id = {workspace} AND a.began_at >= {begins} AND a.began_at <= {as_of}
)
"""
CLASSES = ", ".join(
    f"count(*) FILTER (WHERE hours > {low} AND hours <= {high})"
    for low, high in zip((-1, *LIMITS_H), (*LIMITS_H, 1_000_000), strict=False)
)
ANSWERS = f"""
WITH {HELD}
SELECT member_id, count(*), count(*) FILTER (WHERE judged), count(*) FILTER (WHERE in_time),
    percentile_cont(0.5) WITHIN GROUP (ORDER BY hours) FILTER (WHERE answered IS NOT NULL),
    count(*) FILTER (WHERE ended = 'reclaimed'), count(DISTINCT lead_id),
    {CLASSES}
FROM held GROUP BY GROUPING SETS ((member_id), ())
"""


@dataclass(frozen=True)
class Answers:
    """Of the leads somebody began to hold in the period. ``classes``: answered within each limit, then later."""

    held: int = 0
    judged: int = 0
    in_time: int = 0
    median_hours: float | None = None
    reclaimed: int = 0
    leads: int = 0
    classes: tuple[int, ...] = (0,) * (len(LIMITS_H) + 1)

    @property
    def share_in_time(self) -> float | None:
        return share(self.in_time, self.judged)

    @property
    def unanswered(self) -> int:
        return self.judged - sum(self.classes)


def of_holds(scope: Scope) -> dict[str, Any]:
    """What HELD is filled with."""
    given = {"as_of": scope.as_of, "begins": scope.begins, "team": scope.of_team("m.team_id")}
    return given | first_contact_by(scope.begins, scope.as_of)


def answers(scope: Scope) -> dict[UUID | None, Answers]:
    """By member; under None the sum of all."""
    rows = fetch(fill(ANSWERS, **of_holds(scope)))
    return {
        row[0]: Answers(row[1], row[2], row[3], tenth(row[4]), row[5], row[6], tuple(row[7:])) for row in rows
    }


def timeliness(scope: Scope, found: dict[UUID | None, Answers] | None = None) -> Report:
    """How the first contacts of the period spread over time, and the share in the time that policies give."""
    all_of_them = (answers(scope) if found is None else found).get(None, Answers())
    counts = [*all_of_them.classes, all_of_them.unanswered]
    rows: list[dict[str, Any]] = [
        {"within": label, "leads": count, "share": share(count, all_of_them.judged), "class": key}
        for (key, label), count in zip(class_names(), counts, strict=True)
    ]
    columns = [
        Column("within", _("First contact"), "text"),
        Column("leads", _("Leads")),
        Column("share", _("Share"), "share"),
    ]
    total = {
        "held": all_of_them.held,
        "judged": all_of_them.judged,
        "in_time": all_of_them.in_time,
        "share_in_time": all_of_them.share_in_time,
        "median_hours": all_of_them.median_hours,
    }
    return Report("timeliness", _("Response times"), columns, rows, total)


def class_names() -> list[tuple[str, str]]:
    within = [(f"h{hours}", _("Within %(hours)d h") % {"hours": hours}) for hours in LIMITS_H]
    return [*within, ("later", _("Later")), ("never", _("Not yet, past its time"))]
