"""Where the facts of a lead come from: each field with who or what filled it, and when."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from leads.api.provenance import told
from leads.models import Lead


@require_safe
def provenance(request: HttpRequest, slug: str, pk: UUID) -> HttpResponse:
    """A panel beside the lead."""
    lead = Lead.objects.filter(pk=pk).first()
    if lead is None:
        raise Http404(_("There is no such lead."))
    rows = sorted(told(lead), key=lambda one: one["at"], reverse=True)
    return render(request, "leads/provenance.html", {"lead": lead, "rows": rows})
