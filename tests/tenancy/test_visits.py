"""The record of visited addresses notices one that nobody visited."""

import pytest
from django.test import Client

from tests import visits


def test_what_nobody_visited_is_named(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(visits, "visited", set())
    assert {"api/v1/me/", "api/v1/leads/<uuid:pk>/", "sign-in/"} <= set(visits.unvisited())


def test_only_an_answer_that_was_not_refused_is_a_visit(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(visits, "visited", set())
    Client().get("/sign-in/")
    Client().get("/api/v1/me/")
    assert visits.visited == {"sign-in/"}
