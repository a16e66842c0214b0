"""When the workspace and its members work: the calendar, days of its own, absences, a member's hours."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from workspaces.calendar.actions import (
    add_absence,
    change_calendar,
    drop_absence,
    drop_day,
    set_day,
    set_member_hours,
)
from workspaces.calendar.reading import calendar
from workspaces.models import Absence, CalendarDay, Member, MemberHours
from workspaces.rest import ApiView, ApiViewSet, Listed, Retrieved, Route, as_id, resource
from workspaces.shapes import Reference, RowShape, Shape

HOURS = _("Seven lists, Monday first, of pairs such as [“09:00”, “18:00”].")


class CalendarShape(Shape):
    """The workspace's week, and the country (two letters) whose holidays it keeps; "" keeps none."""

    country = serializers.CharField(max_length=2, required=False, allow_blank=True)
    subdivision = serializers.CharField(max_length=10, required=False, allow_blank=True)
    hours = serializers.JSONField(required=False, help_text=HOURS)


class DayShape(RowShape):
    """A day of the workspace's own: free, or worked on, whatever the week and the country say."""

    day = serializers.DateField()
    works = serializers.BooleanField(required=False, default=False)
    name = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")


class AbsenceShape(RowShape):
    member = Reference(Member)
    starts_on = serializers.DateField()
    ends_on = serializers.DateField(help_text=_("The last day away."))
    reason = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")


class MemberHoursShape(Shape):
    hours = serializers.JSONField(allow_null=True, help_text=HOURS)


class Calendar(ApiView):
    """When the workspace works. Clocks that count working time follow a change at once."""

    serializer_class = CalendarShape
    needs = {"GET": "read", "PATCH": "rules"}

    @extend_schema(operation_id="calendar", responses=CalendarShape)
    def get(self, request: Request) -> Response:
        return Response(self.shown(calendar()))

    @extend_schema(operation_id="calendar_change", request=CalendarShape, responses=CalendarShape)
    def patch(self, request: Request) -> Response:
        return Response(self.shown(change_calendar(self.valid(), as_of=self.as_of, actor=self.member)))


class CalendarDays(Listed, Retrieved, ApiViewSet):
    """Days of the workspace's own. Setting a day again replaces it."""

    model = CalendarDay
    serializer_class = DayShape
    needs = {"GET": "read", "POST": "rules", "DELETE": "rules"}
    ordering, orderings = "day", ("day",)

    @extend_schema(request=DayShape, responses={201: DayShape})
    def create(self, request: Request) -> Response:
        row = set_day(**self.valid(), as_of=self.as_of, actor=self.member)
        return Response(self.shown(row), status=201)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: UUID) -> Response:
        drop_day(self.get_object(), as_of=self.as_of, actor=self.member)
        return Response(status=204)


ABSENT = [OpenApiParameter("member", OpenApiTypes.UUID, description="Only of this member.")]


class Absences(Listed, Retrieved, ApiViewSet):
    """Who is away when. Members enter their own, managers anybody's."""

    model = Absence
    serializer_class = AbsenceShape
    needs = {"GET": "read", "POST": "read", "DELETE": "read"}
    ordering, orderings = "-starts_on", ("starts_on", "ends_on")

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        member = self.request.query_params.get("member")
        return queryset.filter(member_id=as_id("member", member)) if member else queryset

    @extend_schema(parameters=ABSENT)
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @extend_schema(request=AbsenceShape, responses={201: AbsenceShape})
    def create(self, request: Request) -> Response:
        row = add_absence(**self.valid(), as_of=self.as_of, actor=self.member)
        return Response(self.shown(row), status=201)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: UUID) -> Response:
        drop_absence(self.get_object(), as_of=self.as_of, actor=self.member)
        return Response(status=204)


class OwnHours(ApiView):
    """A member's own week; null: the workspace's. Members change their own, managers anybody's."""

    model = Member
    serializer_class = MemberHoursShape
    needs = {"GET": "read", "PUT": "read"}

    @extend_schema(operation_id="member_hours", responses=MemberHoursShape)
    def get(self, request: Request, pk: UUID) -> Response:
        return Response({"hours": own_hours(self.get_object())})

    @extend_schema(operation_id="member_hours_set", request=MemberHoursShape, responses=MemberHoursShape)
    def put(self, request: Request, pk: UUID) -> Response:
        member = self.get_object()
        set_member_hours(member, self.valid()["hours"], as_of=self.as_of, actor=self.member)
        return Response({"hours": own_hours(member)})


def own_hours(member: Member) -> Any:
    return MemberHours.objects.filter(member=member).values_list("hours", flat=True).first()


routes: list[Route] = [
    ("calendar/", Calendar.as_view(), "calendar"),
    *resource("calendar/days", CalendarDays, "calendar-day"),
    *resource("absences", Absences, "absence"),
    ("members/<uuid:pk>/hours/", OwnHours.as_view(), "member-hours"),
]
