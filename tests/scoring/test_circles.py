"""An outcome that the card or a gate decides is said to be no proof."""

from collections.abc import Callable
from typing import Any

from django.test import Client
from rest_framework.test import APIClient

from leads.actions import advance, capture, edit
from leads.actions.rules import set_gate
from leads.actions.tagging import resolve_tags
from leads.facts import incoming_from
from leads.incoming import Source
from leads.models import TagRule
from scoring.models import Scorecard
from scoring.proof.backtest import backtest
from scoring.proof.circles import circles
from scoring.proof.outcomes import outcome_of
from scoring.review.actions import start_review
from tests.cast import NOW
from tests.scoring.cards import in_force, rule
from tests.scoring.learning import DAY, trained
from workspaces.models import Member, Team, Workspace

SQL = {"field": "stage", "op": "eq", "value": "sql"}
HOME = "/w/acme/scoring/"


def codes(outcome: dict[str, Any]) -> list[tuple[str, str]]:
    return [(one.code, one.stage) for one in circles(outcome_of(outcome))]


def test_what_is_decided_by_the_score(workspace: Workspace) -> None:
    reachable = ("gate_facts", "mql")
    assert codes(SQL | {"value": "mql"}) == [("score", "mql"), reachable]
    assert codes(SQL) == [("score_in_path", "mql"), reachable, ("gate_facts", "sql")]
    assert codes(SQL | {"among": "mql"}) == [("gate_facts", "sql")]
    assert codes(SQL | {"value": "won", "among": "opportunity"}) == []
    assert codes({"field": "stage", "op": "eq", "value": "lost"}) == []
    assert codes({"not": SQL | {"value": "opportunity"}})[0] == ("score_in_path", "mql")
    assert codes({"field": "employees", "op": "gte", "value": 50}) == []
    assert circles(outcome_of(SQL))[0].line == 60


def test_the_line_is_that_of_the_card_that_scores_them(workspace: Workspace) -> None:
    team = Team.objects.create(name="South")
    in_force(rule("fit", 15, "pain", "is_set"), threshold=5)
    in_force(rule("fit", 15, "pain", "is_set"), threshold=7, team=team)
    set_gate("to_mql", condition={}, as_of=NOW, actor=None)
    lines = [circles(outcome_of(SQL), team=whose)[0].line for whose in (None, team.pk)]
    assert lines == [5, 7]
    assert codes(SQL | {"value": "mql"}) == [("score", "mql")], (
        "without a gate, too: leads go there by themselves"
    )


def test_a_tag_that_follows_from_the_grade_is_the_score(workspace: Workspace) -> None:
    TagRule.objects.create(
        tag=resolve_tags(["hot"])["hot"], condition={"field": "grade", "op": "eq", "value": "A"}
    )
    assert codes({"field": "tags", "op": "has_any", "value": ["hot"]}) == [("score", "")]
    assert codes({"field": "tags", "op": "has_any", "value": ["cold"]}) == []


def some_leads() -> Scorecard:
    """MQLs, half of which get to SQL; whoever does has a pain written down, for the gate wants it."""
    items = [incoming_from({"email": f"lead{at}@acme.example", "employees": 10 * at}) for at in range(80)]
    leads = [one.lead_id for one in capture(items, source=Source("import"), as_of=NOW, actor=None)]
    advance(leads, "to_mql", as_of=NOW + DAY, actor=None, override="test")
    for pk in leads[::2]:
        edit(pk, {"pain": "Too slow"}, as_of=NOW + 2 * DAY, actor=None)
    advance(leads[::2], "to_sql", as_of=NOW + 3 * DAY, actor=None)
    advance(leads[1::2], "lose", as_of=NOW + 3 * DAY, actor=None, details={"reason": "budget"})
    return in_force(rule("fit", 15, "pain", "is_set"), rule("fit", 5, "employees", "gte", 400))


def test_rules_on_what_a_gate_demands_are_named_and_taken_out(workspace: Workspace) -> None:
    card = some_leads()
    found = backtest(card, outcome_of(SQL | {"among": "mql"}), as_of=NOW + 5 * DAY)
    assert found["circular"] is False and found["auc"] == 1.0
    assert [one["code"] for one in found["cautions"]] == ["gate_facts"] and "Pain" in found["cautions"][0][
        "message"
    ]
    rest = found["without_gate"]
    assert rest["rules"] == ["pain is_set"] and 0.4 < rest["auc"] < 0.6
    assert rest["auc_low"] < rest["auc"] < rest["auc_high"]


def test_the_api_marks_what_is_no_proof_and_answers_all_the_same(
    workspace: Workspace, alice: Member, api: Callable[[Member], APIClient]
) -> None:
    card = some_leads()
    address = f"/api/v1/scorecards/{card.pk}/backtest/"
    told = api(alice).post(address, {"outcome": SQL | {"value": "mql"}}, format="json").json()
    assert told["circular"] is True and told["cautions"][0]["code"] == "score"
    assert {"auc", "auc_low", "auc_high", "by_grade", "by_decile"} <= set(told)


def test_the_page_shows_no_figures_that_prove_themselves(
    workspace: Workspace, alice: Member, page: Callable[[Member], Client]
) -> None:
    some_leads()
    browser = page(alice)
    told = browser.get(f"{HOME}proof/", {"outcome": "stage:mql"}).content.decode()
    assert "No proof: from" in told and "proof-grades" not in told and "AUC is the chance" not in told
    usual = browser.get(f"{HOME}proof/").content.decode()
    assert "of those that got to “MQL”" in usual and "proof-grades" in usual
    assert "without the rules that the gate answers: AUC 0.5" in usual


def test_what_is_looked_at_unasked_is_a_step(workspace: Workspace) -> None:
    in_force(rule("fit", 15, "pain", "is_set"))
    review = start_review(as_of=NOW, actor=None)
    assert review is not None and review.outcome == SQL | {"among": "mql"}


def test_a_card_that_learned_from_a_circle_says_so(
    workspace: Workspace, alice: Member, page: Callable[[Member], Client], api: Callable[[Member], APIClient]
) -> None:
    some_leads()
    training = trained(workspace, SQL | {"value": "mql"})
    told = api(alice).get(f"/api/v1/scorecards/training/{training.pk}/").json()
    assert told["cautions"][0]["code"] == "score"
    assert "No proof: from" in page(alice).get(f"{HOME}learning/{training.pk}/").content.decode()
