"""Sources: what each channel brings, what comes of it, and what it costs. And whether grades keep their word."""

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext as _

from insights.reports.arrivals import Counted, by_campaign, by_channel
from insights.reports.cohort import Cohort, Group, cohort
from insights.reports.scope import Column, Report, Scope, leaf, share
from leads.models import Channel, Stage
from leads.models.lead import Quality
from pools.statements import fetch, fill
from workspaces.tenancy import current_workspace

MONTH = 30  # days
GRADES = "ABCD"

Won = dict[Any, tuple[int, int]]  # by source: value in the workspace's currency, opportunities in others
NOTHING = (0, 0)

# Amounts in another currency are counted, not summed: a sum of two currencies is no number.
VALUE = """
WITH {tables}
SELECT {source}, coalesce(sum(o.amount) FILTER (WHERE o.currency = {currency}), 0),
    count(*) FILTER (WHERE o.currency <> {currency})
FROM leads_opportunity o
JOIN leads_lead l ON l.workspace_id = o.workspace_id AND l.id = o.lead_id{join}
WHERE o.workspace_id = {workspace} AND o.status = 'won'
    AND l.captured_at >= {begins} AND l.captured_at <= {as_of}{team}
GROUP BY 1
"""


def sources(scope: Scope, found: Cohort | None = None) -> Report:
    """Per channel, of the leads captured in the period: how far they came, what they brought and cost.

    By the channel that the scope asks for: each lead counts once, and once in the total; by all its channels it counts
    in the row of each, and ``total.duplicates`` says how often again.
    ``cost``: of the days of the period in which the channel was in use, from its cost a month; with a team it is not
    told, for it is everybody's.
    ``real``: of those that reps rated, the share they found real. ``returned``: value won for each unit of cost, of the
    workspace's currency; ``abroad``: how many were won in others.
    """
    found = found or cohort(scope)
    counted = by_channel(scope)
    worth = won_value(scope, counted)
    channels: dict[Any, Channel] = {channel.pk: channel for channel in Channel.objects.all()}
    met = {group.source for group in found.groups}
    paid = {channel.pk for channel in channels.values() if cost_of(scope, channel)}
    rows = [
        source(scope, found, channels.get(pk) if pk else None, worth)
        for pk in met | paid
        if pk is None or pk in channels
    ]
    rows.sort(key=lambda row: (-row["leads"], row["name"]))
    total = all_together(found, rows, worth)
    if scope.by == "all":
        once = replace(scope, by="first")
        total = all_together(cohort(once), rows, won_value(once, by_channel(once)))
        total["duplicates"] = found.size() - total["leads"]
    return Report("sources", _("Sources"), source_columns(), rows, total)


def campaigns(scope: Scope) -> Report:
    """The same per campaign that stands in the leads. Its cost is that of the channels that carry its name."""
    counted = by_campaign(scope)
    found, worth = cohort(scope, counted), won_value(scope, counted)
    costs: dict[str, int] = {}
    for channel in Channel.objects.exclude(cost_per_month=None).exclude(campaign=""):
        costs[channel.campaign] = costs.get(channel.campaign, 0) + (cost_of(scope, channel) or 0)
    names = {str(group.source) for group in found.groups} | {name for name, cost in costs.items() if cost}
    rows = []
    for name in names:
        asked = leaf("campaign", "eq", name) if name else leaf("campaign", "is_empty")
        shown = {"campaign": name, "name": name or _("No campaign")}
        rows.append(shown | results(scope, found, name, worth.get(name, NOTHING), costs.get(name), asked))
    rows.sort(key=lambda row: (-row["leads"], row["name"]))
    columns = [Column("name", _("Campaign"), "text"), *source_columns()[1:]]
    return Report("campaigns", _("Campaigns"), columns, rows, all_together(found, rows, worth))


def source(scope: Scope, found: Cohort, channel: Channel | None, worth: Won) -> dict[str, Any]:
    pk = channel.pk if channel else None
    asked: dict[str, Any] | None = leaf("channel", "eq", str(pk)) if pk else leaf("channel", "is_empty")
    if not all(one.source == one.own for one in found.groups if pk in (one.source, one.own)):
        asked = None  # no condition lists them
    shown = {"channel": str(pk) if pk else None, "name": channel.name if channel else _("No channel")}
    cost = cost_of(scope, channel) if channel else None
    return shown | results(scope, found, pk, worth.get(pk, NOTHING), cost, asked)


def results(
    scope: Scope,
    found: Cohort,
    source: Any,
    won: tuple[int, int],
    cost: int | None,
    asked: dict[str, Any] | None,
) -> dict[str, Any]:
    """The figures of one channel or campaign, and the condition that lists its leads, where there is one."""
    counts = figures(found, lambda group: group.source == source)
    cost = cost if scope.team is None else None
    where = scope.captured(asked) if asked else None
    value, abroad = won
    return counts | {"value": value, "abroad": abroad, "where": where} | paid_for(counts, value, cost)


def cost_of(scope: Scope, channel: Channel) -> int | None:
    """What it cost in the days of the period in which it was in use; None when nobody has said."""
    if channel.cost_per_month is None:
        return None
    return round(channel.cost_per_month * channel.days_in_use(scope.begins, scope.as_of) / MONTH)


def paid_for(counts: dict[str, Any], value: int, cost: int | None) -> dict[str, Any]:
    each = {"lead": "leads", "real": "real_leads", "mql": "mql", "sql": "sql", "customer": "won"}
    return {"cost": cost, "returned": share(value, cost)} | {
        f"cost_per_{name}": round(cost / counts[key]) if cost is not None and counts[key] else None
        for name, key in each.items()
    }


def all_together(found: Cohort, rows: list[dict[str, Any]], worth: Won) -> dict[str, Any]:
    counts = figures(found, lambda group: True)
    costs = [row["cost"] for row in rows if row["cost"] is not None]
    value, abroad = sum(one for one, _many in worth.values()), sum(many for _one, many in worth.values())
    return (
        counts | {"value": value, "abroad": abroad} | paid_for(counts, value, sum(costs) if costs else None)
    )


def in_grade(grade: str) -> Callable[[Group], bool]:
    return lambda group: group.grade == grade


def figures(found: Cohort, alike: Callable[[Group], bool]) -> dict[str, Any]:
    """Counts and shares of the leads that are alike, in one pass over the groups of each kind."""
    mine = Cohort([group for group in found.groups if alike(group)])
    counts = {
        "leads": mine.size(),
        "mql": mine.reached(Stage.MQL),
        "sql": mine.reached(Stage.SQL),
        "opportunity": mine.reached(Stage.OPPORTUNITY),
        "won": mine.reached(Stage.WON),
        "rated": mine.size(lambda group: bool(group.quality)),
        "real_leads": mine.size(lambda group: group.quality == Quality.REAL),
    }
    return counts | {
        "real": share(counts["real_leads"], counts["rated"]),
        "mql_to_sql": share(counts["sql"], counts["mql"]),
        "conversion": share(counts["won"], counts["leads"]),
    }


def won_value(scope: Scope, counted: Counted) -> Won:
    """What the leads of the period have brought."""
    rows = fetch(
        fill(
            VALUE,
            **vars(counted),
            currency=current_workspace().currency,
            begins=scope.begins,
            as_of=scope.as_of,
            team=scope.of_team("l.team_id"),
        )
    )
    return {source: (int(amount), abroad) for source, amount, abroad in rows}


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
        Column("rated", _("Rated")),
        Column("real", _("Share real"), "share"),
        Column("cost_per_real", _("Cost per real lead"), "money"),
        Column("cost_per_mql", _("Cost per MQL"), "money"),
        Column("cost_per_sql", _("Cost per SQL"), "money"),
        Column("returned", _("Return"), "times"),
        Column("abroad", _("Won in other currencies")),
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
