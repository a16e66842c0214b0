"""The score of a lead on another day, in the side panel: from what was known then."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from insights.pages.panel import find
from insights.pages.verdict import arranged
from scoring.replay import moment_of, score_then
from workspaces.permissions import require
from workspaces.refusals import Invalid
from workspaces.tenancy import current_workspace

AGO = timedelta(days=30)


@require_safe
def score_then_panel(request: HttpRequest, slug: str, pk: UUID) -> HttpResponse:
    """``?day=2026-03-31``: the score at the end of that day; a month ago unless said."""
    require(request.member, "read")
    lead = find(pk)
    tz = current_workspace().tz
    today, first = timezone.localdate(request.as_of, tz), timezone.localdate(lead.captured_at, tz)
    begin = max(today - AGO, first)
    given = request.GET.get("day") or begin.isoformat()
    context: dict[str, Any] = {"lead": lead, "day": given, "first": first, "today": today}
    try:
        moment = min(moment_of(given, request.as_of), request.as_of)
        found = score_then(lead, moment, now=request.as_of)
    except Invalid as wrong:
        return render(request, "insights/score_then.html", context | {"error": wrong.message}, status=422)
    return render(request, "insights/score_then.html", context | {"then": found} | arranged(found))
