"""A card held against what became of leads, and a month's look at it."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation
from rest_framework.test import APIClient

from leads.actions import advance, capture, record_touches
from leads.facts import incoming_from
from leads.incoming import Source
from leads.models import Lead
from scoring.learning.models import Review
from scoring.learning.reading import decided_rows
from scoring.models import Rule, Scorecard
from scoring.proof.backtest import backtest
from scoring.proof.outcomes import decided, outcome_of
from scoring.review.actions import make_draft, review_due, start_review
from tests.cast import NOW
from tests.scoring.cards import in_force, rule
from tests.scoring.learning import DAY, come_in, fields
from workspaces.models import Member, Workspace
from workspaces.refusals import Invalid, Refused

YES = {"field": "attributes.y", "op": "eq", "value": "yes"}


def a_card(*more: dict[str, Any]) -> Scorecard:
    return in_force(rule("fit", 20, "attributes.size", "gte", 100), *more, grades={"A": 20, "B": 10, "C": 5})


def come(many: int = 400) -> list[Any]:
    """Every other lead is large; of the large three in four said yes, of the small one in four."""
    fields(y="text", size="number")
    rows = [
        {"size": 150 if at % 2 else 50, "y": "yes" if (at % 8 in (1, 3, 5, 0)) else "no"}
        for at in range(many)
    ]
    return come_in(rows)


def test_a_card_that_works_shows_it(workspace: Workspace) -> None:
    come()
    found = backtest(a_card(), outcome_of(YES), as_of=NOW + DAY)
    assert (found["leads"], found["outcomes"]) == (400, 200)
    assert found["auc"] == 0.75 and found["auc_low"] < 0.75 < found["auc_high"]
    grades = {one["grade"]: one for one in found["by_grade"]}
    assert grades["A"]["rate"] == 0.75 and grades["D"]["rate"] == 0.25 and grades["A"]["lift"] == 1.5
    assert sum(one["leads"] for one in found["by_decile"]) == 400
    assert len(found["calibration"]["deciles"]) == 10 and found["precision"]["rate"] == 0.75
    assert found["small"] is False and found["note"] == ""


def test_a_step_is_measured_among_those_that_got_so_far(workspace: Workspace) -> None:
    """Who never became an MQL says nothing about MQL to SQL; the facts are those from the step on."""
    fields(size="number")
    leads = come_in([{"size": at} for at in range(40)])
    for at, pk in enumerate(leads[:20]):
        advance([pk], "to_mql", as_of=NOW + 5 * DAY, actor=None, override="test")
        step = "to_sql" if at < 10 else "lose"
        advance([pk], step, as_of=NOW + 9 * DAY, actor=None, override="test", details={"reason": "budget"})
    to_sql = {"field": "stage", "op": "eq", "value": "sql"}
    with decided(outcome_of(to_sql | {"among": "mql"}), NOW + 60 * DAY) as many:
        found = decided_rows()
    assert many == 20 and sum(found.happened) == 10
    assert set(found.ids) == set(leads[:20])
    with decided(outcome_of(to_sql), NOW + 60 * DAY) as everybody:
        assert everybody == 40
    with pytest.raises(Invalid, match="mql"):
        outcome_of(to_sql | {"among": "won"})


def test_small_samples_say_so(workspace: Workspace) -> None:
    come(40)
    found = backtest(a_card(), outcome_of(YES), as_of=NOW + DAY)
    assert found["small"] and "hint" in found["note"]
    nobody = backtest(
        a_card_again(), outcome_of({"field": "stage", "op": "eq", "value": "won"}), as_of=NOW + DAY
    )
    assert nobody["auc"] is None and nobody["note"]


def a_card_again() -> Scorecard:
    return Scorecard.objects.get(status="active")


def test_only_what_was_known_before_counts(workspace: Workspace) -> None:
    """Everybody who got there has downloaded something, but only after it."""
    fields(size="number")
    leads = come_in([{"size": at} for at in range(40)])
    yes = leads[:20]
    card = in_force(rule("engagement", 20, "touches.download", "gte", 1))
    advance(yes, "to_mql", as_of=NOW + 2 * DAY, actor=None, override="met them")
    record_touches([(pk, "download", None, {}) for pk in yes], as_of=NOW + 3 * DAY, actor=None)
    advance(leads[20:], "disqualify", as_of=NOW + 3 * DAY, actor=None, details={"reason": "student"})
    found = backtest(card, outcome_of({"field": "stage", "op": "eq", "value": "mql"}), as_of=NOW + 5 * DAY)
    assert (found["leads"], found["outcomes"], found["auc"]) == (40, 20, 0.5)
    assert Lead.objects.filter(stage="mql").count() == 20


@pytest.mark.parametrize(
    ("fact", "outcome"),
    [
        ({"budget_status": "approved"}, ("budget_status", "eq", "approved")),
        ({"tags": ["Ready"]}, ("tags", "has_any", ["ready"])),
        ({"employees": 90}, ("employees", "gte", 50)),
    ],
)
def test_the_outcome_is_no_proof_of_itself(workspace: Workspace, fact: dict, outcome: tuple) -> None:
    """Half came in with it: a rule that asks for it has nothing to say about them."""
    blank = {"budget_status": "none", "tags": ["Other"], "employees": 5}
    known = [{name: blank[name] for name in fact}, fact]
    items = [incoming_from({"email": f"lead{at}@acme.example"} | known[at % 2]) for at in range(40)]
    capture(items, source=Source("import"), as_of=NOW, actor=None)
    name, op, value = outcome
    card = in_force(rule("fit", 20, name, op, value))
    found = backtest(card, outcome_of({"field": name, "op": op, "value": value}), as_of=NOW + DAY)
    assert (found["leads"], found["outcomes"], found["auc"]) == (40, 20, 0.5)


def test_backtest_through_the_api(
    workspace: Workspace, alice: Member, ming: Member, api: Callable[[Member], APIClient]
) -> None:
    come()
    card = a_card()
    other = Scorecard.objects.exclude(pk=card.pk).first()
    client = api(alice)
    address = f"/api/v1/scorecards/{card.pk}/backtest/"
    assert other is not None
    told = client.post(
        address, {"outcome": YES, "compare": str(other.pk), "capacity": 50}, format="json"
    ).json()
    assert {"auc", "auc_low", "auc_high", "by_grade", "by_decile"} <= set(told)
    assert told["other"]["version"] == other.version and told["other"]["difference"] < 0
    assert told["precision"]["capacity"] == 50
    assert api(ming).post(address, {"outcome": YES}, format="json").status_code == 403
    for wrong in (
        {},
        {"outcome": []},
        {"outcome": YES, "capacity": 0},
        {"outcome": {"field": "grade", "op": "eq", "value": "A"}},
    ):
        assert client.post(address, wrong, format="json").status_code == 422, wrong


@pytest.fixture
def reviewed(workspace: Workspace) -> Review:
    come()
    a_card(rule("fit", 15, "attributes.size", "lt", 100), rule("fit", 5, "industry", "eq", "nowhere"))
    review = start_review(as_of=NOW + DAY, actor=None, outcome=YES)
    assert review is not None
    assert review_due(workspace, NOW + DAY) == 1
    review.refresh_from_db()
    return review


def test_a_review_finds_dead_and_turned_rules_and_makes_a_draft(reviewed: Review) -> None:
    states = {one["points"]: one["state"] for one in reviewed.found["rules"]}
    assert states == {20: "works", 15: "turned", 5: "dead"}
    better = {one["points"]: one["better"] for one in reviewed.found["changes"]}
    assert better[15] < 0 and better[5] == 0
    draft = make_draft(reviewed, as_of=NOW + DAY, actor=None)
    assert draft.status == "draft" and Rule.objects.filter(scorecard=draft, points=better[15]).exists()
    assert not Rule.objects.filter(scorecard=draft, points=5).exists()
    assert make_draft(reviewed, as_of=NOW + DAY, actor=None) == draft


def test_what_is_expected_of_better_points_is_not_learned_from_whom_they_are_tried_on(
    workspace: Workspace,
) -> None:
    """The older leads say nothing about size, the newest say the opposite of its points."""
    fields(y="text", size="number")
    come_in([{"size": (50, 150)[at % 2], "y": ("no", "yes")[at // 2 % 2]} for at in range(280)])
    newest = [{"size": (50, 150)[at % 2], "y": ("yes", "no")[at % 2]} for at in range(120)]
    come_in(newest, NOW + timedelta(hours=1))
    a_card()
    review = start_review(as_of=NOW + DAY, actor=None, outcome=YES)
    assert review is not None and review_due(workspace, NOW + DAY) == 1
    review.refresh_from_db()
    assert [one["state"] for one in review.found["rules"]] == ["turned"]
    assert review.found["changes"] == [] and review.found["auc_after"] is None


def test_a_review_looks_at_rules_of_every_kind(workspace: Workspace) -> None:
    come()
    small = [{"from": 0, "to": 99, "points": 15}, {"from": 100, "points": 0}]
    a_card(
        rule("fit", 0, "name", "is_empty", kind="bands", measure={"field": "attributes.size"}, bands=small)
        | {"condition": {}},
        {"dimension": "fit", "label": "f", "kind": "formula", "formula": "0 - attributes.size / 10", "cap": 20},
        {"dimension": "fit", "label": "b", "kind": "bands", "measure": {"field": "employees"},
         "bands": [{"from": 1, "points": 4}]},
        {"dimension": "fit", "label": "d", "kind": "disqualifier",
         "condition": {"field": "attributes.size", "op": "lt", "value": 60}},
    )  # fmt: skip
    review = start_review(as_of=NOW + DAY, actor=None, outcome=YES)
    assert review is not None and review_due(workspace, NOW + DAY) == 1
    review.refresh_from_db()
    states = [one["state"] for one in review.found["rules"]]
    assert states[1:4] == ["turned", "unclear", "dead"] and states[4] in ("works", "unclear")
    changes = {one["position"]: one for one in review.found["changes"]}
    assert changes[3]["better"] == 0 and 4 not in changes
    assert changes[1]["better"] < 0 > changes[1]["factor"]
    draft = make_draft(review, as_of=NOW + DAY, actor=None)
    kinds = [one.kind for one in Rule.objects.filter(scorecard=draft).order_by("position")]
    assert kinds.count("bands") == 1 and "disqualifier" in kinds
    grades = {one["grade"]: one for one in review.found["grades"]}
    assert grades["D"]["leads"] > 0


def test_a_review_a_month(workspace: Workspace) -> None:
    assert review_due(workspace, NOW) == 1
    assert review_due(workspace, NOW + DAY) == 0
    assert review_due(workspace, NOW + 31 * DAY) == 1
    assert Review.objects.count() == 2
    with pytest.raises(Refused):
        make_draft(Review.objects.first(), as_of=NOW, actor=None)  # type: ignore[arg-type]


def test_reviews_through_the_api(reviewed: Review, alice: Member, api: Callable[[Member], APIClient]) -> None:
    client = api(alice)
    address = "/api/v1/scorecards/reviews/"
    told = client.get(f"{address}{reviewed.pk}/").json()
    assert told["status"] == "done" and {one["state"] for one in told["rules"]} == {"works", "turned", "dead"}
    assert {one["mark"] for one in told["drift"]} >= {"grade", "industry"}
    assert client.get(address).json()["results"][0]["id"] == told["id"]
    made = client.post(f"{address}{reviewed.pk}/draft/")
    assert made.status_code == 201
    assert client.get(f"/api/v1/scorecards/{made.json()['scorecard']}/").json()["origin"] == "review"
    assert client.post(address, {}, format="json").status_code == 202


def test_backtest_as_a_command(workspace: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    come()
    a_card()
    call_command("backtest", "--workspace", "acme", "--outcome", json.dumps(YES), "--json")
    assert json.loads(capsys.readouterr().out)["auc"] == 0.75
    with translation.override("en"):
        call_command("backtest", "--workspace", "acme", "--outcome", json.dumps(YES), "--train")
    told = capsys.readouterr()
    assert "AUC" in told.out and "active card" in told.err
    for wrong in (["--outcome", "nowhere"], ["--outcome", "{"], ["--outcome", "sql", "--card", "99"]):
        with pytest.raises(CommandError):
            call_command("backtest", "--workspace", "acme", *wrong)
