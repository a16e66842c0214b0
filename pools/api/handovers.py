"""What a member holds goes to others, with a summary of each lead for whoever gets it."""

from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet, TextField
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from leads.models import Lead
from leads.summaries import Summary
from pools.actions import hand_over
from pools.models import Assignment, Handover
from pools.planning import matching
from pools.summaries import left_behind, of_handover
from pools.words import waiting_reason
from workspaces.models import Member
from workspaces.permissions import may
from workspaces.rest import ApiViewSet, Listed, Route, resource
from workspaces.shapes import Reference, RowShape, Shape


class NewHandoverShape(Shape):
    """``where``: a condition; without it everything that ``from`` holds."""

    def get_fields(self) -> dict:
        return {"from": Reference(Member), **super().get_fields()}

    to = serializers.ListField(child=Reference(Member), required=False, default=list, max_length=200)
    by_rule = serializers.BooleanField(
        required=False, default=False, help_text=_("Instead of `to`: the assignment rules decide.")
    )
    where = serializers.JSONField(required=False, default=None)
    reason = serializers.CharField(max_length=300)
    override = serializers.BooleanField(
        required=False, default=False, help_text=_("Also to members who then hold more than they may.")
    )


class HandedShape(Shape):
    member = serializers.UUIDField(read_only=True)
    leads = serializers.ListField(child=serializers.UUIDField(), read_only=True)


class LeftShape(Shape):
    lead = serializers.UUIDField(read_only=True)
    reason = serializers.CharField(read_only=True)


class HandedOverShape(Shape):
    id = serializers.UUIDField(read_only=True)
    moved = serializers.IntegerField(read_only=True)
    shares = HandedShape(many=True, read_only=True)
    left = LeftShape(many=True, read_only=True, help_text=_("For these the rules found nobody: they stay."))


class HandoverShape(RowShape):
    """That a member's leads went to others."""

    def get_fields(self) -> dict:
        return {**super().get_fields(), "from": Reference(Member, source="member", read_only=True)}

    at = serializers.DateTimeField(read_only=True)
    actor = serializers.UUIDField(source="actor_id", read_only=True, allow_null=True)
    reason = serializers.CharField(read_only=True)
    by_rule = serializers.BooleanField(read_only=True)
    moved = serializers.IntegerField(read_only=True)


class SummaryShape(Shape):
    """One lead for its next holder: the last talk, what the gate wants, the next step."""

    lead = serializers.UUIDField(source="lead.pk", read_only=True)
    name = serializers.CharField(source="lead.name", read_only=True)
    stage = serializers.CharField(source="lead.stage", read_only=True)
    owner = serializers.UUIDField(source="holder.pk", read_only=True)
    last_talk = serializers.SerializerMethodField()
    gate = serializers.CharField(source="step", read_only=True)
    lacks = serializers.ListField(child=serializers.CharField(), read_only=True)
    next_step = serializers.CharField(source="advice", read_only=True)
    due_at = serializers.DateTimeField(source="task.due_at", default=None, read_only=True)

    def get_last_talk(self, one: Summary) -> dict[str, Any] | None:
        talk = one.talk
        if talk is None:
            return None
        return {"at": talk.at, "channel": talk.channel, "summary": talk.summary, "outcome": talk.outcome}


class ToldHandoverShape(HandoverShape):
    leads = SummaryShape(many=True, read_only=True)
    left = LeftShape(many=True, read_only=True)


class Handovers(Listed, ApiViewSet):
    """Everything a member holds, or a part of it, goes to one or many. Stage, tasks and history stay."""

    model = Handover
    serializer_class = HandoverShape
    needs = {"GET": "read", "POST": "assign"}
    ordering, orderings = "-at", ("at",)

    def get_queryset(self) -> QuerySet:
        """Who may assign sees all; everybody else those that brought them something, or took it."""
        rows = super().get_queryset()
        if may(self.member, "assign"):
            return rows
        theirs = Assignment.objects.annotate(by=KeyTextTransform("handover", "why"))
        mine = theirs.filter(
            began="given",
            began_at=OuterRef("at"),
            member=self.member,
            by=Cast(OuterRef("pk"), TextField()),
        )
        return rows.filter(Q(member=self.member) | Exists(mine))

    @extend_schema(operation_id="handover", request=NewHandoverShape, responses={201: HandedOverShape})
    def create(self, request: Request) -> Response:
        given = self.valid(shape=NewHandoverShape)
        leads = None
        if given["where"]:
            mine = Lead.objects.filter(owner=given["from"])
            leads = list(matching(mine, given["where"], as_of=self.as_of).values_list("pk", flat=True))
        done = hand_over(
            given["from"],
            given["to"],
            given["reason"],
            leads=leads,
            by_rule=given["by_rule"],
            as_of=self.as_of,
            actor=self.member,
            override=given["override"],
        )
        shares: dict[UUID, list[UUID]] = {member.pk: [] for member in given["to"]}
        for lead, member in done.given.items():
            shares.setdefault(member, []).append(lead)
        told = {
            "id": done.record.pk,
            "moved": len(done.given),
            "shares": [{"member": member, "leads": leads} for member, leads in shares.items()],
            "left": [{"lead": lead, "reason": waiting_reason(why)} for lead, why in done.left.items()],
        }
        return Response(told, status=201)

    @extend_schema(responses=ToldHandoverShape)
    def retrieve(self, request: Request, pk: UUID) -> Response:
        """Who may assign sees all of it; a rep what came to them."""
        record = self.get_object()
        mine = None if self.member.manages else self.member
        found = of_handover(record, as_of=self.as_of, holder=mine)
        behind = left_behind(record) if self.member.manages else []
        shown = self.shown(record, shape=HandoverShape)
        leads = self.shown(found, shape=SummaryShape, many=True)
        left = [{"lead": str(one["lead"].pk), "reason": one["why"]} for one in behind]
        return Response({**shown, "leads": leads, "left": left})


routes: list[Route] = resource("handovers", Handovers, "handover")
