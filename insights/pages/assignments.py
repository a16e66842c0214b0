"""Who got which lead when, by which rule, and why the others did not; and who still waits."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from leads.models import Lead
from pools import queries
from pools.models import Assignment, Began
from pools.planning import plan
from pools.words import end_reason, waiting_reason, why_sentence
from workspaces.ids import is_id
from workspaces.paging import whole_number
from workspaces.permissions import require

PAGE = 50
MOST_DAYS = 3660
WAITING = 20


@require_safe
def assignments(request: HttpRequest, slug: str) -> HttpResponse:
    """The records, the newest first; ``?member=``, ``?began=``, ``?days=`` (of the last ones), ``?before=`` (the id to
    go on after)."""
    require(request.member, "read")
    asked = request.GET
    member = asked.get("member", "")
    began = asked.get("began", "") if asked.get("began") in Began.values else ""
    found = (
        queries.assignments()
        .select_related("member", "lead__company")
        .defer("lead__search", "lead__attributes")
    )
    if is_id(member):
        found = found.filter(member_id=member)
    if began:
        found = found.filter(began=began)
    days = whole_number(asked.get("days", ""), MOST_DAYS)
    if days:
        found = found.filter(began_at__gte=request.as_of - timedelta(days=days))
    if is_id(asked.get("before", "")):
        last = Assignment.objects.filter(pk=asked["before"]).first()
        found = found.filter(after(last)) if last else found
    rows = list(found[: PAGE + 1])
    context: dict[str, Any] = {
        "nav": "assignments",
        "rows": [told(row) for row in rows[:PAGE]],
        "more": rows[PAGE - 1].pk if len(rows) > PAGE else "",
        "member_id": member,
        "began": began,
        "days": days,
        "members": queries.takers(),
        "tabs": [("", _("All")), *Began.choices],
        "waiting": waiting(request),
        "waiting_total": queries.waiting().count(),
    }
    return render(request, "insights/assignments.html", context)


def after(last: Assignment) -> Q:
    """What comes after that record in the order of the list."""
    return Q(began_at__lt=last.began_at) | Q(began_at=last.began_at, pk__lt=last.pk)


def told(row: Assignment) -> dict[str, Any]:
    """A record in words: why it began, and why it ended."""
    why, end = why_sentence(row.began, row.why), end_reason(row)
    return {"row": row, "lead": row.lead, "why": why, "end": end}


def waiting(request: HttpRequest) -> list[dict[str, Any]]:
    """Qualified leads without a holder, the best first, each with the reason."""
    leads: list[UUID] = list(queries.waiting().values_list("pk", flat=True)[:WAITING])
    if not leads:
        return []
    by_id = Lead.objects.select_related("company").defer("search", "attributes", "score_parts").in_bulk(leads)
    reasons = {choice.lead: choice.waits or "due" for choice in plan(leads, as_of=request.as_of)}
    return [{"lead": by_id[pk], "why": waiting_reason(reasons.get(pk, "due"))} for pk in leads if pk in by_id]
