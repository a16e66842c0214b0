"""Who is to be contacted by when, who was late, and how soon the team answers."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from insights.reports import Scope
from insights.reports.answers import answers
from pools.models import ResponseBreach, ResponseClock, ResponsePolicy
from pools.queries import takers
from workspaces.ids import is_id
from workspaces.paging import Window
from workspaces.permissions import may, require

ROWS = 50


@require_safe
def response_times(request: HttpRequest, slug: str) -> HttpResponse:
    """``?show=late``: the record of what was missed; else what is awaited now, the most urgent first."""
    require(request.member, "read")
    asked = request.GET
    late = asked.get("show") == "late"
    member = asked.get("member", "")
    clocks = ResponseClock.objects.select_related("lead__company", "member", "policy")
    breaches = ResponseBreach.objects.select_related("lead__company", "member")
    rows: Any = breaches if late else clocks
    if is_id(member):
        rows = rows.filter(member_id=member)
    try:
        window = Window(
            rows.defer("lead__search", "lead__attributes"),
            "-target_at" if late else "target_at",
            ROWS,
            asked.get("cursor", ""),
        )
    except ValueError:
        return redirect("response_times", slug=slug)
    month = answers(Scope(request.as_of, 30, None))[None]
    context = {
        "nav": "response_times",
        "rows": window.rows,
        "late": late,
        "next": window.next,
        "member_id": member,
        "members": takers(),
        "overdue": ResponseClock.objects.filter(target_at__lte=request.as_of).count(),
        "month": month,
        "tabs": [
            {"label": _("Awaited now"), "href": "?", "active": not late},
            {"label": _("Missed"), "href": "?show=late", "active": late},
        ],
        "policies": ResponsePolicy.objects.filter(is_active=True).exists(),
        "may_change": may(request.member, "rules"),
    }
    return render(request, "insights/response_times.html", context)
