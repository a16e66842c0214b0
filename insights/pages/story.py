"""The story of a lead: what happened to it, newest first, theirs and ours told apart."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from insights.pages.panel import find
from leads.masking import sees_contact_data
from leads.models import Lead, TimelineEntry
from leads.telling import told
from leads.timeline import entries_of
from pools.models import Assignment, Began
from workspaces.paging import whole_number
from workspaces.tenancy import current_workspace

ENTRIES = 40
FURTHEST = 1_000_000  # how far back an address may ask
THEIRS = {"touched", "captured", "came_again"}
OURS = {"followed_up", "edited", "contact_added", "contact_dropped", "tagged", "untagged"}
ICONS = {"followed_up": "phone", "stage": "arrow-right", "claimed": "hand-grab", "warned": "alert-triangle"}


@require_safe
def timeline(request: HttpRequest, slug: str, pk: UUID) -> HttpResponse:
    """The story alone, for reloading it and for older entries."""
    return render(request, "insights/lead_timeline.html", story(request, find(pk)))


def story(request: HttpRequest, found: Lead) -> dict[str, Any]:
    """The newest entries of the timeline, theirs and ours told apart; ``?before=`` goes further back."""
    rows = entries_of(found.pk).order_by("-at", "-id")
    begin = whole_number(request.GET.get("before", ""), FURTHEST)
    entries = list(rows[begin : begin + ENTRIES + 1])
    more = len(entries) > ENTRIES
    texts = told(entries[:ENTRIES], sees_contact_data=sees_contact_data(request.member, found))
    decisions = decided_in(entries[:ENTRIES])
    return {
        "lead": found,
        "entries": [as_entry(one) | decisions.get(one["id"], {}) for one in texts],
        "older": begin + ENTRIES if more else None,
    }


def decided_in(entries: Sequence[TimelineEntry]) -> dict[UUID, dict[str, Any]]:
    """Where an entry tells who got the lead: the address of that decision. One statement, none without such."""
    began = {(one.lead_id, one.kind, one.at): one.pk for one in entries if one.kind in Began.values}
    if not began:
        return {}
    rows = Assignment.objects.filter(lead_id__in={lead for lead, _kind, _at in began})
    slug = current_workspace().slug
    return {
        began[lead, kind, at]: {
            "href": reverse("assignment", kwargs={"slug": slug, "pk": pk}),
            "open": _("Decision"),
        }
        for lead, kind, at, pk in rows.values_list("lead_id", "began", "began_at", "pk")
        if (lead, kind, at) in began
    }


def as_entry(one: dict[str, Any]) -> dict[str, Any]:
    kind = one["kind"]
    side = "theirs" if kind in THEIRS else "ours" if kind in OURS and one["actor"] else "system"
    if kind == "followed_up" and one["data"].get("customer_initiated"):
        side = "theirs"
    return {
        "at": one["at"],
        "text": one["text"],
        "actor": one["actor_name"] if one["actor"] else "",
        "detail": one["data"].get("note") or "",
        "side": side,
        "icon": ICONS.get(kind, ""),
    }
