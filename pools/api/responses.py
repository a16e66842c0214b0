"""Response times: the policies, what is awaited of whom by when, and who was late."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from leads.models import Lead
from pools.actions.response_policies import drop_response_policy, save_response_policy
from pools.models import Awaited, Counts, Escalation, ResponseBreach, ResponseClock, ResponsePolicy, Unit
from workspaces.models import Member
from workspaces.rest import ApiViewSet, Listed, Retrieved, Route, choice, resource
from workspaces.shapes import Reference, RowShape, Shape


class EscalationShape(Shape):
    after = serializers.IntegerField(min_value=1)
    unit = serializers.ChoiceField(Unit.choices)
    do = serializers.ChoiceField(Escalation.choices)


class ResponsePolicyShape(RowShape):
    """Within what time a holder contacts a lead, and what happens on the way. The first match wins."""

    name = serializers.CharField(max_length=200)
    position = serializers.IntegerField(min_value=0, max_value=30_000, required=False)
    condition = serializers.JSONField(required=False)
    awaited = serializers.ChoiceField(Awaited.choices, required=False)
    counts = serializers.ChoiceField(Counts.choices, required=False)
    after = serializers.IntegerField(min_value=1, required=False, help_text=_("The time allowed."))
    unit = serializers.ChoiceField(Unit.choices, required=False)
    steps = EscalationShape(many=True, required=False)
    is_active = serializers.BooleanField(required=False)


class ResponsePolicies(Listed, Retrieved, ApiViewSet):
    """The policies of response times. Every clock of the workspace follows a change at once."""

    model = ResponsePolicy
    serializer_class = ResponsePolicyShape
    needs = {"GET": "read", "POST": "rules", "PATCH": "rules", "DELETE": "rules"}
    ordering, orderings = "position", ("position", "created_at")

    @extend_schema(request=ResponsePolicyShape, responses={201: ResponsePolicyShape})
    def create(self, request: Request) -> Response:
        row = ResponsePolicy(**plain(self.valid()))
        return Response(
            self.shown(save_response_policy(row, as_of=self.as_of, actor=self.member)), status=201
        )

    @extend_schema(request=ResponsePolicyShape, responses=ResponsePolicyShape)
    def partial_update(self, request: Request, pk: UUID) -> Response:
        row = self.get_object()
        for name, value in plain(self.valid(partial=True)).items():
            setattr(row, name, value)
        return Response(self.shown(save_response_policy(row, as_of=self.as_of, actor=self.member)))

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: UUID) -> Response:
        drop_response_policy(self.get_object(), as_of=self.as_of, actor=self.member)
        return Response(status=204)


def plain(values: dict[str, Any]) -> dict[str, Any]:
    if "steps" in values:
        values["steps"] = [dict(step) for step in values["steps"]]
    return values


class AwaitedShape(RowShape):
    """What is awaited of a lead's holder, and by when."""

    lead = Reference(Lead, read_only=True)
    member = Reference(Member, read_only=True)
    policy = Reference(ResponsePolicy, read_only=True)
    awaited = serializers.CharField(source="policy.awaited", read_only=True)
    began_at = serializers.DateTimeField(read_only=True)
    target_at = serializers.DateTimeField(read_only=True)
    next_step_at = serializers.DateTimeField(source="due_at", read_only=True, allow_null=True)


class BreachShape(RowShape):
    """A response time that was missed, and who held the lead then."""

    lead = Reference(Lead, read_only=True)
    member = Reference(Member, read_only=True)
    policy_name = serializers.CharField(read_only=True)
    awaited = serializers.ChoiceField(Awaited.choices, read_only=True)
    began_at = serializers.DateTimeField(read_only=True)
    target_at = serializers.DateTimeField(read_only=True)
    answered_at = serializers.DateTimeField(read_only=True, allow_null=True)


OF_MEMBER = OpenApiParameter("member", OpenApiTypes.UUID, description="Only of this member.")
STILL = OpenApiParameter(
    "open", OpenApiTypes.STR, enum=["true", "false"], description="Whether it is still unanswered."
)


class OfMember(Listed, ApiViewSet):
    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        if member := self.request.query_params.get("member"):
            queryset = queryset.filter(member_id=serializers.UUIDField().run_validation(member))
        return queryset


class Responses(OfMember):
    """What is awaited now, the most urgent first."""

    model = ResponseClock
    serializer_class = AwaitedShape
    needs = {"GET": "read"}
    ordering, orderings = "target_at", ("target_at",)

    def get_queryset(self) -> QuerySet:
        return super().get_queryset().select_related("policy")

    @extend_schema(parameters=[OF_MEMBER])
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)


class ResponseBreaches(OfMember):
    """Every response time that was missed, the newest first."""

    model = ResponseBreach
    serializer_class = BreachShape
    needs = {"GET": "read"}
    ordering, orderings = "-target_at", ("target_at",)

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        if still := choice(self.request, "open", ("true", "false")):
            queryset = queryset.filter(answered_at__isnull=still == "true")
        return super().filter_queryset(queryset)

    @extend_schema(parameters=[OF_MEMBER, STILL])
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)


routes: list[Route] = [
    *resource("response-policies", ResponsePolicies, "response-policy"),
    *resource("responses", Responses, "response"),
    *resource("response-breaches", ResponseBreaches, "response-breach"),
]
