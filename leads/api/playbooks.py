"""playbooks/: what to do in each stage, with its key actions."""

from typing import Any
from uuid import UUID

from django.db.models import Prefetch, QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from leads.actions.playbooks import drop_playbook, save_playbook
from leads.models import Playbook, PlaybookAction, Stage
from leads.models.followup import FollowUpChannel
from workspaces.rest import ApiViewSet, Listed, Retrieved, Route, choice, resource
from workspaces.shapes import RowShape, Shape


class ActionShape(Shape):
    """A key action; `due_hours` after entering the stage it becomes due as a task."""

    id = serializers.UUIDField(required=False)
    title = serializers.CharField(max_length=300)
    channel = serializers.ChoiceField(FollowUpChannel.choices, required=False, allow_blank=True)
    due_hours = serializers.IntegerField(min_value=1, max_value=24 * 365, required=False)
    hint = serializers.CharField(required=False, allow_blank=True, max_length=5000)


class MaterialShape(Shape):
    title = serializers.CharField(required=False, allow_blank=True, max_length=300)
    url = serializers.CharField(max_length=1000)


class PlaybookShape(RowShape):
    stage = serializers.ChoiceField(Stage.choices)
    step = serializers.CharField(required=False, allow_blank=True, max_length=40)
    name = serializers.CharField(max_length=200)
    goal = serializers.CharField(required=False, allow_blank=True, max_length=5000)
    hints = serializers.CharField(required=False, allow_blank=True, max_length=10_000)
    talk_track = serializers.CharField(required=False, allow_blank=True, max_length=20_000)
    material: Any = MaterialShape(many=True, required=False)
    actions = ActionShape(many=True, required=False)
    position = serializers.IntegerField(min_value=0, max_value=30_000, required=False)
    is_active = serializers.BooleanField(required=False)


class Playbooks(Listed, Retrieved, ApiViewSet):
    """Goal, key actions, hints, talk track and material of each stage. Entering it makes tasks of the actions."""

    model = Playbook
    serializer_class = PlaybookShape
    needs = {"GET": "read", "POST": "rules", "PATCH": "rules", "DELETE": "rules"}
    ordering, orderings = "position", ("position", "created_at")

    def get_queryset(self) -> QuerySet:
        actions = PlaybookAction.objects.order_by("position", "pk") if not self.is_document else None
        rows = super().get_queryset()
        return rows if actions is None else rows.prefetch_related(Prefetch("actions", queryset=actions))

    @property
    def is_document(self) -> bool:
        return getattr(self, "swagger_fake_view", False)

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        stage = choice(self.request, "stage", Stage.values)
        return queryset.filter(stage=stage) if stage else queryset

    @extend_schema(responses={201: PlaybookShape})
    def create(self, request: Request) -> Response:
        book = save_playbook(dict(self.valid()), as_of=self.as_of, actor=self.member)
        return Response(self.shown(self.get_queryset().get(pk=book.pk)), status=201)

    def partial_update(self, request: Request, pk: UUID) -> Response:
        book = self.get_object()
        save_playbook(dict(self.valid(partial=True)), book=book, as_of=self.as_of, actor=self.member)
        return Response(self.shown(self.get_queryset().get(pk=book.pk)))

    def destroy(self, request: Request, pk: UUID) -> Response:
        drop_playbook(self.get_object(), as_of=self.as_of, actor=self.member)
        return Response(status=204)


routes: list[Route] = [*resource("playbooks", Playbooks, "playbook")]
