"""What Django answers when no view does: problem+json below /api/, a page elsewhere, no crash's details."""

from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views import defaults

from workspaces.problems import json_problem, nothing_here


def below_api(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if isinstance(exception, RequestDataTooBig):
        if below_api(request):
            return json_problem(request, 413)
        return render(request, "413.html", {"most": settings.IMPORT_MAX_BYTES}, status=413)
    return json_problem(request, 400) if below_api(request) else defaults.bad_request(request, exception)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return (
        json_problem(request, 403) if below_api(request) else defaults.permission_denied(request, exception)
    )


def not_found(request: HttpRequest, exception: Any) -> HttpResponse:
    if below_api(request):
        return json_problem(request, 404, nothing_here(request.path))
    return defaults.page_not_found(request, exception)


def crashed(request: HttpRequest) -> HttpResponse:
    return json_problem(request, 500) if below_api(request) else defaults.server_error(request)
