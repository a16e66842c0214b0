"""Proof, learning and review of a team's card: by the leads that it scores, and no others."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from rest_framework.test import APIClient

from leadcrm.waiting import anything_due
from leads.models import Lead
from notices.models import Notice
from scoring.learning.actions import repeat, start_training
from scoring.learning.models import Review, Training
from scoring.models import Scorecard
from scoring.proof.backtest import backtest
from scoring.proof.outcomes import outcome_of
from scoring.review.actions import review_due
from tests.cast import NOW, join
from tests.scoring.learning import DAY, come_in, fields, trained
from tests.scoring.test_proof import YES, a_card, come
from workspaces.models import Member, Role, Team, Workspace
from workspaces.refusals import Invalid, Refused

HOME = "/w/acme/scoring/"


@pytest.fixture
def north(workspace: Workspace) -> Team:
    """400 leads of its own, of which the small ones say yes more often; of the 400 others it is the large ones."""
    team = Team.objects.create(name="North")
    come()
    rows = [
        {"size": 50 if at % 2 else 150, "y": "yes" if at % 8 in (1, 3, 5, 0) else "no"} for at in range(400)
    ]
    theirs = come_in(rows, NOW + DAY / 24)
    Lead.objects.filter(pk__in=theirs).update(team=team)
    return team


def cards(team: Team) -> tuple[Scorecard, Scorecard]:
    """The workspace's and the team's, both in force."""
    return a_card(), team_card(team)


def team_card(team: Team) -> Scorecard:
    from tests.scoring.cards import in_force, rule

    return in_force(
        rule("fit", 20, "attributes.size", "gte", 100), team=team.pk, grades={"A": 20, "B": 10, "C": 5}
    )


def tried(card: Scorecard, **how: Any) -> dict[str, Any]:
    return backtest(card, outcome_of(YES), as_of=NOW + 2 * DAY, **how)


def test_each_card_is_proven_on_the_leads_it_scores(north: Team) -> None:
    everybody = tried(a_card())  # as long as no team has a card
    assert (everybody["leads"], everybody["auc"], everybody["team"]) == (800, 0.5, None)
    whole, theirs = cards(north)
    found = tried(theirs, other=whole)
    assert (found["leads"], found["auc"], found["team"]) == (400, 0.25, str(north.pk))
    assert found["other"]["leads"] == 400 and found["other"]["auc"] == 0.25
    found = tried(whole)
    assert (found["leads"], found["auc"], found["team"]) == (400, 0.75, None)


def test_a_lead_counts_for_the_team_that_had_it_then(workspace: Workspace, alice: Member) -> None:
    from leads.actions import advance
    from pools.actions import give

    fields(size="number")
    north, south = Team.objects.create(name="North"), Team.objects.create(name="South")
    han, mei = join("han@acme.test", "Han", Role.REP), join("mei@acme.test", "Mei", Role.REP)
    for member, team in ((han, north), (mei, south)):
        Member.objects.filter(pk=member.pk).update(team=team)
    leads = come_in([{"size": at} for at in range(4)])
    give(leads, han, as_of=NOW + DAY, actor=alice)
    advance(leads[:2], "to_mql", as_of=NOW + 2 * DAY, actor=alice, override="test")
    give(leads, mei, as_of=NOW + 3 * DAY, actor=alice)
    advance(leads[2:], "to_mql", as_of=NOW + 4 * DAY, actor=alice, override="test")
    mql = outcome_of({"field": "stage", "op": "eq", "value": "mql"})
    assert backtest(team_card(north), mql, as_of=NOW + 5 * DAY)["leads"] == 2
    assert backtest(team_card(south), mql, as_of=NOW + 5 * DAY)["leads"] == 2
    assert backtest(a_card(), mql, as_of=NOW + 5 * DAY)["leads"] == 0
    size = outcome_of(
        {"field": "attributes.size", "op": "gte", "value": 2}
    )  # known on arrival, before anybody had it
    assert backtest(team_card(south), size, as_of=NOW + 5 * DAY)["leads"] == 4


def test_a_card_is_learned_for_a_team(north: Team, workspace: Workspace) -> None:
    a_card()
    training = trained(workspace, YES, team=north)
    assert training.found["leads"] == 400 and training.scorecard is not None
    assert training.scorecard.team_id == north.pk
    everybody = trained(workspace, YES)
    assert everybody.found["leads"] == 800
    team_card(north)
    assert trained(workspace, YES).found["leads"] == 400
    start_training(YES, team=north, as_of=NOW, actor=None)
    with pytest.raises(Refused):
        start_training(YES, team=north, as_of=NOW, actor=None)
    start_training(YES, as_of=NOW, actor=None)
    with pytest.raises(Invalid):
        start_training(YES, team=str(workspace.pk), as_of=NOW, actor=None)


def test_each_is_learned_again_for_itself(north: Team, workspace: Workspace) -> None:
    a_card()
    for team in (None, north):
        one = trained(workspace, YES, team=team)
        Training.objects.filter(pk=one.pk).update(verdict="better")
    repeat(NOW + 40 * DAY)
    again = Training.objects.filter(again=True).values_list("team_id", flat=True)
    assert set(again) == {None, north.pk}


def test_each_card_in_force_has_its_review(north: Team, workspace: Workspace, alice: Member) -> None:
    cards(north)
    assert anything_due(NOW + 2 * DAY)
    assert review_due(workspace, NOW + 2 * DAY) == 2
    assert review_due(workspace, NOW + 3 * DAY) == 0
    leads = {one.team_id: one.found["leads"] for one in Review.objects.all()}
    assert set(leads) == {None, north.pk}
    Review.objects.update(outcome=YES, due_at=NOW + 2 * DAY, status="queued")
    assert review_due(workspace, NOW + 3 * DAY) == 2
    leads = {one.team_id: (one.found["leads"], one.found["outcomes"]) for one in Review.objects.all()}
    assert leads == {None: (400, 200), north.pk: (400, 200)}
    told = Notice.objects.filter(kind="scorecard_review", member=alice).values_list("data__of", flat=True)
    assert sorted(told) == ["", "North"]


def test_through_the_api(
    north: Team, workspace: Workspace, alice: Member, api: Callable[[Member], APIClient]
) -> None:
    _whole, theirs = cards(north)
    client = api(alice)
    asked = {"outcome": YES}
    told = client.post(f"/api/v1/scorecards/{theirs.pk}/backtest/", asked, format="json").json()
    assert told["team"] == str(north.pk)
    for address in ("/api/v1/scorecards/reviews/", "/api/v1/scorecards/training/"):
        made = client.post(address, asked | {"team": str(north.pk)}, format="json")
        assert made.status_code == 202 and made.json()["team"] == str(north.pk)
        wrong = client.post(address, asked | {"team": str(workspace.pk)}, format="json")
        assert wrong.status_code == 422


def test_the_pages_say_whose_leads(
    north: Team, workspace: Workspace, alice: Member, page: Callable[[Member], Client]
) -> None:
    whole, theirs = cards(north)
    review_due(workspace, NOW + 2 * DAY)
    browser = page(alice)
    asked = {"outcome": "field:attributes.y", "value": "yes"}
    told = browser.get(f"{HOME}proof/", asked | {"card": str(theirs.pk)}).content.decode()
    assert "Only leads of the team “North” count." in told
    told = browser.get(f"{HOME}proof/", asked | {"card": str(whole.pk)}).content.decode()
    assert "Leads of teams that have a card of their own are left out: North." in told
    told = browser.get(f"{HOME}review/", {"team": str(north.pk)}).content.decode()
    assert "Only leads of the team “North” count." in told
    assert str(north.pk) in browser.post(f"{HOME}review/anew/", {"team": str(north.pk)})["Location"]
    assert "Learned for" in browser.get(f"{HOME}learning/").content.decode()
    begun = browser.post(f"{HOME}learning/", asked | {"team": str(north.pk)})
    training = Training.objects.get()
    assert str(training.pk) in begun["Location"] and training.team_id == north.pk
    assert "Only leads of the team" not in browser.get(f"{HOME}review/").content.decode()


def test_by_command(north: Team, capsys: pytest.CaptureFixture[str]) -> None:
    cards(north)
    about = ["--workspace", "acme", "--outcome", json.dumps(YES), "--json"]
    call_command("backtest", *about, "--team", "North")
    assert json.loads(capsys.readouterr().out)["team"] == str(north.pk)
    with pytest.raises(CommandError, match="South"):
        call_command("backtest", *about, "--team", "South")
