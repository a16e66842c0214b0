"""deliveries/: inbound webhooks as they were received, what became of them, and once more."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from intake.actions import find_delivery, hook_of, replay, replay_failed
from intake.hooks.reasons import sentence
from intake.hooks.sent import Provider
from intake.looking_back import body_of
from intake.models import Delivery, DeliveryStatus
from leads.models import Channel
from workspaces.rest import ApiView, ApiViewSet, Listed, Retrieved, Route, as_id, choice, resource
from workspaces.shapes import Reference, RowShape, Shape


class DeliveryShape(RowShape):
    channel = Reference(Delivery, read_only=True)
    provider = serializers.CharField(read_only=True)
    received_at = serializers.DateTimeField(read_only=True)
    processed_at = serializers.DateTimeField(read_only=True, allow_null=True)
    status = serializers.CharField(read_only=True, help_text="waiting, done, aside or failed")
    reason = serializers.CharField(read_only=True, help_text="A code; what it means stands in `why`.")
    why = serializers.SerializerMethodField()
    repeats = serializers.IntegerField(read_only=True, help_text="How often the vendor sent it again.")
    results: Any = serializers.ListField(
        child=serializers.DictField(),
        read_only=True,
        help_text='[{"external_id", "status", "lead", "errors"}]; created, merged, rejected, not_fetched, known, test, '
        "deleted …; `fields` and `about`: what was fetched from the sender.",
    )

    def get_why(self, row: Delivery) -> str:
        return sentence(row.reason, row.detail)


class WholeDelivery(DeliveryShape):
    headers: Any = serializers.DictField(read_only=True)
    body = serializers.SerializerMethodField(help_text="As it came in; the channel's own keys are hidden.")

    def get_body(self, row: Delivery) -> str:
        return body_of(row, hook_of(row.channel, row.provider))


def parameter(name: str, about: str, kind: Any = OpenApiTypes.STR) -> OpenApiParameter:
    return OpenApiParameter(name, kind, description=about)


class Deliveries(Listed, Retrieved, ApiViewSet):
    """Messages of vendors, newest first, kept for 90 days."""

    model = Delivery
    serializer_class = DeliveryShape
    needs = {"GET": "channels"}
    ordering, orderings = "-received_at", ("received_at",)

    def get_queryset(self) -> QuerySet:
        return super().get_queryset().defer("body", "text", "headers")

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        wanted = {
            "provider": choice(self.request, "provider", Provider.values),
            "status": choice(self.request, "status", DeliveryStatus.values),
        }
        if channel := self.request.query_params.get("channel"):
            wanted["channel_id"] = as_id("channel", channel)  # type: ignore[assignment]
        return queryset.filter(**{name: value for name, value in wanted.items() if value})

    @extend_schema(
        parameters=[
            parameter("channel", "A channel's id.", OpenApiTypes.UUID),
            parameter("provider", "Who sent."),
            parameter("status", "waiting, done, aside or failed"),
        ]
    )
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @extend_schema(responses=WholeDelivery)
    def retrieve(self, request: Request, pk: UUID) -> Response:
        return Response(self.shown(find_delivery(pk), shape=WholeDelivery))


class How(Shape):
    tests = serializers.BooleanField(
        required=False, default=False, help_text="Its tests of the connection become leads, too."
    )


class Replay(ApiView):
    """Take a message in once more, with the channel's fields as they are set now."""

    model = Delivery
    serializer_class = DeliveryShape
    needs = {"POST": "channels"}

    @extend_schema(operation_id="delivery_replay", request=How, responses={202: DeliveryShape})
    def post(self, request: Request, pk: UUID) -> Response:
        delivery = find_delivery(pk)
        tests = self.valid(shape=How)["tests"]
        replay(delivery, tests=tests, as_of=self.as_of, actor=self.member)
        return Response(self.shown(find_delivery(pk)), status=202)


class Which(Shape):
    channel = Reference(Channel, required=False, allow_null=True, help_text="Of this channel alone.")


class Replayed(Shape):
    replayed = serializers.IntegerField(read_only=True, help_text="Messages; at most 5,000 at a time.")


class ReplayFailed(ApiView):
    """Take in everything once more that failed, as after a token was renewed."""

    model = Delivery
    serializer_class = Which
    needs = {"POST": "channels"}

    @extend_schema(operation_id="deliveries_replay", request=Which, responses={202: Replayed})
    def post(self, request: Request) -> Response:
        many = replay_failed(channel=self.valid().get("channel"), as_of=self.as_of, actor=self.member)
        return Response({"replayed": many}, status=202)


routes: list[Route] = [
    ("deliveries/replay/", ReplayFailed.as_view(), "deliveries-replay"),
    *resource("deliveries", Deliveries, "delivery"),
    ("deliveries/<uuid:pk>/replay/", Replay.as_view(), "delivery-replay"),
]
