"""Opportunities: competitors, history, chances, forecast; won makes a customer; what is put aside comes back."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from insights.reports import REPORTS, Scope
from insights.today import day
from leads.actions import advance, edit, record_touches
from leads.actions.customers import rate
from leads.forecast import chances, forecast
from leads.models import Customer, Deferral, Lead, Opportunity, Task
from tests.cast import NOW, a_lead
from tests.insights.test_lead_page import HTMX, address, held
from workspaces.models import Member, Workspace
from workspaces.refusals import Invalid


def later(days: float) -> Any:
    return NOW + timedelta(days=days)


def test_winning_makes_a_customer_with_after_sales_and_a_mark(
    ming: Member, page: Callable, api: Callable
) -> None:
    lead = held(ming, stage="opportunity")
    Opportunity.objects.create(lead=lead, owner=ming, name="Deal", amount=100, step="signing")
    advance([lead.pk], "win", as_of=NOW, actor=ming)
    customer = Customer.objects.get()
    assert (customer.name, customer.ask_at) == (str(lead), later(30))
    assert "Return visit" in set(Task.objects.filter(done_at=None).values_list("title", flat=True))
    with pytest.raises(Invalid):
        rate(customer, 6, as_of=NOW, actor=ming)
    told = {"satisfaction": "4", "note": "Runs well"}
    browser = page(ming)
    assert browser.get(address(lead, "satisfaction/"), headers=HTMX).status_code == 200
    assert browser.post(address(lead, "satisfaction/"), told, headers=HTMX).status_code == 204
    one = f"/api/v1/customers/{customer.pk}/"
    assert api(ming).get(one).data["satisfaction"] == 4
    assert api(ming).patch(one, {"satisfaction": 5}, format="json").data["satisfaction"] == 5
    assert len(api(ming).get("/api/v1/customers/").data["results"]) == 1


def test_amounts_competitors_and_steps_have_a_history(ming: Member, page: Callable, api: Callable) -> None:
    lead = held(ming, stage="opportunity")
    deal = Opportunity.objects.create(
        lead=lead, owner=ming, name="Deal", amount=100_00, currency="CNY", expected_close=date(2026, 4, 3)
    )
    one = f"/api/v1/opportunities/{deal.pk}/"
    body = {
        "amount": {"amount": "250.00", "currency": "CNY"},
        "competitors": [{"name": "Acme", "note": "cheap"}],
    }
    changed = api(ming).patch(one, body, format="json")
    assert (changed.status_code, changed.data["competitors"][0]["name"]) == (200, "Acme")
    [row] = api(ming).get(f"{one}history/").data["results"]
    assert row["changes"]["amount"] == ["10000", "25000"]
    shown = page(ming).get(f"/w/acme/opportunities/{deal.pk}/", headers=HTMX).content.decode()
    assert "Acme" in shown and "250" in shown
    told = {"name": "Deal", "amount": "250", "currency": "CNY", "step": "demo", "competitors": "Acme, Bcme"}
    assert page(ming).post(f"/w/acme/opportunities/{deal.pk}/", told, headers=HTMX).status_code == 204
    deal.refresh_from_db()
    assert [one["name"] for one in deal.competitors] == ["Acme", "Bcme"]
    assert deal.competitors[0]["note"] == "cheap"


def test_chances_come_from_history_and_weigh_the_months(
    workspace: Workspace, alice: Member, page: Callable, api: Callable
) -> None:
    lead = a_lead(owner=alice, pool="sales")
    assert chances(NOW)["demo"].thin
    closed = [("won", "signing")] * 6 + [("lost", "proposal")] * 4 + [("lost", "negotiation")] * 6
    for status, step in closed:
        Opportunity.objects.create(lead=lead, name="x", status=status, step=step, closed_at=NOW)
    found = chances(NOW)
    assert (found["proposal"].probability, found["negotiation"].probability) == (0.375, 0.5)
    assert found["signing"].thin
    Opportunity.objects.create(
        lead=lead,
        owner=alice,
        name="y",
        amount=1000,
        currency="USD",
        step="negotiation",
        expected_close=date(2026, 4, 9),
    )
    [month] = forecast(NOW)
    assert (month.month, month.amount, month.weighted) == (date(2026, 4, 1), 1000, 500)
    told = api(alice).get("/api/v1/opportunities/forecast/").data
    assert told["months"][0]["weighted"] == {"amount": "5.00", "currency": "USD"}
    assert b"weighted by history" in page(alice).get("/w/acme/opportunities/").content
    assert REPORTS["forecast"](Scope(NOW)).rows[0]["weighted"] == 500
    assert page(alice).get("/w/acme/reports/forecast/").status_code == 200
    assert {one["code"] for one in api(alice).get("/api/v1/reasons/").data} >= {
        "wrong_moment",
        "student",
        "price",
    }


def put_aside(lead: Lead, member: Member, **more: Any) -> None:
    told = {"reason_code": "budget_not_granted", "resume_at": "2026-09-01", "angle": "New prices"} | more
    assert advance([lead.pk], "defer", as_of=NOW, actor=member, details=told).moved


def test_a_touch_or_a_changed_fact_brings_a_lead_back_to_its_owners_today(ming: Member) -> None:
    asleep, awake = held(ming, stage="sql"), held(ming, stage="sql", email="b@x.io", name="Bo")
    put_aside(asleep, ming, trigger={"kind": "touch", "what": "pricing_page"})
    put_aside(awake, ming, trigger={"kind": "field", "what": "budget_status"})
    record_touches([(asleep.pk, "page_view", None, {})], as_of=later(2), actor=None)
    edit(awake.pk, {"pain": "Slow"}, as_of=later(2), actor=ming)
    assert set(Lead.objects.values_list("stage", flat=True)) == {"deferred"}
    record_touches([(asleep.pk, "pricing_page", None, {})], as_of=later(3), actor=None)
    edit(awake.pk, {"budget_status": "approved"}, as_of=later(3), actor=ming)
    assert "deferred" not in set(Lead.objects.values_list("stage", flat=True))
    assert dict(Deferral.objects.values_list("lead_id", "ended_by")) == {
        asleep.pk: "touch",
        awake.pk: "field",
    }
    items = [one for group in day(ming, later(3)).groups.values() for one in group]
    whys = " ".join(" ".join([one.why, *one.also]) for one in items)
    assert "put aside because: Budget not granted" in whys and "New prices" in whys
    report = REPORTS["returns"](Scope(later(4)))
    assert report.total["by_trigger"] == 2
    assert any(row.get("attempt") == 2 and row["leads"] == 2 for row in report.rows)


def test_reasons_are_of_their_step_and_a_wrong_trigger_is_refused(ming: Member) -> None:
    lead = held(ming, stage="sql")
    for wrong in (
        {"reason_code": "student"}, {"trigger": {"kind": "weather"}}, {"trigger": {"kind": "field", "what": "nothing"}},
        {"trigger": {"kind": "date", "on": "2026-02-31"}},
    ):  # fmt: skip
        told = {"reason_code": "wrong_moment", "resume_at": "2026-09-01"} | wrong
        with pytest.raises(Invalid):
            advance([lead.pk], "defer", as_of=NOW, actor=ming, details=told)
    put_aside(lead, ming, trigger={"kind": "date", "on": "2026-04-01"})
    assert Lead.objects.get().resume_at.date() <= date(2026, 4, 1)


def test_a_lead_whose_owner_is_gone_comes_back_to_a_pool(
    alice: Member, ming: Member, page: Callable[[Member], Client]
) -> None:
    lead = held(ming, stage="sql")
    put_aside(lead, ming, trigger="webinar")
    Member.objects.filter(pk=ming.pk).update(is_active=False)
    record_touches([(lead.pk, "webinar", None, {})], as_of=later(1), actor=None)
    lead = Lead.objects.get()
    assert (lead.owner_id, lead.pool, lead.deferral["angle"]) == (None, "recycle", "New prices")
    assert b"Budget not granted" in page(alice).get(address(lead)).content
