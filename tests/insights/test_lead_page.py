"""A lead's page: the gate is filled in right there, contact data shows to who holds it."""

from collections.abc import Callable

import pytest
from django.test import Client

from leads.actions import log_follow_up
from leads.models import Lead, StageChange, Task
from tests.cast import NOW, a_lead
from workspaces.models import Member, Workspace
from workspaces.tenancy import enter

HTMX = {"HX-Request": "true"}
Page = Callable[[Member], Client]


def held(member: Member, **fields) -> Lead:
    return a_lead(
        **{"email": "lilei@example.com", "email_key": "lilei@example.com", "pool": "sales", "owner": member}
        | {"held_since": NOW}
        | fields
    )


def address(lead: Lead, rest: str = "") -> str:
    return f"/w/acme/leads/{lead.pk}/{rest}"


def test_a_rep_is_refused_fills_the_gate_in_on_the_spot_and_passes(ming: Member, page: Page) -> None:
    lead = held(ming, stage="mql")
    browser = page(ming)
    asked = browser.get(address(lead, "step/to_sql/"), headers=HTMX)
    assert b'name="pain"' in asked.content
    empty = browser.post(address(lead, "step/to_sql/"), {"pain": "", "need_level": "unknown"}, headers=HTMX)
    assert empty.status_code == 409
    passed = browser.post(
        address(lead, "step/to_sql/"), {"pain": "Orders get lost", "need_level": "clear"}, headers=HTMX
    )
    assert (passed.status_code, "changed" in passed["HX-Trigger"]) == (204, True)
    lead = Lead.objects.get(pk=lead.pk)
    assert (lead.stage, lead.pain) == ("sql", "Orders get lost")


def test_what_was_filled_in_stays_when_the_gate_still_says_no(ming: Member, page: Page) -> None:
    lead = held(ming, stage="sql", pain="x")
    answer = page(ming).post(
        address(lead, "step/to_opportunity/"),
        {"budget_amount": "12000", "budget_status": "estimated"},
        headers=HTMX,
    )
    assert answer.status_code == 409
    lead = Lead.objects.get(pk=lead.pk)
    assert (lead.stage, lead.budget_amount) == ("sql", 1_200_000)
    person = {"person-name": "Wang Fang", "person-role": "economic_buyer"}
    assert page(ming).post(address(lead, "step/to_opportunity/"), person, headers=HTMX).status_code == 204
    assert Lead.objects.get(pk=lead.pk).stage == "opportunity"


def test_contact_data_shows_to_the_holder_and_is_masked_for_others(
    ming: Member, zoe: Member, page: Page
) -> None:
    from tests.cast import join

    rosa = join("rosa@acme.test", "Rosa", "rep")
    lead = held(ming)
    assert b"lilei@example.com" in page(ming).get(address(lead)).content
    assert b"lilei@example.com" in page(zoe).get(address(lead)).content
    assert b"lilei@example.com" not in page(rosa).get(address(lead)).content


def test_a_manager_overrides_with_a_reason_and_a_rep_cannot(alice: Member, ming: Member, page: Page) -> None:
    lead = held(ming, stage="mql")
    reason = {"override": "Known customer"}
    assert page(ming).post(address(lead, "step/to_sql/"), reason, headers=HTMX).status_code == 403
    assert page(alice).post(address(lead, "step/to_sql/"), reason, headers=HTMX).status_code == 204
    assert StageChange.objects.get(lead=lead).verdict["override"] == "Known customer"


def test_a_follow_up_is_logged_with_its_next_step_and_the_task_undone(ming: Member, page: Page) -> None:
    lead = held(ming)
    sent = {
        "channel": "call",
        "summary": "Wants a demo",
        "next_action": "Demo",
        "next_at": "2030-01-01T09:00",
    }
    assert page(ming).post(address(lead, "follow-up/"), sent, headers=HTMX).status_code == 204
    task = Task.objects.get()
    assert (task.title, task.member_id) == ("Demo", ming.pk)
    done = page(ming).post(f"/w/acme/tasks/{task.pk}/done/", headers=HTMX)
    assert f"/w/acme/tasks/{task.pk}/open/" in done["HX-Trigger"]
    page(ming).post(f"/w/acme/tasks/{task.pk}/open/", headers=HTMX)
    assert Task.objects.get().done_at is None


def test_a_wrong_follow_up_keeps_what_was_typed(ming: Member, page: Page) -> None:
    lead = held(ming)
    answer = page(ming).post(
        address(lead, "follow-up/"), {"channel": "pigeon", "summary": "Kept"}, headers=HTMX
    )
    assert answer.status_code == 422
    assert b"Kept" in answer.content


@pytest.mark.parametrize(
    "rest", ["", "timeline/", "step/to_sql/", "follow-up/", "facts/who/", "people/", "task/"]
)
def test_another_workspace_s_lead_is_not_there(
    ming: Member, elsewhere: Workspace, page: Page, rest: str
) -> None:
    with enter(elsewhere):
        theirs = a_lead(name="Theirs")
    assert page(ming).get(address(theirs, rest)).status_code == 404
    assert page(ming).get(f"/w/evil/leads/{theirs.pk}/{rest}").status_code == 404


@pytest.mark.parametrize("entries", [1, 3])
def test_the_page_costs_the_same_however_long_the_story(
    ming: Member, page: Page, entries: int, django_assert_num_queries
) -> None:
    lead = held(ming, industry="Manufacturing")
    for _entry in range(entries):
        log_follow_up(lead.pk, channel="call", outcome="reached", as_of=NOW, actor=ming)
    browser = page(ming)
    browser.get(address(lead))
    with django_assert_num_queries(32):
        assert browser.get(address(lead)).status_code == 200
