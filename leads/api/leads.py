"""leads/, leads/bulk/ and leads/{id}/."""

from typing import Any
from uuid import UUID

from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from leads.actions import capture, delete_lead, edit, survivor_of
from leads.api.shapes import BulkResult, LeadShape
from leads.facts import Fields, custom_fields, incoming_from
from leads.incoming import Incoming, Source
from leads.locking import lock_one
from leads.models import Channel, Lead, LeadTag
from leads.queries import FILTERS, filtered, maybe_id
from workspaces.paging import CursorPages
from workspaces.problems import flatten
from workspaces.refusals import Invalid, NotThere
from workspaces.rest import (
    ApiView,
    ApiViewSet,
    Listed,
    Route,
    check_version,
    resource,
    wanted_version,
    with_etag,
)

SOURCE = Source(kind="api")
MOST_IN_BULK = 1000


def filter_parameter(name: str, about: str, kind: Any = OpenApiTypes.STR) -> OpenApiParameter:
    return OpenApiParameter(name, kind, description=about)


LEAD_FILTERS = [
    filter_parameter("where", "A condition, as JSON."),
    filter_parameter("q", "Text in name, company, e-mail, phone or WeChat."),
    filter_parameter("stage", "One stage or more, with commas."),
    filter_parameter("pool", "`lead`, `sales`, `recycle`; several with commas."),
    filter_parameter("owner", "A member's id, `me` or `none`."),
    filter_parameter("team", "A team's id.", OpenApiTypes.UUID),
    filter_parameter("grade", "`A` to `D`; several with commas."),
    filter_parameter("tier", "`focus`, `nurture`, `let_go`; several with commas."),
    filter_parameter("tag", "A tag's name."),
    filter_parameter("channel", "A channel's name or id."),
    filter_parameter("company", "A company's id.", OpenApiTypes.UUID),
]
IF_MATCH = OpenApiParameter("If-Match", str, OpenApiParameter.HEADER, description="The version you read.")


def with_names(rows: QuerySet[Lead]) -> QuerySet[Lead]:
    """Leads with all that their representation names: two statements for any number of them."""
    tags = Prefetch("lead_tags", LeadTag.objects.select_related("tag"))
    return rows.select_related("company", "channel", "owner", "team").prefetch_related(tags)


class LeadView(ApiView):
    """Parent of every view that represents leads."""

    model = Lead
    serializer_class = LeadShape

    def get_serializer_context(self) -> dict[str, Any]:
        fake = getattr(self, "swagger_fake_view", False)
        return super().get_serializer_context() | {"member": None if fake else self.member}

    def answer(self, pk: UUID, status: int = 200, **context: Any) -> Response:
        """The lead as it is now, with its version as ETag."""
        lead = with_names(Lead.objects.all()).get(pk=pk)
        shown = self.shown(lead, context=self.get_serializer_context() | context)
        return with_etag(Response(shown, status=status), lead.version)


class Leads(Listed, LeadView, ApiViewSet):
    """Leads. POST captures one: 201 new; 200 a known identity (blanks filled, a touch recorded)."""

    needs = {"GET": "read", "POST": "capture", "PATCH": "edit_leads", "DELETE": "delete_leads"}
    ordering = "-captured_at"
    orderings = ("score", "captured_at", "created_at", "updated_at", "reclaim_at", "next_action_at", "id")

    def get_queryset(self) -> QuerySet[Lead]:
        rows = super().get_queryset()
        plain = self.action == "list" or getattr(self, "swagger_fake_view", False)
        return rows if plain else with_names(rows)

    def dress(self, rows: QuerySet[Lead]) -> QuerySet[Lead]:
        return with_names(rows)

    def filter_queryset(self, queryset: QuerySet[Lead]) -> QuerySet[Lead]:
        if self.action != "list":
            return queryset
        asked = {name: self.request.query_params.get(name, "") for name in FILTERS}
        params = self.request.query_params
        first = params.get("ordering") == "-score" and not params.get("cursor")
        best = CursorPages.max_limit + 1 if first else None
        return filtered(queryset, asked, as_of=self.as_of, member=self.member, best=best)

    @extend_schema(parameters=LEAD_FILTERS)
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @extend_schema(responses={201: LeadShape, 200: LeadShape})
    def create(self, request: Request) -> Response:
        item = arrival(with_channel_names([self.valid()])[0])
        if item.rejected:
            raise Invalid(item.problems)
        [found] = capture([item], source=SOURCE, as_of=self.as_of, actor=self.member)
        if found.lead_id is None:
            raise Invalid(found.errors)
        new = found.status == "created"
        return self.answer(found.lead_id, 201 if new else 200, entered_just_now=new)

    def retrieve(self, request: Request, pk: UUID) -> Response:
        lead = self.get_queryset().filter(pk=pk).first()
        if lead is None:
            raise gone(pk)
        return with_etag(Response(self.shown(lead)), lead.version)

    @extend_schema(parameters=[IF_MATCH])
    def partial_update(self, request: Request, pk: UUID) -> Response:
        version = wanted_version(request)
        if version is not None:
            check_version(request, lock_one(pk).version)
        changes = facts(with_channel_names([self.valid(partial=True)])[0])
        edit(pk, changes, as_of=self.as_of, actor=self.member, version=version)
        return self.answer(pk)

    @extend_schema(parameters=[IF_MATCH], responses={204: None})
    def destroy(self, request: Request, pk: UUID) -> Response:
        check_version(request, lock_one(pk).version)
        delete_lead(pk, as_of=self.as_of, actor=self.member)
        return Response(status=204)


class Bulk(LeadView):
    """Up to 1,000 leads at once, with the meaning of POST leads/; one result for each, in order."""

    needs = {"POST": "capture"}

    @extend_schema(
        operation_id="leads_bulk", request=LeadShape(many=True), responses={200: BulkResult(many=True)}
    )
    def post(self, request: Request) -> Response:
        given = request.data
        if not isinstance(given, list):
            raise Invalid.field("", _("Send a list of leads."), "not_a_list")
        if len(given) > MOST_IN_BULK:
            message = _("At most %(most)d leads at once; these are %(count)d.")
            counts = {"most": MOST_IN_BULK, "count": len(given)}
            raise Invalid.field("", message % counts, "too_many")
        items = self.items(given)
        found = capture(items, source=SOURCE, as_of=self.as_of, actor=self.member)
        return Response([{"status": one.status, "id": one.lead_id, "errors": one.errors} for one in found])

    def items(self, given: list[Any]) -> list[Incoming]:
        """Every item checked by itself: a faulty one is rejected, the others are taken in."""
        shape = LeadShape(context=self.get_serializer_context())
        checked: list[dict | Incoming] = []
        for data in given:
            try:
                checked.append(dict(shape.run_validation(data)))
            except ValidationError as wrong:
                checked.append(faulty(list(flatten(wrong.get_full_details()))))
        named = iter(with_channel_names([one for one in checked if isinstance(one, dict)]))
        fields = custom_fields()
        return [one if isinstance(one, Incoming) else arrival(next(named), fields) for one in checked]


def gone(pk: UUID) -> NotThere:
    """There is no such lead; one that another took up is named by it (``merged_into``)."""
    survivor = survivor_of(pk)
    if survivor is None:
        return NotThere(_("There is nothing at this address."))
    return NotThere(_("This lead was merged into another one."), merged_into=str(survivor.pk))


def faulty(problems: list[dict]) -> Incoming:
    return Incoming(problems=problems, rejected=True)


def arrival(values: dict[str, Any], fields: Fields | None = None) -> Incoming:
    """One lead as it arrives; what is wrong with it is in its ``problems``."""
    try:
        return incoming_from(facts(values), fields)
    except Invalid as wrong:
        return faulty(wrong.errors)


def facts(values: dict[str, Any]) -> dict[str, Any]:
    """What the API was told, in the words of ``leads.facts``: money becomes minor units and a currency."""
    if "no_channel" in values:
        message = _("There is no channel with this id.")
        raise Invalid.field("channel", message, "unknown")
    told = dict(values)
    if "budget_amount" in told:
        money = told["budget_amount"]
        told["budget_amount"] = money.minor if money else None
        told["budget_currency"] = money.currency if money else ""
    return told


def with_channel_names(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Where a channel is given by its id, its name instead: one query for all of them."""
    ids = {pk for item in items if (pk := maybe_id(item.get("channel") or ""))}
    if not ids:
        return items
    names = dict(Channel.objects.filter(pk__in=ids).values_list("id", "name"))
    found = []
    for item in items:
        pk = maybe_id(item.get("channel") or "")
        if pk is not None:
            item = item | ({"channel": names[pk]} if pk in names else {"no_channel": True})
        found.append(item)
    return found


routes: list[Route] = [
    ("leads/bulk/", Bulk.as_view(), "lead-bulk"),
    *resource("leads", Leads, "lead"),
]
