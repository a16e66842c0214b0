"""The record of one decision: the rule, everybody who was asked, and why each of them did not get it."""

from collections.abc import Callable

import pytest
from django.test import Client
from rest_framework.test import APIClient

from leads.models import Lead
from pools.actions import assign, claim_one
from pools.decisions import decision_of
from pools.models import Assignment, AssignmentRule, Passing, Strategy
from tests.cast import NOW, a_lead
from tests.pools.cast import a_rep, some_leads
from workspaces.models import Member, Workspace

pytestmark = pytest.mark.django_db
Page, Api = Callable[[Member], Client], Callable[[Member], APIClient]


def given(workspace: Workspace, names: list[str], **fields: object) -> Assignment:
    """An MQL that the rule gave to the first who could take it; Bo takes none at the moment."""
    for name in names:
        a_rep(name, takes_leads=name != "Bo")
    AssignmentRule.objects.update(**fields)
    lead: Lead = a_lead(name="Han Meimei", stage="mql")
    assign([lead.pk], as_of=NOW)
    return Assignment.objects.get(lead=lead)


@pytest.mark.parametrize("many", [3, 8])
def test_everybody_who_was_asked_is_named(workspace: Workspace, many: int) -> None:
    names = ["Ann", "Bo", "Cai", *(f"Rep{n}" for n in range(many - 3))]
    row = given(workspace, names, strategy=Strategy.LEAST_LOADED)
    found = decision_of(row)
    assert (found.rule_name, found.strategy) == ("MQLs in turn", "Who holds the fewest")
    said = {one.name: (one.code, one.reason) for one in found.candidates}
    assert set(said) == set(names) and [one.code for one in found.candidates].count("chosen") == 1
    assert said["Bo"] == ("away", "takes no leads at the moment")
    free = [one for one in found.candidates if one.code == "not_chosen"]
    assert len(free) == many - 2 and {one.reason for one in free} == {"held as many leads, or more"}
    assert Passing.objects.count() == (many > 5), "many are written down once, few with the lead itself"


def test_on_the_page_the_timeline_and_by_api(
    workspace: Workspace, page: Page, api: Api, alice: Member
) -> None:
    row = given(workspace, ["Ann", "Bo", "Cai"])
    at = f"/w/acme/assignments/{row.pk}/"
    browser, program = page(alice), api(alice)
    for address in (f"/w/acme/leads/{row.lead_id}/", "/w/acme/assignments/"):
        assert at in browser.get(address).content.decode()
    text = browser.get(at).content.decode()
    assert (
        "MQLs in turn" in text and "takes no leads at the moment" in text and "it was not their turn" in text
    )
    told = program.get(f"/api/v1/assignments/{row.pk}/").json()
    assert told["rule_name"] == "MQLs in turn"
    assert {one["name"]: one["code"] for one in told["candidates"]} == {
        "Ann": "chosen",
        "Bo": "away",
        "Cai": "not_chosen",
    }


def test_a_claim_asked_nobody_and_a_rule_may_be_gone(
    workspace: Workspace, page: Page, alice: Member, ming: Member
) -> None:
    [lead] = some_leads(1)
    claim_one(ming, lead, as_of=NOW)
    row = Assignment.objects.get(lead_id=lead)
    assert (decision_of(row).text, decision_of(row).candidates) == ("Claimed from the pool.", [])
    assert page(alice).get(f"/w/acme/assignments/{row.pk}/").status_code == 200
    by_rule = given(workspace, ["Ann"])
    AssignmentRule.objects.all().delete()
    assert "no longer there" in page(alice).get(f"/w/acme/assignments/{by_rule.pk}/").content.decode()


def test_what_does_not_wait_or_is_somebody_elses_is_not_there(
    workspace: Workspace, page: Page, api: Api, alice: Member, mallory: Member
) -> None:
    row = given(workspace, ["Ann"])
    waiting = f"/api/v1/assignments/waiting/{row.lead_id}/"
    assert api(alice).get(waiting).status_code == 404
    assert page(alice).get(f"/w/acme/assignments/waiting/{row.lead_id}/").status_code == 404
    assert api(mallory).get(f"/api/v1/assignments/{row.pk}/").status_code == 404
    assert page(mallory).get(f"/w/evil/assignments/{row.pk}/").status_code == 404
