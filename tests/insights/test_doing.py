"""What is done from a lead's side panel, each thing once, and an approval decided."""

from collections.abc import Callable

from django.test import Client

from leads.models import Approval, Gate, Lead, LeadContact, Task
from tests.cast import NOW, a_lead
from workspaces.models import Member

Page = Callable[[Member], Client]
HTMX = {"HX-Request": "true"}


def held(member: Member, **fields) -> Lead:
    return a_lead(**{"email": "li@example.com", "owner": member, "pool": "sales", "held_since": NOW} | fields)


def address(lead: Lead, rest: str) -> str:
    return f"/w/acme/leads/{lead.pk}/{rest}"


def test_facts_people_tasks_and_tags_are_written_in_the_panel(ming: Member, page: Page) -> None:
    client, lead = page(ming), held(ming)
    sent = {
        "facts/need/": {"pain": "Slow by hand", "need_level": "clear"},
        "people/": {"name": "Han", "role": "champion"},
        "task/": {"title": "Send it", "due_at": "2099-01-01T09:00"},
        "tags/": {"tags": "vip，fair"},
    }
    for rest, values in sent.items():
        assert client.get(address(lead, rest)).status_code == 200
        assert client.post(address(lead, rest), values, headers=HTMX).status_code == 204, rest
    lead = Lead.objects.get(pk=lead.pk)
    assert (lead.pain, lead.need_level) == ("Slow by hand", "clear")
    assert sorted(one.tag.name for one in lead.lead_tags.all()) == ["fair", "vip"]
    assert Task.objects.get().title == "Send it"
    person = LeadContact.objects.get()
    assert client.post(address(lead, f"people/{person.pk}/gone/"), headers=HTMX).status_code == 204
    assert not LeadContact.objects.exists()
    assert client.get(address(lead, "timeline/")).status_code == 200


def test_a_lead_is_claimed_given_back_and_handed_over(alice: Member, ming: Member, page: Page) -> None:
    rep, lead = page(ming), a_lead(email="li@example.com")
    assert rep.post(address(lead, "claim/"), headers=HTMX).status_code == 204
    assert Lead.objects.get(pk=lead.pk).owner_id == ming.pk
    assert rep.get(address(lead, "give-back/")).status_code == 200
    assert rep.post(address(lead, "give-back/"), {"reason": ""}, headers=HTMX).status_code == 422
    assert rep.post(address(lead, "give-back/"), {"reason": "wrong region"}, headers=HTMX).status_code == 204
    assert Lead.objects.get(pk=lead.pk).pool == "recycle"
    assert rep.get(address(lead, "hand-to/")).status_code == 403
    boss = page(alice)
    assert boss.get(address(lead, "hand-to/")).status_code == 200
    given = {"owner": str(ming.pk), "reason": "knows them"}
    assert boss.post(address(lead, "hand-to/"), given, headers=HTMX).status_code == 204
    assert Lead.objects.get(pk=lead.pk).owner_id == ming.pk


def test_an_approval_is_decided_on_its_page(alice: Member, ming: Member, page: Page) -> None:
    Gate.objects.filter(transition="to_sql").update(condition={})
    lead = held(ming, stage="mql")
    asked = Approval.objects.create(lead=lead, transition="to_sql", asked_by=ming, asked_at=NOW)
    decision = f"/w/acme/approvals/{asked.pk}/"
    assert page(ming).post(decision, {"approve": "yes"}).status_code == 403
    assert page(alice).post(decision, {"approve": "yes", "reason": "fine"}).status_code == 204
    assert Lead.objects.get(pk=lead.pk).stage == "sql"
