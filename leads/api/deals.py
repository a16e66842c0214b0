"""opportunities/forecast/, opportunities/{id}/history/, customers/ and reasons/."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from leads import reasons
from leads.actions.customers import rate
from leads.api.money import Amount, as_money
from leads.forecast import chances, forecast
from leads.models import Customer, Opportunity, OpportunityChange
from workspaces.refusals import NotThere
from workspaces.rest import ApiView, ApiViewSet, Listed, Retrieved, Route, as_id, resource
from workspaces.shapes import RowShape, Shape


class MonthShape(Shape):
    """`weighted`: each amount times the probability of its step."""

    month = serializers.CharField(allow_null=True, help_text="`2026-03`; null: no date yet.")
    count = serializers.IntegerField()
    amount: Any = serializers.DictField()
    weighted: Any = serializers.DictField()


class ChanceShape(Shape):
    """`probability`: of the closed opportunities that got as far as the step, the share won."""

    step = serializers.CharField()
    probability = serializers.FloatField()
    closed = serializers.IntegerField()
    thin = serializers.BooleanField(help_text="Too few closed ones: this is the general figure.")


class ForecastShape(Shape):
    months = MonthShape(many=True)
    probabilities = ChanceShape(many=True)


class Forecast(ApiView):
    """What each month may bring, weighted by the chances that history gives."""

    serializer_class = ForecastShape
    needs = {"GET": "read"}

    @extend_schema(
        operation_id="opportunities_forecast",
        parameters=[OpenApiParameter("owner", OpenApiTypes.UUID, description="Only of this member.")],
        responses=ForecastShape,
    )
    def get(self, request: Request) -> Response:
        who = request.query_params.get("owner")
        months = [
            {
                "month": f"{one.month:%Y-%m}" if one.month else None,
                "count": one.count,
                "amount": as_money(Amount(one.amount, one.currency)),
                "weighted": as_money(Amount(one.weighted, one.currency)),
            }
            for one in forecast(self.as_of, as_id("owner", who) if who else None)
        ]
        told = {"months": months, "probabilities": [vars(one) for one in chances(self.as_of).values()]}
        return Response(ForecastShape(told).data)


class ChangeShape(RowShape):
    at = serializers.DateTimeField(read_only=True)
    actor = serializers.UUIDField(source="actor_id", read_only=True, allow_null=True)
    changes: Any = serializers.DictField(
        read_only=True, help_text="By field `[before, after]`; money in minor units."
    )


class History(ApiView):
    """Every change of an opportunity, the latest first: its amounts, dates and steps."""

    model = OpportunityChange
    serializer_class = ChangeShape
    needs = {"GET": "read"}
    ordering, orderings = "-at", ("at",)

    @extend_schema(operation_id="opportunity_history", responses=ChangeShape(many=True))
    def get(self, request: Request, pk: UUID) -> Response:
        if not Opportunity.objects.filter(pk=pk).exists():
            raise NotThere(_("There is nothing at this address."))
        found = self.paginate_queryset(self.get_queryset().filter(opportunity_id=pk))
        return self.get_paginated_response(self.shown(found, many=True))


class CustomerShape(RowShape):
    lead = serializers.UUIDField(source="lead_id", read_only=True)
    company = serializers.UUIDField(source="company_id", read_only=True, allow_null=True)
    name = serializers.CharField(read_only=True)
    since = serializers.DateTimeField(read_only=True)
    ask_at = serializers.DateTimeField(read_only=True)
    satisfaction = serializers.IntegerField(min_value=1, max_value=5)
    satisfaction_note = serializers.CharField(required=False, allow_blank=True, max_length=2000)
    satisfaction_at = serializers.DateTimeField(read_only=True)


class Customers(Listed, Retrieved, ApiViewSet):
    """Who bought. PATCH takes the satisfaction mark, 1 to 5."""

    model = Customer
    serializer_class = CustomerShape
    needs = {"GET": "read", "PATCH": "follow_up"}
    ordering, orderings = "-since", ("since", "satisfaction")

    def get_queryset(self) -> QuerySet:
        return super().get_queryset().select_related("lead")

    def partial_update(self, request: Request, pk: UUID) -> Response:
        customer, values = self.get_object(), self.valid()
        note = values.get("satisfaction_note", "")
        customer = rate(customer, values["satisfaction"], note, as_of=self.as_of, actor=self.member)
        return Response(self.shown(customer))


class ReasonShape(Shape):
    transition = serializers.CharField()
    code = serializers.CharField()
    label = serializers.CharField()


class Reasons(ApiView):
    """The reasons of `defer`, `lose` and `disqualify`."""

    serializer_class = ReasonShape
    needs = {"GET": "read"}
    pagination_class = None

    @extend_schema(operation_id="reasons", responses=ReasonShape(many=True))
    def get(self, request: Request) -> Response:
        found = [
            {"transition": step, "code": code, "label": label}
            for step in reasons.REASONS
            for code, label in reasons.choices(step)
        ]
        return Response(found)


routes: list[Route] = [
    ("opportunities/forecast/", Forecast.as_view(), "opportunities-forecast"),
    ("opportunities/<uuid:pk>/history/", History.as_view(), "opportunity-history"),
    *resource("customers", Customers, "customer"),
    ("reasons/", Reasons.as_view(), "reasons"),
]
