"""leads/{id}/sources/ and leads/{id}/quality/: where a lead came from, and what a rep found it to be."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from leads.actions.quality import rate_quality
from leads.api.leads import LeadView, gone
from leads.api.pursuit import OfLead
from leads.api.shapes import LeadShape, seen
from leads.attribution import Seen, sources_of
from leads.models import Lead, Touch
from leads.models.lead import Quality
from workspaces.rest import Route, check_version
from workspaces.shapes import Shape


class SourceShape(Shape):
    """One time the lead came in. The first and the last one say so."""

    at = serializers.DateTimeField(read_only=True)
    channel = serializers.UUIDField(read_only=True, allow_null=True)
    channel_name = seen(source="name")
    campaign = seen()
    kind = seen(help_text="How: form_submit, inquiry, import, hand, api …")
    referred_by = seen(help_text="The colleague by whose link it came.")
    left_out = serializers.IntegerField(
        read_only=True,
        help_text="Times between it and the one before that are not listed: there are too many.",
    )
    first = serializers.BooleanField(read_only=True)
    last = serializers.BooleanField(read_only=True)
    said: Any = serializers.DictField(read_only=True, help_text="utm_source … utm_content, referrer, page")


class LeadSources(OfLead):
    """First, last and all sources of a lead, the earliest first."""

    model = Touch
    serializer_class = SourceShape
    pagination_class = None
    needs = {"GET": "read"}

    @extend_schema(operation_id="lead_sources", responses=SourceShape(many=True))
    def get(self, request: Request, lead_id: UUID) -> Response:
        return Response(self.shown(marked(sources_of(self.lead)), many=True))


def marked(found: list[Seen]) -> list[dict[str, Any]]:
    last = len(found) - 1
    return [vars(one) | {"first": at == 0, "last": at == last} for at, one in enumerate(found)]


class QualityShape(Shape):
    quality = serializers.ChoiceField(Quality.choices, allow_blank=True)
    note = serializers.CharField(required=False, allow_blank=True, max_length=2000)


class LeadQuality(LeadView):
    """Say what the lead was found to be; an empty text takes a rating back."""

    needs = {"POST": "follow_up"}

    @extend_schema(operation_id="lead_quality", request=QualityShape, responses=LeadShape)
    def post(self, request: Request, lead_id: UUID) -> Response:
        lead = Lead.objects.filter(pk=lead_id).first()
        if lead is None:
            raise gone(lead_id)
        check_version(request, lead.version)
        given = self.valid(shape=QualityShape)
        rate_quality([lead.pk], **given, as_of=self.as_of, actor=self.member)
        return self.answer(lead_id)


routes: list[Route] = [
    ("leads/<uuid:lead_id>/sources/", LeadSources.as_view(), "lead-sources"),
    ("leads/<uuid:lead_id>/quality/", LeadQuality.as_view(), "lead-quality"),
]
