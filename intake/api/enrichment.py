"""enrichment-sources/: where the blanks of leads are filled from."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from intake.actions import add_source, change_source, drop_source, load_table
from intake.enriching.http import BY
from intake.models import FactSource
from workspaces.rest import ApiView, ApiViewSet, Listed, Retrieved, Route, resource
from workspaces.shapes import RowShape, Shape


class EnrichmentSourceShape(RowShape):
    """A source of facts. Blanks are filled, nothing is overwritten; `leads/{id}/provenance/` says from where."""

    kind = serializers.CharField(
        max_length=40, help_text="`http`, `file`, `place` (phone number and address), `mail` (MX records)."
    )
    name = serializers.CharField(max_length=200)
    is_active = serializers.BooleanField(required=False)
    url = serializers.CharField(
        required=False, max_length=1000, help_text="Of a web service; `{key}` stands where the domain goes."
    )
    by = serializers.ChoiceField(BY, required=False, help_text="What it is asked by.")
    fields_found = serializers.DictField(
        child=serializers.CharField(max_length=200),
        required=False,
        help_text="Our field: where it stands in the answer, as `company.metrics.employees`.",
    )
    header = serializers.CharField(required=False, max_length=100, help_text="The secret's header.")
    secret = serializers.CharField(write_only=True, required=False, max_length=500)
    rows = serializers.IntegerField(read_only=True, help_text="Of a table.")
    asked = serializers.IntegerField(read_only=True)
    filled = serializers.IntegerField(read_only=True, help_text="Leads that got a fact.")
    last_at = serializers.DateTimeField(read_only=True, allow_null=True)
    failing_since = serializers.DateTimeField(read_only=True, allow_null=True)
    last_error = serializers.CharField(read_only=True)

    def to_representation(self, row: FactSource) -> dict[str, Any]:
        known = row.settings
        for name in ("url", "by", "header"):
            setattr(row, name, known.get(name, ""))
        row.fields_found, row.rows = known.get("fields", {}), known.get("rows", 0)  # type: ignore[attr-defined]
        return super().to_representation(row)


def as_settings(given: dict[str, Any]) -> dict[str, Any]:
    """What the action takes: ``fields`` under its own name."""
    return {"fields" if name == "fields_found" else name: value for name, value in given.items()}


class Sources(Listed, Retrieved, ApiViewSet):
    """Where blanks are filled from: a web service, a table, the phone number, the records of the domain."""

    model = FactSource
    serializer_class = EnrichmentSourceShape
    needs = {"GET": "enrichment", "POST": "enrichment", "PATCH": "enrichment", "DELETE": "enrichment"}
    ordering, orderings = "created_at", ("created_at",)

    @extend_schema(responses={201: EnrichmentSourceShape})
    def create(self, request: Request) -> Response:
        row = add_source(**as_settings(self.valid()), as_of=self.as_of, actor=self.member)
        return Response(self.shown(row), status=201)

    def partial_update(self, request: Request, pk: UUID) -> Response:
        row = self.get_object()
        changes = as_settings(self.valid(partial=True))
        return Response(self.shown(change_source(row, changes, as_of=self.as_of, actor=self.member)))

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: UUID) -> Response:
        drop_source(self.get_object(), as_of=self.as_of, actor=self.member)
        return Response(status=204)


class TableShape(Shape):
    file = serializers.FileField(write_only=True, help_text="CSV, TSV, XLSX, XLS or ODS.")
    rows = serializers.IntegerField(read_only=True)


class TableFile(ApiView):
    """The rows of a table anew: a column with domains, credit codes or companies, and others with facts."""

    model = FactSource
    serializer_class = TableShape
    needs = {"POST": "enrichment"}
    parser_classes = [MultiPartParser]

    @extend_schema(operation_id="enrichment_table", request={"multipart/form-data": TableShape})
    def post(self, request: Request, pk: UUID) -> Response:
        row = self.get_object()
        file = self.valid()["file"]
        rows = load_table(row, file, file.name or "table", as_of=self.as_of, actor=self.member)
        return Response({"rows": rows})


routes: list[Route] = [
    *resource("enrichment-sources", Sources, "enrichment-source"),
    ("enrichment-sources/<uuid:pk>/table/", TableFile.as_view(), "enrichment-table"),
]
