"""Who may claim what, what reps take on, who gets what nobody else can take, and what waits and why."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from leads.models import Lead
from pools.actions.rules import drop_claim_rule, save_claim_rule, set_default_assignee, set_terms
from pools.api.records import CandidateShape
from pools.decisions import decision_about
from pools.models import AssignmentPolicy, ClaimRule, Level, RepTerms, Waiting
from pools.queries import waiting
from pools.words import waiting_reason
from workspaces.models import Member, Team
from workspaces.refusals import NotThere
from workspaces.rest import ApiView, ApiViewSet, Listed, Retrieved, Route, resource
from workspaces.shapes import Reference, RowShape, Shape


class ClaimRuleShape(RowShape):
    """Who may claim the leads that meet the condition: a team, and members by name."""

    name = serializers.CharField(max_length=200)
    position = serializers.IntegerField(min_value=0, max_value=30_000, required=False)
    condition = serializers.JSONField(required=False)
    team = Reference(Team, required=False, allow_null=True)
    members = serializers.ListField(
        child=Reference(Member, only={"is_active": True}), required=False, max_length=500
    )
    freeze_hours = serializers.IntegerField(
        min_value=0,
        max_value=87_600,
        required=False,
        allow_null=True,
        help_text=_("Hours from the entry in which nobody may claim; null: as everywhere."),
    )
    is_active = serializers.BooleanField(required=False)


class TermsShape(Shape):
    """What a rep takes on. ``per_day``, ``per_week``: new leads by rule at most; null: no limit."""

    level = serializers.ChoiceField(Level.choices, required=False)
    weight = serializers.IntegerField(min_value=0, max_value=1000, required=False)
    per_day = serializers.IntegerField(min_value=0, max_value=100_000, required=False, allow_null=True)
    per_week = serializers.IntegerField(min_value=0, max_value=100_000, required=False, allow_null=True)


class AssignmentPolicyShape(Shape):
    default_assignee = Reference(Member, allow_null=True)


class WaitingShape(Shape):
    """A qualified lead without a holder, and the last decision about it."""

    lead = serializers.UUIDField(read_only=True)
    name = serializers.CharField(read_only=True)
    score = serializers.IntegerField(read_only=True)
    since = serializers.DateTimeField(read_only=True, allow_null=True)
    rule = serializers.UUIDField(read_only=True, allow_null=True)
    code = serializers.CharField(read_only=True)
    reason = serializers.CharField(read_only=True)
    why: Any = serializers.DictField(read_only=True)


class WaitingRecordShape(WaitingShape):
    rule_name = serializers.CharField(read_only=True)
    strategy = serializers.CharField(read_only=True, help_text="In words.")
    candidates = CandidateShape(many=True, read_only=True)


class ClaimRules(Listed, Retrieved, ApiViewSet):
    """Who may claim what: the first active rule, by position, whose condition fits. No rule: everybody."""

    model = ClaimRule
    serializer_class = ClaimRuleShape
    needs = {"GET": "read", "POST": "rules", "PATCH": "rules", "DELETE": "rules"}
    ordering, orderings = "position", ("position", "name", "created_at")

    def get_queryset(self) -> QuerySet:
        return super().get_queryset().prefetch_related("named")

    @extend_schema(request=ClaimRuleShape, responses={201: ClaimRuleShape})
    def create(self, request: Request) -> Response:
        given = self.valid()
        members = given.pop("members", [])
        rule = save_claim_rule(ClaimRule(**given), members, as_of=self.as_of, actor=self.member)
        return Response(self.shown(rule), status=201)

    @extend_schema(request=ClaimRuleShape, responses=ClaimRuleShape)
    def partial_update(self, request: Request, pk: UUID) -> Response:
        rule, given = self.get_object(), self.valid(partial=True)
        members = given.pop("members", None)
        for name, value in given.items():
            setattr(rule, name, value)
        save_claim_rule(rule, members, as_of=self.as_of, actor=self.member)
        return Response(self.shown(self.get_object()))

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: UUID) -> Response:
        drop_claim_rule(self.get_object(), as_of=self.as_of, actor=self.member)
        return Response(status=204)


class Terms(ApiView):
    """A rep's level, weight and limits."""

    model = Member
    serializer_class = TermsShape
    needs = {"GET": "read", "PATCH": "assign"}

    @extend_schema(operation_id="member_terms", responses=TermsShape)
    def get(self, request: Request, pk: UUID) -> Response:
        row = RepTerms.objects.filter(member=self.get_object()).first() or RepTerms()
        return Response(self.shown(row))

    @extend_schema(operation_id="member_terms_change", request=TermsShape, responses=TermsShape)
    def patch(self, request: Request, pk: UUID) -> Response:
        row = set_terms(self.get_object(), self.valid(), as_of=self.as_of, actor=self.member)
        return Response(self.shown(row))


class DefaultAssignee(ApiView):
    """Who gets what no rule can give to anybody; null: it waits, and is listed."""

    serializer_class = AssignmentPolicyShape
    needs = {"GET": "read", "PATCH": "rules"}

    @extend_schema(operation_id="assignment_policy", responses=AssignmentPolicyShape)
    def get(self, request: Request) -> Response:
        return Response(self.shown(AssignmentPolicy.objects.first() or AssignmentPolicy()))

    @extend_schema(
        operation_id="assignment_policy_change",
        request=AssignmentPolicyShape,
        responses=AssignmentPolicyShape,
    )
    def patch(self, request: Request) -> Response:
        member = self.valid()["default_assignee"]
        return Response(self.shown(set_default_assignee(member, as_of=self.as_of, actor=self.member)))


class WaitingLeads(ApiView):
    """Qualified leads without a holder, the best first (200 at most), each with the reason."""

    serializer_class = WaitingShape
    pagination_class = None
    needs = {"GET": "read"}

    @extend_schema(operation_id="assignments_waiting", responses=WaitingShape(many=True))
    def get(self, request: Request) -> Response:
        return Response(self.shown([as_waiting(*pair) for pair in waiting_with_reasons(200)], many=True))


class WaitingLead(ApiView):
    """Why one lead has no holder, as the rules decide at this moment: the rule, and everybody who was asked."""

    model = Lead
    serializer_class = WaitingRecordShape
    needs = {"GET": "read"}

    @extend_schema(operation_id="assignment_waiting", responses=WaitingRecordShape)
    def get(self, request: Request, pk: UUID) -> Response:
        found = decision_about(self.get_object().pk, self.as_of)
        if found is None:
            raise NotThere(gettext("This lead does not wait for a holder."))
        lead, decision = found
        row = as_waiting(lead, Waiting.objects.filter(lead=lead).first())
        told: dict[str, Any] = {"rule_name": decision.rule_name, "strategy": decision.strategy}
        told |= {"reason": decision.text, "candidates": decision.candidates}
        return Response(self.shown(row | told))


def waiting_with_reasons(most: int) -> list[tuple[Lead, Waiting | None]]:
    """Two statements for any number of leads."""
    leads = list(waiting().defer("search", "attributes", "score_parts")[:most])
    known = {row.lead_id: row for row in Waiting.objects.filter(lead__in=leads)}
    return [(lead, known.get(lead.pk)) for lead in leads]


def as_waiting(lead: Lead, row: Waiting | None) -> dict[str, Any]:
    code = row.reason if row else "due"
    return {
        "lead": lead.pk,
        "name": lead.name,
        "score": lead.score,
        "since": row.since if row else None,
        "rule": row.rule if row else None,
        "code": code,
        "reason": waiting_reason(code),
        "why": row.why if row else {},
    }


routes: list[Route] = [
    *resource("claim-rules", ClaimRules, "claim-rule"),
    ("members/<uuid:pk>/terms/", Terms.as_view(), "member-terms"),
    ("assignment-policy/", DefaultAssignee.as_view(), "assignment-policy"),
    ("assignments/waiting/", WaitingLeads.as_view(), "assignments-waiting"),
    ("assignments/waiting/<uuid:pk>/", WaitingLead.as_view(), "assignment-waiting"),
]
