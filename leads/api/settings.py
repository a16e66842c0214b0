"""custom-fields/, saved-views/ and channels/."""

from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from leads.actions.fields import (
    add_custom_field,
    change_custom_field,
    drop_custom_field,
    drop_view,
    save_view,
)
from leads.actions.sources import add_channel, change_channel
from leads.api.forms import FormShape
from leads.api.leads import Leads
from leads.api.money import MoneyField
from leads.api.shapes import seen
from leads.models import Channel, CustomField, SavedView
from leads.models.fields import FieldKind
from leads.models.source import ChannelKind
from workspaces.models import Team
from workspaces.rest import ApiViewSet, Listed, Retrieved, Route, resource
from workspaces.shapes import Reference, RowShape

ORDERINGS = [sign + column for column in Leads.orderings for sign in ("", "-")]


def names(longest: int = 100, most: int = 200, **options: Any) -> serializers.ListField:
    """A list of short texts."""
    child = serializers.CharField(max_length=longest)
    return serializers.ListField(child=child, required=False, max_length=most, **options)


class CustomFieldShape(RowShape):
    label = serializers.CharField(max_length=200)
    key = seen(help_text="The name in `attributes`.")
    kind = serializers.ChoiceField(FieldKind.choices, read_only=True)
    choices = names(200)


class NewCustomField(RowShape):
    label = serializers.CharField(max_length=200)
    key = serializers.CharField(max_length=60, required=False)
    kind = serializers.ChoiceField(FieldKind.choices, required=False)
    choices = names(200)


class CustomFields(Listed, Retrieved, ApiViewSet):
    """Fields of the workspace's own. Their values are a lead's `attributes`."""

    model = CustomField
    serializer_class = CustomFieldShape
    needs = {"GET": "read", "POST": "fields", "PATCH": "fields", "DELETE": "fields"}
    ordering, orderings = "label", ("label", "key", "created_at")

    @extend_schema(request=NewCustomField, responses={201: CustomFieldShape})
    def create(self, request: Request) -> Response:
        values = self.valid(shape=NewCustomField)
        field = add_custom_field(**values, as_of=self.as_of, actor=self.member)
        return Response(self.shown(field), status=201)

    def partial_update(self, request: Request, pk: UUID) -> Response:
        field = self.get_object()
        changes = self.valid(partial=True)
        return Response(self.shown(change_custom_field(field, changes, as_of=self.as_of, actor=self.member)))

    def destroy(self, request: Request, pk: UUID) -> Response:
        drop_custom_field(self.get_object(), as_of=self.as_of, actor=self.member)
        return Response(status=204)


class SavedViewShape(RowShape):
    name = serializers.CharField(max_length=100)
    where = serializers.JSONField(required=False, help_text="A condition.")
    ordering = serializers.ChoiceField(ORDERINGS, required=False)
    columns = names(60, 50)
    position = serializers.IntegerField(min_value=0, max_value=32_000, required=False)
    shared = serializers.BooleanField(required=False, help_text="Everybody's; otherwise only one's own.")

    def to_representation(self, view: SavedView) -> dict[str, Any]:
        view.shared = view.member_id is None  # type: ignore[attr-defined]
        return super().to_representation(view)


class SavedViews(Listed, Retrieved, ApiViewSet):
    """Named filters of the lead list: one's own, and those that everybody sees."""

    model = SavedView
    serializer_class = SavedViewShape
    needs = {"GET": "read", "POST": "read", "PATCH": "read", "DELETE": "read"}
    ordering, orderings = "position", ("position", "name", "created_at")

    def get_queryset(self) -> QuerySet:
        rows = super().get_queryset()
        if getattr(self, "swagger_fake_view", False):
            return rows
        return rows.filter(Q(member=None) | Q(member=self.member))

    @extend_schema(responses={201: SavedViewShape})
    def create(self, request: Request) -> Response:
        view = save_view(self.valid(), actor=self.member, as_of=self.as_of)
        return Response(self.shown(view), status=201)

    def partial_update(self, request: Request, pk: UUID) -> Response:
        view = self.get_object()
        save_view(self.valid(partial=True), view=view, actor=self.member, as_of=self.as_of)
        return Response(self.shown(view))

    def destroy(self, request: Request, pk: UUID) -> Response:
        drop_view(self.get_object(), actor=self.member)
        return Response(status=204)


class ChannelShape(RowShape):
    name = serializers.CharField(max_length=200)
    kind = serializers.ChoiceField(ChannelKind.choices, required=False)
    token = seen(help_text="Addresses its public form and its webhooks.")
    campaign = serializers.CharField(max_length=200, required=False, allow_blank=True)
    cost_per_month = MoneyField("cost_per_month", required=False, allow_null=True)
    tags = names(help_text="Given to every lead of the channel.")
    consent_text = serializers.CharField(max_length=5000, required=False, allow_blank=True)
    form = FormShape(required=False, help_text="What the public form asks and says.")
    owner_team = Reference(Team, required=False, allow_null=True)
    is_active = serializers.BooleanField(required=False)


class Channels(Listed, Retrieved, ApiViewSet):
    """Where leads come in."""

    model = Channel
    serializer_class = ChannelShape
    needs = {"GET": "read", "POST": "channels", "PATCH": "channels"}
    ordering, orderings = "name", ("name", "created_at")

    @extend_schema(responses={201: ChannelShape})
    def create(self, request: Request) -> Response:
        channel = add_channel(**self.values(), as_of=self.as_of, actor=self.member)
        return Response(self.shown(channel), status=201)

    def partial_update(self, request: Request, pk: UUID) -> Response:
        channel = self.get_object()
        change_channel(channel, self.values(partial=True), as_of=self.as_of, actor=self.member)
        return Response(self.shown(channel))

    def values(self, partial: bool = False) -> dict[str, Any]:
        values = dict(self.valid(partial=partial))
        if money := values.get("cost_per_month"):
            values["cost_per_month"] = money.minor
        return values


routes: list[Route] = [
    *resource("custom-fields", CustomFields, "custom-field"),
    *resource("saved-views", SavedViews, "saved-view"),
    *resource("channels", Channels, "channel"),
]
