"""Tags, companies, contacts, opportunities, tasks, custom fields, views, channels, gates, tag rules."""

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from leads.models import (
    Channel,
    Company,
    Contact,
    CustomField,
    Gate,
    LeadTag,
    Opportunity,
    SavedView,
    Tag,
    TagRule,
    Task,
)
from tests.cast import NOW, a_lead
from workspaces.models import Member

API = "/api/v1/"
UNKNOWN = "01890000-0000-7000-8000-000000000000"
SAAS = {"field": "industry", "op": "eq", "value": "saas"}


@pytest.fixture
def client(api, alice) -> APIClient:  # type: ignore[no-untyped-def]
    return api(alice)


def errors(response: Any, status: int = 422) -> dict[str, str]:
    assert response.status_code == status, response.content
    return {error["field"]: error["code"] for error in response.json()["errors"]}


def made(response: Any, status: int = 201) -> dict[str, Any]:
    assert response.status_code == status, response.content
    return response.json()


def test_tags(api, client: APIClient, ming: Member) -> None:
    tag = made(client.post(API + "tags/", {"name": "VIP"}))
    assert made(client.post(API + "tags/", {"name": "ｖｉｐ"}), 200)["id"] == tag["id"]
    LeadTag.objects.create(lead=a_lead(), tag_id=tag["id"])
    address = f"{API}tags/{tag['id']}/"
    assert client.get(address).json()["leads"] == 1
    assert api(ming).patch(address, {"name": "x"}).status_code == 403
    assert client.patch(address, {"name": "Key account"}).json()["name"] == "Key account"
    assert client.delete(address).status_code == 204
    assert not LeadTag.objects.exists()


def test_companies_are_one_a_name(client: APIClient) -> None:
    company = made(
        client.post(API + "companies/", {"name": "Acme GmbH", "website": "https://acme.example/x"})
    )
    assert company["domain"] == "acme.example"
    assert client.post(API + "companies/", {"name": "ACME"}).json()["code"] == "company_exists"
    lead = client.post(API + "leads/", {"email": "a@b.example", "company": "Acme"}).json()
    assert lead["company_id"] == company["id"]
    address = f"{API}companies/{company['id']}/"
    assert client.patch(address, {"name": "Bcme", "employees": 7}).json()["employees"] == 7
    assert [row["id"] for row in client.get(API + "leads/?q=bcme").json()["results"]] == [lead["id"]]
    assert [row["name"] for row in client.get(API + "companies/?name=bcme+ltd").json()["results"]] == ["Bcme"]


def test_contacts_are_masked_like_their_leads(api, client: APIClient, ming: Member) -> None:
    company = Company.objects.create(name="Acme", name_key="acme")
    facts = {"name": "Han", "email": "han@acme.example", "company": str(company.pk)}
    person = made(client.post(API + "contacts/", facts))
    address = f"{API}contacts/{person['id']}/"
    assert errors(client.post(API + "contacts/", facts | {"company": UNKNOWN})) == {"company": "unknown"}
    assert errors(client.post(API + "contacts/", facts | {"email": "x"})) == {"email": "invalid"}
    assert client.patch(address, {"title": "CTO"}).json()["title"] == "CTO"
    assert api(ming).get(address).json()["email"] == "h•••@acme.example"
    lead = a_lead(owner=ming, pool="sales")
    api(ming).post(f"{API}leads/{lead.pk}/contacts/", {"contact_id": person["id"], "role": "user"})
    assert api(ming).get(address).json()["email"] == "han@acme.example"
    assert len(client.get(API + "contacts/", {"company": company.pk}).json()["results"]) == 1


def test_opportunities(api, client: APIClient, ming: Member, zoe: Member) -> None:
    lead = a_lead(owner=ming, pool="sales", stage="opportunity")
    deal = Opportunity.objects.create(lead=lead, owner=ming, name="Deal", amount=10_000, currency="CNY")
    address = f"{API}opportunities/{deal.pk}/"
    assert client.get(address).json()["amount"] == {"amount": "100.00", "currency": "CNY"}
    change = {
        "amount": {"amount": "5", "currency": "JPY"},
        "expected_close": "2026-05-01",
        "step": "proposal",
    }
    assert {name: made(api(ming).patch(address, change), 200)[name] for name in change} == change
    assert api(zoe).patch(address, change).status_code == 403
    assert errors(client.patch(address, {"status": "won"})) == {"status": "read_only"}
    listed = client.get(API + "opportunities/", {"status": "open", "owner": ming.pk, "lead": lead.pk})
    assert len(listed.json()["results"]) == 1
    deal.status = "won"
    deal.save()
    assert client.patch(address, change).json()["code"] == "closed"


def test_tasks(api, client: APIClient, alice: Member, ming: Member) -> None:
    task = made(client.post(API + "tasks/", {"title": "Call", "due_at": "2026-03-03T09:00:00Z"}))
    assert task["member"] == str(alice.pk)
    address = f"{API}tasks/{task['id']}/"
    assert client.patch(address, {"done": True}).json()["done"] is True
    assert client.patch(address, {"done": False}).json()["done_at"] is None
    assert api(ming).patch(address, {"done": True}).status_code == 403
    for name, unknown in (("member", UNKNOWN), ("lead", UNKNOWN)):
        body = {"title": "x", "due_at": "2026-03-03T09:00:00Z", name: unknown}
        assert errors(client.post(API + "tasks/", body)) == {name: "unknown"}
    for query, count in (("done=false", 1), ("done=true", 0), ("member=me", 1), (f"lead={UNKNOWN}", 0)):
        assert len(client.get(f"{API}tasks/?{query}").json()["results"]) == count
    assert client.get(API + "tasks/?done=maybe").status_code == 400


def test_custom_fields(api, client: APIClient, ming: Member) -> None:
    field = made(client.post(API + "custom-fields/", {"label": "Contract ends", "kind": "date"}))
    assert field["key"] == "contract_ends"
    assert made(client.post(API + "custom-fields/", {"label": "合同"}))["key"].startswith("field_")
    again = {"label": "x", "key": "contract_ends"}
    assert client.post(API + "custom-fields/", again).json()["code"] == "field_exists"
    assert errors(client.post(API + "custom-fields/", {"label": "x", "key": "A b"})) == {"key": "invalid"}
    assert errors(client.post(API + "custom-fields/", {"label": "x", "kind": "choice"})) == {
        "choices": "required"
    }
    address = f"{API}custom-fields/{field['id']}/"
    assert errors(client.patch(address, {"kind": "text"})) == {"kind": "read_only"}
    assert client.patch(address, {"label": "Ends"}).json()["label"] == "Ends"
    assert api(ming).delete(address).status_code == 403
    assert client.delete(address).status_code == 204


def test_saved_views_are_ones_own_or_everybodys(api, client: APIClient, ming: Member) -> None:
    rep = api(ming)
    mine = made(rep.post(API + "saved-views/", {"name": "Mine", "where": SAAS, "ordering": "-score"}))
    assert mine["shared"] is False
    assert client.get(f"{API}saved-views/{mine['id']}/").status_code == 404
    assert rep.post(API + "saved-views/", {"name": "All", "shared": True}).status_code == 403
    shared = made(client.post(API + "saved-views/", {"name": "All", "shared": True}))
    assert rep.get(f"{API}saved-views/{shared['id']}/").status_code == 200
    assert rep.patch(f"{API}saved-views/{shared['id']}/", {"name": "x"}).status_code == 403
    assert rep.delete(f"{API}saved-views/{shared['id']}/").status_code == 403
    wrong = {"name": "x", "where": {"all": [{"field": "no", "op": "eq", "value": 1}]}}
    assert errors(rep.post(API + "saved-views/", wrong)) == {"where.all[0].field": "unknown_field"}
    assert rep.delete(f"{API}saved-views/{mine['id']}/").status_code == 204


def test_channels_have_a_public_token(api, client: APIClient, ming: Member) -> None:
    money = {"amount": "300.00", "currency": "USD"}
    channel = made(
        client.post(API + "channels/", {"name": "Fair", "cost_per_month": money, "tags": ["fair"]})
    )
    assert channel["token"]
    assert channel["cost_per_month"] == money
    assert client.post(API + "channels/", {"name": "FAIR"}).json()["code"] == "channel_exists"
    assert api(ming).post(API + "channels/", {"name": "x"}).status_code == 403
    address = f"{API}channels/{channel['id']}/"
    assert errors(client.patch(address, {"token": "x"})) == {"token": "read_only"}
    assert client.patch(address, {"is_active": False}).json()["is_active"] is False


def test_gates_are_set_by_transition_and_said_in_words(api, client: APIClient, ming: Member) -> None:
    names = {gate["transition"] for gate in client.get(API + "gates/").json()["results"]}
    assert {"to_mql", "to_sql", "win"} <= names
    put = {"transition": "to_sql", "condition": {"all": [SAAS]}, "approval_when": None, "approval_score": 50}
    gate = made(client.put(API + "gates/", put), 200)
    assert gate["condition_text"] == "Industry is “saas”"
    assert client.get(API + "gates/to_sql/").json() == client.get(f"{API}gates/{gate['id']}/").json()
    assert client.put(API + "gates/to_sql/", {"approval_when": {}}).json()["approval_when"] == {}
    wrong = {"condition": {"any": [SAAS, {"field": "industry", "op": "near", "value": "x"}]}}
    assert errors(client.put(API + "gates/to_sql/", wrong)) == {"condition.any[1].op": "unknown_op"}
    assert Gate.objects.get(transition="to_sql").condition == {"all": [SAAS]}
    assert errors(client.put(API + "gates/", put | {"transition": "fly"})) == {"transition": "unknown_value"}
    assert api(ming).put(API + "gates/", put).status_code == 403
    assert (
        client.get(API + "gates/fly/").status_code == client.get(f"{API}gates/{UNKNOWN}/").status_code == 404
    )
    chinese = client.get(API + "gates/to_sql/", HTTP_ACCEPT_LANGUAGE="zh-hans").json()
    assert chinese["condition_text"] == "行业为“saas”"


def test_a_tag_says_which_rule_set_it(client: APIClient, page: Callable, alice: Member) -> None:
    condition = {"field": "employees", "op": "gte", "value": 500}
    rule = client.post("/api/v1/tag-rules/", {"tag": "large", "condition": condition}).json()
    lead = client.post("/api/v1/leads/", {"email": "a@x.example", "employees": 900, "tags": ["vip"]}).json()
    assert (lead["tags"], lead["tag_rules"]) == (["large", "vip"], {"large": rule["id"]})
    shown = page(alice).get(f"/w/acme/leads/{lead['id']}/").content.decode()
    assert "Set by a rule: " in shown and "is at least 500" in shown


def test_tag_rules_put_their_tags_at_once(client: APIClient) -> None:
    lead = client.post(API + "leads/", {"email": "a@b.example", "industry": "saas"}).json()

    def tags() -> list[str]:
        return client.get(f"{API}leads/{lead['id']}/").json()["tags"]

    rule = made(client.post(API + "tag-rules/", {"tag": "software", "condition": SAAS}))
    assert (tags(), rule["condition_text"]) == (["software"], "Industry is “saas”")
    address = f"{API}tag-rules/{rule['id']}/"
    preview = client.get(address + "preview/").json()
    assert (preview["matching"], preview["gains"], preview["loses"]) == (1, 0, 0)
    other = {"condition": {"field": "industry", "op": "eq", "value": "steel"}}
    assert client.post(address + "preview/", other).json()["loses"] == 1
    assert tags() == ["software"]
    client.patch(address, {"tag": "IT"})
    assert tags() == ["IT"]
    client.patch(address, other)
    assert tags() == []
    assert errors(client.patch(address, {"condition": {"field": "x"}})) == {"condition.op": "required"}
    assert client.delete(address).status_code == 204


# Queries of each list, whatever its length; six of them are the request's own.
LISTS = {
    "tags/": 7,
    "companies/": 7,
    "contacts/": 7,
    "opportunities/": 8,
    "tasks/": 7,
    "custom-fields/": 7,
    "saved-views/": 7,
    "channels/": 7,
    "gates/": 8,
    "tag-rules/": 8,
    "approvals/": 7,
}


@pytest.mark.parametrize("path", LISTS)
def test_lists_cost_the_same_for_one_row_and_three(
    client: APIClient, path: str, alice: Member, django_assert_num_queries
) -> None:
    for model in (TagRule, Tag, CustomField, SavedView, Channel):
        model.objects.all().delete()
    Gate.objects.exclude(transition="win").delete()

    def add(number: int) -> None:
        lead = a_lead(owner=alice, pool="sales")
        company = Company.objects.create(name=f"C{number}", name_key=f"c{number}")
        Contact.objects.create(name=f"P{number}", company=company)
        Opportunity.objects.create(lead=lead, owner=alice, name="Deal", amount=1)
        Task.objects.create(title="Call", member=alice, lead=lead, due_at=NOW)
        CustomField.objects.create(key=f"k{number}", label="K")
        SavedView.objects.create(name="V", where=SAAS)
        Channel.objects.create(name=f"H{number}", name_key=f"h{number}", token=f"t{number}", cost_per_month=1)
        tag = Tag.objects.create(name=f"T{number}", name_key=f"t{number}")
        LeadTag.objects.create(lead=lead, tag=tag)
        TagRule.objects.create(tag=tag, condition=SAAS)
        Gate.objects.filter(transition="win").update(condition={"all": [SAAS]})
        lead.approvals.create(transition="to_sql", asked_by=alice, asked_at=NOW)

    add(0)
    client.get(API + path)
    with django_assert_num_queries(LISTS[path]):
        assert len(client.get(API + path).json()["results"]) == 1
    add(1)
    add(2)
    Gate.objects.create(transition="lose", condition=SAAS)
    Gate.objects.create(transition="defer", condition=SAAS)
    with django_assert_num_queries(LISTS[path]):
        assert len(client.get(API + path).json()["results"]) == 3
