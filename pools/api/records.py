"""What is in the pools, and who got which lead when, by which rule and why."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from leads.models import Lead
from pools import queries
from pools.decisions import decision_of
from pools.models import Assignment
from pools.words import end_reason, why_sentence
from workspaces.models import Member
from workspaces.rest import ApiView, ApiViewSet, Listed, Retrieved, Route, choice, resource
from workspaces.shapes import Reference, RowShape, Shape


class SoonShape(Shape):
    within_24_hours = serializers.IntegerField(read_only=True)
    within_7_days = serializers.IntegerField(read_only=True)


class RoomShape(Shape):
    """What the member who asks may still claim."""

    quota = serializers.IntegerField(read_only=True)
    claimed_today = serializers.IntegerField(read_only=True)
    quota_left = serializers.IntegerField(read_only=True)
    quota_until = serializers.DateTimeField(read_only=True)
    capacity = serializers.IntegerField(read_only=True)
    held = serializers.IntegerField(read_only=True)
    capacity_left = serializers.IntegerField(read_only=True)
    by_grade: Any = serializers.DictField(
        child=serializers.IntegerField(),
        read_only=True,
        help_text="How many more of each grade with a limit: {“A”: 3}.",
    )


class PoolsShape(Shape):
    """Open leads in each pool."""

    lead = serializers.IntegerField(read_only=True)
    sales = serializers.IntegerField(read_only=True)
    recycle = serializers.IntegerField(read_only=True)
    unassigned = serializers.IntegerField(
        read_only=True, help_text="Qualified leads in the lead pool without a holder."
    )
    about_to_be_reclaimed = SoonShape(read_only=True)
    claim = RoomShape(read_only=True)


class CandidateShape(Shape):
    """Somebody who was asked. ``code``: `chosen`, `not_chosen`, or why they were passed over."""

    member = serializers.UUIDField(read_only=True)
    name = serializers.CharField(read_only=True)
    code = serializers.CharField(read_only=True)
    reason = serializers.CharField(read_only=True, help_text="In words; empty for whoever got it.")


class AssignmentShape(RowShape):
    lead = Reference(Lead, read_only=True)
    member = Reference(Member, read_only=True)
    member_name = serializers.SerializerMethodField()
    began = serializers.CharField(read_only=True)
    began_at = serializers.DateTimeField(read_only=True)
    actor = serializers.UUIDField(source="actor_id", read_only=True, allow_null=True)
    rule = serializers.UUIDField(read_only=True, allow_null=True)
    reason = serializers.SerializerMethodField(help_text="Why this member got it, as a sentence.")
    why: Any = serializers.DictField(read_only=True)
    passed_over = serializers.SerializerMethodField(
        help_text="Who could not take it, and why: in a list the first five, of one assignment all."
    )
    ended = serializers.CharField(read_only=True)
    ended_at = serializers.DateTimeField(read_only=True, allow_null=True)
    end_reason = serializers.SerializerMethodField()

    def get_member_name(self, row: Assignment) -> str:
        return str(row.member)

    def get_reason(self, row: Assignment) -> str:
        return why_sentence(row.began, row.why)

    def get_passed_over(self, row: Assignment) -> list[dict[str, str]]:
        whole = getattr(self.context.get("view"), "action", "") == "retrieve"
        return queries.passed_over(row) if whole else row.why.get("passed_over", [])

    def get_end_reason(self, row: Assignment) -> str:
        return end_reason(row)


class DecisionRecordShape(AssignmentShape):
    """The whole record of one decision: the rule, and everybody who was asked."""

    rule_name = serializers.CharField(read_only=True)
    strategy = serializers.CharField(read_only=True, help_text="In words.")
    candidates = CandidateShape(many=True, read_only=True)


class Pools(ApiView):
    """How many leads are in each pool, what goes back soon, and what I may still claim."""

    serializer_class = PoolsShape
    needs = {"GET": "read"}

    @extend_schema(operation_id="pools", responses=PoolsShape)
    def get(self, request: Request) -> Response:
        found = queries.counts(self.as_of)
        soon = {"within_24_hours": found.pop("reclaim_24h"), "within_7_days": found.pop("reclaim_7d")}
        room = queries.claim_room(self.member, self.as_of)
        return Response(self.shown(found | {"about_to_be_reclaimed": soon, "claim": room}))


FILTERS = [
    OpenApiParameter("lead", OpenApiTypes.UUID, description="Only of this lead."),
    OpenApiParameter("member", OpenApiTypes.UUID, description="Only of this member."),
    OpenApiParameter("began", OpenApiTypes.STR, enum=["claimed", "assigned", "given"]),
    OpenApiParameter(
        "open", OpenApiTypes.STR, enum=["true", "false"], description="Whether it is still held."
    ),
]


class Assignments(Listed, Retrieved, ApiViewSet):
    """Who got which lead when, by which rule, and why the others did not."""

    model = Assignment
    serializer_class = AssignmentShape
    needs = {"GET": "read"}
    ordering, orderings = "-began_at", ("began_at",)

    def get_queryset(self) -> QuerySet:
        return super().get_queryset().select_related("member")

    @extend_schema(responses=DecisionRecordShape)
    def retrieve(self, request: Request, pk: UUID) -> Response:
        row = self.get_object()
        found = decision_of(row)
        asked = self.shown(found.candidates, shape=CandidateShape, many=True)
        told = {"rule_name": found.rule_name, "strategy": found.strategy, "candidates": asked}
        return Response(self.shown(row) | told)

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        asked = self.request.query_params
        for name in ("lead", "member"):
            if asked.get(name):
                pk = serializers.UUIDField().run_validation(asked[name])
                queryset = queryset.filter(**{f"{name}_id": pk})
        if began := choice(self.request, "began", ("claimed", "assigned", "given")):
            queryset = queryset.filter(began=began)
        if still := choice(self.request, "open", ("true", "false")):
            queryset = queryset.filter(ended_at__isnull=still == "true")
        return queryset

    @extend_schema(parameters=FILTERS)
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)


routes: list[Route] = [
    ("pools/", Pools.as_view(), "pools"),
    *resource("assignments", Assignments, "assignment"),
]
