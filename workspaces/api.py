"""Addresses of the workspace itself: who I am, members, teams, keys and the audit log."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from workspaces.actions import add_member, change_member, deactivate_member, drop_api_key, new_api_key
from workspaces.calendar.api import routes as calendar
from workspaces.ids import digest
from workspaces.models import ApiKey, AuditEntry, Member, Role, Team
from workspaces.rest import ApiView, ApiViewSet, Listed, Retrieved, Route, as_id, resource
from workspaces.shapes import Reference, RowShape, Shape
from workspaces.teams import add_team, drop_team, rename_team
from workspaces.tenancy import current_workspace


class WorkspaceShape(RowShape):
    name = serializers.CharField(read_only=True)
    slug = serializers.CharField(read_only=True)
    locale = serializers.CharField(read_only=True)
    region = serializers.CharField(read_only=True)
    currency = serializers.CharField(read_only=True)
    time_zone = serializers.CharField(read_only=True)


class MemberShape(RowShape):
    """A user in the workspace."""

    email = serializers.EmailField(read_only=True)
    name = serializers.CharField(max_length=200, required=False, allow_blank=True)
    role = serializers.ChoiceField(Role.choices, required=False)
    team = Reference(Team, required=False, allow_null=True)
    team_name = serializers.CharField(source="team.name", default=None, read_only=True)
    capacity = serializers.IntegerField(min_value=0, max_value=1_000_000, required=False)
    takes_leads = serializers.BooleanField(required=False)
    is_active = serializers.BooleanField(read_only=True)


class NewMember(Shape):
    email = serializers.EmailField()
    name = serializers.CharField(max_length=200, required=False, allow_blank=True)
    role = serializers.ChoiceField(Role.choices)
    password = serializers.CharField(required=False, max_length=200, trim_whitespace=False)
    team = Reference(Team, required=False, allow_null=True)
    capacity = serializers.IntegerField(min_value=0, max_value=1_000_000, required=False)


class MeShape(Shape):
    member = MemberShape(read_only=True)
    role = serializers.CharField(read_only=True)
    workspace = WorkspaceShape(read_only=True)


class Me(ApiView):
    """The member who asks, their role and their workspace."""

    serializer_class = MeShape
    needs = {"GET": "read"}

    @extend_schema(operation_id="me", responses=MeShape)
    def get(self, request: Request) -> Response:
        me = {"member": self.member, "role": self.member.role, "workspace": current_workspace()}
        return Response(self.shown(me))


class Members(Listed, Retrieved, ApiViewSet):
    """Members of the workspace. A deactivated one can't enter any more; history keeps the name."""

    model = Member
    serializer_class = MemberShape
    needs = {"GET": "read", "POST": "members", "PATCH": "members", "DELETE": "members"}
    ordering, orderings = "created_at", ("created_at", "name", "email", "role")

    def get_queryset(self) -> QuerySet:
        return super().get_queryset().select_related("team")

    @extend_schema(request=NewMember, responses={201: MemberShape})
    def create(self, request: Request) -> Response:
        values = self.valid(shape=NewMember)
        member = add_member(**values, actor=self.member, as_of=self.as_of)
        return Response(self.shown(member), status=201)

    @extend_schema(request=MemberShape, responses=MemberShape)
    def partial_update(self, request: Request, pk: UUID) -> Response:
        member = self.get_object()
        changes = self.valid(partial=True)
        return Response(self.shown(change_member(member, changes, actor=self.member, as_of=self.as_of)))

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: UUID) -> Response:
        deactivate_member(self.get_object(), actor=self.member, as_of=self.as_of)
        return Response(status=204)


class TeamShape(RowShape):
    name = serializers.CharField(max_length=200)


class Teams(Listed, Retrieved, ApiViewSet):
    model = Team
    serializer_class = TeamShape
    needs = {"GET": "read", "POST": "teams", "PATCH": "teams", "DELETE": "teams"}
    ordering, orderings = "name", ("name", "created_at")

    @extend_schema(request=TeamShape, responses={201: TeamShape})
    def create(self, request: Request) -> Response:
        team = add_team(self.valid()["name"], actor=self.member, as_of=self.as_of)
        return Response(self.shown(team), status=201)

    @extend_schema(request=TeamShape, responses=TeamShape)
    def partial_update(self, request: Request, pk: UUID) -> Response:
        team = self.get_object()
        name = self.valid(partial=True).get("name", team.name)
        return Response(self.shown(rename_team(team, name, actor=self.member, as_of=self.as_of)))

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: UUID) -> Response:
        drop_team(self.get_object(), actor=self.member, as_of=self.as_of)
        return Response(status=204)


class ApiKeyShape(RowShape):
    member = Reference(Member, only={"is_active": True})
    name = serializers.CharField(max_length=200)
    hint = serializers.CharField(read_only=True, help_text=_("The last letters, to tell keys apart."))
    last_used_at = serializers.DateTimeField(read_only=True)


class NewApiKey(ApiKeyShape):
    key = serializers.CharField(read_only=True, help_text=_("The key itself: shown this once."))


class ApiKeys(Listed, ApiViewSet):
    """Keys with which programs act as a member. Only a hash is stored."""

    model = ApiKey
    serializer_class = ApiKeyShape
    needs = {"GET": "api_keys", "POST": "api_keys", "DELETE": "api_keys"}

    @extend_schema(request=ApiKeyShape, responses={201: NewApiKey})
    def create(self, request: Request) -> Response:
        values = self.valid()
        key = new_api_key(values["member"], values["name"], actor=self.member, as_of=self.as_of)
        row = ApiKey.objects.get(digest=digest(key))
        return Response({**self.shown(row), "key": key}, status=201)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: UUID) -> Response:
        drop_api_key(self.get_object(), actor=self.member, as_of=self.as_of)
        return Response(status=204)


class AuditShape(Shape):
    id = serializers.UUIDField(read_only=True)
    created_at = serializers.DateTimeField(read_only=True)
    updated_at = serializers.DateTimeField(read_only=True)
    at = serializers.DateTimeField(read_only=True)
    actor = serializers.UUIDField(source="actor_id", read_only=True, allow_null=True)
    action = serializers.CharField(read_only=True)
    subject = serializers.CharField(read_only=True)
    subject_id = serializers.UUIDField(read_only=True)
    data: Any = serializers.DictField(read_only=True)


AUDIT_FILTERS = [
    OpenApiParameter("action", OpenApiTypes.STR, description="Only this action, such as `member_added`."),
    OpenApiParameter("actor", OpenApiTypes.UUID, description="Only what this member did."),
    OpenApiParameter("subject_id", OpenApiTypes.UUID, description="Only what was done to this object."),
]


class Audit(Listed, ApiViewSet):
    """Who changed what in the workspace's configuration."""

    model = AuditEntry
    serializer_class = AuditShape
    needs = {"GET": "audit"}
    ordering, orderings = "-at", ("at",)

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        asked = self.request.query_params
        if action := asked.get("action"):
            queryset = queryset.filter(action=action)
        for name, column in (("actor", "actor_id"), ("subject_id", "subject_id")):
            if value := asked.get(name):
                queryset = queryset.filter(**{column: as_id(name, value)})
        return queryset

    @extend_schema(parameters=AUDIT_FILTERS)
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)


routes: list[Route] = [
    ("me/", Me.as_view(), "me"),
    *resource("members", Members, "member"),
    *resource("teams", Teams, "team"),
    *resource("api-keys", ApiKeys, "api-key"),
    *resource("audit", Audit, "audit"),
    *calendar,
]
