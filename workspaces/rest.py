"""What every address of the API has in common. Rooms build their views on these classes.

A view says ``needs = {"GET": "read", "POST": "capture"}``: what the member must be allowed to do
(workspaces/permissions.py). Errors are problem+json, a POST with an Idempotency-Key is done once,
and the whole request is one transaction (workspaces/seam.py).
"""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db.models import Model, QuerySet
from django.urls import URLPattern, path
from django.utils import translation
from django.utils.translation import gettext as _
from rest_framework import mixins
from rest_framework.exceptions import ParseError
from rest_framework.generics import GenericAPIView
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.viewsets import ViewSetMixin

from workspaces.models import Member
from workspaces.parsing import StrictJson, storable
from workspaces.problems import CONTENT_TYPE, LengthWanted, TooLarge
from workspaces.refusals import Invalid, Stale
from workspaces.repeats import Repeated, first_time, remember
from workspaces.tenancy import current_workspace

Route = tuple[str, Any, str]


class AlwaysJson(BaseContentNegotiation):
    """Whatever a client says it accepts, the answer is JSON: an error must never be hidden behind a 406."""

    def select_parser(self, request: Request, parsers: list[BaseParser]) -> BaseParser | None:
        given = (request.content_type or "").split(";")[0].strip().lower()
        return next((parser for parser in parsers if parser.media_type == given), None)

    def select_renderer(
        self, request: Request, renderers: list[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        return renderers[0], renderers[0].media_type


class Base:
    """Mixed into every view of the API. ``request``, ``kwargs`` and the rest come from REST framework."""

    needs: ClassVar[dict[str, str] | str] = {}
    # The largest body in bytes, refused with 413 before it is read. Uploads of files allow more.
    most_bytes: int = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    model: ClassVar[type[Model] | None] = None
    content_negotiation_class = AlwaysJson
    parser_classes = [StrictJson]
    metadata_class = None
    request: Request

    @property
    def member(self) -> Member:
        """Who is asking: the actor of every action a view calls."""
        return self.request._request.member

    @property
    def as_of(self) -> datetime:
        """The one "now" of this request."""
        return self.request._request.as_of

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        check_size(request, self.most_bytes)
        super().initial(request, *args, **kwargs)  # type: ignore[misc]
        speak(request)
        for name, values in request.query_params.lists():
            storable([name, *values])
        self.promise = None
        key = request.headers.get("Idempotency-Key")
        if request.method == "POST" and key is not None:
            self.promise = first_time(request, key, member=request._request.member, as_of=self.as_of)

    def handle_exception(self, error: Exception) -> Response:
        if isinstance(error, Repeated):
            return error.answer()
        return super().handle_exception(error)  # type: ignore[misc, no-any-return]

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        promise = getattr(self, "promise", None)
        if promise is not None and response.status_code < 400:
            remember(promise, response)
        response = super().finalize_response(request, response, *args, **kwargs)  # type: ignore[misc]
        if response.status_code >= 400 and isinstance(response, Response):
            response.content_type = CONTENT_TYPE
        return response

    def get_queryset(self) -> QuerySet:
        """The rows of the open workspace. While the document is written there is none, and no rows."""
        assert self.model is not None, f"{type(self).__name__} names no model"
        if getattr(self, "swagger_fake_view", False):
            return QuerySet(self.model).none()
        return self.model._default_manager.all()

    def valid(self, data: Any = None, *, shape: type[BaseSerializer] | None = None, **options: Any) -> Any:
        """The checked values of a body (by default the request's); raises what becomes a 422."""
        given = self.request.data if data is None else data
        options.setdefault("context", self.get_serializer_context())  # type: ignore[attr-defined]
        serializer = (shape or self.get_serializer_class())(data=given, **options)  # type: ignore[attr-defined]
        serializer.is_valid(raise_exception=True)
        return serializer.validated_data

    def shown(self, row: Any, *, shape: type[BaseSerializer] | None = None, **options: Any) -> Any:
        """A row (or with ``many=True`` several) as the API represents it."""
        options.setdefault("context", self.get_serializer_context())  # type: ignore[attr-defined]
        return (shape or self.get_serializer_class())(row, **options).data  # type: ignore[attr-defined]


class ApiView(Base, GenericAPIView):
    """One address with methods ``get``, ``post`` … Set ``model`` to look up rows with ``get_object``."""


class ApiViewSet(Base, ViewSetMixin, GenericAPIView):
    """A collection and its members: ``list``, ``create``, ``retrieve``, ``partial_update``, ``destroy``.

    Inherit Listed and Retrieved for the two that only read.
    """

    lookup_value_converter = "uuid"


class Listed(mixins.ListModelMixin):
    """``list``: filtered by ``filter_queryset``, in cursor pages; set ``ordering`` and ``orderings``."""


class Retrieved(mixins.RetrieveModelMixin):
    """``retrieve``: one row, or 404."""


COLLECTION = {"get": "list", "post": "create", "put": "replace"}
MEMBER = {"get": "retrieve", "patch": "partial_update", "put": "update", "delete": "destroy"}


def resource(prefix: str, viewset: type[ApiViewSet], name: str) -> list[Route]:
    """The routes ``prefix/`` and ``prefix/{pk}/`` with those methods the viewset has."""
    routes: list[Route] = []
    for address, methods, suffix in (
        (f"{prefix}/", COLLECTION, "list"),
        (f"{prefix}/<uuid:pk>/", MEMBER, "detail"),
    ):
        there = {verb: method for verb, method in methods.items() if hasattr(viewset, method)}
        if there:
            routes.append((address, viewset.as_view(there), f"{name}-{suffix}"))
    return routes


def addresses(routes: list[Route]) -> list[URLPattern]:
    return [path(address, view, name=name) for address, view, name in routes]


def speak(request: Request) -> None:
    """Answer in the language the client asks for, else in the member's own, else in the workspace's."""
    member = request._request.member
    if member is not None and not request.headers.get("Accept-Language"):
        translation.activate(request.user.language or current_workspace().locale)


def check_size(request: Request, most: int) -> None:
    """LengthWanted (411) for a body in chunks.

    TooLarge (413) by what the client announces, and by what it sends where that is kept in memory.
    """
    if request.META.get("HTTP_TRANSFER_ENCODING") and not request.META.get("CONTENT_LENGTH"):
        raise LengthWanted()
    try:
        announced = int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        announced = 0
    if announced > most:
        raise TooLarge(most)
    if not (request.content_type or "").startswith("multipart/"):
        try:
            len(request._request.body)
        except RequestDataTooBig as error:
            raise TooLarge(settings.DATA_UPLOAD_MAX_MEMORY_SIZE) from error


# --- versions ----------------------------------------------------------------------------------


def etag(version: int) -> str:
    """The entity tag of a version: ``"7"`` in quotes."""
    return f'"{version}"'


def with_etag(response: Response, version: int) -> Response:
    response["ETag"] = etag(version)
    return response


def wanted_version(request: Request) -> int | None:
    """The version named by If-Match; None when any will do. A tag that was never ours is -1: always stale."""
    given = request.headers.get("If-Match", "").strip()
    if not given or given == "*":
        return None
    bare = given.removeprefix("W/").strip('"')
    return int(bare) if bare.isascii() and bare.isdigit() and len(bare) < 10 else -1


def check_version(request: Request, version: int) -> None:
    """Stale (412) when If-Match names another version than the row's."""
    wanted = wanted_version(request)
    if wanted is not None and wanted != version:
        raise Stale(_("This was changed since you read it. Read it again, then repeat your change."))


def as_id(name: str, value: str) -> UUID:
    """An id given as a query parameter; Invalid (422) when it is none."""
    try:
        return UUID(value)
    except ValueError:
        raise Invalid.field(name, _("This is not an id."), "malformed") from None


def choice(request: Request, name: str, known: Any) -> str:
    """A query parameter that must be one of ``known``; '' when it isn't given. ParseError otherwise."""
    value = request.query_params.get(name, "")
    if value and value not in known:
        message = _("Unknown %(name)s; known: %(known)s.")
        raise ParseError(message % {"name": name, "known": ", ".join(known)})
    return value
