"""tags/, companies/, contacts/, opportunities/ and tasks/."""

from functools import cached_property
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from leads.actions import add_task, finish_task, move_task, reopen_task
from leads.actions.catalogue import (
    add_tag,
    change_opportunity,
    drop_tag,
    rename_tag,
    save_company,
    save_person,
)
from leads.api.money import MoneyField
from leads.api.shapes import moment, seen, text
from leads.forecast import Chance, chances
from leads.incoming import key_of as company_key
from leads.masking import masked
from leads.models import Company, Contact, Lead, LeadContact, LeadTag, Opportunity, Tag, Task
from leads.normalise.credit_codes import credit_code
from workspaces.models import Member, Role
from workspaces.permissions import may
from workspaces.rest import ApiViewSet, Listed, Retrieved, Route, as_id, choice, resource
from workspaces.shapes import Reference, RowShape, Shape


def parameter(name: str, about: str, kind: Any = OpenApiTypes.STR) -> OpenApiParameter:
    return OpenApiParameter(name, kind, description=about)


class TagShape(RowShape):
    name = serializers.CharField(max_length=100)
    leads = serializers.IntegerField(read_only=True, default=0, help_text="How many leads have it.")


class Tags(Listed, Retrieved, ApiViewSet):
    model = Tag
    serializer_class = TagShape
    needs = {"GET": "read", "POST": "tag", "PATCH": "rules", "DELETE": "rules"}
    ordering, orderings = "name", ("name", "created_at")

    def get_queryset(self) -> QuerySet:
        # Counted beside, not by GROUP BY: the key of a tenant's table has two columns.
        on_leads = LeadTag.objects.filter(tag=OuterRef("pk")).order_by().values("tag")
        count = on_leads.annotate(count=Count("pk")).values("count")
        return super().get_queryset().annotate(leads=Coalesce(Subquery(count), 0))

    @extend_schema(responses={201: TagShape, 200: TagShape})
    def create(self, request: Request) -> Response:
        tag, new = add_tag(self.valid()["name"], actor=self.member)
        return Response(self.shown(tag), status=201 if new else 200)

    def partial_update(self, request: Request, pk: UUID) -> Response:
        tag = self.get_object()
        name = self.valid(partial=True).get("name", tag.name)
        return Response(self.shown(rename_tag(tag, name, as_of=self.as_of, actor=self.member)))

    def destroy(self, request: Request, pk: UUID) -> Response:
        drop_tag(Tag.objects.get(pk=self.get_object().pk), as_of=self.as_of, actor=self.member)
        return Response(status=204)


class CompanyShape(RowShape):
    name = serializers.CharField(max_length=300)
    credit_code = text(40, help_text="China's unified social credit code; the same code is the same company.")
    domain = seen()
    website = text(500)
    industry = text(200)
    region = text(200)
    employees = serializers.IntegerField(required=False, allow_null=True, min_value=0, max_value=2**31 - 1)


def without_none(values: dict[str, Any]) -> dict[str, Any]:
    """Texts are never null in the database: a null that comes in empties them."""
    numbers = ("employees", "company", "expected_close")
    return {name: "" if value is None and name not in numbers else value for name, value in values.items()}


class Companies(Listed, Retrieved, ApiViewSet):
    """Organisations. One row a name, whatever its legal form, case and width."""

    model = Company
    serializer_class = CompanyShape
    needs = {"GET": "read", "POST": "edit_leads", "PATCH": "edit_leads"}
    ordering, orderings = "name", ("name", "created_at", "updated_at")

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        name = self.request.query_params.get("name")
        if code := self.request.query_params.get("credit_code"):
            queryset = queryset.filter(credit_code=credit_code(code) or "-")
        return queryset.filter(name_key=company_key(name)) if name else queryset

    @extend_schema(
        parameters=[
            parameter("name", "Only the company of this name."),
            parameter("credit_code", "Only the company with this unified social credit code."),
        ]
    )
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @extend_schema(responses={201: CompanyShape})
    def create(self, request: Request) -> Response:
        made = save_company(without_none(self.valid()), as_of=self.as_of, actor=self.member)
        return Response(self.shown(made), status=201)

    def partial_update(self, request: Request, pk: UUID) -> Response:
        company = self.get_object()
        changes = without_none(self.valid(partial=True))
        save_company(changes, company=company, as_of=self.as_of, actor=self.member)
        return Response(self.shown(company))


class ContactShape(RowShape):
    name = serializers.CharField(max_length=200)
    title = text(200)
    email = text(254)
    phone = text(60)
    wechat = text(100)
    company = Reference(Company, required=False, allow_null=True)

    def to_representation(self, row: Any) -> dict[str, Any]:
        shown = super().to_representation(row)
        return shown if getattr(row, "in_full", True) else masked(shown)


class Contacts(Listed, Retrieved, ApiViewSet):
    """People at companies. Masked like leads: a rep sees those of the leads they hold."""

    model = Contact
    serializer_class = ContactShape
    needs = {"GET": "read", "POST": "edit_leads", "PATCH": "edit_leads"}
    ordering, orderings = "name", ("name", "created_at", "updated_at")

    def get_queryset(self) -> QuerySet:
        rows = super().get_queryset()
        if getattr(self, "swagger_fake_view", False) or may(self.member, "see_contact_data"):
            return rows
        mine = LeadContact.objects.filter(contact=OuterRef("pk"), lead__owner=self.member)
        if self.member.role != Role.REP:
            mine = mine.none()
        return rows.annotate(in_full=Exists(mine))

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        company = self.request.query_params.get("company")
        return queryset.filter(company_id=as_id("company", company)) if company else queryset

    @extend_schema(parameters=[parameter("company", "A company's id.", OpenApiTypes.UUID)])
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @extend_schema(responses={201: ContactShape})
    def create(self, request: Request) -> Response:
        made = save_person(without_none(self.valid()), as_of=self.as_of, actor=self.member)
        return Response(self.shown(made), status=201)

    def partial_update(self, request: Request, pk: UUID) -> Response:
        contact = self.get_object()
        changes = without_none(self.valid(partial=True))
        save_person(changes, contact=contact, as_of=self.as_of, actor=self.member)
        return Response(self.shown(contact))


class CompetitorShape(Shape):
    name = serializers.CharField(max_length=200)
    note = serializers.CharField(required=False, allow_blank=True, max_length=1000)


class OpportunityShape(RowShape):
    lead = serializers.UUIDField(source="lead_id", read_only=True)
    lead_name = seen(source="lead.name")
    owner = serializers.UUIDField(source="owner_id", read_only=True, allow_null=True)
    name = serializers.CharField(max_length=300, required=False)
    amount = MoneyField("amount", "currency", required=False, allow_null=True)
    expected_close = serializers.DateField(required=False, allow_null=True)
    step = serializers.CharField(max_length=40, required=False)
    competitors: Any = CompetitorShape(many=True, required=False, max_length=30)
    probability = serializers.SerializerMethodField(
        help_text="By history: of those that got as far as this step, the share won; 1 or 0 once closed."
    )
    status = seen()
    closed_at = moment()
    close_reason = seen()

    def get_probability(self, row: Opportunity) -> float:
        if row.status != "open":
            return 1.0 if row.status == "won" else 0.0
        found = self.chances.get(row.step)
        return found.probability if found else 0.0

    @cached_property
    def chances(self) -> dict[str, Chance]:
        return chances(self.context["view"].as_of)


class Opportunities(Listed, Retrieved, ApiViewSet):
    """What qualified leads became. Won and lost by the transitions of their lead."""

    model = Opportunity
    serializer_class = OpportunityShape
    needs = {"GET": "read", "PATCH": "advance"}
    ordering, orderings = "-created_at", ("created_at", "updated_at", "expected_close", "amount")

    def get_queryset(self) -> QuerySet:
        return super().get_queryset().select_related("lead")

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        if status := choice(self.request, "status", ("open", "won", "lost")):
            queryset = queryset.filter(status=status)
        for name in ("owner", "lead"):
            if value := self.request.query_params.get(name):
                queryset = queryset.filter(**{f"{name}_id": as_id(name, value)})
        return queryset

    @extend_schema(
        parameters=[
            parameter("status", "`open`, `won` or `lost`."),
            parameter("owner", "A member's id.", OpenApiTypes.UUID),
            parameter("lead", "A lead's id.", OpenApiTypes.UUID),
        ]
    )
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    def partial_update(self, request: Request, pk: UUID) -> Response:
        opportunity = self.get_object()
        changes = dict(self.valid(partial=True))
        if "amount" in changes:
            money = changes["amount"]
            changes["amount"] = money.minor if money else None
            changes |= {"currency": money.currency} if money else {}
        change_opportunity(opportunity, changes, as_of=self.as_of, actor=self.member)
        return Response(self.shown(opportunity))


class TaskShape(RowShape):
    title = serializers.CharField(max_length=300)
    due_at = serializers.DateTimeField()
    member = Reference(Member, required=False, only={"is_active": True})
    lead = Reference(Lead, required=False, allow_null=True)
    origin = seen()
    done = serializers.SerializerMethodField()
    done_at = moment()

    def get_done(self, task: Task) -> bool:
        return task.done_at is not None


class TaskChange(RowShape):
    """Ticked off or open again, or moved to another time."""

    done = serializers.BooleanField(required=False)
    due_at = serializers.DateTimeField(required=False)


class Tasks(Listed, Retrieved, ApiViewSet):
    """What is to be done by somebody by some time. PATCH `{"done": true}` ticks one off, `due_at` moves it."""

    model = Task
    serializer_class = TaskShape
    needs = {"GET": "read", "POST": "follow_up", "PATCH": "follow_up"}
    ordering, orderings = "due_at", ("due_at", "created_at", "done_at")

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        asked = self.request.query_params
        if done := choice(self.request, "done", ("true", "false")):
            queryset = queryset.filter(done_at__isnull=done == "false")
        if member := asked.get("member"):
            pk = self.member.pk if member == "me" else as_id("member", member)
            queryset = queryset.filter(member_id=pk)
        if lead := asked.get("lead"):
            queryset = queryset.filter(lead_id=as_id("lead", lead))
        return queryset

    @extend_schema(
        parameters=[
            parameter("done", "`true` or `false`."),
            parameter("member", "A member's id, or `me`."),
            parameter("lead", "A lead's id.", OpenApiTypes.UUID),
        ]
    )
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @extend_schema(responses={201: TaskShape})
    def create(self, request: Request) -> Response:
        values = self.valid()
        lead = values.get("lead")
        task = add_task(
            member_id=values.get("member", self.member).pk,
            title=values["title"],
            due_at=values["due_at"],
            lead_id=lead.pk if lead else None,
            as_of=self.as_of,
            actor=self.member,
        )
        return Response(self.shown(task), status=201)

    @extend_schema(request=TaskChange, responses=TaskShape)
    def partial_update(self, request: Request, pk: UUID) -> Response:
        task = self.get_object()
        given = self.valid(shape=TaskChange)
        who: dict[str, Any] = {"as_of": self.as_of, "actor": self.member}
        if "due_at" in given:
            task = move_task(task.pk, given["due_at"], **who)
        if "done" in given:
            task = (finish_task if given["done"] else reopen_task)(task.pk, **who)
        return Response(self.shown(task))


routes: list[Route] = [
    *resource("tags", Tags, "tag"),
    *resource("companies", Companies, "company"),
    *resource("contacts", Contacts, "contact"),
    *resource("opportunities", Opportunities, "opportunity"),
    *resource("tasks", Tasks, "task"),
]
