"""Errors of the API as RFC 9457 problem+json."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, JsonResponse
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from workspaces.refusals import Refusal

CONTENT_TYPE = "application/problem+json"


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
        412: _("Somebody else changed this first"),
        413: _("Too large"),
        415: _("This content type is not understood"),
        422: _("A value does not validate"),
        429: _("Too many requests"),
        500: _("Something went wrong on our side"),
    }


def answer(error: Exception, context: dict) -> Response | None:
    """The exception handler of the API."""
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    if isinstance(error, Refusal):
        body, headers = of_refusal(error), {}
    elif isinstance(error, exceptions.APIException):
        body, headers = of_api_exception(error), retry_headers(error)
    else:
        return None
    set_rollback()
    if transaction.get_connection().in_atomic_block and body["status"] >= 500:
        transaction.set_rollback(True)
    return Response(body, status=body["status"], headers=headers, content_type=CONTENT_TYPE)


def of_refusal(refusal: Refusal) -> dict:
    errors = refusal.details.pop("errors", [])
    more: dict[str, Any] = {"code": refusal.code, **refusal.details}
    if hasattr(refusal, "unmet"):
        more["unmet"] = refusal.unmet
        errors = errors or refusal.unmet
    errors = errors or [{"field": None, "code": refusal.code, "message": refusal.message}]
    return problem(refusal.status, titles()[refusal.status], refusal.message, errors, **more)


def of_api_exception(error: exceptions.APIException) -> dict:
    status = error.status_code
    if isinstance(error, exceptions.ValidationError):
        status = 422
        errors = list(flatten(error.get_full_details()))
        return problem(status, titles()[status], errors[0]["message"] if errors else "", errors)
    detail = error.detail
    code = getattr(detail, "code", error.default_code)
    errors = [{"field": None, "code": code, "message": str(detail)}]
    return problem(status, titles().get(status, str(detail)), str(detail), errors)


def retry_headers(error: exceptions.APIException) -> dict[str, str]:
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


def json_problem(request: HttpRequest, status: int, detail: str = "") -> JsonResponse:
    """A problem outside of a DRF view (unknown address, crash)."""
    body = problem(status, titles()[status], detail)
    return JsonResponse(body, status=status, content_type=CONTENT_TYPE)
