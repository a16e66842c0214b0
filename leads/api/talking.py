"""leads/{id}/attachments/, attachments/{id}/ and text-templates/: what makes a follow-up quick and complete."""

from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from leads.actions.attach import attach, drop_attachment
from leads.actions.texts import drop_template, filled, save_template
from leads.attachments import MOST_BYTES
from leads.masking import sees_contact_data
from leads.models import Attachment, Lead, TextTemplate
from leads.models.followup import FollowUpChannel
from workspaces.refusals import NotAllowed, NotThere
from workspaces.rest import ApiView, ApiViewSet, Listed, Retrieved, Route, as_id, resource
from workspaces.shapes import RowShape, Shape

ENVELOPE = 64 * 1024


class AttachmentShape(RowShape):
    lead = serializers.UUIDField(source="lead_id", read_only=True)
    follow_up = serializers.UUIDField(source="follow_up_id", read_only=True, allow_null=True)
    name = serializers.CharField(read_only=True)
    kind = serializers.CharField(read_only=True, help_text="Its media type, read from the content.")
    size = serializers.IntegerField(read_only=True)
    digest = serializers.CharField(read_only=True, help_text="SHA-256 in hex.")
    member = serializers.UUIDField(source="member_id", read_only=True, allow_null=True)


class NewAttachment(Shape):
    file: Any = serializers.FileField()
    follow_up = serializers.UUIDField(required=False)


class Attachments(ApiView):
    """Files of a lead. Their kind is read from their content; a lying name is refused."""

    model = Attachment
    serializer_class = AttachmentShape
    parser_classes = [MultiPartParser]
    needs = {"GET": "read", "POST": "follow_up"}
    most_bytes = MOST_BYTES + ENVELOPE
    ordering, orderings = "-created_at", ("created_at",)

    @extend_schema(operation_id="lead_attachments_list", responses=AttachmentShape(many=True))
    def get(self, request: Request, lead_id: UUID) -> Response:
        rows = self.get_queryset().filter(lead=found(lead_id)).defer("content")
        return self.get_paginated_response(self.shown(self.paginate_queryset(rows), many=True))

    @extend_schema(
        operation_id="lead_attachments_create",
        request={"multipart/form-data": NewAttachment},
        responses={201: AttachmentShape},
    )
    def post(self, request: Request, lead_id: UUID) -> Response:
        lead = found(lead_id)
        given = self.valid(shape=NewAttachment, data=request.data.dict())
        file = given["file"]
        made = attach(
            lead.pk,
            file.name,
            file.read(),
            follow_up=given.get("follow_up"),
            as_of=self.as_of,
            actor=self.member,
        )
        return Response(self.shown(made), status=201)


class OneAttachment(ApiView):
    """A file: GET downloads it, DELETE removes it."""

    model = Attachment
    serializer_class = AttachmentShape
    needs = {"GET": "read", "DELETE": "follow_up"}

    def get_queryset(self) -> QuerySet:
        return super().get_queryset().select_related("lead")

    @extend_schema(
        operation_id="attachment", responses={(200, "application/octet-stream"): OpenApiTypes.BINARY}
    )
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        attachment = self.get_object()
        if not sees_contact_data(self.member, attachment.lead):
            raise NotAllowed(_("Files show once you hold the lead."))
        return download(attachment)

    @extend_schema(operation_id="attachment_delete", request=None, responses={204: None})
    def delete(self, request: Request, pk: UUID) -> Response:
        drop_attachment(self.get_object(), as_of=self.as_of, actor=self.member)
        return Response(status=204)


def download(attachment: Attachment) -> HttpResponse:
    """Never shown inside the program: saved, as what it was found to be, and run by nothing."""
    answer = HttpResponse(bytes(attachment.content), content_type=attachment.kind)
    answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(attachment.name)}"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "sandbox; default-src 'none'"
    answer["Cache-Control"] = "private, no-store"
    return answer


def found(lead_id: UUID) -> Lead:
    lead = Lead.objects.select_related("company", "owner").filter(pk=lead_id).first()
    if lead is None:
        raise NotThere(_("There is nothing at this address."))
    return lead


class TextTemplateShape(RowShape):
    """`text` has places such as `{name}` and `{company}`; one that no lead has is refused."""

    name = serializers.CharField(max_length=200)
    channel = serializers.ChoiceField(FollowUpChannel.choices, required=False, allow_blank=True)
    text = serializers.CharField(max_length=20_000)


class TextTemplates(Listed, Retrieved, ApiViewSet):
    """Texts to start a follow-up from."""

    model = TextTemplate
    serializer_class = TextTemplateShape
    needs = {"GET": "read", "POST": "fields", "PATCH": "fields", "DELETE": "fields"}
    ordering, orderings = "name", ("name", "created_at")

    @extend_schema(responses={201: TextTemplateShape})
    def create(self, request: Request) -> Response:
        made = save_template(dict(self.valid()), as_of=self.as_of, actor=self.member)
        return Response(self.shown(made), status=201)

    def partial_update(self, request: Request, pk: UUID) -> Response:
        template = self.get_object()
        save_template(dict(self.valid(partial=True)), template=template, as_of=self.as_of, actor=self.member)
        return Response(self.shown(template))

    def destroy(self, request: Request, pk: UUID) -> Response:
        drop_template(self.get_object(), as_of=self.as_of, actor=self.member)
        return Response(status=204)


class FilledShape(Shape):
    text = serializers.CharField()


class FilledTemplate(ApiView):
    """The text with a lead's fields; what is not known stays as a gap in brackets."""

    model = TextTemplate
    serializer_class = FilledShape
    needs = {"GET": "follow_up"}

    @extend_schema(
        operation_id="text_template_filled",
        parameters=[OpenApiParameter("lead", OpenApiTypes.UUID, required=True)],
        responses=FilledShape,
    )
    def get(self, request: Request, pk: UUID) -> Response:
        template = self.get_object()
        lead = found(as_id("lead", request.query_params.get("lead", "")))
        return Response({"text": filled(template, lead, self.member)})


routes: list[Route] = [
    ("leads/<uuid:lead_id>/attachments/", Attachments.as_view(), "lead-attachments"),
    ("attachments/<uuid:pk>/", OneAttachment.as_view(), "attachment"),
    *resource("text-templates", TextTemplates, "text-template"),
    ("text-templates/<uuid:pk>/text/", FilledTemplate.as_view(), "text-template-filled"),
]
