"""The pages somebody looks at all day, through the whole program: middleware, session, statements, template."""

import itertools
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from typing import Any

from django.db import connection
from django.test import Client
from django.urls import reverse

from benchmarks import Figure, benchmark
from benchmarks.ground import Ground, p95, timed
from workspaces.models import Member, Workspace
from workspaces.tenancy import enter

REQUESTS = 100
LIMIT_S = 0.060
MOST_QUERIES = 12
NEXT = re.compile(r'href="(\?[^"]*cursor=[^"]*)"')


def asking(*parts: dict[str, Any]) -> str:
    return "?where=" + json.dumps({"all": list(parts)})


LEADS = [
    "",
    "?ordering=-captured_at",
    "?ordering=stage_since",
    "?ordering=reclaim_at",
    "?ordering=-last_follow_up_at",
    "?ordering=-budget_amount",
    "?stage=mql",
    "?stage=sql,opportunity&ordering=-captured_at",
    "?pool=lead",
    "?pool=recycle&ordering=-captured_at",
    "?grade=A,B",
    "?owner=me",
    "?owner=none&stage=mql",
    "?tag=vip",
    "?q=miller12",
    "?q=张伟",
    "?q=company 17",
    asking({"field": "industry", "op": "eq", "value": "Manufacturing"}),
    asking(
        {"field": "need_level", "op": "in", "value": ["clear", "urgent"]}, {"field": "pain", "op": "is_set"}
    ),
    asking({"field": "touches.inquiry", "op": "gte", "value": 1, "days": 90}),
    asking(
        {"field": "title", "op": "contains", "value": "director"},
        {"field": "employees", "op": "gte", "value": 50},
    ),
]
BOARD = ["", "?whose=all", "?whose=mine", "?stage=lead&skip=15&whose=all", "?stage=mql&skip=0&whose=all"]
TODAY = [""]


@benchmark
def browsing(ground: Ground) -> Iterator[Figure]:
    visitors = [client_of(workspace, role) for workspace in ground.workspaces for role in ("admin", "rep")]
    for title, page, queries in (
        ("leads page", "leads", LEADS),
        ("board", "board", BOARD),
        ("Today", "today", TODAY),
    ):
        yield from measure(title, page, queries, visitors)


def client_of(workspace: Workspace, role: str) -> tuple[Client, str]:
    with enter(workspace):
        member = Member.objects.filter(role=role).select_related("user").order_by("id").first()
        assert member is not None
    client = Client()
    client.force_login(member.user)
    return client, workspace.slug


def measure(
    title: str, page: str, queries: list[str], visitors: list[tuple[Client, str]]
) -> Iterator[Figure]:
    """Each request twice: once to count its statements (and to warm up), once for its time."""
    requests = []
    for (client, slug), query in itertools.islice(
        zip(itertools.cycle(visitors), itertools.cycle(queries), strict=False), REQUESTS
    ):
        address = reverse(page, kwargs={"slug": slug})
        requests.append((client, address + query, address))
    counts, seconds = [], []
    slowest: dict[str, float] = {}
    for at, (client, url, address) in enumerate(requests):
        with counted() as statements:
            answer = get(client, url)
        counts.append(len(statements))
        if at % 2 and (following := NEXT.findall(answer)):  # every other one looks at the page after it
            url = address + unescape(following[-1])
            get(client, url)
        seconds.append(timed(lambda client=client, url=url: get(client, url)))  # type: ignore[misc]
        kind = url.removeprefix(address)[:60] or "plain"
        slowest[kind] = max(slowest.get(kind, 0), round(seconds[-1], 4))
    more = {
        "median_s": round(sorted(seconds)[REQUESTS // 2], 4),
        "slowest_s": dict(sorted(slowest.items(), key=lambda one: -one[1])[:8]),
    }
    count = f"{REQUESTS} requests"
    yield Figure(f"{title}, p95", count, p95(seconds), LIMIT_S, limit="60 ms", more=more)
    yield Figure(
        f"{title}, most statements",
        count,
        max(counts),
        MOST_QUERIES,
        limit="12 statements",
        unit="statements",
    )


def get(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200, (url, answer.status_code)
    return answer.content.decode()


@contextmanager
def counted() -> Iterator[list[str]]:
    """Every statement that is sent, in order."""
    sent: list[str] = []

    def note(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        sent.append(str(sql))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield sent
