"""Who gets what: each rep's share of leads, of A leads and of value, against their weight."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _

from insights.reports.scope import Column, Report, Scope, leaf, share
from leads.conditions.fragments import Sql, put
from pools.statements import fetch, fill
from workspaces.tenancy import current_workspace

WEEKS = 12

# Only what a rule gave: what somebody claimed is their own doing. Value is the budget that is known, in the
# workspace's currency. OFFSET keeps the planner from reading all leads.
#
# What each rep was due: of each lead, a share by the weights (today's; the rule's own where it has some) of those
# who were asked about it and were there, as its record says: who was absent or not at work then was due nothing,
# nor was who has joined since. What nobody was asked about, like the default assignee's, was due to who got it.
DECIDED = """SELECT {week} AS week, a.rule, count(*) AS given, a.why ->> 'passing' AS passing,
        CASE WHEN a.why ->> 'reason' IS DISTINCT FROM 'default' AND a.why ? 'among' THEN a.why -> 'among'
            ELSE jsonb_build_array(a.member_id) END AS asked,
        jsonb_path_query_array(a.why, '$.passed_over[*] ? (@.reason == "absent" || @.reason == "away"
            || @.reason == "off_hours" || @.reason == "holder" || @.reason == "cooldown").member') AS gone
    FROM pools_assignment a
    WHERE a.workspace_id = {workspace} AND a.began = 'assigned'
        AND a.began_at {since} AND a.began_at <= {as_of}
    GROUP BY 1, a.rule, passing, asked, gone"""
# Who is named by a record that many leads share. Records that name the same are told by their hash: they are long.
ABSENT = " || ".join(
    f"coalesce(p.reasons -> '{reason}', '[]')"
    for reason in ("absent", "away", "off_hours", "holder", "cooldown")
)
DUE = """decided AS ({decided}),
alike AS (
    SELECT d.week, d.rule, sum(d.given) AS given, min(d.passing) AS passing, min(d.asked::text)::jsonb AS asked,
        min(d.gone::text)::jsonb AS gone
    FROM decided d LEFT JOIN LATERAL (
        SELECT jsonb_hash_extended(p.candidates, 0) AS asked, jsonb_hash_extended({absent}, 0) AS gone
        FROM pools_passing p WHERE p.workspace_id = {workspace} AND p.id = d.passing::uuid OFFSET 0
    ) p ON true
    GROUP BY d.week, d.rule, p.asked, p.gone, CASE WHEN d.passing IS NULL THEN d.asked END,
        CASE WHEN d.passing IS NULL THEN d.gone END
),
given AS (
    SELECT row_number() OVER () AS n, a.week, a.rule, a.given, COALESCE(p.candidates, a.asked) AS asked,
        COALESCE(p.gone, a.gone) AS gone
    FROM alike a LEFT JOIN LATERAL (
        SELECT p.candidates, {absent} AS gone
        FROM pools_passing p WHERE p.workspace_id = {workspace} AND p.id = a.passing::uuid OFFSET 0
    ) p ON true
),
asked AS (
    SELECT g.n, g.week, g.given, m.id AS member, COALESCE(n.weight, t.weight, 1)::float8 AS weight
    FROM given g CROSS JOIN LATERAL jsonb_array_elements_text(g.asked) AS c (id)
    JOIN workspaces_member m ON m.workspace_id = {workspace} AND m.id = c.id::uuid
    LEFT JOIN pools_assignmentrulemember n
        ON n.workspace_id = {workspace} AND n.rule_id = g.rule AND n.member_id = m.id
    LEFT JOIN pools_repterms t ON t.workspace_id = {workspace} AND t.member_id = m.id
    WHERE NOT g.gone ? c.id
),
due AS (
    SELECT week, member, sum(given * weight / whole)::float8 AS leads
    FROM (SELECT asked.*, sum(weight) OVER (PARTITION BY n) AS whole FROM asked) one
    WHERE whole > 0 GROUP BY week, member
)"""
WEEK = "floor(extract(epoch FROM {as_of} - a.began_at) / 604800)::integer + 1"
FAIRNESS = f"""
WITH {DUE}
SELECT m.id, m.name, m.email, m.role, m.is_active AND m.takes_leads, coalesce(t.weight, 1), count(a.id),
    count(a.id) FILTER (WHERE l.grade = 'A'), count(a.id) FILTER (WHERE l.grade IN ('A', 'B')),
    avg(l.score)::float8, coalesce(sum(l.budget), 0)::bigint, coalesce(due.leads, 0)
FROM workspaces_member m
LEFT JOIN due ON due.member = m.id
LEFT JOIN pools_repterms t ON t.workspace_id = m.workspace_id AND t.member_id = m.id
LEFT JOIN pools_assignment a ON a.workspace_id = m.workspace_id AND a.member_id = m.id
    AND a.began = 'assigned' AND a.began_at >= {{begins}} AND a.began_at <= {{as_of}}
LEFT JOIN LATERAL (
    SELECT x.grade, x.score, CASE WHEN x.budget_currency = {{currency}} THEN x.budget_amount END AS budget
    FROM leads_lead x WHERE x.workspace_id = {{workspace}} AND x.id = a.lead_id OFFSET 0
) l ON true
WHERE m.workspace_id = {{workspace}}{{team}}
GROUP BY m.id, m.name, m.email, m.role, m.is_active, m.takes_leads, t.weight, due.leads ORDER BY m.name, m.id
"""

# Per week and rep, the weeks counted back from the end of the period.
HISTORY = f"""
WITH {DUE},
got AS (
    SELECT {WEEK} AS week, a.member_id AS member, count(*) AS leads
    FROM pools_assignment a WHERE a.workspace_id = {{workspace}} AND a.began = 'assigned'
        AND a.began_at {{since}} AND a.began_at <= {{as_of}}
    GROUP BY 1, 2
)
SELECT week, coalesce(due.leads, 0), coalesce(got.leads, 0)
FROM due FULL JOIN got USING (week, member)
JOIN workspaces_member m ON m.workspace_id = {{workspace}} AND m.id = member{{team}}
"""


def fairness(scope: Scope) -> Report:
    """Per rep: the shares of the leads that rules assigned in the period, beside the share they weigh in these rules.

    ``total.gini``: 0 when everybody got what they weigh, near 1 when one got all; over those whom the rules
    ask. ``gini_a`` and ``gini_value``: the same of A leads and of the known budgets.
    """
    places = {"as_of": scope.as_of, "begins": scope.begins, "currency": current_workspace().currency}
    decided = fill(DECIDED, week=Sql("1"), since=put(">= {}", scope.begins), as_of=scope.as_of)
    rows = fetch(
        fill(FAIRNESS, decided=decided, absent=Sql(f"({ABSENT})"), team=scope.of_team("m.team_id"), **places)
    )
    shown = [row for row in rows if row[6] or row[11] or (row[3] == "rep" and row[4])]
    weights, counts = [row[11] for row in shown], [row[6] for row in shown]
    best, values = [row[7] for row in shown], [row[10] for row in shown]
    total = {
        "assigned": sum(counts),
        "gini": gini(counts, weights),
        "gini_a": gini(best, weights),
        "gini_value": gini(values, weights),
    }
    whole = (sum(weights), sum(counts), sum(best), sum(values))
    return Report("fairness", _("Fairness"), columns(), [told(scope, row, whole) for row in shown], total)


def told(scope: Scope, row: tuple, whole: tuple[float, int, int, int]) -> dict[str, Any]:
    pk, name, email, _role, _takes, weight, count, a_leads, good, score, value, due = row
    return {
        "member": str(pk),
        "name": name or email,
        "weight": weight,
        "weight_share": share(due, whole[0]),
        "assigned": count,
        "share": share(count, whole[1]),
        "a_leads": a_leads,
        "a_share": share(a_leads, whole[2]),
        "good": good,
        "average_score": None if score is None else round(score),
        "value": value,
        "value_share": share(value, whole[3]),
        "where": scope.standing(leaf("owner", "eq", str(pk))),
    }


def columns() -> list[Column]:
    return [
        Column("name", _("Rep"), "text"),
        Column("weight", _("Weight")),
        Column("weight_share", _("Share by weight"), "share"),
        Column("assigned", _("Assigned")),
        Column("share", _("Share"), "share"),
        Column("a_leads", _("A leads")),
        Column("a_share", _("Share of A leads"), "share"),
        Column("good", _("A and B leads")),
        Column("average_score", _("Average score")),
        Column("value", _("Known budgets"), "money"),
        Column("value_share", _("Share of value"), "share"),
    ]


def history(scope: Scope, weeks: int = WEEKS) -> list[dict[str, Any]]:
    """The measure week by week, the oldest first: [{"ends", "assigned", "gini"}]; None where nothing was given."""
    since = put("> {} - {} * interval '7 days'", scope.as_of, weeks)
    places = {"as_of": scope.as_of, "since": since}
    decided = fill(DECIDED, week=fill(WEEK, as_of=scope.as_of), **places)
    rows = fetch(
        fill(HISTORY, decided=decided, absent=Sql(f"({ABSENT})"), team=scope.of_team("m.team_id"), **places)
    )
    found: dict[int, list[tuple[int, float]]] = {}
    for week, due, count in rows:
        found.setdefault(week, []).append((count, due))
    told = []
    for week in range(weeks, 0, -1):
        pairs = found.get(week, [])
        counts, weights = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
        ends = scope.as_of - timedelta(days=7 * (week - 1))
        told.append({"ends": ends, "assigned": sum(counts), "gini": gini(counts, weights)})
    return told


def gini(shares: Sequence[float], weights: Sequence[float] | None = None) -> float | None:
    """The Gini coefficient of what each got for each unit of weight; None where nobody got anything.

    Twice the area between the Lorenz curve and the diagonal (C. Gini, Variabilità e mutabilità, 1912), by
    trapezoids as M. C. Brown gives it (Soc. Sci. Med. 38, 1994): 1 − Σ (P[k] − P[k−1]) (L[k] + L[k−1]),
    P the cumulated share of the weights and L of what was got, the least for its weight first. With equal
    weights it is half the mean difference between any two, over the mean. Who weighs nothing is left out.
    """
    weights = weights if weights is not None else [1] * len(shares)
    pairs = [
        (share / weight, share, weight) for share, weight in zip(shares, weights, strict=True) if weight > 0
    ]
    whole, weight_sum = sum(pair[1] for pair in pairs), sum(pair[2] for pair in pairs)
    if not whole:
        return None
    area = got = 0.0
    for _ratio, one, weight in sorted(pairs):
        area += weight / weight_sum * (2 * got + one / whole)
        got += one / whole
    return round(1 - area, 4) + 0.0
