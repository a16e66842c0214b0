"""Which addresses the tests have visited with success: one that none visited fails the whole suite.

Counted is an answer below 400, so the attacks of tests/tenancy do not count: they are all refused.
Only a run of the whole suite can tell, so only that one is judged.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.core.handlers.base import BaseHandler
from django.http import HttpRequest, HttpResponse

visited: set[str] = set()
judged: list[str] = []
# The switch of languages is Django's own; what is unknown is never found.
EXEMPT = {"i18n/setlang/"}


def pytest_configure(config: pytest.Config) -> None:
    """Listen to every answer, also to those of a live server."""
    respond = BaseHandler.get_response

    def get_response(self: BaseHandler, request: HttpRequest) -> HttpResponse:
        response = respond(self, request)
        if response.status_code < 400 and request.resolver_match and settings.ROOT_URLCONF == "leadcrm.urls":
            visited.add(request.resolver_match.route)
        return response  # type: ignore[return-value]

    BaseHandler.get_response = get_response  # type: ignore[method-assign, assignment]


def is_whole_suite(config: pytest.Config) -> bool:
    options = config.option
    narrowed = options.keyword or options.markexpr or getattr(options, "lf", False) or options.collectonly
    return not narrowed and list(config.args) == config.getini("testpaths")


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: Any) -> None:
    """A parallel test process ends and hands over what it visited."""
    visited.update(getattr(node, "workeroutput", {}).get("visited", []))


@pytest.hookimpl(wrapper=True)
def pytest_sessionfinish(session: pytest.Session) -> Iterator[None]:
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["visited"] = sorted(visited)
    elif is_whole_suite(session.config):
        judged.extend(unvisited())
        if judged:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
    return (yield)


def unvisited() -> list[str]:
    """Routes of the program that no test visited with success."""
    from tests.tenancy.addresses import addresses

    return [one.route for one in addresses() if one.route not in visited | EXEMPT]


def pytest_terminal_summary(terminalreporter: Any) -> None:
    if judged:
        terminalreporter.section("addresses that no test visited", red=True)
        for route in judged:
            terminalreporter.line(route)
