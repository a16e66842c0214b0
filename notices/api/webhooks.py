"""Outgoing webhooks: subscriptions, signed per Standard Webhooks, and WeCom group robots."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from notices.actions import (
    add_webhook,
    change_webhook,
    drop_webhook,
    new_secret_of,
    send_again,
    try_webhook,
)
from notices.events import events
from notices.models import Format, Sending, Webhook
from workspaces.refusals import NotThere
from workspaces.rest import ApiView, ApiViewSet, Listed, Retrieved, Route, resource
from workspaces.shapes import RowShape, Shape


class WebhookShape(RowShape):
    """``url`` of a WeCom robot holds its key: it is as secret as ``secret``."""

    name = serializers.CharField(max_length=200, required=False, allow_blank=True)
    url = serializers.CharField(max_length=1000)
    format = serializers.ChoiceField(Format.choices, required=False)
    events: Any = serializers.ListField(
        child=serializers.CharField(max_length=60),
        max_length=100,
        help_text="Names as `lead.captured` or `notice.assigned`; GET webhooks/events/ lists them.",
    )
    is_active = serializers.BooleanField(required=False)
    failing_since = serializers.DateTimeField(read_only=True, allow_null=True)
    last_error = serializers.CharField(read_only=True)
    last_sent_at = serializers.DateTimeField(read_only=True, allow_null=True)


class NewWebhookShape(WebhookShape):
    secret = serializers.CharField(
        read_only=True, help_text="What messages are signed with: shown this once."
    )


class SecretShape(Shape):
    secret = serializers.CharField(read_only=True)


class SendingShape(RowShape):
    """One event on its way. ``id`` is the ``webhook-id`` that the receiver sees, the same at every try."""

    event = serializers.CharField(read_only=True)
    payload: Any = serializers.DictField(read_only=True)
    status = serializers.SerializerMethodField()
    tries = serializers.IntegerField(read_only=True)
    due_at = serializers.DateTimeField(read_only=True, allow_null=True)
    sent_at = serializers.DateTimeField(read_only=True, allow_null=True)
    parked_at = serializers.DateTimeField(read_only=True, allow_null=True)
    fault = serializers.CharField(read_only=True)

    def get_status(self, row: Sending) -> str:
        return "sent" if row.sent_at else "parked" if row.parked_at else "failing" if row.tries else "waiting"


class EventShape(Shape):
    name = serializers.CharField(read_only=True)
    label = serializers.CharField(read_only=True)


class EventsShape(Shape):
    events = EventShape(many=True, read_only=True)


class Webhooks(Listed, Retrieved, ApiViewSet):
    """Who is told of what happens here. Each message is signed, repeated for 72 hours, and known by its id."""

    model = Webhook
    serializer_class = WebhookShape
    needs = {"GET": "webhooks", "POST": "webhooks", "PATCH": "webhooks", "DELETE": "webhooks"}

    @extend_schema(request=WebhookShape, responses={201: NewWebhookShape})
    def create(self, request: Request) -> Response:
        given = self.valid()
        is_active = given.pop("is_active", True)
        row = add_webhook(**given, as_of=self.as_of, actor=self.member)
        if not is_active:
            row = change_webhook(row, {"is_active": False}, as_of=self.as_of, actor=self.member)
        return Response(self.shown(row, shape=NewWebhookShape), status=201)

    @extend_schema(request=WebhookShape, responses=WebhookShape)
    def partial_update(self, request: Request, pk: UUID) -> Response:
        row = self.get_object()
        changes = self.valid(partial=True)
        return Response(self.shown(change_webhook(row, changes, as_of=self.as_of, actor=self.member)))

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: UUID) -> Response:
        drop_webhook(self.get_object(), as_of=self.as_of, actor=self.member)
        return Response(status=204)


class WebhookTest(ApiView):
    """Send a test message now; its fate is among the deliveries."""

    model = Webhook
    serializer_class = SendingShape
    needs = {"POST": "webhooks"}

    @extend_schema(operation_id="webhook_test", request=None, responses={202: SendingShape})
    def post(self, request: Request, pk: UUID) -> Response:
        row = try_webhook(self.get_object(), as_of=self.as_of, actor=self.member)
        return Response(self.shown(row), status=202)


class WebhookSecret(ApiView):
    """A new secret, shown this once. The old one no longer signs anything."""

    model = Webhook
    serializer_class = SecretShape
    needs = {"POST": "webhooks"}

    @extend_schema(operation_id="webhook_secret", request=None, responses={201: SecretShape})
    def post(self, request: Request, pk: UUID) -> Response:
        secret = new_secret_of(self.get_object(), as_of=self.as_of, actor=self.member)
        return Response(self.shown({"secret": secret}), status=201)


class WebhookDeliveries(Listed, ApiViewSet):
    """What went to this webhook, what waits for it and what was given up."""

    model = Sending
    serializer_class = SendingShape
    needs = {"GET": "webhooks"}
    ordering, orderings = "-created_at", ("created_at",)

    def get_queryset(self) -> QuerySet:
        rows = super().get_queryset()
        if getattr(self, "swagger_fake_view", False):
            return rows
        webhook = Webhook.objects.filter(pk=self.kwargs["pk"]).first()  # type: ignore[attr-defined]
        if webhook is None:
            raise NotThere(_("There is no such webhook."))
        return rows.filter(webhook=webhook)


class Again(ApiView):
    """Try anew what was given up, for another 72 hours."""

    serializer_class = SendingShape
    needs = {"POST": "webhooks"}

    @extend_schema(operation_id="webhook_delivery_again", request=None, responses={202: SendingShape})
    def post(self, request: Request, pk: UUID, sending: UUID) -> Response:
        row = Sending.objects.filter(pk=sending, webhook_id=pk).first()
        if row is None:
            raise NotThere(_("There is no such delivery."))
        send_again(row, as_of=self.as_of, actor=self.member)
        row.refresh_from_db()
        return Response(self.shown(row), status=202)


class Events(ApiView):
    """Everything a webhook can subscribe to."""

    serializer_class = EventsShape
    needs = {"GET": "webhooks"}

    @extend_schema(operation_id="webhook_events", responses=EventsShape)
    def get(self, request: Request) -> Response:
        found = [{"name": name, "label": label} for name, label in events().items()]
        return Response(self.shown({"events": found}))


routes: list[Route] = [
    ("webhooks/events/", Events.as_view(), "webhook-events"),
    *resource("webhooks", Webhooks, "webhook"),
    ("webhooks/<uuid:pk>/test/", WebhookTest.as_view(), "webhook-test"),
    ("webhooks/<uuid:pk>/secret/", WebhookSecret.as_view(), "webhook-secret"),
    ("webhooks/<uuid:pk>/deliveries/", WebhookDeliveries.as_view({"get": "list"}), "webhook-deliveries"),
    ("webhooks/<uuid:pk>/deliveries/<uuid:sending>/again/", Again.as_view(), "webhook-delivery-again"),
]
