"""Any report as a page: its rows under their columns, every number with its list."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from insights.pages.dashboard import Links, period_name, scope_of
from insights.reports import PERIODS, REPORTS
from leads.models import Stage
from workspaces.permissions import require

STAGES = dict(Stage.choices)


@require_safe
def report(request: HttpRequest, slug: str, report: str) -> HttpResponse:
    """One report. ``?days=`` and ``?team=`` as on the dashboard."""
    require(request.member, "reports")
    if report not in REPORTS:
        raise Http404(_("There is no such report."))
    scope = scope_of(request)
    found = Links(slug, scope).onto(REPORTS[report](scope))
    periods = [
        {"label": period_name(days), "href": f"?days={days}", "active": days == scope.days}
        for days in PERIODS
    ]
    context: dict[str, Any] = {
        "nav": "dashboard",
        "report": found,
        "scope": scope,
        "periods": periods,
        "rows": [{"cells": cells(found.columns, row), "row": row} for row in found.rows],
    }
    return render(request, "insights/report.html", context)


def cells(columns: list[Any], row: dict[str, Any]) -> list[dict[str, Any]]:
    """The values of a row in the order of the columns, each with what shows it."""
    return [
        {"kind": column.kind, "value": row.get(column.key), "href": row.get(f"{column.key}_href", "")}
        for column in columns
    ]
