"""The API under /api/v1/: the rooms' own addresses, the OpenAPI document and its browsable form.

Each room has an ``api`` module with ``routes``: a list of (address, view, name).
"""

from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path, re_path
from django.views.decorators.csp import csp_override
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from leadcrm.settings import SECURE_CSP
from workspaces.problems import json_problem, nothing_here
from workspaces.rest import ApiView, addresses

# What comes in from outside comes most often: its addresses are tried first.
ROOMS = ("intake", "workspaces", "leads", "scoring", "pools", "notices", "insights")
# The viewer sets inline styles on its own elements; scripts stay ours alone.
DOCS_CSP = SECURE_CSP | {"style-src": ["'self'", "'unsafe-inline'"]}


@lru_cache(maxsize=1)
def document() -> dict[str, Any]:
    """The OpenAPI 3.1 document. Made once: it depends on the code alone."""
    return SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call, no-any-return]


PROBLEM = {
    "type": "object",
    "description": "RFC 9457. 409 also says which rule refuses (`code`, `unmet`).",
    "required": ["type", "title", "status", "detail", "errors"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "field": {"type": ["string", "null"]},
                    "code": {"type": "string"},
                    "message": {"type": "string"},
                },
            },
        },
    },
}
KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "schema": {"type": "string", "maxLength": 255},
    "description": "Sent again with the same key, the request gets the first answer and is not done twice.",
}


def describe_common(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """What holds for every operation: errors are problems, and any POST may carry an Idempotency-Key."""
    result["components"]["schemas"]["Problem"] = PROBLEM
    answer = {"schema": {"$ref": "#/components/schemas/Problem"}}
    for methods in result["paths"].values():
        for method, operation in methods.items():
            operation["responses"]["default"] = {
                "description": "What went wrong.",
                "content": {"application/problem+json": answer},
            }
            if method == "post":
                operation.setdefault("parameters", []).append(KEY)
    return result


class Schema(ApiView):
    needs = "public"
    authentication_classes = ()
    throttle_classes = ()

    @extend_schema(exclude=True)
    def get(self, request: Request) -> Response:
        return Response(document(), content_type="application/vnd.oai.openapi+json")


@csp_override(DOCS_CSP)
def docs(request: HttpRequest) -> HttpResponse:
    """The document to read and to try out: Swagger UI, served by the program itself."""
    return render(request, "leadcrm/api_docs.html")


def unknown(request: HttpRequest) -> HttpResponse:
    """Any other address below /api/v1/."""
    return json_problem(request, 404, nothing_here(request.path))


def room_addresses() -> list[URLPattern]:
    found = []
    for room in ROOMS:
        if find_spec(f"{room}.api") is not None:
            found += addresses(import_module(f"{room}.api").routes)
    return found


app_name = "api"
urlpatterns = [
    path("schema/", Schema.as_view(), name="schema"),
    path("docs/", docs, name="docs"),
    *room_addresses(),
    re_path(r"^.*$", unknown, name="unknown"),
]
