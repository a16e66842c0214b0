"""What happens with one lead: leads/{id}/transitions/, follow-ups/, touches/, contacts/, timeline/."""

from functools import cached_property
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from leads import gates
from leads.actions import add_contact, advance, advance_one, drop_contact, log_follow_up, record_touches
from leads.api.leads import LeadView, gone
from leads.api.money import as_money
from leads.api.shapes import (
    ApprovalShape,
    EntryShape,
    FollowUpShape,
    LeadContactShape,
    LeadShape,
    LeadsMovedShape,
    MoveShape,
    OptionShape,
    StepShape,
    TouchShape,
)
from leads.masking import sees_contact_data
from leads.models import Approval, FollowUp, Lead, LeadContact, TimelineEntry, Touch
from leads.moving import moved_text, reasons
from leads.telling import told
from leads.timeline import entries_of
from workspaces.refusals import NotThere
from workspaces.rest import ApiView, Route, check_version


class OfLead(ApiView):
    """Below one lead: ``self.lead``, or 404."""

    @cached_property
    def lead(self) -> Lead:
        lead = Lead.objects.filter(pk=self.kwargs["lead_id"]).first()
        if lead is None:
            raise gone(self.kwargs["lead_id"])
        return lead

    def get_queryset(self) -> QuerySet:
        rows = super().get_queryset()
        return rows if getattr(self, "swagger_fake_view", False) else rows.filter(lead_id=self.lead.pk)

    def page(self, rows: QuerySet) -> Response:
        found = self.paginate_queryset(rows)
        return self.get_paginated_response(self.shown(found, many=True))


class Transitions(LeadView):
    """The steps from where the lead stands, and taking one."""

    needs = {"GET": "read", "POST": "advance"}
    pagination_class = None

    @extend_schema(operation_id="lead_transitions", responses=OptionShape(many=True))
    def get(self, request: Request, lead_id: UUID) -> Response:
        lead = Lead.objects.filter(pk=lead_id).first()
        if lead is None:
            raise NotThere(_("There is nothing at this address."))
        return Response(gates.options(lead, as_of=self.as_of, actor=self.member))

    @extend_schema(
        operation_id="lead_advance", request=StepShape, responses={200: LeadShape, 202: ApprovalShape}
    )
    def post(self, request: Request, lead_id: UUID) -> Response:
        if not Lead.objects.filter(pk=lead_id).exists():
            raise NotThere(_("There is nothing at this address."))
        values = dict(self.valid(shape=StepShape))
        how = {name: values.pop(name, "") for name in ("note", "override")}
        name = values.pop("name")
        if "amount" in values:
            values |= as_money(values["amount"])
        if request.headers.get("If-Match"):
            check_version(request, Lead.objects.select_for_update().get(pk=lead_id).version)
        _lead, moved = advance_one(lead_id, name, as_of=self.as_of, actor=self.member, details=values, **how)
        if moved:
            return self.answer(lead_id)
        asked = Approval.objects.select_related("lead").get(
            lead_id=lead_id, transition=name, status="waiting"
        )
        return Response(ApprovalShape(asked).data, status=202)


class MoveMany(ApiView):
    """Take one step with many leads at once: each passes its gate, or says what it lacks."""

    serializer_class = LeadsMovedShape
    needs = {"POST": "advance"}

    @extend_schema(operation_id="leads_advance", request=MoveShape, responses=LeadsMovedShape)
    def post(self, request: Request) -> Response:
        values = dict(self.valid(shape=MoveShape))
        ids = values.pop("leads")
        how = {name: values.pop(name, "") for name in ("note", "override")}
        name = values.pop("name")
        if "amount" in values:
            values |= as_money(values["amount"])
        known = set(Lead.objects.filter(pk__in=ids).values_list("pk", flat=True))
        if missing := [pk for pk in ids if pk not in known]:
            raise NotThere(_("There is no such lead: %(id)s.") % {"id": missing[0]})
        answer = advance(ids, name, as_of=self.as_of, actor=self.member, details=values, **how)
        told = {
            "moved": answer.moved,
            "waiting": answer.waiting,
            "refused": [{"id": pk, "unmet": unmet} for pk, unmet in answer.refused.items()],
            "reasons": reasons(answer.refused),
            "text": moved_text(len(answer.moved), len(answer.waiting), answer.refused),
        }
        return Response(LeadsMovedShape(told).data)


class FollowUps(OfLead):
    """What we did, newest first. Logging one starts the protection clock anew."""

    model = FollowUp
    serializer_class = FollowUpShape
    needs = {"GET": "read", "POST": "follow_up"}
    ordering, orderings = "-at", ("at", "created_at")

    @extend_schema(operation_id="lead_follow_ups_list", responses=FollowUpShape(many=True))
    def get(self, request: Request, lead_id: UUID) -> Response:
        return self.page(self.get_queryset().select_related("member"))

    @extend_schema(operation_id="lead_follow_ups_create", responses={201: FollowUpShape})
    def post(self, request: Request, lead_id: UUID) -> Response:
        values = self.valid()
        made = log_follow_up(self.lead.pk, **values, as_of=self.as_of, actor=self.member)
        return Response(self.shown(made), status=201)


class Touches(OfLead):
    """What the lead did, newest first."""

    model = Touch
    serializer_class = TouchShape
    needs = {"GET": "read", "POST": "capture"}
    ordering, orderings = "-at", ("at", "created_at")

    @extend_schema(operation_id="lead_touches_list", responses=TouchShape(many=True))
    def get(self, request: Request, lead_id: UUID) -> Response:
        return self.page(self.get_queryset())

    @extend_schema(operation_id="lead_touches_create", responses={201: TouchShape})
    def post(self, request: Request, lead_id: UUID) -> Response:
        values = self.valid()
        item = (self.lead.pk, values["kind"], values.get("at"), values.get("data", {}))
        [made] = record_touches([item], as_of=self.as_of, actor=self.member)
        return Response(self.shown(made), status=201)


class People(OfLead):
    """Who takes part, and in which buying role."""

    model = LeadContact
    serializer_class = LeadContactShape
    needs = {"GET": "read", "POST": "edit_leads"}
    ordering, orderings = "created_at", ("created_at",)

    def get_serializer_context(self) -> dict[str, Any]:
        fake = getattr(self, "swagger_fake_view", False)
        in_full = fake or sees_contact_data(self.member, self.lead)
        return super().get_serializer_context() | {"in_full": in_full}

    @extend_schema(operation_id="lead_contacts_list", responses=LeadContactShape(many=True))
    def get(self, request: Request, lead_id: UUID) -> Response:
        return self.page(self.get_queryset().select_related("contact"))

    @extend_schema(operation_id="lead_contacts_create", responses={201: LeadContactShape})
    def post(self, request: Request, lead_id: UUID) -> Response:
        values = dict(self.valid())
        person = values.pop("contact", {})
        made = add_contact(self.lead.pk, **values, **person, as_of=self.as_of, actor=self.member)
        return Response(self.shown(made), status=201)


class Person(OfLead):
    model = LeadContact
    needs = {"DELETE": "edit_leads"}

    @extend_schema(operation_id="lead_contacts_delete", request=None, responses={204: None})
    def delete(self, request: Request, lead_id: UUID, pk: UUID) -> Response:
        drop_contact(self.get_object().pk, as_of=self.as_of, actor=self.member)
        return Response(status=204)


class Timeline(OfLead):
    """Everything that ever happened to the lead, newest first."""

    model = TimelineEntry
    serializer_class = EntryShape
    needs = {"GET": "read"}
    ordering, orderings = "-at", ("at",)

    @extend_schema(operation_id="lead_timeline", responses=EntryShape(many=True))
    def get(self, request: Request, lead_id: UUID) -> Response:
        entries = self.paginate_queryset(entries_of(self.lead.pk))
        in_full = sees_contact_data(self.member, self.lead)
        return self.get_paginated_response(told(entries, sees_contact_data=in_full))


routes: list[Route] = [
    ("leads/transitions/", MoveMany.as_view(), "leads-transitions"),
    ("leads/<uuid:lead_id>/transitions/", Transitions.as_view(), "lead-transitions"),
    ("leads/<uuid:lead_id>/follow-ups/", FollowUps.as_view(), "lead-follow-ups"),
    ("leads/<uuid:lead_id>/touches/", Touches.as_view(), "lead-touches"),
    ("leads/<uuid:lead_id>/contacts/", People.as_view(), "lead-contacts"),
    ("leads/<uuid:lead_id>/contacts/<uuid:pk>/", Person.as_view(), "lead-contact"),
    ("leads/<uuid:lead_id>/timeline/", Timeline.as_view(), "lead-timeline"),
]
