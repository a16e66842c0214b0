"""How likely an open opportunity is to be won, by the workspace's own history; and what each month may bring."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import connection

from leads.models.deal import DealStep
from workspaces.tenancy import current_workspace_id

ENOUGH = 10  # fewer closed opportunities that got as far as a step tell nothing: then the fallback holds
FALLBACK = {"discovery": 0.10, "proposal": 0.25, "demo": 0.40, "negotiation": 0.60, "signing": 0.85}
DAYS = 730

CLOSED = """
SELECT o.step, o.status, count(*) FROM leads_opportunity o
WHERE o.workspace_id = %s AND o.status IN ('won', 'lost') AND o.closed_at >= %s AND o.closed_at <= %s
GROUP BY 1, 2
"""
OPEN = """
SELECT date_trunc('month', o.expected_close)::date, o.currency, o.step, count(*), coalesce(sum(o.amount), 0)
FROM leads_opportunity o
WHERE o.workspace_id = %s AND o.status = 'open' AND (%s::uuid IS NULL OR o.owner_id = %s::uuid)
GROUP BY 1, 2, 3
"""


@dataclass(frozen=True)
class Chance:
    """``probability``: of those that got as far as ``step``, the share that was won. ``thin``: the fallback."""

    step: str
    probability: float
    closed: int
    thin: bool


def chances(as_of: datetime) -> dict[str, Chance]:
    """By step. A won opportunity has passed every step; a lost one those before the one it was lost in."""
    begins = as_of - timedelta(days=DAYS)
    with connection.cursor() as cursor:
        cursor.execute(CLOSED, [current_workspace_id(), begins, as_of])
        rows = cursor.fetchall()
    order = DealStep.values
    won = sum(count for _step, status, count in rows if status == "won")
    found = {}
    for at, step in enumerate(order):
        lost = sum(
            count
            for last, status, count in rows
            if status == "lost" and last in order and order.index(last) >= at
        )
        closed = won + lost
        thin = closed < ENOUGH
        found[step] = Chance(step, FALLBACK[step] if thin else round(won / closed, 4), closed, thin)
    return found


@dataclass
class Month:
    """What closes in a month, in one currency: ``month`` None has no date yet. Amounts are minor units."""

    month: date | None
    currency: str
    count: int = 0
    amount: int = 0
    weighted: int = 0


def forecast(as_of: datetime, owner: UUID | None = None) -> list[Month]:
    """The open opportunities by month of expected close and currency, each weighted by its step's chance."""
    likely = chances(as_of)
    workspace, who = current_workspace_id(), str(owner) if owner else None
    with connection.cursor() as cursor:
        cursor.execute(OPEN, [workspace, who, who])
        rows = cursor.fetchall()
    months: dict[tuple[date | None, str], Month] = {}
    for month, currency, step, count, amount in rows:
        row = months.setdefault((month, currency), Month(month, currency))
        chance = likely[step].probability if step in likely else FALLBACK["discovery"]
        row.count += count
        row.amount += int(amount)
        row.weighted += round(int(amount) * chance)
    return sorted(months.values(), key=lambda one: (one.month or date.max, one.currency))
