"""Days out of all time, and names that nobody can read: refused at their field, before any page shows them."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from leads.models import CustomField, FollowUp, Lead, Opportunity, SavedView, Task
from pools.models import PoolPolicy
from scoring.models import Scorecard
from tests.cast import a_lead
from workspaces.models import Member, Workspace

pytestmark = pytest.mark.django_db
Page, Api = Callable[[Member], Client], Callable[[Member], APIClient]
HOME, SETTINGS, V1 = "/w/acme/", "/w/acme/settings/", "/api/v1/"
FAR = ["0001-01-01", "9999-12-31"]
YEARS, HIDDEN = "Give a year from 1900 to 2199.", "\u202e\u200b"
HTMX = {"HX-Request": "true"}


@pytest.fixture(params=["Asia/Shanghai", "America/Los_Angeles"])
def zone(request: pytest.FixtureRequest, workspace: Workspace) -> str:
    Workspace.objects.filter(pk=workspace.pk).update(time_zone=request.param)
    workspace.time_zone = request.param
    return str(request.param)


def mine(alice: Member, **more: Any) -> Lead:
    return a_lead(pool="sales", owner=alice, stage="mql", **more)


@pytest.mark.parametrize("day", FAR)
def test_a_day_out_of_all_time_is_refused_where_it_stands(
    page: Page, api: Api, alice: Member, zone: str, day: str
) -> None:
    lead, browser, client = mine(alice), page(alice), api(alice)
    here = f"{HOME}leads/{lead.pk}/"
    sent: list[tuple[str, dict[str, Any], str]] = [
        ("task/", {"title": "Call them", "due_at": f"{day}T12:00"}, "due_at"),
        ("follow-up/", {"channel": "call", "summary": "Call them", "next_at": f"{day}T12:00"}, "next_at"),
        ("lock/", {"until": day, "reason": "Call them"}, "until"),
        ("step/defer/", {"reason": "Call them", "reason_code": "", "resume_at": day}, "resume_at"),
    ]
    for address, told, field in sent:
        answer = browser.post(here + address, told, headers=HTMX)
        body = answer.content.decode()
        assert answer.status_code == 422 and "Call them" in body, (address, "what was typed stays")
        form = answer.context.get("details") or answer.context["form"]
        assert field in form.errors, address
        if field != "resume_at" or day > "2000":
            assert YEARS in body, address
    moments = [
        ("tasks/", {"title": "X", "due_at": f"{day}T23:59:00-08:00", "lead": str(lead.pk)}),
        (
            f"leads/{lead.pk}/follow-ups/",
            {"channel": "call", "summary": "x", "next_at": f"{day}T23:59:00-08:00"},
        ),
        (f"leads/{lead.pk}/touches/", {"kind": "page_view", "at": f"{day}T00:00:00+08:00"}),
    ]
    for address, body in moments:
        assert client.post(V1 + address, body, format="json").status_code == 422, address
    assert not Task.objects.exists() and not FollowUp.objects.exists()
    assert browser.get(here).status_code == 200 and browser.get(HOME).status_code == 200


def test_an_expected_close_out_of_all_time(page: Page, api: Api, alice: Member) -> None:
    deal = Opportunity.objects.create(
        lead=mine(alice), owner=alice, name="Deal", currency="USD", step="proposal"
    )
    told = {"name": "Renamed", "currency": "USD", "step": "proposal", "expected_close": "9999-12-31"}
    shown = page(alice).post(f"{HOME}opportunities/{deal.pk}/", told, headers=HTMX)
    assert shown.status_code == 422 and shown.context["form"].errors["expected_close"] == [YEARS]
    assert "Renamed" in shown.content.decode()
    changed = api(alice).patch(
        f"{V1}opportunities/{deal.pk}/", {"expected_close": "0001-01-01"}, format="json"
    )
    assert changed.status_code == 422
    for month in ("9999-12", "0001-01", "none", "²"):
        assert page(alice).get(f"{HOME}opportunities/?month={month}").status_code == 200


def test_a_policy_beyond_all_measure(page: Page, alice: Member) -> None:
    policy = PoolPolicy.objects.get()
    told = {
        "name": "Kept as typed",
        "first_contact_hours": "24",
        "follow_up_days": "7",
        "max_hold_days": "90",
    }
    told |= {
        "warn_percent": "75",
        "counts": "clock",
        "target": "recycle",
        "nurture_days": "90",
        "position": "0",
    }
    for field, most in (("max_hold_days", 3650), ("nurture_days", 3650), ("invalid_marks", 1000)):
        answer = page(alice).post(f"{SETTINGS}pools/{policy.pk}/", told | {field: "9" * 12}, headers=HTMX)
        assert answer.status_code == 422 and "Kept as typed" in answer.content.decode()
        assert f"{most}" in str(answer.context["form"].errors[field])


def test_a_name_is_what_can_be_seen_of_it(page: Page, api: Api, alice: Member) -> None:
    browser, client = page(alice), api(alice)
    name = f"Good{HIDDEN}Name"
    assert browser.post(f"{SETTINGS}fields/new/", {"label": name, "kind": "text"}).status_code == 302
    assert browser.post(f"{HOME}leads/views/new/", {"name": name, "where": "{}"}).status_code == 302
    member = {"name": name, "email": "good@acme.example", "role": "rep", "password": "long enough for this"}
    for address, told in (("teams/", {"name": name}), ("members/", member)):
        assert client.post(V1 + address, told, format="json").json()["name"] == "GoodName", address
    assert client.post(f"{V1}teams/", {"name": name}, format="json").status_code == 409
    card = client.post(f"{V1}scorecards/", {"name": name}, format="json").json()
    policy = client.post(f"{V1}pool-policies/", {"name": name}, format="json").json()
    assert (card["name"], policy["name"]) == ("GoodName", "GoodName")
    assert (
        CustomField.objects.filter(label="GoodName").exists()
        and SavedView.objects.filter(name="GoodName").exists()
    )
    unseen = browser.post(f"{SETTINGS}fields/new/", {"label": HIDDEN, "kind": "text"}, headers=HTMX)
    assert unseen.status_code == 422 and unseen.context["form"].errors["label"] == ["Give it a name."]
    for address in ("pool-policies/", "teams/"):
        assert client.post(V1 + address, {"name": HIDDEN}, format="json").status_code == 422, address
    assert Scorecard.objects.filter(name="GoodName").count() == 1


def test_an_action_without_words_is_not_left_out_in_silence(page: Page, alice: Member) -> None:
    told = {"name": "Ours", "stage": "mql", "title_0": "", "channel_0": "call", "days_0": "2"}
    shown = page(alice).post(f"{SETTINGS}playbooks/new/", told | {"title_1": "", "days_1": "1"}, headers=HTMX)
    assert shown.status_code == 422 and shown.context["form"].errors["title_0"] == ["What is to be done?"]
    assert "Ours" in shown.content.decode()
