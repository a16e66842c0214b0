"""Who holds a lead: claim, give back, hand to somebody, and everything of a colleague to others."""

from uuid import UUID

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from leads.api.leads import LeadView
from leads.api.shapes import LeadShape
from pools.actions import claim, claim_best, claim_one, give, release
from workspaces.models import Member
from workspaces.rest import ApiView, Route
from workspaces.shapes import Reference, Shape


class ReleaseShape(Shape):
    reason = serializers.CharField(max_length=300, help_text=_("The next holder will read it."))


class GiveShape(Shape):
    owner = Reference(Member)
    reason = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")
    override = serializers.BooleanField(
        required=False, default=False, help_text=_("Also when the new holder would hold too many.")
    )


class ClaimsShape(Shape):
    """Either the leads, or how many of the best."""

    leads = serializers.ListField(child=serializers.UUIDField(), required=False, min_length=1, max_length=200)
    best = serializers.IntegerField(required=False, min_value=1, max_value=200)

    def validate(self, given: dict) -> dict:
        if ("leads" in given) == ("best" in given):
            raise serializers.ValidationError(
                {"leads": [_("Give either the leads, or how many of the best.")]}
            )
        return given


class RefusalShape(Shape):
    lead = serializers.UUIDField(read_only=True)
    code = serializers.CharField(read_only=True)
    message = serializers.CharField(read_only=True)
    until = serializers.DateTimeField(read_only=True, allow_null=True)


class ClaimedShape(Shape):
    claimed = serializers.ListField(child=serializers.UUIDField(), read_only=True)
    refused = RefusalShape(many=True, read_only=True)


class ClaimLead(LeadView):
    """Take a lead from a pool. 409: `taken`, `quota`, `cooldown`, `capacity`, `frozen`; `until` when."""

    needs = {"POST": "claim"}

    @extend_schema(operation_id="lead_claim", request=None, responses=LeadShape)
    def post(self, request: Request, pk: UUID) -> Response:
        claim_one(self.member, pk, as_of=self.as_of)
        return self.answer(pk)


class ReleaseLead(LeadView):
    """Give a lead back, into the recycle pool: its holder, or a manager."""

    needs = {"POST": "claim"}

    @extend_schema(operation_id="lead_release", request=ReleaseShape, responses=LeadShape)
    def post(self, request: Request, pk: UUID) -> Response:
        reason = self.valid(shape=ReleaseShape)["reason"]
        release([pk], reason, as_of=self.as_of, actor=self.member)
        return self.answer(pk)


class GiveLead(LeadView):
    """Hand a lead of any pool to a member. 409: `capacity`, unless `override`; `frozen`."""

    needs = {"POST": "assign"}

    @extend_schema(operation_id="lead_assignment", request=GiveShape, responses=LeadShape)
    def post(self, request: Request, pk: UUID) -> Response:
        given = self.valid(shape=GiveShape)
        more = {"as_of": self.as_of, "actor": self.member, "override": given["override"]}
        give([pk], given["owner"], given["reason"], **more)
        return self.answer(pk)


class Claims(ApiView):
    """Claim several at once, or the best for me. What is refused is listed, with the reason."""

    serializer_class = ClaimsShape
    needs = {"POST": "claim"}

    @extend_schema(operation_id="pools_claim", request=ClaimsShape, responses=ClaimedShape)
    def post(self, request: Request) -> Response:
        given = self.valid()
        if "best" in given:
            done = claim_best(self.member, given["best"], as_of=self.as_of)
        else:
            done = claim(self.member, given["leads"], as_of=self.as_of)
        refused = [{"lead": lead} | no for lead, no in done.refused.items()]
        return Response({"claimed": done.claimed, "refused": refused})


routes: list[Route] = [
    ("leads/<uuid:pk>/claim/", ClaimLead.as_view(), "lead-claim"),
    ("leads/<uuid:pk>/release/", ReleaseLead.as_view(), "lead-release"),
    ("leads/<uuid:pk>/assignment/", GiveLead.as_view(), "lead-assignment"),
    ("pools/claims/", Claims.as_view(), "pool-claims"),
]
