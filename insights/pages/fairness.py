"""Is it fair? What the rules gave to whom, against each rep's weight, for everybody to see."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from insights.reports import PERIODS, Report, Scope
from insights.reports.fairness import fairness, history
from workspaces.paging import whole_number
from workspaces.permissions import require
from workspaces.tenancy import current_workspace


@require_safe
def fairness_page(request: HttpRequest, slug: str) -> HttpResponse:
    """``?days=``: the period of the table; the measure is shown for the last twelve weeks."""
    require(request.member, "reports")
    asked = whole_number(request.GET.get("days", ""), max(PERIODS))
    days = asked if asked in PERIODS else 30
    scope = Scope(request.as_of, days, None)
    report, weeks = fairness(scope), history(scope)
    zone = current_workspace().tz
    context: dict[str, Any] = {
        "nav": "fairness",
        "days": days,
        "days_text": str(days),
        "periods": PERIODS,
        "report": report,
        "shares_chart": shares(report),
        "history_chart": {
            "kind": "line",
            "labels": [date_format(week["ends"].astimezone(zone), "MONTH_DAY_FORMAT") for week in weeks],
            "series": [{"name": _("Gini"), "values": [week["gini"] for week in weeks]}],
        },
        "any_history": any(week["assigned"] for week in weeks),
    }
    return render(request, "insights/fairness.html", context)


def shares(report: Report) -> dict[str, Any]:
    """Each rep's shares in percent, beside the share they weigh."""
    named = [
        ("weight_share", _("By weight")),
        ("share", _("Leads, %")),
        ("a_share", _("A leads, %")),
        ("value_share", _("Value, %")),
    ]
    return {
        "kind": "bar",
        "labels": [row["name"] for row in report.rows],
        "series": [
            {"name": name, "values": [round(100 * (row[key] or 0), 1) for row in report.rows]}
            for key, name in named
        ],
    }
