"""What a bulk action answers: a toast with counts, and the list of those that were refused, by reason."""

import json
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from leads.models import Lead


def told(text: str, *, undo: str = "", level: str = "success", close: bool = True) -> dict[str, str]:
    """The headers that say what was done and let every list refresh."""
    toast = {"text": text, "level": level} | ({"undo": undo} if undo else {})
    return {
        "HX-Trigger": json.dumps({"toast": toast, "changed": True} | ({"peek-close": True} if close else {}))
    }


def done(request: HttpRequest, slug: str, text: str, undo: str = "") -> HttpResponse:
    """Everything went well: the panel closes, a toast says so."""
    if not request.headers.get("HX-Request"):
        return redirect("leads", slug=slug)
    return HttpResponse(status=204, headers=told(text, undo=undo))


def partly(
    request: HttpRequest, title: str, done_text: str, refused: dict[UUID, list[str]], count: int
) -> HttpResponse:
    """Some were refused: the panel lists them under each reason. ``count``: how many were done."""
    rows = (
        Lead.objects.filter(pk__in=refused).select_related("company").only("name", "email", "company__name")
    )
    leads = {lead.pk: lead for lead in rows}
    reasons: dict[str, list[Any]] = {}
    for pk, messages in refused.items():
        for message in messages:
            if pk in leads:
                reasons.setdefault(message, []).append(leads[pk])
    context = {
        "title": title,
        "done_text": done_text,
        "count": count,
        "refused": len(refused),
        "reasons": sorted(reasons.items(), key=lambda pair: -len(pair[1])),
    }
    answer = render(request, "leads/partly.html", context, status=200 if count else 409)
    if count:
        answer["HX-Trigger"] = told(done_text, close=False)["HX-Trigger"]
    return answer


def nothing_selected(request: HttpRequest) -> HttpResponse:
    text = _("Select some leads first.")
    return render(request, "parts/note.html", {"kind": "warning", "text": text}, status=422)
