"""Steps that wait for a manager."""

import json
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from leads.actions.advance import decide
from leads.models import Approval
from leads.telling import step_name
from workspaces.permissions import require

MOST = 100


@require_safe
def approvals(request: HttpRequest, slug: str) -> HttpResponse:
    """What waits, the oldest first, with what the rep said."""
    require(request.member, "override")
    rows = (
        Approval.objects.filter(status="waiting")
        .select_related("lead__company", "asked_by")
        .order_by("asked_at")[:MOST]
    )
    waiting = [{"approval": row, "step": step_name(row.transition)} for row in rows]
    return render(request, "insights/approvals.html", {"nav": "approvals", "waiting": waiting})


@require_POST
def decision(request: HttpRequest, slug: str, pk: UUID) -> HttpResponse:
    """Approve or refuse one; the gate is asked again, for the facts may have changed."""
    row = Approval.objects.filter(pk=pk).first()
    if row is None:
        raise Http404(_("There is no such approval."))
    approve = request.POST.get("approve") == "yes"
    decide(row, approve, request.POST.get("reason", ""), as_of=request.as_of, actor=request.member)
    text = _("Approved.") if approve else _("Refused; the rep sees why.")
    told = {"toast": {"text": text, "level": "success"}, "changed": True}
    return HttpResponse(status=204, headers={"HX-Trigger": json.dumps(told)})
