"""What comes of channels and campaigns: leads, how many are real, how far they get, what they cost and return."""

from collections import Counter
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from insights.pages.dashboard import Links, period_name, scope_of
from insights.reports import PERIODS, Report, Scope
from insights.reports.arrivals import by_channel
from insights.reports.cohort import Cohort, cohort
from insights.reports.over_time import Span, over_time
from insights.reports.overlaps import overlaps
from insights.reports.scope import SOURCES
from insights.reports.sources import Won, campaigns, source, sources, won_value
from intake.pages.channels import find_channel, tabs_of
from leads.models import Channel
from leads.models.lead import Quality
from workspaces.permissions import may, require

MOST_IN_MATRIX = 10
TOP = 10  # channels in the picture


@require_safe
def channels_results(request: HttpRequest, slug: str) -> HttpResponse:
    """All channels and campaigns side by side, and whose leads come by several of them."""
    require(request.member, "reports")
    scope = scope_of(request)
    links = Links(slug, scope)
    by_channel, twice = links.onto(sources(scope)), links.onto(overlaps(scope))
    context: dict[str, Any] = {
        "nav": "channels",
        "scope": scope,
        "periods": periods(scope),
        "ways": ways(scope),
        "stats": stats(by_channel.total),
        "channels": by_channel,
        "campaigns": links.onto(campaigns(scope)),
        "twice": twice,
        "matrix": matrix(twice),
        "chart": channel_chart(by_channel),
        "may_change": may(request.member, "channels"),
    }
    return render(request, "insights/channels_results.html", context)


@require_safe
def channel_results(request: HttpRequest, slug: str, pk: UUID) -> HttpResponse:
    """One channel: its figures, how they went through the period, what reps found its leads to be."""
    found = find_channel(request, pk)
    scope = scope_of(request)
    links = Links(slug, scope)
    captured = cohort(scope)
    [row] = links.onto(Report("sources", "", [], [source(scope, captured, found, worth(scope))])).rows
    spans = over_time(scope, found.pk)
    pairs = links.onto(overlaps(scope)).rows
    twice = [one for one in pairs if str(found.pk) in (one["first_channel"], one["again_channel"])]
    context: dict[str, Any] = {
        "nav": "channels",
        "channel": found,
        "tabs": tabs_of(found, "channel_results"),
        "scope": scope,
        "periods": periods(scope),
        "ways": ways(scope),
        "row": row,
        "stats": stats(row),
        "chart": time_chart(spans) if any(span.leads for span in spans) else None,
        "ratings": ratings(captured, found, row),
        "twice": twice,
    }
    return render(request, "insights/channel_results.html", context)


def worth(scope: Scope) -> Won:
    return won_value(scope, by_channel(scope))


def periods(scope: Scope) -> list[dict[str, Any]]:
    return [
        {"label": period_name(days), "href": f"?days={days}&by={scope.by}", "active": days == scope.days}
        for days in PERIODS
    ]


def ways(scope: Scope) -> list[dict[str, Any]]:
    """Which of its channels a lead counts for, to be chosen."""
    named = {"first": _("First source"), "last": _("Last source"), "all": _("All sources")}
    return [
        {"label": named[by], "href": f"?days={scope.days}&by={by}", "active": by == scope.by}
        for by in SOURCES
    ]


def stats(row: dict[str, Any]) -> list[dict[str, Any]]:
    """The figures of a row with ``href``s, large: counts with what each one costs."""
    found = [
        {"label": _("Leads"), "count": row["leads"], "each": row["cost_per_lead"], "href": row["href"]},
        {"label": _("Found real"), "share": row["real"], "each": row["cost_per_real"], "of": row["rated"]},
        {"label": _("MQL"), "count": row["mql"], "each": row["cost_per_mql"], "href": row["mql_href"]},
        {"label": _("SQL"), "count": row["sql"], "each": row["cost_per_sql"], "href": row["sql_href"]},
        {"label": _("Won"), "count": row["won"], "each": row["cost_per_customer"], "href": row["won_href"]},
        {"label": _("Value won"), "money": row["value"], "cost": row["cost"], "times": row["returned"]},
    ]
    found[1] |= {"href": row["real_href"], "of_href": row["rated_href"]}
    found[5] |= {"href": row["value_href"], "abroad": row["abroad"], "abroad_href": row["abroad_href"]}
    return found


def ratings(captured: Cohort, channel: Channel, row: dict[str, Any]) -> list[dict[str, Any]]:
    """What reps found the channel's leads of the period to be, the most frequent first. ``row``: with ``href``s."""
    found: Counter[str] = Counter()
    for group in captured.groups:
        if group.source == channel.pk and group.quality:
            found[group.quality] += group.leads
    whole = sum(found.values())
    return [
        {"label": Quality(value).label, "many": many, "share": many / whole, "href": row[f"{value}_href"]}
        for value, many in sorted(found.items(), key=lambda one: -one[1])
    ]


def time_chart(spans: list[Span]) -> dict[str, Any]:
    lines = ((_("Leads"), "leads"), (_("MQL"), "mql"), (str(Quality.REAL.label), "real"), (_("Won"), "won"))
    return {
        "kind": "line",
        "labels": [span.label for span in spans],
        "series": [{"name": name, "values": [getattr(span, key) for span in spans]} for name, key in lines],
    }


def channel_chart(report: Report) -> dict[str, Any]:
    rows = [row for row in report.rows if row["leads"]][:TOP]
    return {
        "kind": "column",
        "labels": [row["name"] for row in rows],
        "series": [
            {"name": name, "values": [row[key] for row in rows]}
            for name, key in ((_("Leads"), "leads"), (_("MQL"), "mql"), (_("SQL"), "sql"), (_("Won"), "won"))
        ],
    }


def matrix(report: Report) -> dict[str, Any]:
    """Channels against channels, those with the most first; each cell with a strength of 0 to 4 for its colour."""
    weights: dict[str, int] = {}
    for row in report.rows:
        for side in ("first", "again"):
            weights[row[side]] = weights.get(row[side], 0) + row["leads"]
    names = sorted(weights, key=lambda name: (-weights[name], name))[:MOST_IN_MATRIX]
    cells = {(row["first"], row["again"]): row for row in report.rows}
    most = max((row["leads"] for row in report.rows), default=0)
    return {
        "names": names,
        "rows": [
            {
                "name": first,
                "cells": [cell(cells.get((first, again)), most, first == again) for again in names],
            }
            for first in names
        ],
    }


def cell(row: dict[str, Any] | None, most: int, same: bool) -> dict[str, Any]:
    leads = row["leads"] if row else 0
    href = row["href"] if row else ""
    return {"leads": leads, "same": same, "heat": -(-4 * leads // most) if leads else 0, "href": href}
