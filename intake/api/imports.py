"""imports/: a list of leads comes in."""

import json
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpResponseBase
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from intake.actions import confirm_columns, discard, pause, resume, start_import, undo
from intake.actions.start import find_import
from intake.actions.undo import LEFT, changed_facts, left_by
from intake.day_orders import questions
from intake.downloads import rejected_rows
from intake.models import Import, ImportedLead, ImportStatus
from intake.progress import seconds_left
from intake.uploads import ENVELOPE
from leads.models import Channel
from leads.queries import maybe_id
from workspaces.refusals import Invalid
from workspaces.rest import ApiView, ApiViewSet, Listed, Retrieved, Route, resource
from workspaces.shapes import RowShape, Shape

MAPPING = (
    'Which column is which field: {"Column": "email"}. `attributes.<key>` is a custom field, `new` or '
    "`new:<kind>` makes one, null leaves the column aside. A column of days that does not tell whether the day or the "
    "month comes first says it behind a colon: `timeline_date:dmy`. Without a mapping the columns are guessed."
)
ORDERS = (
    'Of columns of days that do not tell whether the day or the month comes first: {"Column": "dmy"}, `dmy`, `mdy`, or '
    "`ambiguous` to leave such days blank; or one of these for all such columns."
)


class NewImport(Shape):
    file = serializers.FileField(help_text="CSV, TSV, XLSX, XLS or ODS.")
    channel = serializers.CharField(required=False, allow_blank=True, max_length=200,
                                    help_text="Name or id; where a column says the source, that counts.")  # fmt: skip
    mapping = serializers.CharField(required=False, allow_blank=True, help_text=f"JSON. {MAPPING}")
    date_order = serializers.CharField(
        required=False, allow_blank=True, help_text=f"JSON, or a word. {ORDERS}"
    )
    with_tests = serializers.BooleanField(
        required=False,
        help_text="Test rows of advertising platforms become leads, too; else they are set aside.",
    )
    confirm = serializers.BooleanField(
        required=False, help_text="Wait until the columns are confirmed by `columns/`."
    )


class Columns(Shape):
    mapping = serializers.DictField(help_text=MAPPING)
    channel = serializers.CharField(required=False, allow_blank=True, max_length=200)
    region = serializers.CharField(required=False, max_length=2, help_text="For phones without a country.")
    date_order = serializers.JSONField(required=False, help_text=ORDERS)
    with_tests = serializers.BooleanField(
        required=False,
        help_text="Test rows of advertising platforms become leads, too; else they are set aside.",
    )


class Question(Shape):
    column = serializers.CharField()
    code = serializers.ChoiceField(["ambiguous_date"])
    message = serializers.CharField()
    answers = serializers.ListField(child=serializers.CharField(), help_text="For `date_order`.")


class ImportShape(RowShape):
    status = serializers.ChoiceField(ImportStatus.choices, read_only=True)
    file = serializers.CharField(source="file.name", read_only=True)
    size = serializers.IntegerField(source="file.size", read_only=True)
    channel = serializers.CharField(read_only=True, allow_null=True)
    total = serializers.IntegerField(read_only=True, help_text="An estimate until all rows are read.")
    processed = serializers.IntegerField(source="position", read_only=True)
    created = serializers.IntegerField(read_only=True)
    merged = serializers.IntegerField(read_only=True)
    rejected = serializers.IntegerField(read_only=True)
    incomplete = serializers.IntegerField(
        read_only=True, help_text="Rows taken in without some of their cells: `incomplete.csv` says which."
    )
    seconds_left = serializers.SerializerMethodField()
    columns = serializers.ListField(child=serializers.CharField(), read_only=True)
    mapping = serializers.DictField(read_only=True)
    settings = serializers.DictField(read_only=True, help_text="How the file is read.")
    questions = serializers.SerializerMethodField(
        help_text="What nobody has said: cells that hang on it stay blank. Send the list again with the answer: it "
        "fills them, and enters nobody twice."
    )
    error = serializers.DictField(read_only=True)
    undone = serializers.DictField(read_only=True, help_text="Of an undone import: deleted, restored, left.")
    started_at = serializers.DateTimeField(read_only=True, allow_null=True)
    finished_at = serializers.DateTimeField(read_only=True, allow_null=True)

    @extend_schema_field({"type": ["integer", "null"]})
    def get_seconds_left(self, batch: Import) -> int | None:
        return seconds_left(batch)

    @extend_schema_field(Question(many=True))
    def get_questions(self, batch: Import) -> list[dict]:
        return questions(batch.settings.get("undecided", ()))


class Imports(Listed, Retrieved, ApiViewSet):
    """Lists of leads that came in. POST a file; its rows are read as due work."""

    model = Import
    serializer_class = ImportShape
    parser_classes = [MultiPartParser]
    needs = {"GET": "import", "POST": "import", "DELETE": "import"}
    orderings = ("created_at",)

    @property
    def most_bytes(self) -> int:  # type: ignore[override]
        return settings.IMPORT_MAX_BYTES + ENVELOPE

    def get_queryset(self) -> QuerySet[Import]:
        return super().get_queryset().select_related("file", "channel").defer("sample")

    @extend_schema(request={"multipart/form-data": NewImport}, responses={202: ImportShape})
    def create(self, request: Request) -> Response:
        given = self.valid(shape=NewImport, data=request.data.dict())
        file = given["file"]
        batch = start_import(
            file,
            file.name,
            channel=channel_name(given.get("channel", "")),
            mapping=mapping_in(given.get("mapping", "")),
            date_order=order_in(given.get("date_order", "")),
            with_tests=given.get("with_tests", False),
            confirm=given.get("confirm", False),
            as_of=self.as_of,
            actor=self.member,
        )
        return Response(self.shown(find_import(batch.pk)), status=202)

    def destroy(self, request: Request, pk: UUID) -> Response:
        """Discard an import whose columns were never confirmed."""
        discard(find_import(pk), actor=self.member)
        return Response(status=204)


class ImportColumns(ApiView):
    """Confirm the columns of an import that waits for it."""

    model = Import
    serializer_class = ImportShape
    needs = {"POST": "import"}

    @extend_schema(request=Columns, responses={202: ImportShape})
    def post(self, request: Request, pk: UUID) -> Response:
        given = self.valid(shape=Columns)
        batch = confirm_columns(
            find_import(pk),
            given["mapping"],
            settings={name: given.get(name) for name in ("region", "date_order", "with_tests")},
            channel=channel_name(given.get("channel", "")),
            as_of=self.as_of,
            actor=self.member,
        )
        return Response(self.shown(find_import(batch.pk)), status=202)


class ImportUndo(ApiView):
    """Take an import back. What others worked on since stays; `undone` says how much of each."""

    model = Import
    serializer_class = ImportShape
    needs = {"POST": "import"}

    @extend_schema(request=None, responses={200: ImportShape, 202: ImportShape})
    def post(self, request: Request, pk: UUID) -> Response:
        batch = undo(find_import(pk), as_of=self.as_of, actor=self.member)
        return Response(self.shown(batch), status=200 if batch.status == ImportStatus.UNDONE else 202)


class LeftByUndoing(RowShape):
    lead = serializers.UUIDField(source="lead_id", read_only=True)
    name = serializers.CharField(source="lead", read_only=True)
    reason = serializers.ChoiceField(list(LEFT), source="kept", read_only=True)
    why = serializers.SerializerMethodField(help_text="The reason in words.")
    facts = serializers.SerializerMethodField(
        help_text="Facts that it filled and that have been changed since; of custom fields `attributes.<key>`."
    )

    def get_why(self, row: ImportedLead) -> str:
        return str(LEFT.get(row.kept, row.kept))

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_facts(self, row: ImportedLead) -> list[str]:
        return changed_facts(row)


class ImportLeft(ApiView):
    """The leads that undoing an import left as they are, wholly or in part, with the reason of each."""

    model = ImportedLead
    serializer_class = LeftByUndoing
    needs = {"GET": "import"}
    ordering, orderings = "id", ("id",)

    @extend_schema(operation_id="import_left", responses=LeftByUndoing(many=True))
    def get(self, request: Request, pk: UUID) -> Response:
        rows = self.paginate_queryset(left_by(find_import(pk)).select_related("lead"))
        return self.get_paginated_response(self.shown(rows, many=True))


class ImportPause(ApiView):
    """Halt an import that waits or runs. The rows taken in so far stay."""

    model = Import
    serializer_class = ImportShape
    needs = {"POST": "import"}

    @extend_schema(request=None, responses={200: ImportShape})
    def post(self, request: Request, pk: UUID) -> Response:
        batch = pause(find_import(pk), as_of=self.as_of, actor=self.member)
        return Response(self.shown(find_import(batch.pk)))


class ImportResume(ApiView):
    """Go on with a paused import, after the last row that was taken in."""

    model = Import
    serializer_class = ImportShape
    needs = {"POST": "import"}

    @extend_schema(request=None, responses={202: ImportShape})
    def post(self, request: Request, pk: UUID) -> Response:
        batch = resume(find_import(pk), as_of=self.as_of, actor=self.member)
        return Response(self.shown(find_import(batch.pk)), status=202)


class RejectedFile(ApiView):
    """The rows that were not taken in, with the reason of each, as CSV."""

    model = Import
    serializer_class = ImportShape
    needs = {"GET": "import"}

    @extend_schema(responses={(200, "text/csv"): OpenApiTypes.STR})
    def get(self, request: Request, pk: UUID) -> HttpResponseBase:
        return rejected_rows(find_import(pk))


class IncompleteFile(ApiView):
    """The rows that were taken in without what could not be used of them, with the reason of each, as CSV. Mended and
    brought again they fill what is blank."""

    model = Import
    serializer_class = ImportShape
    needs = {"GET": "import"}

    @extend_schema(responses={(200, "text/csv"): OpenApiTypes.STR})
    def get(self, request: Request, pk: UUID) -> HttpResponseBase:
        return rejected_rows(find_import(pk), taken=True)


def mapping_in(text: str) -> dict[str, str | None] | None:
    if not text.strip():
        return None
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise Invalid.field("mapping", _("This is not JSON."), "malformed") from None
    if not isinstance(found, dict):
        raise Invalid.field("mapping", _("A mapping is an object: {column: field}."))
    return found


def order_in(text: str) -> Any:
    """A word, or an object as JSON; whether it is an order is looked at where it is used."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text.strip()


def channel_name(given: str) -> str:
    """A channel's name, given by name or by id."""
    pk = maybe_id(given)
    if pk is None:
        return given
    found = Channel.objects.filter(pk=pk).values_list("name", flat=True).first()
    if found is None:
        raise Invalid.field("channel", _("There is none with this id."), "unknown")
    return str(found)


routes: list[Route] = [
    *resource("imports", Imports, "import"),
    ("imports/<uuid:pk>/columns/", ImportColumns.as_view(), "import-columns"),
    ("imports/<uuid:pk>/pause/", ImportPause.as_view(), "import-pause"),
    ("imports/<uuid:pk>/resume/", ImportResume.as_view(), "import-resume"),
    ("imports/<uuid:pk>/undo/", ImportUndo.as_view(), "import-undo"),
    ("imports/<uuid:pk>/left/", ImportLeft.as_view(), "import-left"),
    ("imports/<uuid:pk>/rejected.csv", RejectedFile.as_view(), "import-rejected"),
    ("imports/<uuid:pk>/incomplete.csv", IncompleteFile.as_view(), "import-incomplete"),
]
