"""What is moving: the leads of each stage, the best first, with what holds them up."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.cache import cache
from django.db import connection
from django.db.models import F, QuerySet

from leads.models import Lead, Stage
from leads.queries import owner_name
from workspaces.models import Member
from workspaces.tenancy import current_workspace_id

COLUMNS = [Stage.LEAD, Stage.MQL, Stage.SQL, Stage.OPPORTUNITY, Stage.WON]
CARDS = 15
FRESH_S = 30  # the sums over all leads of a workspace may be this old


@dataclass(frozen=True)
class Sum:
    """How many leads stand in a stage, what their opportunities are worth, and how long they have stood."""

    count: int = 0
    amount: int = 0  # minor units
    days: int = 0  # on average


SHOWN = (
    *("id", "stage", "stage_since", "name", "email", "phone", "grade", "score", "pain", "budget_amount"),
    *("budget_status", "reclaim_at", "warn_at", "moved_at", "captured_at"),
)


def cards(stages: list[str], whose: UUID | None, skip: int = 0) -> dict[str, list[Any]]:
    """The best leads of each stage (what a card shows), CARDS and one more when there are more.

    One statement, however many stages.
    """
    found: dict[str, list[Any]] = {stage: [] for stage in stages}
    first, *others = [of_stage(stage, whose, skip) for stage in stages]
    for row in first.union(*others, all=True) if others else first:
        found[row.stage].append(row)
    for rows in found.values():
        rows.sort(key=lambda row: (-row.score, -row.id.int))
    return found


def of_stage(stage: str, whose: UUID | None, skip: int) -> QuerySet[Any]:
    best: QuerySet[Lead] = Lead.objects.filter(stage=stage)
    if whose is not None:
        best = best.filter(owner_id=whose)
    best = best.order_by("-score", "-id")[skip : skip + CARDS + 1]
    rows = Lead.objects.filter(pk__in=best.values("pk")).order_by("-score", "-id")
    return rows.annotate(company_name=F("company__name"), owner_name=owner_name()).values_list(
        *SHOWN, "company_name", "owner_name", named=True
    )


def sums(whose: Member | None, as_of: datetime) -> dict[str, Sum]:
    """The heads of the columns. Of the whole workspace they are kept for FRESH_S seconds."""
    if whose is not None:
        return read_sums(whose, as_of)
    key = f"board:{current_workspace_id()}"
    found = cache.get(key)
    if found is None:
        found = read_sums(None, as_of)
        cache.set(key, found, FRESH_S)
    return found


def forget_sums() -> None:
    """Count anew: somebody moved a card."""
    cache.delete(f"board:{current_workspace_id()}")


def read_sums(whose: Member | None, as_of: datetime) -> dict[str, Sum]:
    workspace = current_workspace_id()
    mine = ""
    params: list[Any] = [as_of, workspace]
    if whose is not None:
        mine = " AND l.owner_id = %s"
        params.append(whose.pk)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT stage, count(*), avg(extract(epoch FROM %s - stage_since)) / 86400
            FROM leads_lead l WHERE l.workspace_id = %s{mine} GROUP BY stage
            """,
            params,
        )
        counts = {stage: (count, int(days or 0)) for stage, count, days in cursor.fetchall()}
        cursor.execute(
            f"""
            SELECT l.stage, sum(o.amount) FROM leads_opportunity o
            JOIN leads_lead l ON l.workspace_id = o.workspace_id AND l.id = o.lead_id
            WHERE o.workspace_id = %s AND o.status IN ('open', 'won') AND o.amount IS NOT NULL{mine}
            GROUP BY l.stage
            """,
            params[1:],
        )
        amounts: dict[str, Any] = dict(cursor.fetchall())
    return {s: Sum(n, int(amounts.get(s) or 0), days) for s, (n, days) in counts.items()}
