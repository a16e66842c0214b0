"""One decision: which rule gave this lead to whom, who else was asked, and why each of them did not get it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from pools.decisions import decision_about, decision_of
from pools.models import Assignment, Waiting
from pools.words import end_reason
from workspaces.permissions import may, require


@require_safe
def assignment(request: HttpRequest, slug: str, pk: UUID) -> HttpResponse:
    """The record of one assignment, with the other holders of the lead before and after."""
    require(request.member, "read")
    rows = Assignment.objects.select_related("member", "lead__company")
    row = rows.defer("lead__search", "lead__attributes").filter(pk=pk).first()
    if row is None:
        raise Http404(_("There is nothing at this address."))
    context: dict[str, Any] = {
        "nav": "assignment",
        "row": row,
        "lead": row.lead,
        "decision": decision_of(row),
        "end": end_reason(row),
        "holders": Assignment.objects.filter(lead=row.lead_id)
        .select_related("member")
        .order_by("began_at", "id"),
        "may_change": may(request.member, "rules"),
    }
    return render(request, "insights/decision.html", context)


@require_safe
def assignment_waiting(request: HttpRequest, slug: str, pk: UUID) -> HttpResponse:
    """Why a lead has no holder yet, as the rules decide at this moment."""
    require(request.member, "read")
    found = decision_about(pk, request.as_of)
    if found is None:
        raise Http404(_("There is nothing at this address."))
    lead, decision = found
    since: datetime | None = Waiting.objects.filter(lead=pk).values_list("since", flat=True).first()
    context = {
        "nav": "assignment_waiting",
        "lead": lead,
        "decision": decision,
        "since": since,
        "may_change": may(request.member, "rules"),
    }
    return render(request, "insights/decision.html", context)
