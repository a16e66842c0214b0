"""A look at one lead from any list, in the side panel: the essentials and what to do."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from leads import gates
from leads.locking import holds
from leads.masking import masked, sees_contact_data
from leads.models import Lead
from leads.models.lead import FORWARD, OPEN, Stage
from leads.pages.needs import need_of
from leads.telling import told
from leads.tiers import label, tier_of
from leads.timeline import entries_of
from workspaces.models import Member
from workspaces.permissions import may

ENTRIES = 4


@require_safe
def peek(request: HttpRequest, slug: str, pk: UUID) -> HttpResponse:
    """Who it is, where it stands, what it needs, what happened last."""
    lead = Lead.objects.select_related("company", "owner", "channel").filter(pk=pk).first()
    if lead is None:
        raise Http404(_("There is no such lead."))
    if not request.headers.get("HX-Request"):
        return redirect("lead", slug=slug, pk=pk)
    member: Member = request.member
    sees, tier = sees_contact_data(member, lead), tier_of(lead, request.as_of)
    reach = {"email": lead.email, "phone": lead.phone, "wechat": lead.wechat}
    entries = list(entries_of(pk).order_by("-at", "-id")[:ENTRIES])
    context = {
        "lead": lead,
        "need": need_of(lead, request.as_of),
        "tier": tier,
        "tier_label": label(tier),
        "reach": reach if sees else masked(reach),
        "sees": sees,
        "tags": list(lead.lead_tags.select_related("tag").order_by("tag__name")),
        "gate": next_gate(lead, request),
        "entries": told(entries, sees_contact_data=sees),
        "can": {
            "claim": lead.owner_id is None and lead.stage in OPEN and may(member, "claim"),
            "follow_up": holds(member, lead) and may(member, "follow_up"),
            "advance": holds(member, lead) and may(member, "advance"),
            "assign": may(member, "assign") and lead.stage in OPEN,
            "tag": holds(member, lead) and may(member, "tag"),
        },
    }
    return render(request, "leads/peek.html", context)


def next_gate(lead: Lead, request: HttpRequest) -> dict[str, Any] | None:
    """What the next step forward still wants."""
    name = FORWARD.get(lead.stage)
    if name is None:
        return None
    items = gates.checklist(lead, name, as_of=request.as_of)
    shown = [{"message": item["message"], "done": item["met"]} for item in items]
    return {"name": name, "target": Stage(gates.steps()[name].target).label, "items": shown}
