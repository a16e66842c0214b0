"""Scorecards through the API."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from leads.models import Lead
from scoring.models import Scorecard
from tests.cast import a_lead
from tests.scoring.cards import SETTINGS, rule
from workspaces.models import Member

API = "/api/v1/scorecards/"
SAAS = rule("fit", 20, "industry", "eq", "saas")


@pytest.fixture
def client(api: Any, alice: Member) -> APIClient:
    return api(alice)


def test_from_a_draft_to_scores(client: APIClient, api: Any, ming: Member) -> None:
    leads = [a_lead(industry=industry) for industry in ("saas", "saas", "farming")]
    made = client.post(API, SETTINGS)
    assert made.status_code == 201, made.json()
    card = made.json()
    assert (card["status"], card["version"]) == ("draft", 2)
    assert client.get(f"{API}{card['id']}/").json()["id"] == card["id"]
    written = client.put(f"{API}{card['id']}/rules/", {"rules": [SAAS]})
    assert written.status_code == 200, written.json()
    assert written.json()["rules"][0]["condition_text"] == "Industry is “saas”"
    added = client.post(f"{API}{card['id']}/rules/", rule("engagement", 5, "touches.inquiry", "gte", 1))
    assert (added.status_code, added.json()["position"], added.json()["scorecard"]) == (201, 1, card["id"])

    seen = client.get(f"{API}{card['id']}/preview/").json()
    assert (seen["leads"], seen["changed"]) == (3, 2)
    assert seen["grades"]["then"] == {"A": 0, "B": 0, "C": 2, "D": 1}
    assert seen["threshold"] == {
        "now": 0,
        "then": 2,
        "rising": 2,
        "falling": 0,
        "to_mql": 2,
        "line": 5,
        "line_now": 60,
    }
    assert [(one["matches"], one["average"]) for one in seen["rules"]] == [(2, 20.0), (0, 0.0)]
    assert sum(bar["then"] for bar in seen["histogram"]) == 3
    assert not Lead.objects.filter(score__gt=0).exists()

    done = client.post(f"{API}{card['id']}/activate/")
    assert (done.status_code, done.json()["status"]) == (200, "active")
    assert sorted(Lead.objects.values_list("score", flat=True)) == [0, 20, 20]
    assert Lead.objects.get(pk=leads[2].pk).scorecard_id == Scorecard.objects.get(status="active").pk
    assert [row["version"] for row in client.get(API).json()["results"]] == [2, 1]
    rep = api(ming)
    assert rep.get(f"{API}{card['id']}/rules/").json()["results"][0]["points"] == 20
    assert rep.post(API, SETTINGS).status_code == 403
    assert rep.put(f"{API}{card['id']}/rules/", []).status_code == 403
    assert rep.post(f"{API}{card['id']}/activate/").status_code == 403


def test_a_list_of_rules_for_the_active_card_becomes_a_draft(client: APIClient) -> None:
    active = Scorecard.objects.get(status="active")
    answer = client.put(f"{API}{active.pk}/rules/", [SAAS])
    assert answer.status_code == 200, answer.json()
    assert (answer.json()["id"] != str(active.pk), answer.json()["status"]) == (True, "draft")


def test_a_new_card_is_like_the_active_one_unless_said_otherwise(client: APIClient) -> None:
    card = client.post(API, {"name": "Spring", "threshold": 50, "rules": [SAAS]}).json()
    assert (card["grades"], card["threshold"]) == ({"A": 80, "B": 60, "C": 40}, 50)


def test_faults_are_named_by_their_place(client: APIClient) -> None:
    card = client.post(API, SETTINGS).json()
    answer = client.put(f"{API}{card['id']}/rules/", {"rules": [SAAS | {"points": "x"}], "colour": 1})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "colour"
    answer = client.put(f"{API}{card['id']}/rules/", {"rules": [rule("fit", 5, "grade", "eq", "A")]})
    assert [(e["field"], e["code"]) for e in answer.json()["errors"]] == [("rules[0].condition", "cycle")]
    assert client.post(f"{API}{card['id']}/activate/").json()["code"] == "no_rules"


def test_another_workspaces_cards_are_not_there(client: APIClient, api: Any, mallory: Member) -> None:
    card = Scorecard.objects.get()
    theirs = api(mallory)
    for answer in (
        theirs.get(f"{API}{card.pk}/"),
        theirs.get(f"{API}{card.pk}/rules/"),
        theirs.put(f"{API}{card.pk}/rules/", []),
        theirs.get(f"{API}{card.pk}/preview/"),
        theirs.post(f"{API}{card.pk}/activate/"),
    ):
        assert answer.status_code == 404
