"""duplicates/: pairs of leads that may be one, searching for them, and deciding about them."""

from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from leads.actions import dismiss, search_all, set_rules, suggest_again
from leads.api.shapes import moment, seen
from leads.facts import custom_fields
from leads.matching.evidence import BUILT_IN
from leads.matching.reasons import labelled
from leads.matching.store import rules
from leads.models import Duplicate, MatchWork
from leads.models.matching import REVIVED, DuplicateStatus, MatchKind
from workspaces.rest import ApiView, ApiViewSet, Listed, Retrieved, Route, as_id, choice, resource
from workspaces.shapes import RowShape, Shape


class Reason(Shape):
    field = seen(help_text="A field of the lead; empty where a third lead links the two.")  # type: ignore[assignment]
    label = seen()  # type: ignore[assignment]
    level = seen(help_text="`same`, `similar`, `swapped`, `different` or `linked`.")
    weight = serializers.FloatField(read_only=True, help_text="log2 of how much it speaks for being one.")
    text = seen()


class DuplicateShape(RowShape):
    """Two leads that may be one. ``strength`` is the probability, from 0 to 1."""

    a = serializers.UUIDField(source="a_id", read_only=True)
    b = serializers.UUIDField(source="b_id", read_only=True)
    a_name = seen(source="a.name")
    b_name = seen(source="b.name")
    strength = serializers.FloatField(read_only=True)
    reasons = Reason(many=True, read_only=True)
    status = serializers.ChoiceField(DuplicateStatus.choices, read_only=True)
    decided_at = moment()
    decided_by = serializers.UUIDField(read_only=True, allow_null=True)

    def to_representation(self, found: Duplicate) -> dict[str, Any]:
        labels = self.context.setdefault("labels", custom_labels())
        found.reasons = labelled(found.reasons, labels)
        return super().to_representation(found)


def custom_labels() -> dict[str, str]:
    return {key: one.label for key, one in custom_fields().items()}


PAIR_FILTERS = [
    OpenApiParameter("status", str, description="`suggested` (the default) or `dismissed`."),
    OpenApiParameter("lead", OpenApiTypes.UUID, description="Pairs of this lead."),
]


class Duplicates(Listed, Retrieved, ApiViewSet):
    """Suggested pairs, the strongest first."""

    model = Duplicate
    serializer_class = DuplicateShape
    needs = {"GET": "read"}
    ordering, orderings = "-strength", ("strength", "created_at")

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        rows = queryset.select_related("a", "b")
        if self.action != "list":
            return rows
        status = choice(self.request, "status", DuplicateStatus.values) or DuplicateStatus.SUGGESTED
        if lead := self.request.query_params.get("lead"):
            pk = as_id("lead", lead)
            rows = rows.filter(Q(a_id=pk) | Q(b_id=pk))
        return rows.filter(status=status)

    @extend_schema(parameters=PAIR_FILTERS)
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)


class Dismissal(ApiView):
    """POST: the two are not the same, and are not suggested again. DELETE takes that back."""

    model = Duplicate
    serializer_class = DuplicateShape
    needs = {"POST": "edit_leads", "DELETE": "edit_leads"}

    @extend_schema(operation_id="duplicate_dismiss", request=None, responses=DuplicateShape)
    def post(self, request: Request, pk: UUID) -> Response:
        found = dismiss(pk, as_of=self.as_of, actor=self.member)
        return Response(self.shown(found))

    @extend_schema(operation_id="duplicate_suggest_again", responses={204: None})
    def delete(self, request: Request, pk: UUID) -> Response:
        suggest_again(pk, as_of=self.as_of, actor=self.member)
        return Response(status=204)


class SearchShape(RowShape):
    """A search of the whole workspace and how far it is."""

    status = seen(help_text="`queued`, `running`, `done`, `failed`.")
    total = serializers.IntegerField(read_only=True, help_text="Leads.")
    processed = serializers.IntegerField(read_only=True)
    found = serializers.IntegerField(read_only=True, help_text="Pairs that are suggested.")
    merged = serializers.IntegerField(read_only=True, help_text="Leads that merged by themselves.")
    started_at = moment()
    finished_at = moment()


class Searches(Listed, ApiViewSet):
    """POST searches the whole workspace in the background; GET lists the searches, newest first."""

    model = MatchWork
    serializer_class = SearchShape
    needs = {"GET": "read", "POST": "match"}
    ordering, orderings = "-created_at", ("created_at",)

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        return queryset.filter(kind=MatchKind.ALL)

    @extend_schema(operation_id="duplicates_search", request=None, responses={202: SearchShape})
    def create(self, request: Request) -> Response:
        return Response(self.shown(search_all(as_of=self.as_of, actor=self.member)), status=202)


class Search(Retrieved, ApiViewSet):
    model = MatchWork
    serializer_class = SearchShape
    needs = {"GET": "read"}


class MatchRulesShape(Shape):
    """Rules of the workspace. ``merge_from``: the strength (0.99 to 1) from which leads merge by themselves, or
    null for never; ``suggest_from``: from which they are suggested; ``ignore``: fields that are no evidence;
    ``revive``: from where a known lead that comes again begins once more (`deferred`, `lost`, `disqualified`, and
    `recycle` for that pool)."""

    merge_from = serializers.FloatField(required=False, allow_null=True)
    suggest_from = serializers.FloatField(required=False)
    ignore = serializers.ListField(
        child=serializers.CharField(max_length=100), required=False, max_length=100
    )
    revive = serializers.ListField(child=serializers.ChoiceField(REVIVED), required=False)
    fields_known = serializers.ListField(child=serializers.CharField(), read_only=True)
    learned_at = moment()
    telling = serializers.ListField(source="fields", child=serializers.CharField(), read_only=True)


class Rules(ApiView):
    """What merges by itself, what is suggested, what is ignored."""

    serializer_class = MatchRulesShape
    needs = {"GET": "read", "PUT": "rules", "PATCH": "rules"}

    def answer(self, found: Any) -> Response:
        found.fields_known = [*BUILT_IN, *(f"attributes.{key}" for key in custom_fields())]
        return Response(self.shown(found))

    @extend_schema(operation_id="duplicate_rules")
    def get(self, request: Request) -> Response:
        return self.answer(rules())

    @extend_schema(operation_id="duplicate_rules_set")
    def put(self, request: Request) -> Response:
        return self.answer(set_rules(self.valid(), as_of=self.as_of, actor=self.member))

    @extend_schema(operation_id="duplicate_rules_change")
    def patch(self, request: Request) -> Response:
        return self.answer(set_rules(self.valid(), as_of=self.as_of, actor=self.member))


routes: list[Route] = [
    ("duplicates/search/", Searches.as_view({"get": "list", "post": "create"}), "duplicate-searches"),
    ("duplicates/search/<uuid:pk>/", Search.as_view({"get": "retrieve"}), "duplicate-search"),
    ("duplicates/rules/", Rules.as_view(), "duplicate-rules"),
    *resource("duplicates", Duplicates, "duplicate"),
    ("duplicates/<uuid:pk>/dismissal/", Dismissal.as_view(), "duplicate-dismissal"),
]
