"""Entering a lead by hand, and opportunities."""

from collections.abc import Callable
from datetime import date
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from leads.models import Company, Lead, Opportunity
from tests.cast import a_lead
from workspaces.models import Member, Workspace
from workspaces.tenancy import enter

pytestmark = pytest.mark.django_db
Page = Callable[[Member], Client]
NEW, DEALS = "/w/acme/leads/new/", "/w/acme/opportunities/"
HTMX = {"HTTP_HX_REQUEST": "true"}
QUERIES = 13


def test_a_lead_is_entered_once(page: Page, ming: Member) -> None:
    client = page(ming)
    typed = {"name": "Anna", "email": "Anna@Acme.test", "company": "Acme GmbH", "need_level": "clear"}
    answer = client.post(NEW, typed)
    lead = Lead.objects.get()
    assert answer["Location"] == f"/w/acme/leads/{lead.pk}/"
    assert (lead.name, lead.email_key, lead.need_level) == ("Anna", "anna@acme.test", "clear")
    again = client.post(NEW, typed | {"region": "Bavaria"})
    assert again["Location"] == answer["Location"]
    assert Lead.objects.get().region == "Bavaria"


def test_nobody_who_can_not_be_reached(page: Page, ming: Member) -> None:
    client = page(ming)
    answer = client.post(NEW, {"name": "Anna"})
    assert answer.status_code == 422
    assert "No way to reach this lead" in answer.content.decode()
    answer = client.post(NEW, {"name": "Anna", "phone": "12"})
    assert answer.status_code == 422
    assert "valid in no country" in answer.content.decode()
    assert not Lead.objects.exists()


def test_who_is_known_shows_while_typing(page: Page, ming: Member) -> None:
    client = page(ming)
    client.post(NEW, {"name": "Anna", "email": "anna@acme.test", "company": "Acme GmbH"})
    same = client.get(f"{NEW}matches/", {"email": "ANNA@acme.test"}, **HTMX).content.decode()
    assert "Known already" in same
    assert "Anna" in same
    others = client.get(f"{NEW}matches/", {"company": "acme"}, **HTMX).content.decode()
    assert "From the same company" in others
    assert "Anna" not in client.get(f"{NEW}matches/", {"company": "Other"}, **HTMX).content.decode()


def a_deal(owner: Member, **fields: object) -> Opportunity:
    lead = a_lead(owner=owner, pool="sales", stage="opportunity", company=Company.objects.first())
    return Opportunity.objects.create(
        **{"lead": lead, "name": "Robots", "amount": 120000, "currency": "CNY", "owner": owner} | fields
    )


@pytest.mark.parametrize("rows", [1, 3])
def test_opportunities_with_their_sums(page: Page, ming: Member, rows: int) -> None:
    for n in range(rows):
        a_deal(ming, name=f"Robots {n}", expected_close=date(2026, 4, n + 1))
    client = page(ming)
    client.get(DEALS)
    with CaptureQueriesContext(connection) as made:
        answer = client.get(DEALS)
    asked = [one["sql"] for one in made if not one["sql"].startswith(("SAVEPOINT", "RELEASE"))]
    assert len(asked) == QUERIES, asked
    body = answer.content.decode()
    assert f"¥{1200 * rows:,}" in body
    assert "April 2026" in body
    assert "Discovery" in body


def test_sums_open_their_lists(page: Page, ming: Member, alice: Member) -> None:
    a_deal(ming, name="Soon", expected_close=date(2026, 4, 1), step="demo")
    a_deal(ming, name="Later", expected_close=date(2026, 12, 31))
    a_deal(alice, name="Hers", status="won")
    client = page(ming)
    assert "Later" not in client.get(f"{DEALS}?month=2026-04").content.decode()
    assert "Later" in client.get(f"{DEALS}?month=2026-12").content.decode()
    assert "Later" not in client.get(f"{DEALS}?step=demo").content.decode()
    assert "Hers" in client.get(f"{DEALS}?status=won&whose=all").content.decode()
    assert client.get(f"{DEALS}?month=2026-99&ordering=nonsense&cursor=").status_code == 200
    assert client.get(f"{DEALS}?cursor=forged").status_code == 302


def test_amount_step_and_close_change_in_the_panel(page: Page, ming: Member, alice: Member) -> None:
    deal = a_deal(ming)
    typed = {
        "name": "Robots",
        "amount": "99.50",
        "currency": "CNY",
        "step": "proposal",
        "expected_close": "2026-05-01",
    }
    answer = page(ming).post(f"{DEALS}{deal.pk}/", typed, **HTMX)
    assert answer.status_code == 204, answer.content.decode()
    deal.refresh_from_db()
    assert (deal.amount, deal.step, deal.expected_close) == (9950, "proposal", date(2026, 5, 1))
    assert page(ming).post(f"{DEALS}{deal.pk}/", typed | {"amount": "-1"}, **HTMX).status_code == 422
    closed = a_deal(ming, status="lost")
    assert page(ming).post(f"{DEALS}{closed.pk}/", typed, **HTMX).status_code == 409
    theirs = a_deal(alice)
    assert page(ming).post(f"{DEALS}{theirs.pk}/", typed, **HTMX).status_code == 403
    assert page(ming).get(f"{DEALS}{uuid4()}/").status_code == 404


def test_opportunities_of_another_workspace(
    page: Page, ming: Member, mallory: Member, elsewhere: Workspace
) -> None:
    deal = a_deal(ming)
    with enter(elsewhere):
        client = page(mallory)
        assert client.get(f"/w/evil/opportunities/{deal.pk}/").status_code == 404
        assert "Robots" not in client.get("/w/evil/opportunities/?whose=all").content.decode()


def test_ctrl_k_finds_leads_companies_and_pages(page: Page, ming: Member) -> None:
    client = page(ming)
    client.post(NEW, {"name": "Anna Blume", "email": "anna@acme.test", "company": "Acme GmbH"})
    address = "/w/acme/commands/"
    assert "Anna Blume" in client.get(f"{address}?q=blume").content.decode()
    found = client.get(f"{address}?q=acme").content.decode()
    assert "Companies" in found
    assert "?company=" in found
    assert "Pools" in client.get(f"{address}?q=poo").content.decode()
    assert "Nothing found" in client.get(f"{address}?q=zzzz").content.decode()
