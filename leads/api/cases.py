"""cases/: leads whose story is an example, by stage and industry; calendar-feed/ and week/: a member's agenda."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ParseError
from rest_framework.request import Request
from rest_framework.response import Response

from leads.actions.agenda import close_feed, renew_feed
from leads.actions.cases import LONGEST, change_case, drop_case, mark_case
from leads.agenda import week_of
from leads.api.catalogue import TaskShape
from leads.api.shapes import moment, seen
from leads.models import CalendarFeed, Case, Lead, Stage
from workspaces.rest import ApiView, ApiViewSet, Listed, Retrieved, Route, choice, resource
from workspaces.shapes import Reference, RowShape, Shape
from workspaces.tenancy import current_workspace


class CaseShape(RowShape):
    """Why this lead's story is an example; `stage`: where it helps, the lead's own unless told."""

    lead = Reference(Lead)
    lead_name = seen(source="lead.name")
    title = serializers.CharField(max_length=200)
    lesson = serializers.CharField(max_length=LONGEST)
    stage = serializers.ChoiceField(Stage.choices, required=False)
    industry = serializers.CharField(max_length=200, required=False, allow_blank=True)
    member = serializers.UUIDField(source="member_id", read_only=True, allow_null=True)
    at = moment()


class CaseChange(CaseShape):
    lead = Reference(Lead, read_only=True)


class Cases(Listed, Retrieved, ApiViewSet):
    """The library of examples: `stage`, `industry`, `lead` narrow it."""

    model = Case
    serializer_class = CaseShape
    needs = {"GET": "read", "POST": "rules", "PATCH": "rules", "DELETE": "rules"}
    ordering, orderings = "-at", ("at", "created_at")

    def get_queryset(self) -> QuerySet:
        return super().get_queryset().select_related("lead")

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        if stage := choice(self.request, "stage", Stage.values):
            queryset = queryset.filter(stage=stage)
        if industry := self.request.query_params.get("industry"):
            queryset = queryset.filter(industry=industry)
        return queryset

    @extend_schema(parameters=[OpenApiParameter("stage", enum=Stage.values), OpenApiParameter("industry")])
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @extend_schema(responses={201: CaseShape})
    def create(self, request: Request) -> Response:
        given = dict(self.valid())
        made = mark_case(given.pop("lead"), given, as_of=self.as_of, actor=self.member)
        return Response(self.shown(made), status=201)

    @extend_schema(request=CaseChange)
    def partial_update(self, request: Request, pk: UUID) -> Response:
        case = self.get_object()
        given = dict(self.valid(shape=CaseChange, partial=True))
        return Response(self.shown(change_case(case, given, as_of=self.as_of, actor=self.member)))

    def destroy(self, request: Request, pk: UUID) -> Response:
        drop_case(self.get_object(), as_of=self.as_of, actor=self.member)
        return Response(status=204)


class FeedShape(Shape):
    """`address` is told once, when it is made; afterwards only since when there is one."""

    address = serializers.CharField(read_only=True, allow_null=True)
    made_at = moment()


class Feed(ApiView):
    """The calendar feed (iCalendar) of one's own tasks: POST makes or renews its secret address, DELETE closes it."""

    serializer_class = FeedShape
    needs = {"GET": "read", "POST": "read", "DELETE": "read"}
    pagination_class = None

    @extend_schema(operation_id="calendar_feed", responses=FeedShape)
    def get(self, request: Request) -> Response:
        found = CalendarFeed.objects.filter(member=self.member).first()
        return Response(self.shown({"address": None, "made_at": found.made_at if found else None}))

    @extend_schema(operation_id="calendar_feed_renew", request=None, responses={201: FeedShape})
    def post(self, request: Request) -> Response:
        token = renew_feed(self.member, as_of=self.as_of)
        address = request.build_absolute_uri(reverse("calendar", kwargs={"token": token}))
        return Response(self.shown({"address": address, "made_at": self.as_of}), status=201)

    @extend_schema(operation_id="calendar_feed_close", responses={204: None})
    def delete(self, request: Request) -> Response:
        close_feed(self.member)
        return Response(status=204)


class PlannedDayShape(Shape):
    day = serializers.DateField(read_only=True)
    tasks = TaskShape(many=True, read_only=True)
    returns: Any = serializers.ListField(child=serializers.UUIDField(), read_only=True)
    closes: Any = serializers.ListField(child=serializers.UUIDField(), read_only=True)
    done = serializers.IntegerField(read_only=True)


class PlannedWeekShape(Shape):
    """`returns`: deferred leads that come back; `closes`: opportunities expected to close; `late`: from before."""

    begins = serializers.DateField(read_only=True)
    days = PlannedDayShape(many=True, read_only=True)
    late = TaskShape(many=True, read_only=True)
    done = serializers.IntegerField(read_only=True)
    total = serializers.IntegerField(read_only=True)


class Week(ApiView):
    """One's own week, Monday first."""

    serializer_class = PlannedWeekShape
    needs = {"GET": "read"}
    pagination_class = None

    @extend_schema(
        operation_id="week",
        parameters=[
            OpenApiParameter("from", OpenApiTypes.DATE, description="Any day of the week; today unless told.")
        ],
        responses=PlannedWeekShape,
    )
    def get(self, request: Request) -> Response:
        day = timezone.localdate(self.as_of, current_workspace().tz)
        if asked := request.query_params.get("from"):
            try:
                day = serializers.DateField().run_validation(asked)
            except serializers.ValidationError as wrong:
                raise ParseError(f"from: {wrong.detail[0]}") from None  # type: ignore[index]
        found = week_of(self.member, day, as_of=self.as_of)
        days = [
            vars(one)
            | {"returns": [lead.pk for lead in one.returns], "closes": [deal.pk for deal in one.closes]}
            for one in found.days
        ]
        told = {"begins": found.begins, "late": found.late, "done": found.done, "total": found.total}
        return Response(self.shown(told | {"days": days}))


routes: list[Route] = [
    *resource("cases", Cases, "case"),
    ("calendar-feed/", Feed.as_view(), "calendar-feed"),
    ("week/", Week.as_view(), "week"),
]
