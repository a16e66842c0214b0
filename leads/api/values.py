"""leads/values/: what stands in leads, for whoever types a value into a condition."""

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from leads.looking_ahead import values_like
from leads.models import Lead
from workspaces.rest import ApiView, Route
from workspaces.shapes import Shape


class ValuesShape(Shape):
    values = serializers.ListField(child=serializers.CharField())


class Values(ApiView):
    """Up to 20 values of a field: those that begin with the text, then those that contain it, the most frequent first.

    Free texts (`industry`, `region`, `campaign`, `title`, `domain`, own fields of text) over the whole workspace, as
    counted within the hour, with those of the newest leads; names for `owner`, `team`, `channel`, `tags`, `company`.
    """

    model = Lead
    serializer_class = ValuesShape
    needs = {"GET": "read"}
    pagination_class = None

    @extend_schema(
        operation_id="leads_values",
        parameters=[
            OpenApiParameter("field", str, required=True, description="As conditions call it."),
            OpenApiParameter("q", str, description="What was typed."),
        ],
        responses=ValuesShape,
    )
    def get(self, request: Request) -> Response:
        asked = request.query_params
        return Response({"values": values_like(asked.get("field", ""), asked.get("q", ""))})


routes: list[Route] = [("leads/values/", Values.as_view(), "lead-values")]
