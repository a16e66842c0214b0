"""Sources: what each channel brings, what comes of it, and what it costs. And whether grades keep their word."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from insights.reports.cohort import Cohort, Group, cohort
from insights.reports.scope import Column, Report, Scope, leaf, share
from leads.models import Channel, Stage
from pools.statements import fetch, fill
from workspaces.tenancy import current_workspace

MONTH = 30
GRADES = "ABCD"

# Amounts in another currency are left out: a sum of two currencies is no number.
VALUE = """
SELECT l.channel_id, sum(o.amount) FROM leads_opportunity o
JOIN leads_lead l ON l.workspace_id = o.workspace_id AND l.id = o.lead_id
WHERE o.workspace_id = {workspace} AND o.status = 'won' AND o.currency = {currency}
    AND l.captured_at >= {begins} AND l.captured_at <= {as_of}{team}
GROUP BY l.channel_id
"""


def sources(scope: Scope, found: Cohort | None = None) -> Report:
    """Per channel, of the leads captured in the period: how far they came, what they brought and cost.

    ``cost``: of the period, from the channel's cost a month; with a team it is not told, for it is everybody's.
    """
    found = found or cohort(scope)
    worth = won_value(scope)
    channels: dict[UUID | None, Channel] = {channel.pk: channel for channel in Channel.objects.all()}
    met = {group.channel for group in found.groups}
    paid = {channel.pk for channel in channels.values() if channel.cost_per_month}
    rows = [
        source(scope, found, channels.get(pk) if pk else None, worth)
        for pk in met | paid
        if pk is None or pk in channels
    ]
    rows.sort(key=lambda row: (-row["leads"], row["name"]))
    total = figures(found, lambda group: True) | {"value": sum(worth.values())}
    return Report("sources", _("Sources"), source_columns(), rows, total)


def source(
    scope: Scope, found: Cohort, channel: Channel | None, worth: dict[UUID | None, int]
) -> dict[str, Any]:
    pk = channel.pk if channel else None
    counts = figures(found, lambda group: group.channel == pk)
    cost = None
    if channel and channel.cost_per_month is not None and scope.team is None:
        cost = round(channel.cost_per_month * scope.days / MONTH)
    asked = leaf("channel", "eq", str(pk)) if pk else leaf("channel", "is_empty")
    return {
        "channel": str(pk) if pk else None,
        "name": channel.name if channel else _("No channel"),
        **counts,
        "value": worth.get(pk, 0),
        "cost": cost,
        "cost_per_lead": round(cost / counts["leads"]) if cost is not None and counts["leads"] else None,
        "cost_per_customer": round(cost / counts["won"]) if cost is not None and counts["won"] else None,
        "where": scope.captured(asked),
    }


def in_grade(grade: str) -> Callable[[Group], bool]:
    return lambda group: group.grade == grade


def figures(found: Cohort, alike: Callable[[Group], bool]) -> dict[str, Any]:
    counts = {
        "leads": found.size(alike),
        "mql": found.reached(Stage.MQL, alike),
        "sql": found.reached(Stage.SQL, alike),
        "opportunity": found.reached(Stage.OPPORTUNITY, alike),
        "won": found.reached(Stage.WON, alike),
    }
    return counts | {
        "mql_to_sql": share(counts["sql"], counts["mql"]),
        "conversion": share(counts["won"], counts["leads"]),
    }


def won_value(scope: Scope) -> dict[UUID | None, int]:
    rows = fetch(
        fill(
            VALUE,
            currency=current_workspace().currency,
            begins=scope.begins,
            as_of=scope.as_of,
            team=scope.of_team("l.team_id"),
        )
    )
    return {channel: int(amount or 0) for channel, amount in rows}


def source_columns() -> list[Column]:
    return [
        Column("name", _("Channel"), "text"),
        Column("leads", _("Leads")),
        Column("mql", _("MQL")),
        Column("sql", _("SQL")),
        Column("mql_to_sql", _("MQL to SQL"), "share"),
        Column("won", _("Won")),
        Column("conversion", _("Lead to won"), "share"),
        Column("value", _("Value won"), "money"),
        Column("cost", _("Cost"), "money"),
        Column("cost_per_lead", _("Cost per lead"), "money"),
        Column("cost_per_customer", _("Cost per customer"), "money"),
    ]


def scorecard(scope: Scope, found: Cohort | None = None) -> Report:
    """Per grade, of the leads captured in the period: do good grades really convert better?

    ``total.keeps_order``: no grade converts to SQL worse than the one below it; None while too few can be told.
    """
    found = found or cohort(scope)
    rows = []
    for grade in GRADES:
        counts = figures(found, in_grade(grade))
        rate = share(counts["sql"], counts["leads"])
        where = scope.captured(leaf("grade", "eq", grade))
        rows.append({"grade": grade, **counts, "lead_to_sql": rate, "where": where})
    rates = [row["lead_to_sql"] for row in rows if row["lead_to_sql"] is not None]
    order = all(better >= worse for better, worse in pairwise(rates))
    columns = [
        Column("grade", _("Grade"), "grade"),
        Column("leads", _("Leads")),
        Column("sql", _("SQL")),
        Column("lead_to_sql", _("Lead to SQL"), "share"),
        Column("opportunity", _("Opportunities")),
        Column("won", _("Won")),
        Column("conversion", _("Lead to won"), "share"),
    ]
    total = figures(found, lambda group: True) | {"keeps_order": order if len(rates) > 1 else None}
    return Report("scorecard", _("Do grades keep their word?"), columns, rows, total)
