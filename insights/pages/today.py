"""Today: what do I do next, and why?"""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_safe

from insights.today import day, finished
from intake.models import Import
from leads.models import Approval, Lead
from pools.queries import claim_room, day_of, leaving, waiting
from workspaces.counts import count_all
from workspaces.models import Member, Role
from workspaces.permissions import may

FEW = 5
MOST = 25  # rows of a group, before somebody wants to see all: more than half a day holds


@require_safe
def today(request: HttpRequest, slug: str) -> HttpResponse:
    """One ordered list; managers also see what waits for them, marketers their last lists."""
    member: Member = request.member
    counts = count_all(**finished(member, request.as_of), **waiting_for(member, request.as_of))
    found = day(member, request.as_of, done=counts["talked"] + counts["by_hand"])
    most = None if request.GET.get("all") else MOST
    titles = {"late": _("Late"), "now": _("Now"), "later": _("Later this week")}
    groups = [
        {
            "key": key,
            "title": titles[key],
            "count": len(items),
            "rows": [
                {"item": item, "also": "".join(f" · {why}" for why in item.also)} for item in items[:most]
            ],
            "hidden": 0 if most is None else max(len(items) - most, 0),
        }
        for key, items in found.groups.items()
        if items
    ]
    context: dict[str, Any] = {
        "nav": "today",
        "groups": groups,
        "done": found.done,
        "total": found.total,
        "tonight": tonight(found.tonight),
        "share": round(100 * found.done / found.total) if found.total else 0,
        "leads_url": reverse("leads", kwargs={"slug": slug}),
        "room": claim_room(member, request.as_of) if may(member, "claim") else None,
    }
    return render(request, "insights/today.html", context | for_role(member, counts))


def tonight(reasons: list[tuple[str, int]]) -> str:
    """How many leads leave the member before the day is over, and why; '' when none does."""
    if not reasons:
        return ""
    many = sum(count for _why, count in reasons)
    each = [_("%(count)d %(why)s") % {"count": count, "why": why} for why, count in reasons]
    each = each if len(reasons) > 1 else [reasons[0][0]]
    text = ngettext(
        "Tonight %(count)d lead leaves you: %(why)s.", "Tonight %(count)d leads leave you: %(why)s.", many
    )
    return text % {"count": many, "why": pgettext("between reasons", "; ").join(each)}


def waiting_for(member: Member, as_of: datetime) -> dict[str, QuerySet]:
    """What else the page counts: whether there is any lead yet, and what waits for a manager."""
    asked: dict[str, QuerySet] = {"any_lead": Lead.objects.all()[:1]}
    if may(member, "override"):
        asked["approvals"] = Approval.objects.filter(status="waiting")
        asked["unassigned"] = waiting()
        asked["leaving"] = leaving(as_of, day_of(as_of)[1] + timedelta(days=1) - as_of)
    return asked


def for_role(member: Member, counts: dict[str, int]) -> dict[str, Any]:
    """What waits for a manager; what a marketer brought in last."""
    found: dict[str, Any] = {"fresh_workspace": not counts["any_lead"]}
    if may(member, "override"):
        found |= {name: counts[name] for name in ("approvals", "unassigned", "leaving")}
    if member.role in (Role.MARKETER, Role.ADMIN):
        found["imports"] = list(Import.objects.select_related("file").order_by("-created_at")[:FEW])
    return found
