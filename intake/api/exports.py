"""exports/: leads go out as a file."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponseBase
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from intake.actions import drop_export, start_export
from intake.actions.export import find_export
from intake.downloads import stored_file
from intake.models import Export, ExportStatus
from workspaces.refusals import Refused
from workspaces.rest import ApiView, ApiViewSet, Listed, Retrieved, Route, resource
from workspaces.shapes import RowShape


class ExportShape(RowShape):
    filter = serializers.JSONField(source="where", required=False, allow_null=True,
                                   help_text="A condition; all leads without one.")  # fmt: skip
    columns = serializers.ListField(
        child=serializers.CharField(max_length=80),
        required=False,
        max_length=200,
        help_text="Fields of a lead; the usual ones without it.",
    )
    status = serializers.ChoiceField(ExportStatus.choices, read_only=True)
    rows = serializers.IntegerField(read_only=True)
    error = serializers.CharField(source="last_error", read_only=True)


class Exports(Listed, Retrieved, ApiViewSet):
    """Leads that meet a condition, as a CSV file written by due work; deleted after a week."""

    model = Export
    serializer_class = ExportShape
    needs = {"GET": "export", "POST": "export", "DELETE": "export"}
    orderings = ("created_at",)

    def get_queryset(self) -> QuerySet[Export]:
        return super().get_queryset().select_related("file")

    @extend_schema(responses={202: ExportShape})
    def create(self, request: Request) -> Response:
        given: dict[str, Any] = self.valid()
        export = start_export(given.get("where"), given.get("columns"), as_of=self.as_of, actor=self.member)
        return Response(self.shown(export), status=202)

    def destroy(self, request: Request, pk: UUID) -> Response:
        """Delete an export and its file."""
        drop_export(find_export(pk), as_of=self.as_of, actor=self.member)
        return Response(status=204)


class ExportFile(ApiView):
    """The file of an export that is done."""

    model = Export
    serializer_class = ExportShape
    needs = {"GET": "export"}

    @extend_schema(responses={(200, "text/csv"): OpenApiTypes.STR})
    def get(self, request: Request, pk: UUID) -> HttpResponseBase:
        export = find_export(pk)
        if export.file is None:
            raise Refused("not_finished", _("This export is not finished yet."))
        return stored_file(export.file)


routes: list[Route] = [
    *resource("exports", Exports, "export"),
    ("exports/<uuid:pk>/file", ExportFile.as_view(), "export-file"),
]
