"""referral-links/: a member's own address of a short form, by which colleagues recommend somebody."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from intake.actions.referrals import make_link, revoke_link
from intake.models import ReferralLink
from workspaces.models import Member
from workspaces.permissions import may
from workspaces.rest import ApiViewSet, Listed, Retrieved, Route, resource
from workspaces.shapes import Reference, RowShape, Shape


class ReferralLinkShape(RowShape):
    member = Reference(Member, read_only=True)
    channel = serializers.UUIDField(source="channel_id", read_only=True)
    address = serializers.SerializerMethodField(help_text="Of the form; anybody who has it may fill it in.")
    revoked_at = serializers.DateTimeField(read_only=True, allow_null=True)

    def get_address(self, row: ReferralLink) -> str:
        path = reverse("referral", args=[row.token])
        return str(self.context["request"]._request.build_absolute_uri(path))


class NewReferralLink(Shape):
    member = Reference(Member, required=False, help_text="Whose link it is; one's own unless told.")


class ReferralLinks(Listed, Retrieved, ApiViewSet):
    """One's own links; those who look after channels see everybody's."""

    model = ReferralLink
    serializer_class = ReferralLinkShape
    needs = {"GET": "capture", "POST": "capture", "DELETE": "capture"}
    ordering, orderings = "-created_at", ("created_at",)

    def get_queryset(self) -> QuerySet:
        rows = super().get_queryset()
        if getattr(self, "swagger_fake_view", False) or may(self.member, "channels"):
            return rows
        return rows.filter(member=self.member)

    @extend_schema(request=NewReferralLink, responses={201: ReferralLinkShape})
    def create(self, request: Request) -> Response:
        given = self.valid(shape=NewReferralLink)
        made = make_link(given.get("member", self.member), as_of=self.as_of, actor=self.member)
        return Response(self.shown(made), status=201)

    def destroy(self, request: Request, pk: UUID) -> Response:
        link: Any = self.get_object()
        revoke_link(link, as_of=self.as_of, actor=self.member)
        return Response(status=204)


routes: list[Route] = [*resource("referral-links", ReferralLinks, "referral-link")]
