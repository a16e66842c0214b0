"""Ctrl-K: leads and companies by what was typed, and the pages and actions whose names fit."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from leadcrm import rail
from leads.models import Company, Lead
from leads.normalise import company_key
from leads.queries import matching
from workspaces.models import Member
from workspaces.permissions import may

MOST_LEADS, MOST_COMPANIES = 8, 4


@require_safe
def commands(request: HttpRequest, slug: str) -> HttpResponse:
    """What the command palette shows for ``?q=``."""
    text = request.GET.get("q", "").strip()
    found = [
        (_("Leads"), leads(slug, text)),
        (_("Companies"), companies(slug, text)),
        (_("Go to"), places(slug, request.member, text)),
    ]
    groups = [{"title": title, "entries": entries} for title, entries in found if entries]
    return render(request, "parts/commands.html", {"groups": groups})


def leads(slug: str, text: str) -> list[dict[str, Any]]:
    """The best leads in which the text stands."""
    if not text:
        return []
    rows = (
        Lead.objects.filter(matching(text, most=MOST_LEADS))
        .select_related("company")
        .only("name", "stage", "score", "grade", "company__name", "workspace")
    )
    return [
        {
            "label": lead.name or str(lead.company or _("No name")),
            "hint": " · ".join(
                [str(lead.company)] * bool(lead.company and lead.name) + [str(lead.get_stage_display())]
            ),  # type: ignore[attr-defined]
            "href": reverse("lead", kwargs={"slug": slug, "pk": lead.pk}),
            "icon": "target-arrow",
        }
        for lead in rows.order_by("-score", "-id")[:MOST_LEADS]
    ]


def companies(slug: str, text: str) -> list[dict[str, Any]]:
    """Companies whose name begins so: an index finds them among any number."""
    key = company_key(text)
    if not key:
        return []
    rows = Company.objects.filter(name_key__gte=key, name_key__lt=key + "\U0010ffff").order_by("name_key")
    address = reverse("leads", kwargs={"slug": slug})
    return [
        {
            "label": company.name,
            "href": f"{address}?company={company.pk}",
            "icon": "building",
            "hint": company.region,
        }
        for company in rows[:MOST_COMPANIES]
    ]


def places(slug: str, member: Member, text: str) -> list[dict[str, Any]]:
    """Pages and actions by their names."""
    known = [
        {"label": str(seen["place"].label), "href": seen["href"], "icon": seen["place"].icon}
        for group in rail.groups(slug, member.role, "")
        for seen in group["places"]
    ]
    actions = [
        ("lead_new", _("New lead"), "plus", "capture"),
        ("import_new", _("Import a list"), "file-import", "import"),
    ]
    known += [
        {"label": label, "href": href, "icon": icon}
        for name, label, icon, ability in actions
        if may(member, ability) and (href := rail.address(name, slug))
    ]
    wanted = text.casefold()
    return [place for place in known if wanted in place["label"].casefold()]
