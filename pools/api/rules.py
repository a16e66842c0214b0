"""The rules of the pools, and what a change of them would do."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from pools import queries
from pools.actions.rules import (
    change_claim_policy,
    check_policy,
    drop_policy,
    drop_rule,
    save_policy,
    save_rule,
)
from pools.foresight import Foreseen, foresee
from pools.models import AssignmentRule, ClaimPolicy, Counts, Overflow, PoolPolicy, Strategy, Target
from pools.planning import MOST, matching, plan, unqualified
from pools.turns import Choice
from pools.words import waiting_reason, why_sentence
from workspaces.models import Member, Team
from workspaces.rest import ApiView, ApiViewSet, Listed, Retrieved, Route, resource
from workspaces.shapes import Reference, RowShape, Shape

SHOWN = 200  # decisions in one answer
MANY = 1_000_000


class PolicyShape(RowShape):
    """How long a holder may keep a lead. The first active policy, by position, whose condition fits."""

    name = serializers.CharField(max_length=200)
    position = serializers.IntegerField(min_value=0, max_value=30_000, required=False)
    condition = serializers.JSONField(required=False)
    counts = serializers.ChoiceField(
        Counts.choices, required=False, help_text=_("By the clock, or by the workspace's calendar.")
    )
    first_contact_hours = serializers.IntegerField(min_value=1, max_value=87_600, required=False)
    follow_up_days = serializers.IntegerField(
        min_value=1, max_value=3650, required=False, help_text=_("What each follow-up gives.")
    )
    max_hold_days = serializers.IntegerField(min_value=1, max_value=3650, required=False)
    warn_share = serializers.FloatField(min_value=0.01, max_value=0.99, required=False)
    exemption = serializers.JSONField(
        required=False, allow_null=True, help_text=_("A condition: what meets it has no clock.")
    )
    spares_opportunities = serializers.BooleanField(required=False)
    facts = serializers.JSONField(
        required=False, allow_null=True, help_text=_("A condition: what is to be known by facts_days.")
    )
    facts_days = serializers.IntegerField(min_value=1, max_value=3650, required=False, allow_null=True)
    invalid_marks = serializers.IntegerField(
        min_value=1,
        max_value=1000,
        required=False,
        allow_null=True,
        help_text=_("So many members mark it as invalid, and it goes back."),
    )
    target = serializers.ChoiceField(Target.choices, required=False)
    resets_stage = serializers.BooleanField(required=False)
    nurture_days = serializers.IntegerField(min_value=1, max_value=3650, required=False)
    is_active = serializers.BooleanField(required=False)


class ClaimPolicyShape(Shape):
    daily_quota = serializers.IntegerField(min_value=0, max_value=MANY, required=False)
    holding_capacity = serializers.IntegerField(min_value=0, max_value=MANY, required=False)
    capacity_by_grade: Any = serializers.DictField(
        required=False, help_text=_("At most so many open leads of a grade in one hand: {“A”: 10}.")
    )
    cooldown_days = serializers.IntegerField(min_value=0, max_value=3650, required=False)
    freeze_hours = serializers.IntegerField(
        min_value=0,
        max_value=87_600,
        required=False,
        help_text=_("Hours from the entry in which nobody may claim."),
    )


class NamedShape(Shape):
    """A member whom a rule names; ``weight``: their own in this rule (null: the member's)."""

    member = Reference(Member, only={"is_active": True})
    weight = serializers.IntegerField(
        min_value=0, max_value=1000, required=False, allow_null=True, default=None
    )


class RuleShape(RowShape):
    """Who gets a qualified lead that meets the condition: a team's reps, members by name, or all reps."""

    name = serializers.CharField(max_length=200)
    position = serializers.IntegerField(min_value=0, max_value=30_000, required=False)
    condition = serializers.JSONField(required=False)
    team = Reference(Team, required=False, allow_null=True)
    members = NamedShape(many=True, required=False)
    strategy = serializers.ChoiceField(Strategy.choices, required=False)
    working_hours_only = serializers.BooleanField(required=False)
    monthly_turn = serializers.BooleanField(
        required=False,
        help_text=_("Each month another rep goes first; by weight, load or record: first among equals."),
    )
    overflow = serializers.ChoiceField(Overflow.choices, required=False)
    overflow_team = Reference(Team, required=False, allow_null=True)
    is_active = serializers.BooleanField(required=False)


class MovedShape(Shape):
    lead = serializers.UUIDField(read_only=True)
    reclaim_at = serializers.DateTimeField(read_only=True, allow_null=True)
    would_be = serializers.DateTimeField(read_only=True, allow_null=True)


class EffectShape(Shape):
    """What it means for one holder, in numbers of leads."""

    member = serializers.UUIDField(source="member.pk", read_only=True)
    member_name = serializers.CharField(source="member", read_only=True)
    loses = serializers.IntegerField(read_only=True, help_text=_("Due at once."))
    sooner = serializers.IntegerField(read_only=True)
    later = serializers.IntegerField(read_only=True)


class ForeseenShape(Shape):
    """Numbers of leads: for which the policy would speak, and whose clock would change and how."""

    leads = serializers.IntegerField(read_only=True)
    changed = serializers.IntegerField(read_only=True)
    sooner = serializers.IntegerField(read_only=True)
    later = serializers.IntegerField(read_only=True)
    due_now = serializers.IntegerField(read_only=True)
    first = MovedShape(many=True, read_only=True)
    members = EffectShape(many=True, read_only=True)


class DryRunShape(Shape):
    """``where``: open leads of the lead pool that meet the condition; without it the leads that wait now."""

    where = serializers.JSONField(required=False, default=None)


class DecisionShape(Shape):
    lead = serializers.UUIDField(read_only=True)
    rule = serializers.UUIDField(read_only=True, allow_null=True)
    member = serializers.UUIDField(read_only=True, allow_null=True)
    reason = serializers.CharField(read_only=True)
    why = serializers.CharField(read_only=True)
    candidates = serializers.IntegerField(read_only=True)
    passed_over: Any = serializers.ListField(child=serializers.DictField(), read_only=True)


class ShareShape(Shape):
    member = serializers.UUIDField(read_only=True)
    leads = serializers.IntegerField(read_only=True)


class DryRunResult(Shape):
    assigned = serializers.IntegerField(read_only=True)
    waiting = serializers.IntegerField(read_only=True)
    shares = ShareShape(many=True, read_only=True)
    decisions = DecisionShape(many=True, read_only=True, help_text="The first 200.")


class DryRunOfLeads(DryRunResult):
    unqualified = serializers.IntegerField(
        read_only=True, help_text=_("How many of them no rule gives to anybody before they are qualified.")
    )


class Policies(Listed, Retrieved, ApiViewSet):
    """Pool policies. Every clock of the workspace follows a change at once."""

    model = PoolPolicy
    serializer_class = PolicyShape
    needs = {"GET": "read", "POST": "rules", "PATCH": "rules", "DELETE": "rules"}
    ordering, orderings = "position", ("position", "name", "created_at")

    @extend_schema(request=PolicyShape, responses={201: PolicyShape})
    def create(self, request: Request) -> Response:
        policy = save_policy(PoolPolicy(**self.valid()), as_of=self.as_of, actor=self.member)
        return Response(self.shown(policy), status=201)

    @extend_schema(request=PolicyShape, responses=PolicyShape)
    def partial_update(self, request: Request, pk: UUID) -> Response:
        policy = changed(self.get_object(), self.valid(partial=True))
        return Response(self.shown(save_policy(policy, as_of=self.as_of, actor=self.member)))

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: UUID) -> Response:
        drop_policy(self.get_object(), as_of=self.as_of, actor=self.member)
        return Response(status=204)


class PolicyPreview(ApiView):
    """What the policy as it is (GET), or with these changes (POST), would do. Nothing is stored."""

    model = PoolPolicy
    serializer_class = PolicyShape
    needs = {"GET": "rules", "POST": "rules"}

    @extend_schema(operation_id="pool_policy_preview", responses=ForeseenShape)
    def get(self, request: Request, pk: UUID) -> Response:
        return self.foreseen(self.get_object())

    @extend_schema(
        operation_id="pool_policy_preview_of_changes", request=PolicyShape, responses=ForeseenShape
    )
    def post(self, request: Request, pk: UUID) -> Response:
        return self.foreseen(changed(self.get_object(), self.valid(partial=True)))

    def foreseen(self, policy: PoolPolicy) -> Response:
        check_policy(policy)
        return Response(self.shown(as_told(foresee(policy, self.as_of)), shape=ForeseenShape))


class NewPolicyPreview(ApiView):
    """What a new policy would do, if it were stored as it is given here. Nothing is stored."""

    serializer_class = PolicyShape
    needs = {"POST": "rules"}

    @extend_schema(operation_id="pool_policy_preview_of_new", request=PolicyShape, responses=ForeseenShape)
    def post(self, request: Request) -> Response:
        policy = PoolPolicy(**self.valid())
        check_policy(policy)
        return Response(self.shown(as_told(foresee(policy, self.as_of)), shape=ForeseenShape))


def as_told(found: Foreseen) -> dict[str, Any]:
    first = [{"lead": lead, "reclaim_at": was, "would_be": due} for lead, was, due in found.first]
    return vars(found) | {"first": first}


class ClaimRules(ApiView):
    """How many leads a member may claim a day and hold, and how long a former holder waits."""

    serializer_class = ClaimPolicyShape
    needs = {"GET": "read", "PATCH": "rules"}

    @extend_schema(operation_id="claim_policy", responses=ClaimPolicyShape)
    def get(self, request: Request) -> Response:
        return Response(self.shown(queries.claim_policy()))

    @extend_schema(operation_id="claim_policy_change", request=ClaimPolicyShape, responses=ClaimPolicyShape)
    def patch(self, request: Request) -> Response:
        policy: ClaimPolicy = change_claim_policy(self.valid(), as_of=self.as_of, actor=self.member)
        return Response(self.shown(policy))


class Rules(Listed, Retrieved, ApiViewSet):
    """Assignment rules: who gets qualified leads."""

    model = AssignmentRule
    serializer_class = RuleShape
    needs = {"GET": "read", "POST": "rules", "PATCH": "rules", "DELETE": "rules"}
    ordering, orderings = "position", ("position", "name", "created_at")

    def get_queryset(self) -> QuerySet:
        return super().get_queryset().prefetch_related("named")

    @extend_schema(request=RuleShape, responses={201: RuleShape})
    def create(self, request: Request) -> Response:
        given = self.valid()
        members = by_member(given.pop("members", []))
        rule = save_rule(AssignmentRule(**given), members, as_of=self.as_of, actor=self.member)
        return Response(self.shown(rule), status=201)

    @extend_schema(request=RuleShape, responses=RuleShape)
    def partial_update(self, request: Request, pk: UUID) -> Response:
        given = self.valid(partial=True)
        members = by_member(given.pop("members")) if "members" in given else None
        rule = changed(self.get_object(), given)
        save_rule(rule, members, as_of=self.as_of, actor=self.member)
        return Response(self.shown(self.get_object()))

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: UUID) -> Response:
        drop_rule(self.get_object(), as_of=self.as_of, actor=self.member)
        return Response(status=204)


class RulePreview(ApiView):
    """What the rule would do with the leads that wait now, together with the others. Nothing is stored."""

    model = AssignmentRule
    serializer_class = DryRunResult
    needs = {"GET": "rules"}

    @extend_schema(operation_id="assignment_rule_preview", responses=DryRunResult)
    def get(self, request: Request, pk: UUID) -> Response:
        rule = self.get_object()
        return Response(decided([one for one in plan(None, as_of=self.as_of) if one.rule == rule]))


class DryRun(ApiView):
    """What would happen to these leads if they were assigned now. Nothing is stored."""

    serializer_class = DryRunShape
    needs = {"POST": "assign"}

    @extend_schema(operation_id="assignment_dry_run", request=DryRunShape, responses=DryRunOfLeads)
    def post(self, request: Request) -> Response:
        asked = self.valid()["where"]
        leads = None
        if asked is not None:
            found = matching(queries.assignable(), asked, as_of=self.as_of)
            leads = list(found.values_list("pk", flat=True)[:MOST])
        choices = plan(leads, as_of=self.as_of)
        return Response(decided(choices) | {"unqualified": unqualified(choices)})


def by_member(named: list[dict[str, Any]]) -> dict[Member, int | None]:
    return {one["member"]: one.get("weight") for one in named}


def changed(row: Any, changes: dict[str, Any]) -> Any:
    for name, value in changes.items():
        setattr(row, name, value)
    return row


def decided(choices: list[Choice]) -> dict[str, Any]:
    """Decisions as the API tells them."""
    shares: dict[UUID, int] = {}
    for choice in choices:
        if choice.member:
            shares[choice.member.pk] = shares.get(choice.member.pk, 0) + 1
    return {
        "assigned": sum(shares.values()),
        "waiting": len(choices) - sum(shares.values()),
        "shares": [{"member": str(member), "leads": count} for member, count in shares.items()],
        "decisions": [decision(choice) for choice in choices[:SHOWN]],
    }


def decision(choice: Choice) -> dict[str, Any]:
    words = waiting_reason(choice.waits) if choice.waits else why_sentence("assigned", choice.why)
    return {
        "lead": str(choice.lead),
        "rule": str(choice.rule.pk) if choice.rule else None,
        "member": str(choice.member.pk) if choice.member else None,
        "reason": choice.why["reason"],
        "why": words,
        "passed_over": choice.passed_over,
        "candidates": choice.candidates,
    }


routes: list[Route] = [
    *resource("pool-policies", Policies, "pool-policy"),
    ("pool-policies/<uuid:pk>/preview/", PolicyPreview.as_view(), "pool-policy-preview"),
    ("pool-policies/preview/", NewPolicyPreview.as_view(), "pool-policy-preview-new"),
    ("claim-policy/", ClaimRules.as_view(), "claim-policy"),
    *resource("assignment-rules", Rules, "assignment-rule"),
    ("assignment-rules/<uuid:pk>/preview/", RulePreview.as_view(), "assignment-rule-preview"),
    ("assignment-rules/dry-run/", DryRun.as_view(), "assignment-dry-run"),
]
