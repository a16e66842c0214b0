"""The leads behind a number that no condition can list: who took a step, who waits too long for a first word."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from insights.reports.answers import HELD, of_holds
from insights.reports.arrivals import FIRST, Counted, by_campaign, by_channel
from insights.reports.cohort import CLIMBED, FURTHEST
from insights.reports.overlaps import AGAIN
from insights.reports.reps import OVERDUE
from insights.reports.scope import Scope
from leads.conditions import Sql
from leads.models.lead import Quality
from pools.statements import fetch, fill
from workspaces.tenancy import current_workspace

MOST = 200
CLASS_HOURS = {
    "h1": (-1, 1),
    "h4": (1, 4),
    "h24": (4, 24),
    "h48": (24, 48),
    "h72": (48, 72),
    "later": (72, 1_000_000),
}

STEPS = """
SELECT s.lead_id, s.at, s.actor_id, NULL::float8 FROM leads_stagechange s{join}
WHERE s.workspace_id = {workspace} AND s.target = {target} AND s.at >= {begins} AND s.at <= {as_of}{who}{team}
ORDER BY s.at DESC, s.id LIMIT {most}
"""
JOIN_LEAD = " JOIN leads_lead l ON l.workspace_id = s.workspace_id AND l.id = s.lead_id"
WAITING = f"""
SELECT l.id, l.held_since, l.owner_id, date_part('epoch', {{as_of}} - l.held_since) / 3600 FROM leads_lead l
WHERE l.workspace_id = {{workspace}} AND {OVERDUE}{{who}}{{team}}
ORDER BY l.held_since, l.id LIMIT {{most}}
"""
CONTACTS = f"""
WITH {HELD}
SELECT h.lead_id, h.began_at, h.member_id, h.hours FROM held h WHERE {{fits}}{{who}}
ORDER BY h.began_at DESC, h.lead_id LIMIT {{most}}
"""
OVERLAP = f"""{AGAIN}
SELECT l.id, a.at, l.owner_id, NULL::float8 FROM again a
JOIN leads_lead l ON l.workspace_id = {{workspace}} AND l.id = a.lead_id{{team}}
LEFT JOIN begun b ON b.lead_id = a.lead_id
WHERE {FIRST} = {{first}}::uuid AND a.channel = {{again}}::uuid
ORDER BY a.at DESC, l.id LIMIT {{most}}
"""

CAME = f"""
WITH {{tables}}, cohort AS MATERIALIZED (
    SELECT DISTINCT l.id, l.captured_at, l.owner_id, l.stage, l.quality FROM leads_lead l{{join}}
    WHERE l.workspace_id = {{workspace}} AND l.captured_at >= {{begins}} AND l.captured_at <= {{as_of}}{{team}}{{only}}
),
{CLIMBED}
SELECT c.id, c.captured_at, c.owner_id, NULL::float8 FROM cohort c LEFT JOIN climbed m ON m.lead_id = c.id
WHERE {{fits}} ORDER BY c.captured_at DESC, c.id LIMIT {{most}}
"""
WON = (
    "EXISTS (SELECT FROM leads_opportunity o WHERE o.workspace_id = {{workspace}} AND o.lead_id = c.id"
    " AND o.status = 'won' AND o.currency {sign} {{currency}})"
)
# The figures of results by which of the leads ``c`` they count; beside them each quality by its name.
FIGURES = {
    "leads": "true",
    "mql": f"{FURTHEST} >= 1",
    "sql": f"{FURTHEST} >= 2",
    "won": f"{FURTHEST} >= 4",
    "rated": "c.quality <> ''",
    "value": WON.format(sign="="),
    "abroad": WON.format(sign="<>"),
} | {quality: f"c.quality = '{quality}'" for quality in Quality.values}


@dataclass(frozen=True)
class Found:
    """A lead behind a number: when it happened, whose it was, and after how many hours, where that is the point."""

    lead: UUID
    at: datetime
    member: UUID | None
    hours: float | None


def steps(scope: Scope, target: str, member: UUID | None = None) -> list[Found]:
    """Steps into a stage in the period, the latest first."""
    return listed(
        STEPS,
        scope,
        join=fill(JOIN_LEAD if scope.team else ""),
        target=target,
        who=by("s.actor_id", member),
        team=scope.of_team("l.team_id"),
    )


def overdue(scope: Scope, member: UUID | None = None, most: int = MOST) -> list[Found]:
    """Not contacted since they are held, though the time for it is over, the longest first."""
    return listed(WAITING, scope, who=by("l.owner_id", member), team=scope.of_team("l.team_id"), most=most)


def contacts(scope: Scope, answered: str, member: UUID | None = None) -> list[Found]:
    """First contacts of the period: of one class of ``timeliness``, in_time, never, reclaimed or new."""
    if answered in CLASS_HOURS:
        low, high = CLASS_HOURS[answered]
        fits = fill("h.hours > {low} AND h.hours <= {high}", low=low, high=high)
    else:
        known = {"in_time": "h.in_time", "never": "h.judged AND h.answered IS NULL"}
        fits = fill(known.get(answered, "h.ended = 'reclaimed'" if answered == "reclaimed" else "true"))
    return listed(CONTACTS, scope, fits=fits, who=by("h.member_id", member), **of_holds(scope))


def overlap(scope: Scope, first: UUID, again: UUID) -> list[Found]:
    """Leads that came by the channel ``first`` and in the period by ``again``, the latest first."""
    return listed(OVERLAP, scope, first=str(first), again=str(again), team=scope.of_team("l.team_id"))


def came(scope: Scope, channel: UUID | None, figure: str = "leads") -> list[Found]:
    """Leads captured in the period that count for a channel, as the scope says; None: for none. The latest first.

    ``figure``: those that a figure of the channel's results counts, one of FIGURES.
    """
    counted = by_channel(scope)
    only = fill(
        " AND {source} IS NOT DISTINCT FROM {pk}::uuid",
        source=counted.source,
        pk=str(channel) if channel else None,
    )
    return captured(scope, counted, only, figure)


def brought(scope: Scope, campaign: str, figure: str = "leads") -> list[Found]:
    """The same of a campaign; '': of none."""
    return captured(
        scope, by_campaign(scope), fill(" AND l.campaign = {campaign}", campaign=campaign), figure
    )


def captured(scope: Scope, counted: Counted, only: Sql, figure: str) -> list[Found]:
    fits = fill(FIGURES[figure], currency=current_workspace().currency)
    pieces = vars(counted) | {"only": only, "fits": fits}
    return listed(CAME, scope, team=scope.of_team("l.team_id"), **pieces)


def of_all(scope: Scope, figure: str) -> list[Found]:
    """The same of all channels together."""
    return captured(scope, by_campaign(scope), Sql("", ()), figure)


def by(column: str, member: UUID | None) -> Sql:
    return fill(f" AND {column} = {{member}}::uuid", member=str(member)) if member else Sql("", ())


def listed(template: str, scope: Scope, **pieces: Any) -> list[Found]:
    pieces = {"as_of": scope.as_of, "begins": scope.begins, "most": MOST} | pieces
    return [Found(*row) for row in fetch(fill(template, **pieces))]
