"""Forms as no browser sends them: with nothing in them, with signs that no text holds, with broken conditions."""

from collections.abc import Callable

import pytest
from django.test import Client

from leads.models import Approval, SavedView, StageChange
from tests.cast import NOW, a_lead
from workspaces.models import Member

pytestmark = pytest.mark.django_db
Page = Callable[[Member], Client]
HOME = "/w/acme/"
HALF = '{"field": "\\ud800", "op": "eq", "value": "x"}'
NUL = '{"field": "name", "op": "eq", "value": "a\\u0000b"}'
ENDLESS = '{"all":[' * 100_000


@pytest.mark.parametrize(
    "address", ["settings/pools/new/", "settings/tags/new/", "settings/playbooks/new/", "leads/LEAD/task/"]
)
def test_a_form_with_nothing_in_it_is_told_what_it_misses(page: Page, alice: Member, address: str) -> None:
    answer = page(alice).post(HOME + address.replace("LEAD", str(a_lead(owner=alice, pool="sales").pk)))
    assert answer.status_code == 422 and "This field is required." in answer.content.decode()


@pytest.mark.parametrize("broken", [HALF, NUL, ENDLESS, '{"field": "age_days", "op": "gte", "value": NaN}'])
def test_a_condition_that_no_builder_writes_is_refused_and_the_rest_stays(
    page: Page, alice: Member, broken: str
) -> None:
    """By a form, by the list's address and by its preview, and by an export."""
    browser = page(alice)
    told = {"name": "Kept as typed", "condition": broken, "first_contact_hours": "24"}
    answer = browser.post(f"{HOME}settings/pools/new/", told, headers={"HX-Request": "true"})
    assert answer.status_code == 422 and "Kept as typed" in answer.content.decode()
    assert answer.context["form"].errors["condition"] == ["This is not a condition."]
    if broken != ENDLESS:
        assert browser.get(f"{HOME}leads/", {"where": broken}).status_code == 422
        assert browser.get(f"{HOME}leads/preview/", {"where": broken}).status_code in (200, 422)
    sent = browser.post(f"{HOME}exports/new/", {"where": broken, "columns": ["name"]})
    assert sent.status_code == 422 and "This is not a condition." in sent.content.decode()


def test_a_decision_with_a_sign_that_no_text_holds(page: Page, alice: Member, ming: Member) -> None:
    lead = a_lead(owner=ming, pool="sales", stage="sql")
    row = Approval.objects.create(lead=lead, transition="to_opportunity", asked_by=ming, asked_at=NOW)
    answer = page(alice).post(f"{HOME}approvals/{row.pk}/", {"approve": "no", "reason": "No\x00t yet"})
    assert answer.status_code == 204
    assert Approval.objects.get().reason == "Not yet"


def test_a_managers_reason_with_a_sign_that_no_text_holds(page: Page, alice: Member) -> None:
    lead = a_lead(stage="lead")
    answer = page(alice).post(f"{HOME}leads/{lead.pk}/step/to_mql/", {"override": "Trade\x00 fair"})
    assert answer.status_code == 302
    change = StageChange.objects.get(lead=lead)
    assert change.verdict["override"] == "Trade fair"


def test_a_view_of_null_is_every_lead(page: Page, alice: Member) -> None:
    answer = page(alice).post(f"{HOME}leads/views/new/", {"name": "All of them", "where": "null"})
    assert answer.status_code == 302 and SavedView.objects.get(name="All of them").where == {}
