"""What I am told, and how I want to be told."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from leads.models import Lead
from notices import queries
from notices.actions import mark_read, mark_unread, set_hours, set_preferences
from notices.models import Email, Kind, Notice
from notices.wording import Teller
from workspaces.rest import ApiView, ApiViewSet, Listed, Retrieved, Route, choice, resource
from workspaces.shapes import Reference, RowShape, Shape


class NoticeShape(RowShape):
    """``title`` and ``text`` are said in the reader's language; ``data`` holds the facts behind them."""

    kind = serializers.ChoiceField(Kind.choices, read_only=True)
    lead = Reference(Lead, read_only=True)
    actor = serializers.UUIDField(source="actor_id", read_only=True, allow_null=True)
    at = serializers.DateTimeField(read_only=True)
    title = serializers.SerializerMethodField()
    text = serializers.SerializerMethodField()
    data: Any = serializers.DictField(read_only=True)
    read_at = serializers.DateTimeField(read_only=True, allow_null=True)
    read = serializers.BooleanField(write_only=True, required=False)

    def get_title(self, row: Notice) -> str:
        return self.context["teller"].tell(row).title  # type: ignore[no-any-return]

    def get_text(self, row: Notice) -> str:
        return self.context["teller"].tell(row).text  # type: ignore[no-any-return]


class UnreadShape(Shape):
    unread = serializers.IntegerField(read_only=True, help_text="At most 100.")
    version = serializers.CharField(read_only=True, help_text="Changes whenever the bell does.")


class ReadShape(Shape):
    notices: Any = serializers.ListField(
        child=serializers.UUIDField(),
        required=False,
        max_length=1000,
        help_text="All unread ones unless told.",
    )


class MarkedShape(Shape):
    read = serializers.IntegerField(read_only=True)


NOTICE_FILTERS = [
    OpenApiParameter("unread", OpenApiTypes.STR, enum=["true", "false"]),
    OpenApiParameter("kind", OpenApiTypes.STR, enum=Kind.values),
]


class Notices(Listed, Retrieved, ApiViewSet):
    """What the member who asks is told in the program. PATCH ``{"read": true}`` marks one."""

    model = Notice
    serializer_class = NoticeShape
    needs = {"GET": "read", "PATCH": "read"}
    ordering, orderings = "-at", ("at",)

    def get_queryset(self) -> QuerySet:
        if getattr(self, "swagger_fake_view", False):
            return super().get_queryset()
        return queries.notices(self.member)

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        if unread := choice(self.request, "unread", ("true", "false")):
            queryset = queryset.filter(read_at__isnull=unread == "true")
        if kind := choice(self.request, "kind", Kind.values):
            queryset = queryset.filter(kind=kind)
        return queryset

    def get_serializer(self, *args: Any, **options: Any) -> Any:
        """Names in the sentences are read once for the whole page."""
        rows = args[0] if args and options.get("many") else [args[0]] if args and args[0] else []
        options["context"] = self.get_serializer_context() | {"teller": Teller(rows)}
        return super().get_serializer(*args, **options)

    @extend_schema(parameters=NOTICE_FILTERS)
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @extend_schema(request=NoticeShape, responses=NoticeShape)
    def partial_update(self, request: Request, pk: UUID) -> Response:
        row = self.get_object()
        change = self.valid(partial=True)
        if "read" in change:
            mark = mark_read if change["read"] else mark_unread
            mark(self.member, [row.pk], as_of=self.as_of)
            row.refresh_from_db()
        return Response(self.get_serializer(row).data)


class Unread(ApiView):
    """How many notices I have not read: one cheap statement, made to be asked every few seconds."""

    serializer_class = UnreadShape
    needs = {"GET": "read"}

    @extend_schema(operation_id="notices_unread", responses=UnreadShape)
    def get(self, request: Request) -> Response:
        return Response(self.shown(queries.bell(self.member)))


class Reading(ApiView):
    """Mark several of my notices as read, or all."""

    serializer_class = ReadShape
    needs = {"POST": "read"}

    @extend_schema(operation_id="notices_read", request=ReadShape, responses=MarkedShape)
    def post(self, request: Request) -> Response:
        wanted = self.valid()
        count = mark_read(self.member, wanted.get("notices"), as_of=self.as_of)
        return Response(self.shown({"read": count}, shape=MarkedShape))


class WayShape(Shape):
    kind = serializers.ChoiceField(Kind.choices)
    label = serializers.CharField(source="get_kind_display", read_only=True)
    in_app = serializers.BooleanField(required=False)
    email = serializers.ChoiceField(Email.choices, required=False)
    group = serializers.BooleanField(
        required=False, help_text="Also to the workspace's WeCom groups and webhooks."
    )


class HoursShape(Shape):
    """Times on the workspace's clock. ``quiet_from`` may be later than ``quiet_to``: over midnight."""

    quiet_from = serializers.TimeField(required=False, allow_null=True)
    quiet_to = serializers.TimeField(required=False, allow_null=True)
    digest_at = serializers.TimeField(required=False)


class WishesShape(Shape):
    kinds = WayShape(many=True, required=False)
    hours = HoursShape(required=False)


class Wishes(ApiView):
    """How I want to be told, kind by kind, and when I am left alone. PUT changes what it names."""

    serializer_class = WishesShape
    needs = {"GET": "read", "PUT": "read"}

    @extend_schema(operation_id="notice_preferences", responses=WishesShape)
    def get(self, request: Request) -> Response:
        return Response(self.answer())

    @extend_schema(operation_id="notice_preferences_set", request=WishesShape, responses=WishesShape)
    def put(self, request: Request) -> Response:
        given = self.valid()
        ways = {one["kind"]: {k: v for k, v in one.items() if k != "kind"} for one in given.get("kinds", [])}
        set_preferences(self.member, ways)
        if "hours" in given:
            now = queries.hours(self.member)
            values = {name: getattr(now, name) for name in ("quiet_from", "quiet_to", "digest_at")}
            set_hours(self.member, **values | given["hours"])
        return Response(self.answer())

    def answer(self) -> Any:
        return self.shown({"kinds": queries.preferences(self.member), "hours": queries.hours(self.member)})


class EmailStateShape(Shape):
    """How the workspace's e-mail is doing."""

    set_up = serializers.BooleanField(read_only=True, help_text="Whether the server has an SMTP address.")
    waiting = serializers.IntegerField(read_only=True)
    failing = serializers.IntegerField(read_only=True, help_text="Failed at least once, and tried again.")
    parked = serializers.IntegerField(read_only=True, help_text="Given up after 72 hours.")
    oldest = serializers.DateTimeField(read_only=True, allow_null=True)
    last_sent_at = serializers.DateTimeField(read_only=True, allow_null=True)
    fault = serializers.CharField(read_only=True)


class EmailChannel(ApiView):
    """Whether the workspace's e-mail gets through (webhooks tell it of themselves)."""

    serializer_class = EmailStateShape
    needs = {"GET": "webhooks"}

    @extend_schema(operation_id="notices_email", responses=EmailStateShape)
    def get(self, request: Request) -> Response:
        return Response(self.shown(queries.email_state()))


routes: list[Route] = [
    ("notices/unread/", Unread.as_view(), "notices-unread"),
    ("notices/read/", Reading.as_view(), "notices-read"),
    ("notices/preferences/", Wishes.as_view(), "notice-preferences"),
    ("notices/email/", EmailChannel.as_view(), "notices-email"),
    *resource("notices", Notices, "notice"),
]
