"""Ctrl-K: leads, companies and people by what was meant, and the pages and actions whose names fit."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_safe
from rapidfuzz import fuzz

from insights.pages.settings.pages import navigation
from leadcrm import rail
from leads.finding import LIKE_ENOUGH, SHORTEST, find
from leads.models import Company, Contact, Lead, LeadContact
from leads.normalise.pinyin import pinyin
from workspaces.models import Member

MOST = 8
MOST_OTHERS = 4


@require_safe
def commands(request: HttpRequest, slug: str) -> HttpResponse:
    """What the command palette shows for ``?q=``."""
    text = request.GET.get("q", "").strip()
    known = places(slug, request.member, text)
    found = find(text, MOST, request.member)
    shown = [
        (_("Leads"), leads(slug, found["lead"])),
        (_("Companies"), companies(slug, found["company"])),
        (_("People"), people(slug, found["person"])),
        (_("Go to"), known),
    ]
    groups = [{"title": title, "entries": entries} for title, entries in shown if entries]
    return render(request, "parts/commands.html", {"groups": groups})


def leads(slug: str, ids: list[UUID]) -> list[dict[str, Any]]:
    """The best of these leads."""
    if not ids:
        return []
    rows = (
        Lead.objects.filter(pk__in=ids)
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
        for lead in rows.order_by("-score", "-id")
    ]


def companies(slug: str, ids: list[UUID]) -> list[dict[str, Any]]:
    """Companies, each with the list of its leads."""
    address = reverse("leads", kwargs={"slug": slug})
    found = Company.objects.in_bulk(ids[:MOST_OTHERS]) if ids else {}
    return [
        {
            "label": found[pk].name,
            "href": f"{address}?company={pk}",
            "icon": "building",
            "hint": found[pk].region,
        }
        for pk in ids[:MOST_OTHERS]
        if pk in found
    ]


def people(slug: str, ids: list[UUID]) -> list[dict[str, Any]]:
    """People at companies, each with the newest pursuit they take part in; how to reach them is not shown."""
    if not ids:
        return []
    found = Contact.objects.select_related("company").in_bulk(ids[:MOST_OTHERS])
    parts = LeadContact.objects.filter(contact_id__in=list(found)).order_by("created_at")
    pursuits = dict(parts.values_list("contact_id", "lead_id"))
    return [
        {
            "label": found[pk].name,
            "hint": " · ".join(filter(None, [found[pk].title, str(found[pk].company or "")])),
            "href": reverse("lead", kwargs={"slug": slug, "pk": pursuits[pk]}),
            "icon": "users",
        }
        for pk in ids
        if pk in found and pk in pursuits
    ]


def places(slug: str, member: Member, text: str) -> list[dict[str, Any]]:
    """Pages and actions by their names, in either language, in pinyin, or nearly so."""
    known = pages(slug, member)
    with override("en"):
        english = [str(one["label"]) for one in known]
    told = [one | {"label": str(one["label"])} for one in known]
    wanted = text.casefold()
    named = [
        f" {one['label']} {name} {pinyin(one['label'])}".casefold()
        for one, name in zip(told, english, strict=True)
    ]
    fits = [one for one, name in zip(told, named, strict=True) if wanted in name]
    if fits or len(wanted) < SHORTEST:
        return fits
    alike = [fuzz.partial_ratio(f" {wanted}", name) for name in named]
    return [one for one, score in zip(told, alike, strict=True) if score >= LIKE_ENOUGH]


def pages(slug: str, member: Member) -> list[dict[str, Any]]:
    """All that the member may go to or begin; labels are translated when they are read."""
    known: list[dict[str, Any]] = [
        {"label": seen["place"].label, "href": seen["href"], "icon": seen["place"].icon}
        for group in rail.groups(slug, member.role, "")
        for seen in group["places"]
    ]
    known += [
        {"label": place.label, "href": href, "icon": place.icon}
        for place in rail.BESIDE
        if member.role in place.roles and (href := rail.address(place.name, slug))
    ]
    if member.role == "viewer":
        return known
    return known + [
        {
            "label": section.title,
            "hint": _("Settings"),
            "href": reverse("settings_section", kwargs={"slug": slug, "section": section.key}),
            "icon": section.icon,
        }
        for group in navigation(member)
        for section in group["sections"]
    ]
