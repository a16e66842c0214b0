"""Templates, copies, the background rescoring, tags by rule, and scores of the past, through the API."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from rest_framework.test import APIClient

from leadcrm.flow import run_due
from leads.actions import edit
from leads.models import Lead
from scoring.actions import anew, new_card, write_rules
from scoring.cards import ReadCard, read
from scoring.engine import Engine
from scoring.models import Rescoring, Scorecard
from scoring.patterns import PATTERNS
from scoring.preview import preview
from tests.cast import NOW, a_lead
from tests.scoring.cards import SETTINGS, in_force, rule
from workspaces.due import MAX_ATTEMPTS
from workspaces.models import Member, Workspace

API = "/api/v1/scorecards/"
SAAS = rule("fit", 20, "industry", "eq", "saas")
ANSWERS = {
    "industries": ["saas", "制造业"],
    "size": [50, 500],
    "regions": ["shanghai"],
    "titles": ["cto"],
    "exclusions": ["student"],
}


@pytest.fixture
def client(api: Any, alice: Member) -> APIClient:
    return api(alice)


@pytest.mark.parametrize("key", PATTERNS)
def test_every_template_makes_a_card_that_can_be_put_in_force(client: APIClient, key: str) -> None:
    answers = {"answers": ANSWERS} if key == "ideal_customer" else {}
    made = client.post(API, {"template": key, **answers})
    assert made.status_code == 201, made.json()
    card = made.json()
    assert (card["status"], card["origin"]) == ("draft", f"template:{key}")
    rules = client.get(f"{API}{card['id']}/rules/").json()["results"]
    assert rules
    assert all(set(one["label"]) == {"en", "zh-hans"} for one in rules)
    preview = client.get(f"{API}{card['id']}/preview/").json()
    assert preview["maximum"] >= 100
    assert client.post(f"{API}{card['id']}/activate/").json()["rescoring"] is None
    listed = {one["key"]: one for one in client.get(f"{API}templates/").json()}
    assert listed[key]["wizard"] is (key == "ideal_customer")


def test_the_ideal_customer_is_what_was_answered(client: APIClient, alice: Member) -> None:
    card = client.post(API, {"template": "ideal_customer", "answers": ANSWERS}).json()
    client.post(f"{API}{card['id']}/activate/")
    facts = {"industry": "SaaS", "employees": 120, "region": "Shanghai", "title": "CTO"}
    lead, student, near = (a_lead(external_id=name) for name in "abc")
    for one, more in ((lead, {}), (student, {"title": "Student"}), (near, {"employees": 700})):
        edit(one.pk, facts | more, as_of=NOW, actor=alice)
    assert [Lead.objects.get(pk=one.pk).score for one in (lead, student, near)] == [70, 50, 60]
    assert Lead.objects.get(pk=student.pk).grade == "D"


@pytest.mark.parametrize(
    ("title", "points"),
    [
        ("Art Director", 0),
        ("VP International Sales", 0),
        ("CTO, founder", 20),
        ("Intern (marketing)", 0),
        ("联合创始人兼CTO", 20),
    ],
)
def test_the_words_of_the_ideal_customer_are_whole_words(
    client: APIClient, alice: Member, title: str, points: int
) -> None:
    answers = {"industries": ["saas"], "titles": ["CTO"], "exclusions": ["Intern"]}
    card = client.post(API, {"template": "ideal_customer", "answers": answers}).json()
    client.post(f"{API}{card['id']}/activate/")
    lead = a_lead(external_id="a")
    edit(lead.pk, {"title": title}, as_of=NOW, actor=alice)
    told = client.get(f"/api/v1/leads/{lead.pk}/score/").json()
    assert (told["score"], told["disqualified"]) == (points, title.startswith("Intern "))


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"template": "none"}, "template"),
        ({"template": "ideal_customer"}, "answers"),
        ({"template": "ideal_customer", "answers": []}, "answers"),
        ({"template": "ideal_customer", "answers": {"size": [5, 2]}}, "answers.size"),
        ({"template": "ideal_customer", "answers": {"industries": "saas"}}, "answers.industries"),
        ({"template": "ideal_customer", "answers": {"colour": ["red"]}}, "answers.colour"),
        ({"name": "x", "team": "0190b5a0-0000-7000-8000-000000000000"}, "team"),
        ({}, "name"),
    ],
)
def test_what_no_card_can_be_made_of_is_named(client: APIClient, body: dict[str, Any], field: str) -> None:
    answer = client.post(API, body)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)


def test_a_copy_says_what_it_was_made_from(client: APIClient) -> None:
    card = client.post(API, {**SETTINGS, "rules": [SAAS]}).json()
    copied = client.post(API, {"copy_of": card["id"]}).json()
    assert (copied["based_on"], copied["version"]) == (card["id"], card["version"] + 1)
    assert client.get(f"{API}{copied['id']}/rules/").json()["results"][0]["points"] == 20
    assert client.post(f"{API}{copied['id']}/archive/").json()["status"] == "archived"
    active = Scorecard.objects.get(status="active")
    assert client.post(f"{API}{active.pk}/archive/").json()["code"] == "only_one"


def test_many_leads_are_scored_in_the_background_old_scores_standing(
    client: APIClient, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(anew, "AT_ONCE", 2)
    monkeypatch.setattr(anew, "SET", 2)
    leads = [a_lead(industry="saas", external_id=f"x{n}") for n in range(5)]
    first = client.post(API, {**SETTINGS, "rules": [SAAS]}).json()
    done = client.post(f"{API}{first['id']}/activate/").json()
    assert (done["status"], done["rescoring"]["status"], done["rescoring"]["total"]) == (
        "active",
        "running",
        5,
    )
    assert set(Lead.objects.values_list("score", flat=True)) == {0}
    edit(leads[4].pk, {"region": "north"}, as_of=NOW, actor=None)
    assert Lead.objects.get(pk=leads[4].pk).score == 20  # what happens is scored by the new card at once
    row = Rescoring.objects.get()
    assert run_due(workspace, row.due_at)["looked_at_anew"] == 5
    assert set(Lead.objects.values_list("score", "scorecard_id")) == {(20, row.scorecard_id)}
    told = client.get(f"{API}rescoring/").json()
    assert (told["status"], told["done"], told["total"]) == ("done", 5, 5)
    assert run_due(workspace, row.due_at)["looked_at_anew"] == 0


def test_what_was_given_up_is_told_and_goes_on(
    client: APIClient, page: Any, alice: Member, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Old scores would stand for good, and nobody would know."""
    monkeypatch.setattr(anew, "AT_ONCE", 2)
    monkeypatch.setattr(anew, "SET", 2)
    for n in range(5):
        a_lead(industry="saas", external_id=f"x{n}")
    card = client.post(API, {**SETTINGS, "rules": [SAAS]}).json()
    client.post(f"{API}{card['id']}/activate/")
    row = anew.take(workspace, Rescoring.objects.get().due_at)
    assert row is not None and anew.one_set(row, row.due_at) == 2
    Rescoring.objects.update(attempts=MAX_ATTEMPTS, lease_token=None, leased_until=None)  # workers died
    assert run_due(workspace, row.due_at)["looked_at_anew"] == 0
    assert client.get(f"{API}rescoring/").json()["status"] == "failed"
    settings = "/w/acme/settings/scoring/"
    shown = page(alice).get(settings).content.decode()
    assert "2 of 5 are done" in shown and "Score the rest" in shown
    again = client.post(f"{API}{card['id']}/activate/").json()["rescoring"]
    assert (again["status"], again["done"]) == ("running", 2)
    Rescoring.objects.update(status="failed", due_at=None)
    assert page(alice).post(f"{settings}{card['id']}/go_on/").status_code == 302
    row.refresh_from_db()
    assert run_due(workspace, row.due_at)["looked_at_anew"] == 3
    assert set(Lead.objects.values_list("score", flat=True)) == {20}
    assert "Score the rest" not in page(alice).get(settings).content.decode()


def test_a_later_activation_replaces_the_one_that_runs(
    client: APIClient, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(anew, "AT_ONCE", 2)
    for _ in range(5):
        a_lead(industry="saas")
    cards = [
        client.post(API, {**SETTINGS, "rules": [SAAS | {"points": points}]}).json()["id"] for points in (7, 9)
    ]
    for card in cards:
        assert client.post(f"{API}{card}/activate/").status_code == 200
    assert list(Rescoring.objects.order_by("id").values_list("status", flat=True)) == ["replaced", "running"]
    run_due(workspace, NOW + timedelta(days=3650))
    assert set(Lead.objects.values_list("score", flat=True)) == {9}


def test_the_score_of_a_past_day_is_from_what_was_known_then(
    client: APIClient, alice: Member, api: Any, mallory: Member
) -> None:
    in_force(SAAS, rule("engagement", 6, "touches.download", "gte", 1, days=30))
    lead = a_lead(captured_at=NOW - timedelta(days=10), external_id="x")
    edit(lead.pk, {"industry": "saas"}, as_of=NOW - timedelta(days=2), actor=alice)
    address = f"/api/v1/leads/{lead.pk}/score/"
    then = client.get(f"{address}?as_of={(NOW - timedelta(days=5)).date()}").json()
    assert (then["score"], then["parts"]) == (0, [])
    later = client.get(f"{address}?as_of={(NOW - timedelta(days=1)).date()}").json()
    assert (later["score"], [part["evidence"] for part in later["parts"]]) == (20, ["Industry: saas"])
    for wrong in ("2001-01-01", "2999-01-01", "yesterday", "2026-13-45"):
        assert client.get(f"{address}?as_of={wrong}").status_code == 422
    assert client.get(f"{address}?as_of=2026-03-01&scorecard=x").status_code == 422
    assert api(mallory).get(f"{address}?as_of=2026-03-01").status_code == 404


def test_preview_says_who_crosses_and_what_decides(client: APIClient) -> None:
    for industry in ("saas", "saas", "farming"):
        a_lead(industry=industry, name=industry)
    card = client.post(API, {**SETTINGS, "rules": [SAAS, rule("fit", 1, "name", "is_set")]}).json()
    found = client.get(f"{API}{card['id']}/preview/").json()
    assert found["moves"] == [{"from": "D", "to": "C", "leads": 2}]
    assert [(one["was"], one["score"], one["name"]) for one in found["crossing"]["up"]] == [
        (0, 20, "saas")
    ] * 2
    assert [one["name"] for one in found["crossing"]["rising"]] == ["saas", "saas"]
    assert [(one["matches"], one["decided"]) for one in found["rules"]] == [(2, 2), (3, 0)]
    assert (found["sample"], found["threshold"]["line"], found["threshold"]["line_now"]) == (1, 5, 60)


@pytest.mark.parametrize("grades", [{"A": 40, "B": 30, "C": 15}, {"A": 30, "B": 10, "C": 0}])
def test_a_rule_decides_what_the_card_without_it_would_grade_otherwise(
    workspace: Workspace, grades: dict[str, int]
) -> None:
    for number in range(48):
        a_lead(
            name=f"Lead {number}",
            industry=("saas", "farming", "retail", "")[number % 4],
            employees=(None, 5, 80, 900)[number // 4 % 4],
            title=("Director", "Student", "")[number // 16],
        )
    card = new_card(
        **SETTINGS | {"grades": grades, "dimensions": [
            {"key": "fit", "label": "Fit", "cap": 25, "weight": 1.5},
            {"key": "engagement", "label": "Engagement", "cap": None, "weight": 0.5},
        ]}, as_of=NOW, actor=None,
    )  # fmt: skip
    rules = [
        rule("fit", 12, "industry", "eq", "saas"),
        rule("fit", 7, "industry", "is_set"),
        rule("fit", 9, "employees", "gte", 80),
        rule("engagement", 31, "employees", "gte", 5),
        rule("engagement", -45, "industry", "eq", "farming"),
        rule("engagement", 4, "title", "eq", "Student", kind="disqualifier"),
        rule("fit", 0, "employees", "gte", 900, kind="disqualifier"),
    ]
    read_card = read(write_rules(card, rules, as_of=NOW, actor=None))

    def graded(card: ReadCard) -> dict[Any, str]:
        statement = Engine(card, workspace, NOW).scored(None)
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT id, grade FROM ({statement.text}) s", statement.params)
            return dict(cursor.fetchall())

    found, whole = preview(read_card, as_of=NOW), graded(read_card)
    for one, told in zip(read_card.rules, found["rules"], strict=True):
        without = graded(replace(read_card, rules=tuple(r for r in read_card.rules if r is not one)))
        assert told["decided"] == sum(whole[pk] != without[pk] for pk in whole), told
    assert sum(one["decided"] for one in found["rules"]) > 20
    assert sum(bar["then"] for bar in found["histogram"]) == found["leads"] == 48
    assert found["grades"]["now"]["D"] == 48 and sum(found["grades"]["then"].values()) == 48
