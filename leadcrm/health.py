"""Is it alive, is it ready, how is it doing: for load balancers, orchestrators and Prometheus."""

import os
import time
from collections.abc import Callable
from functools import cache

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, HttpResponse, JsonResponse
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

SECONDS = Histogram("leadcrm_request_seconds", "Time to answer a request", ["method", "route", "status"])


class Measure:
    """Middleware: how long each address takes, by the pattern it matched and never by its ids."""

    def __init__(self, respond: Callable[[HttpRequest], HttpResponse]) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        response = self.respond(request)
        match = getattr(request, "resolver_match", None)
        route = match.route if match else "(none)"
        method = request.method if request.method in KNOWN_METHODS else "OTHER"
        SECONDS.labels(method, route, response.status_code).observe(time.perf_counter() - began)
        return response


KNOWN_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return HttpResponse("ok\n", content_type="text/plain")


def readyz(request: HttpRequest) -> HttpResponse:
    """200 when this process can do its work, else 503; the body says what is missing."""
    checks = {"database": _database(), "broker": _broker()}
    if checks["database"] == "ok":
        checks["migrations"] = _migrations()
    ready = all(found == "ok" for found in checks.values())
    return JsonResponse({"ready": ready, **checks}, status=200 if ready else 503)


def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus text; of all processes together where PROMETHEUS_MULTIPROC_DIR is set."""
    registry = REGISTRY
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        registry = CollectorRegistry()
        MultiProcessCollector(registry)
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return "unreachable"
    return "ok"


def _broker() -> str:
    try:
        with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2) as client:
            client.ping()
    except redis.RedisError:
        return "unreachable"
    return "ok"


def _migrations() -> str:
    """``ok``, or how many migrations of this program the database has not seen."""
    try:
        applied = MigrationRecorder(connection).applied_migrations()
    except DatabaseError:
        return "unreadable"
    missing = len(_known_migrations() - set(applied))
    return "ok" if not missing else f"{missing} pending"


@cache
def _known_migrations() -> frozenset[tuple[str, str]]:
    return frozenset(MigrationLoader(None).graph.nodes)
