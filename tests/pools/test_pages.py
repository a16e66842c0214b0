"""The pools' page: what may be taken, and the refusals with their rule."""

import json
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from leads.models import Lead
from pools.actions.rules import save_claim_rule
from pools.models import ClaimPolicy, ClaimRule
from pools.pages import ROWS
from tests.cast import NOW, a_lead, join
from tests.pools.cast import a_manager, a_rep, some_leads
from workspaces.models import Member, Role, Workspace
from workspaces.tenancy import enter

pytestmark = pytest.mark.django_db
Page = Callable[[Member], Client]
POOLS = "/w/acme/pools/"
HTMX = {"HTTP_HX_REQUEST": "true"}
QUERIES = 16


def test_what_a_rule_reserves_takes_no_place_on_the_page(page: Page, ming: Member) -> None:
    """More than a page of better leads that others may claim; ming's own three are there all the same."""
    some_leads(ROWS + 1, industry="saas")
    for _ in range(3):
        a_lead(industry="retail", score=10)
    reserved = ClaimRule(name="SaaS", condition={"field": "industry", "op": "eq", "value": "saas"})
    save_claim_rule(reserved, [a_rep("Ann")], as_of=NOW, actor=None)
    assert page(ming).get(POOLS).content.decode().count("data-row ") == 3


@pytest.mark.parametrize("rows", [1, 3])
def test_as_many_queries_for_three_rows_as_for_one(page: Page, ming: Member, rows: int) -> None:
    some_leads(rows, email="anna@acme.test")
    client = page(ming)
    client.get(POOLS)
    with CaptureQueriesContext(connection) as made:
        answer = client.get(POOLS)
    asked = [one["sql"] for one in made if not one["sql"].startswith(("SAVEPOINT", "RELEASE"))]
    assert len(asked) == QUERIES, asked
    body = answer.content.decode()
    assert body.count("data-row ") == rows
    assert "anna@acme.test" not in body
    assert "a•••@acme.test" in body
    assert "20 of 20 left" in body


def test_the_best_five_and_the_rule_that_stops_it(page: Page, ming: Member) -> None:
    leads, client = some_leads(7), page(ming)
    ClaimPolicy.objects.update(daily_quota=5)
    answer = client.post(f"{POOLS}best/", **HTMX)
    assert json.loads(answer["HX-Trigger"])["toast"]["text"] == "5 leads are yours now."
    assert set(Lead.objects.filter(owner=ming).values_list("pk", flat=True)) == set(leads[:5])
    refused = client.post(f"{POOLS}best/", **HTMX)
    assert refused.status_code == 409
    assert "claims are used up. You can claim again from" in refused.content.decode()
    assert "claims are used up" in client.get(POOLS).content.decode()


def test_claiming_a_selection(page: Page, ming: Member, alice: Member) -> None:
    free, taken = a_lead().pk, a_lead(owner=alice, pool="sales").pk
    client = page(ming)
    answer = client.post(f"{POOLS}claim/", {"ids": [free, taken]}, **HTMX)
    text = json.loads(answer["HX-Trigger"])["toast"]["text"]
    assert text == "1 lead is yours now. 1 not: Alice holds this lead."
    assert client.post(f"{POOLS}claim/", {"ids": [taken]}, **HTMX).status_code == 409
    assert client.post(f"{POOLS}claim/", **HTMX).status_code == 422


def test_a_manager_hands_a_selection_over(page: Page, ming: Member) -> None:
    leads, fang = some_leads(2), a_rep("Fang", capacity=1)
    assert page(ming).post(f"{POOLS}assign/", {"ids": leads, "owner": fang.pk}, **HTMX).status_code == 403
    client = page(a_manager())
    full = client.post(f"{POOLS}assign/", {"ids": leads, "owner": fang.pk}, **HTMX)
    assert full.status_code == 422
    assert "no room for 2 more" in full.content.decode()
    answer = client.post(f"{POOLS}assign/", {"ids": leads, "owner": fang.pk, "override": "on"}, **HTMX)
    assert json.loads(answer["HX-Trigger"])["toast"]["text"] == "2 leads handed to Fang."
    assert Lead.objects.filter(owner=fang).count() == 2


def test_giving_a_selection_back(page: Page, ming: Member, alice: Member) -> None:
    mine, hers = a_lead(owner=ming, pool="sales").pk, a_lead(name="Hers", owner=alice, pool="sales").pk
    client = page(ming)
    assert client.post(f"{POOLS}release/", {"ids": [mine]}, **HTMX).status_code == 422
    answer = client.post(f"{POOLS}release/", {"ids": [mine, hers], "reason": "too far"}, **HTMX)
    body = answer.content.decode()
    assert answer.status_code == 200
    assert "1 lead given back." in body
    assert "A colleague holds it." in body
    assert Lead.objects.get(pk=mine).pool == "recycle"
    assert Lead.objects.get(pk=hers).owner == alice


def test_what_i_lose_soon(page: Page, ming: Member, alice: Member) -> None:
    a_lead(name="Mine", owner=ming, pool="sales", reclaim_at=NOW, reclaim_reason="follow_up")
    a_lead(name="Hers", owner=alice, pool="sales", reclaim_at=NOW, reclaim_reason="follow_up")
    body = page(ming).get(POOLS).content.decode()
    assert "Mine" in body
    assert "not followed up in time" in body
    assert "Hers" not in body
    assert "Hers" in page(alice).get(POOLS).content.decode()


def test_roles_and_other_workspaces(page: Page, ming: Member, mallory: Member, elsewhere: Workspace) -> None:
    viewer, lead = join("vera@acme.test", "Vera", Role.VIEWER), a_lead(name="Anna")
    body = page(viewer).get(POOLS).content.decode()
    assert "Take the best" not in body
    assert page(viewer).post(f"{POOLS}best/", **HTMX).status_code == 403
    with enter(elsewhere):
        client = page(mallory)
        assert client.get(POOLS).status_code == 404
        assert "Anna" not in client.get("/w/evil/pools/").content.decode()
        assert client.post("/w/evil/pools/claim/", {"ids": [lead.pk]}, **HTMX).status_code == 409
    assert Lead.objects.get(pk=lead.pk).owner is None


def test_nothing_for_me_says_by_which_rule(page: Page, ming: Member, alice: Member) -> None:
    asked = page(ming).post(f"{POOLS}best/", **HTMX)
    assert "Nothing is free at the moment." in asked.headers["HX-Trigger"]
    some_leads(2, industry="saas")
    rule = ClaimRule(name="SaaS is ours", condition={"field": "industry", "op": "eq", "value": "saas"})
    save_claim_rule(rule, [alice], as_of=NOW, actor=alice)
    told = page(ming).post(f"{POOLS}best/", **HTMX).headers["HX-Trigger"]
    assert "SaaS is ours" in told and "2 not" in told
