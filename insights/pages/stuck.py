"""Who stands still, and why: grouped for those who manage, with the next move for each group."""

from datetime import timedelta
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from insights.diagnosis import diagnose
from insights.pages.dashboard import Links, scope_of
from insights.reports import stuck as stuck_report
from insights.usual import usual_times
from leads.models import Lead
from leads.models.lead import OPEN
from workspaces.models import Member, Role
from workspaces.permissions import require

FEW = 12


@require_safe
def stuck(request: HttpRequest, slug: str) -> HttpResponse:
    """Groups by stage and cause, each opening its list; below, the worst with their own diagnosis."""
    require(request.member, "reports")
    member: Member = request.member
    scope = scope_of(request)
    links = Links(slug, scope)
    report = links.onto(stuck_report(scope))
    for row in report.rows:
        row["late_href"] = links.leads(row["late_where"])
    context: dict[str, Any] = {"nav": "dashboard", "report": report, "worst": worst(request, member)}
    return render(request, "insights/stuck.html", context)


def worst(request: HttpRequest, member: Member) -> list[dict[str, Any]]:
    """The leads that have stood longest past their stage's time, of a rep their own, with the diagnosis."""
    times = usual_times(request.as_of)
    past = Q()
    for stage in OPEN:
        since = request.as_of - timedelta(days=times[stage.value].limit + 1)
        past |= Q(stage=stage.value, stage_since__lte=since)
    rows = Lead.objects.filter(past, owner__isnull=False).select_related("company", "owner")
    if member.role == Role.REP:
        rows = rows.filter(owner=member)
    found = []
    for lead in rows.defer("search", "score_parts").order_by("-score", "-id")[:FEW]:
        diagnosis = diagnose(lead, request.as_of, times)
        if diagnosis is not None:
            found.append({"lead": lead, "diagnosis": diagnosis})
    return found
