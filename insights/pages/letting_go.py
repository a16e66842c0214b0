"""Leads that are not worth the hour: proposals to let go, by grade and by how long nothing has moved."""

import json
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from leads.conditions import parse, vocabulary, where
from leads.models import Lead
from leads.tiers import tier_of
from pools.actions import release
from workspaces.ids import is_id
from workspaces.models import Member
from workspaces.permissions import may
from workspaces.tenancy import current_workspace

MOST = 100


def proposals(request: HttpRequest) -> QuerySet[Lead]:
    """Held leads of the tier "let go": one's own, or for who may assign everybody's."""
    member: Member = request.member
    workspace = current_workspace()
    asked = parse({"field": "tier", "op": "eq", "value": "let_go"}, vocabulary(workspace), stored=True)
    rows = Lead.objects.filter(where(asked, as_of=request.as_of, time_zone=workspace.tz), owner__isnull=False)
    return rows if may(member, "assign") else rows.filter(owner=member)


@require_http_methods(["GET", "POST"])
def let_go(request: HttpRequest, slug: str) -> HttpResponse:
    """The proposals; a POST gives those named (or all shown) back to the recycle pool."""
    if request.method == "POST":
        return give_back(request, slug)
    rows = proposals(request).select_related("company", "owner").defer("search", "score_parts")
    found = [
        {"lead": lead, "days": (request.as_of - (lead.moved_at or lead.stage_since)).days}
        for lead in rows.order_by("score", "id")[:MOST]
    ]
    return render(request, "insights/let_go.html", {"nav": "leads", "rows": found})


def give_back(request: HttpRequest, slug: str) -> HttpResponse:
    ids = [UUID(one) for one in request.POST.getlist("ids") if is_id(one)]
    chosen = [one for one in proposals(request).filter(pk__in=ids) if tier_of(one, request.as_of) == "let_go"]
    reason = _("Let go: nothing has moved for too long")
    freed = release([one.pk for one in chosen], reason, as_of=request.as_of, actor=request.member)
    text = ngettext("%(count)d lead let go.", "%(count)d leads let go.", len(freed)) % {"count": len(freed)}
    if not request.headers.get("HX-Request"):
        return redirect("let_go", slug=slug)
    told = {"toast": {"text": text, "level": "success"}, "changed": True}
    return HttpResponse(status=204, headers={"HX-Trigger": json.dumps(told)})
