"""leads/lookup/: is this company, or this person, held already? Answered to everybody who sells, details masked."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from leads.api.shapes import moment, seen
from leads.looking_up import LOOKED_UP, held_already
from leads.models import Lead
from workspaces.rest import ApiView, Route
from workspaces.shapes import Shape


class HeldShape(Shape):
    """A lead that is there already: whose it is and how far, not how to reach it."""

    id = serializers.UUIDField(read_only=True)
    name = seen(help_text="Masked, but for who may see it.")
    company = seen()
    stage = seen()
    pool = seen()
    owner = serializers.UUIDField(read_only=True, allow_null=True)
    owner_name = seen(allow_null=True)
    held_since = moment()
    by = seen(help_text="What it was found by: `company`, `domain`, `email`, `phone` or `wechat`.")


class LookupShape(Shape):
    held = serializers.BooleanField(read_only=True, help_text="Somebody holds one of them.")
    results = HeldShape(many=True, read_only=True)


class Lookup(ApiView):
    """Looks a company or a person up by what identifies it; at least one of the parameters is given."""

    model = Lead
    serializer_class = LookupShape
    needs = {"GET": "read"}
    pagination_class = None

    @extend_schema(
        operation_id="leads_lookup",
        parameters=[OpenApiParameter(name, str) for name in LOOKED_UP],
        responses=LookupShape,
    )
    def get(self, request: Request) -> Response:
        asked: dict[str, Any] = {name: request.query_params.get(name, "") for name in LOOKED_UP}
        found = held_already(asked, member=self.member)
        return Response({"held": any(one["owner"] for one in found), "results": found})


routes: list[Route] = [("leads/lookup/", Lookup.as_view(), "lead-lookup")]
