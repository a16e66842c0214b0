"""The five figures at the top of the dashboard: this period, the one before, and how it went meanwhile."""

from dataclasses import dataclass
from typing import Any

from insights.reports.answers import HELD, of_holds
from insights.reports.scope import Scope, share
from leads.conditions import Sql
from pools.statements import fetch, fill

POINTS = 12  # of a sparkline
BUCKET = (
    "CASE WHEN {at} < {{begins}} THEN -1 ELSE least("
    + str(POINTS - 1)
    + ", floor(date_part('epoch', {at} - {{begins}})"
    " * " + str(POINTS) + " / {{seconds}})::int) END"
)

# "held" is of both periods together, so that the share in time can be told for each.
FIGURES = f"""
WITH {HELD}
SELECT 'captured', {BUCKET.format(at="l.captured_at")}, count(*), 0 FROM leads_lead l
WHERE l.workspace_id = {{workspace}} AND l.captured_at >= {{before}} AND l.captured_at <= {{as_of}}{{lead_team}}
GROUP BY 2
UNION ALL
SELECT s.target, {BUCKET.format(at="s.at")}, count(*), 0 FROM leads_stagechange s{{join}}
WHERE s.workspace_id = {{workspace}} AND s.at >= {{before}} AND s.at <= {{as_of}}
    AND s.target IN ('mql', 'sql', 'won'){{lead_team_of_step}}
GROUP BY 1, 2
UNION ALL
SELECT 'in_time', {BUCKET.format(at="h.began_at")}, count(*) FILTER (WHERE h.judged), count(*) FILTER (WHERE h.in_time)
FROM held h GROUP BY 2
"""
JOIN_LEAD = " JOIN leads_lead l ON l.workspace_id = s.workspace_id AND l.id = s.lead_id"


@dataclass(frozen=True)
class Figure:
    """``now`` and ``before`` are counts, of ``in_time`` shares of 0 to 1; ``change``: the difference, relative
    for counts. ``spark``: how it went through the period."""

    key: str
    now: float | None
    before: float | None
    change: float | None
    spark: list[float]


def figures(scope: Scope) -> dict[str, Figure]:
    """captured, mql, sql, won (how many) and in_time (the share of first contacts within their time)."""
    both = Scope(scope.as_of, scope.days * 2, scope.team)
    pieces: dict[str, Any] = {
        "as_of": scope.as_of,
        "begins": scope.begins,
        "before": both.begins,
        "seconds": scope.days * 86400,
        "team": scope.of_team("m.team_id"),
        "lead_team": scope.of_team("l.team_id"),
        "lead_team_of_step": scope.of_team("l.team_id"),
        "join": fill(JOIN_LEAD) if scope.team else Sql("", ()),
    }
    held = fill(HELD, **of_holds(both))
    rows = fetch(fill(FIGURES.replace(HELD, "{held}"), held=held, **pieces))
    found: dict[str, dict[int, tuple[int, int]]] = {}
    for key, bucket, count, part in rows:
        found.setdefault(key, {})[bucket] = (count, part)
    counts = {key: counted(key, found.get(key, {})) for key in ("captured", "mql", "sql", "won")}
    return counts | {"in_time": shared(found.get("in_time", {}))}


def counted(key: str, buckets: dict[int, tuple[int, int]]) -> Figure:
    spark = [float(buckets.get(at, (0, 0))[0]) for at in range(POINTS)]
    now, before = sum(spark), buckets.get(-1, (0, 0))[0]
    return Figure(key, int(now), before, (now - before) / before if before else None, spark)


def shared(buckets: dict[int, tuple[int, int]]) -> Figure:
    here = [buckets.get(at, (0, 0)) for at in range(POINTS)]
    now = share(sum(part for _whole, part in here), sum(whole for whole, _part in here))
    whole, part = buckets.get(-1, (0, 0))
    before = share(part, whole)
    change = now - before if now is not None and before is not None else None
    return Figure(
        "in_time", now, before, change, [share(part, whole) or 0.0 for whole, part in here if whole]
    )
