"""Errors of the API as RFC 9457 problem+json."""

from typing import Any

from django.conf import settings
from django.core.exceptions import (
    PermissionDenied,
    RequestDataTooBig,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.http import Http404, HttpRequest, JsonResponse
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.response import Response

from workspaces.refusals import Crossed, NotThere, Refusal, crossed

CONTENT_TYPE = "application/problem+json"
CODES = {400: "malformed", 403: "not_allowed", 404: "not_found", 500: "crashed"}


class TooLarge(exceptions.APIException):
    """More bytes than this address takes (413)."""

    status_code = 413
    default_code = "too_large"

    def __init__(self, most_bytes: int) -> None:
        message = _("At most %(most)d bytes are taken here.")
        super().__init__(message % {"most": most_bytes})


class LengthWanted(exceptions.APIException):
    """A body in chunks, without Content-Length (411): it would be read as empty."""

    status_code = 411
    default_code = "length_required"

    def __init__(self) -> None:
        super().__init__(_("Send the body with Content-Length, not in chunks."))


def problem(status: int, title: str, detail: str = "", errors: list | None = None, **more: Any) -> dict:
    """The body of an error: ``{"type", "title", "status", "detail", "errors"}`` and what more a rule says."""
    return {
        "type": more.pop("type", "about:blank"),
        "title": title,
        "status": status,
        "detail": detail,
        "errors": errors or [],
        **more,
    }


def titles() -> dict[int, str]:
    return {
        400: _("The request is malformed"),
        401: _("No valid API key"),
        403: _("Your role may not do this"),
        404: _("Not found"),
        405: _("This address does not know that method"),
        409: _("A rule refuses this"),
        411: _("Say how long the body is"),
        412: _("Somebody else changed this first"),
        413: _("Too large"),
        415: _("This content type is not understood"),
        422: _("A value does not validate"),
        429: _("Too many requests"),
        500: _("Something went wrong on our side"),
    }


def answer(error: Exception, context: dict) -> Response | None:
    """The exception handler of the API."""
    error = translated(error)
    if isinstance(error, Refusal):
        body, headers = of_refusal(error), dict[str, str]()
    elif isinstance(error, exceptions.APIException):
        body, headers = of_api_exception(error), extra_headers(error)
    else:
        return None
    # Nothing is rolled back here: the seam around the request does that for every answer of 400 and above.
    return Response(body, status=body["status"], headers=headers, content_type=CONTENT_TYPE)


def translated(error: Exception) -> Exception:
    """Django's own errors as the API's."""
    if isinstance(error, Http404 | exceptions.NotFound):
        return NotThere(_("There is nothing at this address."))
    if isinstance(error, PermissionDenied):
        return exceptions.PermissionDenied()
    if isinstance(error, RequestDataTooBig | TooManyFieldsSent | TooManyFilesSent):
        return TooLarge(settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
    return Crossed() if crossed(error) else error


def of_refusal(refusal: Refusal) -> dict:
    more: dict[str, Any] = {"code": refusal.code, **refusal.details}
    errors = more.pop("errors", [])
    if hasattr(refusal, "unmet"):
        more["unmet"] = refusal.unmet
        errors = errors or refusal.unmet
    errors = errors or [{"field": None, "code": refusal.code, "message": refusal.message}]
    title = more.pop("title", titles()[refusal.status])
    return problem(refusal.status, title, refusal.message, errors, **more)


def of_api_exception(error: exceptions.APIException) -> dict:
    status = error.status_code
    if isinstance(error, exceptions.ValidationError):
        status = 422
        errors = list(flatten(error.get_full_details()))
        return problem(
            status, titles()[status], errors[0]["message"] if errors else "", errors, code="invalid"
        )
    detail = error.detail
    code = getattr(detail, "code", error.default_code)
    errors = [{"field": None, "code": code, "message": str(detail)}]
    return problem(status, titles().get(status, str(detail)), str(detail), errors, code=code)


def extra_headers(error: exceptions.APIException) -> dict[str, str]:
    headers = {}
    if getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = error.auth_header
    if isinstance(error, exceptions.Throttled):
        headers["Retry-After"] = str(int(error.wait or 1) + 1)
    return headers


def flatten(details: Any, path: str = "") -> Any:
    """Nested error details of a serializer as ``{"field", "code", "message"}`` with dotted paths."""
    if isinstance(details, dict) and set(details) == {"message", "code"}:
        yield {
            "field": path or None,
            "code": details["code"],
            "message": str(details["message"]),
        }
    elif isinstance(details, dict):
        for key, value in details.items():
            yield from flatten(
                value,
                path if key == "non_field_errors" else f"{path}.{key}".lstrip("."),
            )
    elif isinstance(details, list):
        for index, value in enumerate(details):
            simple = isinstance(value, dict) and set(value) == {"message", "code"}
            yield from flatten(value, path if simple else f"{path}[{index}]")


def nothing_here(path: str) -> str:
    """What a 404 of an unknown address says: the usual slip is a missing slash."""
    if path.endswith("/"):
        return _("There is nothing at this address.")
    return _("There is nothing at this address. Addresses of the API end with a slash.")


def json_problem(request: HttpRequest, status: int, detail: str = "") -> JsonResponse:
    """A problem outside of a view of the API (unknown address, crash)."""
    title = titles()[status]
    errors = [{"field": None, "code": CODES[status], "message": detail or title}]
    body = problem(status, title, detail or title, errors, code=CODES[status])
    return JsonResponse(body, status=status, content_type=CONTENT_TYPE)
