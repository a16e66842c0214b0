"""What a lead page can do, each once; and the way in and out."""

from collections.abc import Callable

from django.test import Client

from intake.models import Import, StoredFile
from leads.models import Approval, Lead, LeadContact, LeadTag, Task
from scoring.models import Scorecard
from tests.cast import NOW, PASSWORD, a_lead
from tests.insights.test_lead_page import HTMX, address, held
from workspaces.models import Member, Workspace

Page = Callable[[Member], Client]


def test_a_lead_is_claimed_handed_over_and_given_back(alice: Member, ming: Member, page: Page) -> None:
    lead = a_lead(email="a@x.io", email_key="a@x.io")
    assert page(ming).post(address(lead, "claim/"), headers=HTMX).status_code == 204
    assert Lead.objects.get().owner_id == ming.pk
    back = {"reason": "Not my region"}
    assert page(ming).post(address(lead, "give-back/"), back, headers=HTMX).status_code == 204
    assert Lead.objects.get().pool == "recycle"
    to = {"owner": str(ming.pk), "reason": "Yours"}
    assert page(alice).get(address(lead, "hand-to/"), headers=HTMX).status_code == 200
    assert page(alice).post(address(lead, "hand-to/"), to, headers=HTMX).status_code == 204
    assert Lead.objects.get().owner_id == ming.pk


def test_people_tags_tasks_and_facts_are_written_down(ming: Member, page: Page) -> None:
    lead, browser = held(ming), page(ming)
    person = {"name": "Wang Fang", "role": "champion"}
    assert browser.post(address(lead, "people/"), person, headers=HTMX).status_code == 204
    gone = address(lead, f"people/{LeadContact.objects.get().pk}/gone/")
    assert browser.post(gone, headers=HTMX).status_code == 204
    assert not LeadContact.objects.exists()
    assert browser.post(address(lead, "tags/"), {"tags": "hot, 急"}, headers=HTMX).status_code == 204
    assert LeadTag.objects.count() == 2
    task = {"title": "Call", "due_at": "2030-01-01T09:00"}
    assert browser.post(address(lead, "task/"), task, headers=HTMX).status_code == 204
    assert Task.objects.get().title == "Call"
    facts = {"pain": "Slow", "need_level": "clear"}
    assert browser.post(address(lead, "facts/need/"), facts, headers=HTMX).status_code == 204
    assert Lead.objects.get().pain == "Slow"
    assert browser.get(address(lead, "timeline/")).status_code == 200


def test_a_manager_decides_on_a_page_and_sees_it_in_the_api(
    alice: Member, ming: Member, page: Page, api: Callable
) -> None:
    lead = held(ming, stage="mql", pain="x")
    row = Approval.objects.create(lead=lead, transition="to_sql", asked_by=ming, asked_at=NOW)
    assert api(alice).get(f"/api/v1/approvals/{row.pk}/").status_code == 200
    decided = page(alice).post(
        f"/w/acme/approvals/{row.pk}/", {"approve": "no", "reason": "Wait"}, headers=HTMX
    )
    assert (decided.status_code, Approval.objects.get().status) == (204, "refused")
    card = Scorecard.objects.get(status="active")
    assert api(alice).get(f"/api/v1/scorecards/{card.pk}/").status_code == 200


def test_the_way_in_between_and_out(alice: Member) -> None:
    browser = Client()
    assert browser.get("/").status_code == 302
    assert browser.get("/sign-in/").status_code == 200
    signed = browser.post("/sign-in/", {"email": "alice@acme.test", "password": PASSWORD})
    assert signed.status_code == 302
    assert b"Acme" in browser.get("/w/acme/workspaces/").content
    assert browser.get("/w/acme/channels/").status_code == 200
    assert browser.post("/sign-out/").status_code == 302
    assert browser.get("/w/acme/").status_code == 302


def test_the_progress_of_an_import_shows(alice: Member, page: Page) -> None:
    batch = Import.objects.create(
        file=StoredFile.objects.create(name="list.csv"), member=alice, status="running", total=10, position=4
    )
    answer = page(alice).get(f"/w/acme/imports/{batch.pk}/progress/", headers=HTMX)
    assert answer.status_code < 400


def test_a_budget_in_a_currency_without_cents_is_kept_as_it_was_typed(
    ming: Member, workspace: Workspace, page: Page
) -> None:
    Workspace.objects.filter(pk=workspace.pk).update(currency="JPY")
    lead = held(ming)
    said = {"budget_amount": "500000", "budget_status": "estimated"}
    assert page(ming).post(address(lead, "facts/budget/"), said, headers=HTMX).status_code == 204
    assert Lead.objects.get().budget_amount == 500_000
    assert b'value="500000"' in page(ming).get(address(lead, "facts/budget/"), headers=HTMX).content
