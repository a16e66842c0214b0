"""The pools through the API: the public names, and refusals as problems with their codes."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from rest_framework.test import APIClient

from leads.models import Lead
from pools.models import Assignment, AssignmentRule, ClaimPolicy, PoolPolicy
from tests.cast import a_lead
from tests.pools.cast import a_manager, a_rep, held_truly, some_leads
from workspaces.models import AuditEntry, Member
from workspaces.tenancy import enter

pytestmark = pytest.mark.django_db
Api = Callable[[Member], APIClient]


def test_claim_and_give_back(api: Api, ming: Member) -> None:
    lead, client = a_lead().pk, api(ming)
    answer = client.post(f"/api/v1/leads/{lead}/claim/")
    assert answer.status_code == 200, answer.json()
    body = answer.json()
    assert (body["id"], body["pool"], body["owner"]) == (str(lead), "sales", str(ming.pk))
    assert answer["ETag"] == '"2"'
    again = client.post(f"/api/v1/leads/{lead}/claim/")
    assert (again.status_code, again.json()["code"]) == (409, "taken")
    assert client.post(f"/api/v1/leads/{lead}/release/", {}).status_code == 422
    answer = client.post(f"/api/v1/leads/{lead}/release/", {"reason": "speaks only Finnish"})
    assert (answer.status_code, answer.json()["pool"]) == (200, "recycle")
    no = client.post(f"/api/v1/leads/{lead}/claim/").json()
    assert no["code"] == no["errors"][0]["code"] == "cooldown"
    assert no["until"]
    held_truly()


def test_a_manager_hands_it_to_somebody(api: Api, ming: Member) -> None:
    lead, fang = a_lead().pk, a_rep("Fang", capacity=1)
    address = f"/api/v1/leads/{lead}/assignment/"
    assert api(ming).post(address, {"owner": str(fang.pk)}).status_code == 403
    client = api(a_manager())
    answer = client.post(address, {"owner": str(fang.pk), "reason": "knows them"})
    assert (answer.status_code, answer.json()["owner"]) == (200, str(fang.pk))
    other = f"/api/v1/leads/{a_lead().pk}/assignment/"
    assert client.post(other, {"owner": str(fang.pk)}).json()["code"] == "capacity"
    assert client.post(other, {"owner": str(fang.pk), "override": True}).status_code == 200
    assert client.post(other, {"owner": str(uuid4())}).status_code == 422


def test_several_at_once_and_the_best(api: Api, ming: Member) -> None:
    leads, client = some_leads(6), api(ming)
    ClaimPolicy.objects.update(daily_quota=5)
    answer = client.post("/api/v1/pools/claims/", {"best": 2}).json()
    assert answer == {"claimed": [str(lead) for lead in leads[:2]], "refused": []}
    answer = client.post("/api/v1/pools/claims/", {"leads": [str(lead) for lead in leads[1:]]}).json()
    assert answer["claimed"] == [str(lead) for lead in leads[2:5]]
    assert [(one["lead"], one["code"]) for one in answer["refused"]] == [
        (str(leads[1]), "taken"),
        (str(leads[5]), "quota"),
    ]
    assert client.post("/api/v1/pools/claims/", {}).status_code == 422


def test_the_pools_in_numbers(api: Api, ming: Member) -> None:
    leads, client = some_leads(4), api(ming)
    a_lead(pool="recycle")
    a_lead(stage="mql")
    client.post(f"/api/v1/leads/{leads[0]}/claim/")
    body = client.get("/api/v1/pools/").json()
    assert [body[name] for name in ("lead", "sales", "recycle", "unassigned")] == [4, 1, 1, 1]
    assert body["about_to_be_reclaimed"] == {"within_24_hours": 1, "within_7_days": 1}
    assert body["claim"]["quota_left"] == 19 and body["claim"]["by_grade"] == {}
    assert body["claim"]["held"] == 1


def test_policies(api: Api, ming: Member) -> None:
    lead, client = a_lead(industry="saas").pk, api(a_manager())
    api(ming).post(f"/api/v1/leads/{lead}/claim/")
    before = Lead.objects.get(pk=lead).reclaim_at
    assert before
    saas = {"field": "industry", "op": "eq", "value": "saas"}
    body = {"name": "SaaS", "position": 0, "condition": saas, "first_contact_hours": 2}
    made = client.post("/api/v1/pool-policies/", body)
    assert made.status_code == 201, made.json()
    after = Lead.objects.get(pk=lead).reclaim_at
    assert after
    assert (before - after).total_seconds() == 22 * 3600
    address = f"/api/v1/pool-policies/{made.json()['id']}/"
    seen = client.post(f"{address}preview/", {"first_contact_hours": 48}).json()
    assert {name: seen[name] for name in ("leads", "changed", "later", "sooner", "due_now")} == {
        "leads": 1,
        "changed": 1,
        "later": 1,
        "sooner": 0,
        "due_now": 0,
    }
    assert seen["first"][0]["lead"] == str(lead)
    assert client.get(f"{address}preview/").json()["changed"] == 0
    assert Lead.objects.get(pk=lead).reclaim_at == after
    assert client.patch(address, {"is_active": False}).status_code == 200
    assert Lead.objects.get(pk=lead).reclaim_at == before
    assert client.delete(address).status_code == 204
    assert len(client.get("/api/v1/pool-policies/").json()["results"]) == 1
    told = AuditEntry.objects.filter(action__startswith="policy_").order_by("id")
    assert [entry.action for entry in told] == ["policy_added", "policy_changed", "policy_dropped"]


def test_rules_that_can_not_be(api: Api, ming: Member) -> None:
    client = api(a_manager())
    wrong = {"field": "colour", "op": "eq", "value": "red"}
    for address in ("pool-policies", "assignment-rules"):
        no = client.post(f"/api/v1/{address}/", {"name": "x", "condition": wrong})
        assert (no.status_code, no.json()["errors"][0]["field"]) == (422, "condition.field")
        assert api(ming).post(f"/api/v1/{address}/", {"name": "x"}).status_code == 403
    no = client.post("/api/v1/pool-policies/", {"name": "x", "follow_up_days": 30, "max_hold_days": 10})
    assert no.json()["errors"][0]["field"] == "max_hold_days"
    assert PoolPolicy.objects.count() == AssignmentRule.objects.count() == 1


def test_the_claim_policy(api: Api, ming: Member) -> None:
    assert api(ming).get("/api/v1/claim-policy/").json()["daily_quota"] == 20
    answer = api(a_manager()).patch("/api/v1/claim-policy/", {"daily_quota": 5})
    assert answer.json() == {
        "daily_quota": 5,
        "holding_capacity": 100,
        "capacity_by_grade": {},
        "cooldown_days": 7,
        "freeze_hours": 0,
    }
    assert ClaimPolicy.objects.get().daily_quota == 5


def test_assignment_rules_and_what_they_would_do(api: Api, ming: Member) -> None:
    leads, client = some_leads(3), api(a_manager())
    waiting = some_leads(2, stage="mql")
    seen = client.post("/api/v1/assignment-rules/dry-run/", {}).json()
    assert (seen["assigned"], seen["waiting"]) == (2, 0)
    assert seen["shares"] == [{"member": str(ming.pk), "leads": 2}]
    assert {one["lead"] for one in seen["decisions"]} == {str(lead) for lead in waiting}
    where = {"field": "stage", "op": "eq", "value": "lead"}
    seen = client.post("/api/v1/assignment-rules/dry-run/", {"where": where}).json()
    assert {one["lead"] for one in seen["decisions"]} == {str(lead) for lead in leads}
    rule = AssignmentRule.objects.get()
    address = f"/api/v1/assignment-rules/{rule.pk}/"
    assert client.get(f"{address}preview/").json()["assigned"] == 2
    assert client.patch(address, {"is_active": False}).json()["is_active"] is False
    seen = client.post("/api/v1/assignment-rules/dry-run/", {}).json()
    assert seen["decisions"][0]["reason"] == "no_rule"
    made = client.post("/api/v1/assignment-rules/", {"name": "New", "position": 3})
    assert made.status_code == 201
    assert client.delete(address).status_code == 204
    assert not Assignment.objects.exists()


def test_the_record_of_assignments(api: Api, ming: Member) -> None:
    leads, client = some_leads(2), api(ming)
    for lead in leads:
        client.post(f"/api/v1/leads/{lead}/claim/")
    client.post(f"/api/v1/leads/{leads[0]}/release/", {"reason": "too far"})
    found = client.get("/api/v1/assignments/").json()["results"]
    assert [one["lead"] for one in found] == [str(leads[1]), str(leads[0])]
    assert (found[0]["member_name"], found[0]["reason"]) == ("Ming", "Claimed from the pool.")
    assert (found[1]["ended"], found[1]["end_reason"]) == ("released", "too far")
    for query, count in (
        (f"lead={leads[0]}", 1),
        ("open=true", 1),
        (f"member={uuid4()}", 0),
        ("began=given", 0),
    ):
        assert len(client.get(f"/api/v1/assignments/?{query}").json()["results"]) == count
    assert client.get("/api/v1/assignments/?lead=nonsense").status_code == 422
    nobody_asked = {"rule_name": "", "strategy": "", "candidates": []}
    assert client.get(f"/api/v1/assignments/{found[0]['id']}/").json() == found[0] | nobody_asked


def test_handovers(api: Api, ming: Member) -> None:
    client, fang, bo = api(a_manager()), a_rep("Fang"), a_rep("Bo")
    leads = some_leads(3) + some_leads(1, industry="saas")
    api(ming).post("/api/v1/pools/claims/", {"leads": [str(lead) for lead in leads]})
    body = {"from": str(ming.pk), "to": [str(fang.pk)], "reason": "on leave"}
    where = {"field": "industry", "op": "eq", "value": "saas"}
    answer = client.post("/api/v1/handovers/", body | {"where": where})
    assert answer.status_code == 201, answer.json()
    assert answer.json()["moved"] == 1
    assert answer.json()["shares"] == [{"member": str(fang.pk), "leads": [str(leads[3])]}]
    rest = client.post("/api/v1/handovers/", body | {"to": [str(fang.pk), str(bo.pk)]}).json()
    assert sorted(len(share["leads"]) for share in rest["shares"]) == [1, 2]
    assert client.post("/api/v1/handovers/", {"to": []}).status_code == 422
    held_truly()


def test_another_workspace_is_not_there(api: Api, ming: Member, mallory: Member, elsewhere) -> None:
    with enter(elsewhere):
        theirs = a_lead().pk
    for what, body in (("claim", {}), ("release", {"reason": "x"}), ("assignment", {"owner": str(ming.pk)})):
        for pk in (theirs, uuid4()):
            answer = api(a_manager_once()).post(f"/api/v1/leads/{pk}/{what}/", body)
            assert answer.status_code == 404
    with enter(elsewhere):
        assert Lead.objects.get(pk=theirs).pool == "lead"


def a_manager_once() -> Member:
    return Member.objects.filter(email="hong@acme.test").first() or a_manager()


def test_a_list_costs_the_same_for_many(api: Api, ming: Member, django_assert_max_num_queries) -> None:
    client, spent = api(ming), []
    for count in (1, 5):
        client.post("/api/v1/pools/claims/", {"best": some_leads(count) and count})
        with django_assert_max_num_queries(12) as queries:
            client.get("/api/v1/assignments/")
        spent.append(len(queries))
    assert spent[0] == spent[1]
