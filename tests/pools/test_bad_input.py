"""What a person can get wrong on the floor: each has a defined answer that can be read, by page and by API."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from leads.models import Lead
from pools.actions import assign, claim_one
from pools.actions.rules import save_rule, set_terms
from pools.models import AssignmentRule, ClaimPolicy, PoolPolicy, Strategy
from tests.cast import NOW, a_lead
from tests.pools.cast import a_rep, some_leads
from workspaces.calendar.actions import add_absence, change_calendar
from workspaces.models import Member, Team, Workspace
from workspaces.teams import add_team

pytestmark = pytest.mark.django_db
Page = Callable[[Member], Client]
Api = Callable[[Member], APIClient]
SETTINGS, V1 = "/w/acme/settings", "/api/v1"
POLICY = {
    "name": "Key",
    "first_contact_hours": 24,
    "follow_up_days": 7,
    "max_hold_days": 3,
    "warn_percent": 75,
    "counts": "clock",
    "target": "recycle",
    "nurture_days": 30,
    "position": 0,
    "is_active": "on",
}
LONGEST = "The longest hold can't be shorter than the time for a contact or a follow-up."


@pytest.fixture(autouse=True)
def settled(workspace: Workspace, alice: Member) -> None:
    AssignmentRule.objects.all().delete()


def faults(answer: Any) -> list[tuple[str, str]]:
    return [(one["field"], one["message"]) for one in answer.json()["errors"]]


def an_mql(**fields: Any) -> Lead:
    return a_lead(name="Han Meimei", stage="mql", **fields)


def waits(page: Page, api: Api, alice: Member, lead: Lead, code: str, text: str) -> None:
    """The lead is listed with the reason on the page, has a page of its own for it, and both by API."""
    assert assign([lead.pk], as_of=NOW).waiting == {lead.pk: code}
    browser, program = page(alice), api(alice)
    assert text in browser.get("/w/acme/assignments/").content.decode()
    assert text in browser.get(f"/w/acme/assignments/waiting/{lead.pk}/").content.decode()
    [row] = program.get(f"{V1}/assignments/waiting/").json()
    assert (row["code"], row["reason"]) == (code, text)
    assert program.get(f"{V1}/assignments/waiting/{lead.pk}/").json()["reason"] == text


def test_a_maximum_below_the_default(page: Page, api: Api, alice: Member) -> None:
    shown = page(alice).post(f"{SETTINGS}/pools/new/", POLICY)
    assert shown.status_code == 422 and "The longest hold can&#x27;t be shorter" in shown.content.decode()
    numbers = {
        name: POLICY[name] for name in ("name", "first_contact_hours", "follow_up_days", "max_hold_days")
    }
    answer = api(alice).post(f"{V1}/pool-policies/", numbers, format="json")
    assert answer.status_code == 422 and faults(answer) == [("max_hold_days", LONGEST)]
    assert PoolPolicy.objects.count() == 1, "only the one it began with"


def test_a_rule_whose_team_is_empty(page: Page, api: Api, alice: Member) -> None:
    team: Team = add_team("Partners", actor=alice, as_of=NOW)
    body = {"name": "Partners", "strategy": "round_robin", "team": str(team.pk)}
    made = api(alice).post(f"{V1}/assignment-rules/", body, format="json")
    assert made.status_code == 201, "somebody may join the team tomorrow"
    text = "The rule that fits has nobody who takes leads."
    assert text in page(alice).get(f"{SETTINGS}/assignment/").content.decode()
    waits(page, api, alice, an_mql(), "nobody", text)
    shown = api(alice).get(f"{V1}/assignment-rules/{made.json()['id']}/preview/").json()
    assert (shown["assigned"], shown["waiting"]) == (0, 1)


def test_weights_of_zero(page: Page, api: Api, alice: Member, ming: Member) -> None:
    text = "At least one weight is greater than zero."
    body = {"name": "W", "strategy": "weighted", "members": [{"member": str(ming.pk), "weight": 0}]}
    answer = api(alice).post(f"{V1}/assignment-rules/", body, format="json")
    assert answer.status_code == 422 and faults(answer) == [("members", text)]
    rule = save_rule(AssignmentRule(name="W"), {ming: None}, as_of=NOW, actor=alice)
    form = {"name": "W", "strategy": "weighted", "overflow": "wait", "position": 0, "is_active": "on"}
    form |= {"members": [str(ming.pk)], f"weight_{ming.pk}": "0"}
    shown = page(alice).post(f"{SETTINGS}/assignment/{rule.pk}/", form)
    assert shown.status_code == 422 and text in shown.content.decode()


def test_weights_that_become_zero_later(page: Page, api: Api, alice: Member, ming: Member) -> None:
    save_rule(AssignmentRule(name="W", strategy=Strategy.WEIGHTED), {ming: None}, as_of=NOW, actor=alice)
    set_terms(ming, {"weight": 0}, as_of=NOW, actor=alice)
    waits(page, api, alice, an_mql(), "no_weight", "Nobody whom the rule names has a weight above zero.")


def test_a_capacity_below_what_is_held(page: Page, api: Api, alice: Member, ming: Member) -> None:
    held = some_leads(3)
    for pk in held:
        claim_one(ming, pk, as_of=NOW)
    form = {"daily_quota": 20, "holding_capacity": 1, "cooldown_days": 7, "freeze_hours": 0}
    assert page(alice).post(f"{SETTINGS}/pools/new/?what=claim", form).status_code in (204, 302)
    assert ClaimPolicy.objects.get().holding_capacity == 1
    answer = api(alice).patch(f"{V1}/members/{ming.pk}/", {"capacity": 2}, format="json")
    assert answer.status_code == 200
    assert Lead.objects.filter(owner=ming).count() == 3, "nothing is taken away"
    [free] = some_leads(1)
    refused = api(ming).post(f"{V1}/leads/{free}/claim/", {}, format="json")
    assert (
        refused.status_code == 409
        and "You hold as many open leads as you may: 1." in refused.json()["detail"]
    )
    shown = page(ming).post(f"/w/acme/leads/{free}/claim/")
    assert "You hold as many open leads as you may" in shown.content.decode() + str(shown.headers)
    save_rule(AssignmentRule(name="All"), {}, as_of=NOW, actor=alice)
    waits(
        page, api, alice, an_mql(), "full", "Everybody whom the rule names holds as many leads as they may."
    )


def test_everybody_is_absent(page: Page, api: Api, alice: Member, ming: Member) -> None:
    save_rule(AssignmentRule(name="All"), {}, as_of=NOW, actor=alice)
    far = date(2100, 1, 1)
    for rep in (ming, a_rep("Bo")):
        add_absence(rep, NOW.date(), far, as_of=NOW, actor=alice)
    waits(page, api, alice, an_mql(), "absent", "Everybody whom the rule names is absent.")
    asked = api(alice).get(f"{V1}/assignments/waiting/{Lead.objects.get().pk}/").json()["candidates"]
    assert {one["name"] for one in asked} == {"Ming", "Bo"} and {one["code"] for one in asked} == {"absent"}


# In Berlin the hour from 2 to 3 does not exist on 29 March 2026, and is there twice on 25 October.
@pytest.mark.parametrize(
    ("counts", "claimed", "due"),
    [
        ("clock", datetime(2026, 3, 28, 12, tzinfo=UTC), datetime(2026, 3, 29, 12, tzinfo=UTC)),
        ("clock", datetime(2026, 10, 24, 12, tzinfo=UTC), datetime(2026, 10, 25, 12, tzinfo=UTC)),
        # Friday 16:00 and 8 hours of work: Monday 16:00 on the wall, an hour earlier (later) by the sun.
        ("working", datetime(2026, 3, 27, 15, tzinfo=UTC), datetime(2026, 3, 30, 14, tzinfo=UTC)),
        ("working", datetime(2026, 10, 23, 14, tzinfo=UTC), datetime(2026, 10, 26, 15, tzinfo=UTC)),
    ],
)
def test_daylight_saving_begins_or_ends(
    api: Api, workspace: Workspace, alice: Member, ming: Member, counts: str, claimed: datetime, due: datetime
) -> None:
    Workspace.objects.filter(pk=workspace.pk).update(time_zone="Europe/Berlin")
    workspace.time_zone = "Europe/Berlin"  # the open one
    week = [[["09:00", "17:00"]]] * 5 + [[], []]
    change_calendar({"hours": week}, as_of=claimed, actor=alice)
    hours = 24 if counts == "clock" else 8
    PoolPolicy.objects.update(counts=counts, first_contact_hours=hours)
    [lead] = some_leads(1, captured_at=claimed)
    claim_one(ming, lead, as_of=claimed)
    told = api(alice).get(f"{V1}/leads/{lead}/").json()
    assert datetime.fromisoformat(told["reclaim_at"]) == due
