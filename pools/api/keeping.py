"""Keeping a lead with its holder: extensions, locks, what leaves soon; and marks that it is no real lead."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from leads.api.leads import LeadView
from leads.api.shapes import LeadShape
from leads.models import Lead
from pools.actions import extend, lock_until, mark_invalid, unlock, unmark_invalid
from pools.models import Protection
from pools.queries import leaving, whose_clocks
from pools.unmet import missing_now
from pools.words import clock_reason
from workspaces.models import Member
from workspaces.refusals import Invalid
from workspaces.rest import ApiView, Route
from workspaces.shapes import Reference, Shape

MOST = 200


class ExtensionShape(Shape):
    """Either for how many days more, or until when."""

    days = serializers.IntegerField(min_value=1, max_value=730, required=False)
    working = serializers.BooleanField(required=False, default=False, help_text=_("Count working days."))
    until = serializers.DateTimeField(required=False)
    reason = serializers.CharField(max_length=300)


class ManyExtensionsShape(ExtensionShape):
    leads = serializers.ListField(child=serializers.UUIDField(), min_length=1, max_length=MOST)


class LockShape(Shape):
    until = serializers.DateTimeField()
    reason = serializers.CharField(max_length=300)


class MarkShape(Shape):
    reason = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")


class MarksShape(Shape):
    marks = serializers.IntegerField(read_only=True)


class ProtectionShape(Shape):
    id = serializers.UUIDField(read_only=True)
    created_at = serializers.DateTimeField(read_only=True)
    updated_at = serializers.DateTimeField(read_only=True)
    lead = Reference(Lead, read_only=True)
    kind = serializers.CharField(read_only=True)
    until = serializers.DateTimeField(read_only=True)
    reason = serializers.CharField(read_only=True)
    granted_at = serializers.DateTimeField(read_only=True)
    actor = serializers.UUIDField(source="actor_id", read_only=True, allow_null=True)
    ended_at = serializers.DateTimeField(read_only=True, allow_null=True)


class LeavingShape(Shape):
    """A held lead that goes back soon, and why."""

    lead = serializers.UUIDField(source="pk", read_only=True)
    name = serializers.CharField(source="__str__", read_only=True)
    owner = Reference(Member, read_only=True)
    owner_name = serializers.CharField(source="owner", read_only=True)
    reclaim_at = serializers.DateTimeField(read_only=True)
    code = serializers.CharField(source="reclaim_reason", read_only=True)
    reason = serializers.SerializerMethodField()
    missing = serializers.SerializerMethodField(help_text=_("Facts that are asked for and not known."))

    def get_reason(self, row: Lead) -> str:
        return clock_reason(row.reclaim_reason)

    def get_missing(self, row: Lead) -> list[str]:
        return self.context["missing"].get(row.pk, [])


class ExtendLead(LeadView):
    """The holder keeps the lead longer than its clock says: by a manager, with a reason."""

    needs = {"POST": "assign"}

    @extend_schema(operation_id="lead_extension", request=ExtensionShape, responses=LeadShape)
    def post(self, request: Request, pk: UUID) -> Response:
        self.get_object()
        extend([pk], **self.valid(shape=ExtensionShape), as_of=self.as_of, actor=self.member)
        return self.answer(pk)


class LockLead(LeadView):
    """No clock takes the lead before a day, whoever holds it. DELETE: the clock counts again."""

    needs = {"POST": "assign", "DELETE": "assign"}

    @extend_schema(operation_id="lead_lock", request=LockShape, responses=LeadShape)
    def post(self, request: Request, pk: UUID) -> Response:
        self.get_object()
        lock_until([pk], **self.valid(shape=LockShape), as_of=self.as_of, actor=self.member)
        return self.answer(pk)

    @extend_schema(operation_id="lead_unlock", responses=LeadShape)
    def delete(self, request: Request, pk: UUID) -> Response:
        unlock([pk], as_of=self.as_of, actor=self.member)
        return self.answer(pk)


class Protections(ApiView):
    """Every extension and lock of a lead, the newest first."""

    model = Lead
    serializer_class = ProtectionShape
    pagination_class = None
    needs = {"GET": "read"}

    @extend_schema(operation_id="lead_protections", responses=ProtectionShape(many=True))
    def get(self, request: Request, pk: UUID) -> Response:
        rows = Protection.objects.filter(lead=self.get_object()).order_by("-granted_at", "-id")[:MOST]
        return Response(self.shown(rows, many=True))


class InvalidMarks(ApiView):
    """I say that this is no real lead. DELETE takes my mark back. The answer: how many say so."""

    model = Lead
    serializer_class = MarkShape
    needs = {"POST": "follow_up", "DELETE": "follow_up"}

    @extend_schema(operation_id="lead_invalid_mark", request=MarkShape, responses={201: MarksShape})
    def post(self, request: Request, pk: UUID) -> Response:
        many = mark_invalid(pk, self.valid()["reason"], as_of=self.as_of, actor=self.member)
        return Response({"marks": many}, status=201)

    @extend_schema(operation_id="lead_invalid_unmark", responses=MarksShape)
    def delete(self, request: Request, pk: UUID) -> Response:
        return Response({"marks": unmark_invalid(pk, as_of=self.as_of, actor=self.member)})


WITHIN = [
    OpenApiParameter("hours", OpenApiTypes.INT, description="Within so many hours (36; at most 744)."),
    OpenApiParameter("owner", OpenApiTypes.STR, enum=["me"], description="Only what I hold."),
]


class Leaving(ApiView):
    """Which held leads go back soon and why, the soonest first (200 at most). Reps see their own."""

    serializer_class = LeavingShape
    pagination_class = None
    needs = {"GET": "read"}

    @extend_schema(operation_id="pools_leaving", parameters=WITHIN, responses=LeavingShape(many=True))
    def get(self, request: Request) -> Response:
        asked = request.query_params
        hours = asked.get("hours", "36")
        if not hours.isascii() or not hours.isdigit() or not 0 < int(hours) <= 744:
            raise Invalid.field("hours", str(_("Between 1 and 744.")), "out_of_range")
        whose = self.member if asked.get("owner") == "me" else whose_clocks(self.member)
        rows: Any = list(leaving(self.as_of, timedelta(hours=int(hours)), whose)[:MOST])
        context = self.get_serializer_context() | {"missing": missing_now(rows, self.as_of)}
        return Response(self.shown(rows, many=True, context=context))


class Extensions(ApiView):
    """Extend the clocks of several leads at once, all or none."""

    serializer_class = ManyExtensionsShape
    needs = {"POST": "assign"}

    @extend_schema(
        operation_id="pools_extend",
        request=ManyExtensionsShape,
        responses={201: ProtectionShape(many=True)},
    )
    def post(self, request: Request) -> Response:
        rows = extend(**self.valid(), as_of=self.as_of, actor=self.member)
        return Response(self.shown(rows, many=True, shape=ProtectionShape), status=201)


routes: list[Route] = [
    ("leads/<uuid:pk>/extension/", ExtendLead.as_view(), "lead-extension"),
    ("leads/<uuid:pk>/lock/", LockLead.as_view(), "lead-lock"),
    ("leads/<uuid:pk>/protections/", Protections.as_view(), "lead-protections"),
    ("leads/<uuid:pk>/invalid-mark/", InvalidMarks.as_view(), "lead-invalid-mark"),
    ("pools/leaving/", Leaving.as_view(), "pools-leaving"),
    ("pools/extensions/", Extensions.as_view(), "pools-extensions"),
]
