"""leads/{id}/merge/ and merges/: two leads become one, and can be told apart again."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from leads.actions import merge, undo_merge
from leads.actions.merge import name_of
from leads.api.leads import LeadView, with_names
from leads.api.pursuit import OfLead
from leads.api.shapes import LeadShape, moment, seen
from leads.merging.facts import OTHER, THIS, facts_changed
from leads.models import Lead, Merge
from workspaces.rest import ApiView, ApiViewSet, Listed, Retrieved, Route, as_id, resource
from workspaces.shapes import RowShape, Shape


class MergeBody(Shape):
    """``choose``: by field whose value stays, ``this`` (the default where it is set) or ``other``;
    ``pursuit`` stands for stage, owner and pool, which go together."""

    other = serializers.UUIDField(help_text="The lead that is taken up by this one.")
    choose = serializers.DictField(child=serializers.ChoiceField([THIS, OTHER]), required=False)


class MergeShape(RowShape):
    """A lead taken up by another. ``kept``: what undoing left as it was, because it was changed since."""

    merge = serializers.UUIDField(source="id", read_only=True)
    survivor = serializers.UUIDField(source="survivor_id", read_only=True)
    absorbed = serializers.UUIDField(read_only=True)
    absorbed_name = serializers.SerializerMethodField()
    pursuit = seen()
    facts = serializers.SerializerMethodField(
        help_text="The facts of the survivor that changed; own fields as `attributes.<key>`."
    )
    why = serializers.DictField(read_only=True)
    at = moment()
    actor = serializers.UUIDField(source="actor_id", read_only=True, allow_null=True)
    undone_at = moment()
    undone_by = serializers.UUIDField(read_only=True, allow_null=True)
    kept = serializers.ListField(child=serializers.DictField(), read_only=True)

    def get_absorbed_name(self, found: Merge) -> str:
        return str(found.row.get("name") or "") or ("" if found.undone_at else name_of(found.row)[:1] + "…")

    def get_facts(self, found: Merge) -> list[str]:
        return facts_changed(found.changes)


class MergedShape(MergeShape):
    """A merge with the lead that came of it."""

    lead = LeadShape(read_only=True)


class PartedShape(MergeShape):
    """An undone merge with both leads as they are now."""

    lead = LeadShape(read_only=True)
    restored = LeadShape(read_only=True)


class Answers(ApiView):
    """Merges together with their leads."""

    def of(self, found: Merge, shape: type[MergeShape], **leads: UUID) -> dict[str, Any]:
        rows = {lead.pk: lead for lead in with_names(Lead.objects.filter(pk__in=leads.values()))}
        body = dict(MergeShape(found).data)
        context = self.get_serializer_context() | {"member": self.member}
        return body | {name: LeadShape(rows[pk], context=context).data for name, pk in leads.items()}


class OneMerge(OfLead, Answers):
    """Take up another lead: facts, timeline, touches, tasks, tags, consents, people, assignments."""

    model = Merge
    serializer_class = MergedShape
    needs = {"POST": "edit_leads"}

    @extend_schema(operation_id="lead_merge", request=MergeBody, responses=MergedShape)
    def post(self, request: Request, lead_id: UUID) -> Response:
        values = self.valid(shape=MergeBody)
        made = merge(
            self.lead.pk,
            values["other"],
            choose=values.get("choose", {}),
            as_of=self.as_of,
            actor=self.member,
        )
        return Response(self.of(made, MergedShape, lead=made.survivor_id))


MERGE_FILTERS = [OpenApiParameter("lead", str, description="Merges that this lead came of, or went into.")]


class Merges(Listed, Retrieved, ApiViewSet):
    """Leads that were taken up by others, newest first."""

    model = Merge
    serializer_class = MergeShape
    needs = {"GET": "read"}
    ordering, orderings = "-at", ("at", "created_at")

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        lead = self.request.query_params.get("lead")
        if not lead or self.action != "list":
            return queryset
        pk = as_id("lead", lead)
        return queryset.filter(survivor_id=pk) | queryset.filter(absorbed=pk)

    @extend_schema(parameters=MERGE_FILTERS)
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)


class UndoMerge(Answers, LeadView):
    """Part two leads again. 409 ``undone``, or ``merged_again`` when the lead was itself taken up since."""

    model = Merge  # type: ignore[assignment]
    serializer_class = PartedShape  # type: ignore[assignment]
    needs = {"POST": "edit_leads"}

    @extend_schema(operation_id="merge_undo", request=None, responses=PartedShape)
    def post(self, request: Request, pk: UUID) -> Response:
        found = undo_merge(pk, as_of=self.as_of, actor=self.member)
        return Response(self.of(found, PartedShape, lead=found.survivor_id, restored=found.absorbed))


routes: list[Route] = [
    ("leads/<uuid:lead_id>/merge/", OneMerge.as_view(), "lead-merge"),
    *resource("merges", Merges, "merge"),
    ("merges/<uuid:pk>/undo/", UndoMerge.as_view(), "merge-undo"),
]
