"""leads/{id}/summary/: what somebody must know who takes the lead over."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from leads.api.leads import gone
from leads.api.shapes import seen
from leads.handing_on import PARTS, as_text, hand_on, title_of
from leads.models import Lead
from leads.summaries import summaries
from workspaces.rest import ApiView, Route
from workspaces.shapes import Shape


class LeadSummaryShape(Shape):
    """Each part is a list of lines in the reader's language; `text` is all of it, to be sent on."""

    lead = serializers.UUIDField(read_only=True)
    title = seen()
    who: Any = serializers.ListField(child=serializers.CharField(), read_only=True)
    why: Any = serializers.ListField(child=serializers.CharField(), read_only=True)
    said: Any = serializers.ListField(child=serializers.CharField(), read_only=True)
    agreed: Any = serializers.ListField(child=serializers.CharField(), read_only=True)
    open: Any = serializers.ListField(child=serializers.CharField(), read_only=True)
    next_step = seen(help_text="The one thing to do next.")
    text = seen()


class LeadSummary(ApiView):
    """Who it is, why it is worth it, what was said, what is agreed, what is open: made from its records."""

    model = Lead
    serializer_class = LeadSummaryShape
    needs = {"GET": "read"}

    @extend_schema(operation_id="lead_summary", responses=LeadSummaryShape)
    def get(self, request: Request, lead_id: UUID) -> Response:
        found = summaries([lead_id], as_of=self.as_of)
        if not found:
            raise gone(lead_id)
        parts = hand_on(found[0], member=self.member, as_of=self.as_of)
        title = title_of(found[0])
        told: dict[str, Any] = {part.key: part.lines for part in parts if part.key in PARTS}
        told |= {"lead": lead_id, "title": title, "text": as_text(title, parts), "next_step": found[0].advice}
        return Response(self.shown(told))


routes: list[Route] = [("leads/<uuid:lead_id>/summary/", LeadSummary.as_view(), "lead-summary")]
