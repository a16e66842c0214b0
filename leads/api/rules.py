"""gates/, tag-rules/ and approvals/."""

from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from leads.actions.advance import decide
from leads.actions.rules import add_tag_rule, change_tag_rule, drop_tag_rule, set_gate
from leads.api.shapes import ApprovalShape
from leads.conditions import names_of, parse, parts, say, vocabulary
from leads.foresight import Foreseen, foresee
from leads.models import Approval, Gate, Lead, LeadTag, TagRule
from leads.queries import maybe_id, meeting
from workspaces.refusals import NotThere
from workspaces.rest import ApiView, ApiViewSet, Listed, Retrieved, Route, choice, resource
from workspaces.shapes import RowShape, Shape
from workspaces.tenancy import current_workspace

SAMPLE = 20


def put_sentences(rows: list[Any], *columns: str) -> None:
    """Say each row's conditions as ``<column>_text`` and item by item; a fixed number of queries for all rows."""
    words = vocabulary(current_workspace())
    parsed = {
        (row.pk, column): parse(getattr(row, column), words, stored=True)
        for row in rows
        for column in columns
        if getattr(row, column) is not None
    }
    names = names_of(list(parsed.values()))
    for row in rows:
        for column in columns:
            found = parsed.get((row.pk, column))
            setattr(row, f"{column}_text", "" if found is None else say(found, names=names))
            items = [] if found is None else parts(found)
            setattr(row, f"{column}_items", [say(item, names=names) for item in items])


class Said(ApiView):
    """Mixed in where rows hold conditions: every answer also says them in words."""

    columns: tuple[str, ...] = ("condition",)

    def shown(self, row: Any, **options: Any) -> Any:
        put_sentences(list(row) if options.get("many") else [row], *self.columns)
        return super().shown(row, **options)

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        rows = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(self.shown(rows, many=True))

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return Response(self.shown(self.get_object()))


class GateShape(RowShape):
    transition = serializers.CharField(max_length=20)
    condition = serializers.JSONField(required=False)
    condition_text = serializers.CharField(read_only=True)
    checklist = serializers.SerializerMethodField(help_text="Each item of the checklist as a sentence.")
    approval_when = serializers.JSONField(required=False, allow_null=True)
    approval_when_text = serializers.CharField(read_only=True)
    approval_score = serializers.IntegerField(min_value=0, max_value=1000, required=False)

    def get_checklist(self, gate: Gate) -> list[str]:
        return gate.condition_items if gate.condition else []  # type: ignore[attr-defined, no-any-return]


class Gates(Said, Listed, ApiViewSet):
    """What must be true to take each transition. PUT sets one, named by its transition."""

    model = Gate
    serializer_class = GateShape
    columns = ("condition", "approval_when")
    needs = {"GET": "read", "PUT": "rules"}
    ordering, orderings = "transition", ("transition", "created_at")

    @extend_schema(operation_id="gates_set", request=GateShape, responses=GateShape)
    def replace(self, request: Request) -> Response:
        gate = set_gate(**self.valid(), as_of=self.as_of, actor=self.member)
        return Response(self.shown(gate))


class OneGate(Said):
    """A gate, by its id or by the name of its transition."""

    model = Gate
    serializer_class = GateShape
    columns = ("condition", "approval_when")
    needs = {"GET": "read", "PUT": "rules", "PATCH": "rules"}

    def gate(self, which: str) -> Gate:
        pk = maybe_id(which)
        gate = Gate.objects.filter(Q(pk=pk) if pk else Q(transition=which)).first()
        if gate is None:
            raise NotThere(_("There is nothing at this address."))
        return gate

    @extend_schema(operation_id="gate", responses=GateShape)
    def get(self, request: Request, which: str) -> Response:
        return Response(self.shown(self.gate(which)))

    @extend_schema(operation_id="gate_set", request=GateShape, responses=GateShape)
    def put(self, request: Request, which: str) -> Response:
        gate = self.gate(which)
        changes = dict(self.valid(partial=True)) | {"transition": gate.transition}
        return Response(self.shown(set_gate(**changes, as_of=self.as_of, actor=self.member)))

    @extend_schema(operation_id="gate_change", request=GateShape, responses=GateShape)
    def patch(self, request: Request, which: str) -> Response:
        return self.put(request, which)


class LeadName(Shape):
    id = serializers.UUIDField()
    name = serializers.CharField()


class GateProposed(Shape):
    condition = serializers.JSONField(required=False, help_text="Instead of the gate's own.")
    approval_when = serializers.JSONField(required=False, allow_null=True)


class GateForeseenShape(Shape):
    """Nobody is taken back: leads that are past the gate stay where they are."""

    condition_text = serializers.CharField()
    standing = serializers.IntegerField(help_text="Leads from which this step could be taken.")
    before = serializers.IntegerField(help_text="Of them: would pass the gate as it is.")
    after = serializers.IntegerField(help_text="Of them: would pass the proposed gate.")
    stopped = serializers.IntegerField(help_text="Would pass now, would be stopped then.")
    freed = serializers.IntegerField(help_text="Are stopped now, would pass then.")
    past = serializers.IntegerField(
        help_text="Are past this gate already and would not pass the proposed one."
    )
    approvals = serializers.IntegerField(help_text="Of those who would pass: need a manager.")
    sample = LeadName(many=True, help_text="Of the stopped, the best first.")


class GatePreview(OneGate):
    """Whom another condition would stop; nothing is changed."""

    serializer_class = GateForeseenShape
    needs = {"POST": "rules"}
    http_method_names = ["post", "options"]

    @extend_schema(operation_id="gate_preview", request=GateProposed, responses=GateForeseenShape)
    def post(self, request: Request, which: str) -> Response:
        gate = self.gate(which)
        asked = self.valid(shape=GateProposed)
        found: Foreseen = foresee(
            gate.transition,
            asked.get("condition", gate.condition),
            asked.get("approval_when", gate.approval_when),
            as_of=self.as_of,
        )
        return Response(GateForeseenShape(found).data)


class TagRuleShape(RowShape):
    tag = serializers.CharField(source="tag.name", max_length=100)
    condition = serializers.JSONField()
    condition_text = serializers.CharField(read_only=True)
    is_active = serializers.BooleanField(required=False)


class TagRules(Said, Listed, Retrieved, ApiViewSet):
    """Tags that come and go by themselves while a condition is true."""

    model = TagRule
    serializer_class = TagRuleShape
    needs = {"GET": "read", "POST": "rules", "PATCH": "rules", "DELETE": "rules"}

    def get_queryset(self) -> QuerySet:
        return super().get_queryset().select_related("tag")

    @extend_schema(responses={201: TagRuleShape})
    def create(self, request: Request) -> Response:
        values = self.values()
        rule = add_tag_rule(values.pop("tag"), **values, as_of=self.as_of, actor=self.member)
        return Response(self.shown(rule), status=201)

    def partial_update(self, request: Request, pk: UUID) -> Response:
        rule = self.get_object()
        change_tag_rule(rule, self.values(partial=True), as_of=self.as_of, actor=self.member)
        return Response(self.shown(rule))

    def destroy(self, request: Request, pk: UUID) -> Response:
        drop_tag_rule(self.get_object(), as_of=self.as_of, actor=self.member)
        return Response(status=204)

    def values(self, partial: bool = False) -> dict[str, Any]:
        values = dict(self.valid(partial=partial))
        return values | ({"tag": values["tag"]["name"]} if "tag" in values else {})


class Proposed(Shape):
    condition = serializers.JSONField(required=False, help_text="Instead of the rule's own.")


class PreviewShape(Shape):
    condition_text = serializers.CharField()
    matching = serializers.IntegerField(help_text="Leads that meet the condition.")
    gains = serializers.IntegerField(help_text="Leads that would get the tag.")
    loses = serializers.IntegerField(help_text="Leads from which it would go.")
    sample = LeadName(many=True)


class TagRulePreview(ApiView):
    """What the rule, or another condition in its place, would change; nothing is changed."""

    model = TagRule
    serializer_class = PreviewShape
    needs = {"GET": "rules", "POST": "rules"}

    @extend_schema(operation_id="tag_rule_preview", responses=PreviewShape)
    def get(self, request: Request, pk: UUID) -> Response:
        rule = self.get_object()
        return Response(self.preview(rule, rule.condition))

    @extend_schema(operation_id="tag_rule_preview_proposed", request=Proposed, responses=PreviewShape)
    def post(self, request: Request, pk: UUID) -> Response:
        rule = self.get_object()
        return Response(self.preview(rule, self.valid(shape=Proposed).get("condition", rule.condition)))

    def preview(self, rule: TagRule, condition: Any) -> dict[str, Any]:
        fits = meeting(condition, as_of=self.as_of, path="condition")
        matching = Lead.objects.filter(fits)
        tagged = LeadTag.objects.filter(tag=rule.tag_id)
        set_by_rule = Lead.objects.filter(pk__in=tagged.filter(rule=rule).values("lead_id"))
        parsed = parse(condition, vocabulary(current_workspace()))
        return {
            "condition_text": say(parsed),
            "matching": matching.count(),
            "gains": matching.exclude(pk__in=tagged.values("lead_id")).count(),
            "loses": set_by_rule.exclude(pk__in=matching.values("pk")).count(),
            "sample": [
                {"id": lead.pk, "name": str(lead)} for lead in matching.order_by("-score", "-id")[:SAMPLE]
            ],
        }


class Approvals(Listed, Retrieved, ApiViewSet):
    """Transitions that wait for a manager, and how they were decided."""

    model = Approval
    serializer_class = ApprovalShape
    needs = {"GET": "read"}
    ordering, orderings = "-asked_at", ("asked_at", "decided_at")

    def get_queryset(self) -> QuerySet:
        return super().get_queryset().select_related("lead")

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        status = choice(self.request, "status", ("waiting", "approved", "refused"))
        return queryset.filter(status=status) if status else queryset

    @extend_schema(
        parameters=[OpenApiParameter("status", str, description="`waiting`, `approved`, `refused`.")]
    )
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)


class DecisionShape(Shape):
    approve = serializers.BooleanField()
    reason = serializers.CharField(required=False, allow_blank=True, max_length=2000)


class Decision(ApiView):
    """A manager's decision. Approving asks the gate again: the facts may have changed meanwhile."""

    model = Approval
    serializer_class = ApprovalShape
    needs = {"POST": "override"}

    def get_queryset(self) -> QuerySet:
        return super().get_queryset().select_related("lead")

    @extend_schema(operation_id="approval_decide", request=DecisionShape, responses=ApprovalShape)
    def post(self, request: Request, pk: UUID) -> Response:
        approval = self.get_object()
        values = self.valid(shape=DecisionShape)
        row = decide(
            approval, values["approve"], values.get("reason", ""), as_of=self.as_of, actor=self.member
        )
        row.lead = approval.lead
        return Response(self.shown(row))


routes: list[Route] = [
    ("gates/", Gates.as_view({"get": "list", "put": "replace"}), "gate-list"),
    ("gates/<slug:which>/preview/", GatePreview.as_view(), "gate-preview"),
    ("gates/<slug:which>/", OneGate.as_view(), "gate-detail"),
    *resource("tag-rules", TagRules, "tag-rule"),
    ("tag-rules/<uuid:pk>/preview/", TagRulePreview.as_view(), "tag-rule-preview"),
    *resource("approvals", Approvals, "approval"),
    ("approvals/<uuid:pk>/decision/", Decision.as_view(), "approval-decision"),
]
