"""The summary of a lead in the side panel: what whoever takes it over must know, copied with one click."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from leads.handing_on import as_text, hand_on, title_of
from leads.summaries import summaries


@require_safe
def summary(request: HttpRequest, slug: str, pk: UUID) -> HttpResponse:
    found = summaries([pk], as_of=request.as_of)
    if not found:
        raise Http404(_("There is no such lead."))
    parts = hand_on(found[0], member=request.member, as_of=request.as_of)
    title = title_of(found[0])
    context = {"title": title, "parts": parts, "advice": found[0].advice, "text": as_text(title, parts)}
    return render(request, "insights/summary.html", context)
