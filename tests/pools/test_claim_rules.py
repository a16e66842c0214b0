"""Who may claim what, until when not, and how many of a grade; each refusal says which rule."""

from typing import Any

import pytest

from leads.models import Company, Lead
from pools.actions import assign, claim, claim_best, claim_one, give, hand_over, release
from pools.actions.rules import change_claim_policy, save_claim_rule
from pools.models import AssignmentRule, ClaimRule, Strategy, Waiting
from pools.queries import claimable
from pools.words import passed_over_reason
from tests.cast import NOW, a_lead
from tests.pools.cast import a_manager, a_rep, later, some_leads
from workspaces.models import Member, Team
from workspaces.refusals import Invalid, Refused

pytestmark = pytest.mark.django_db
SAAS = {"field": "industry", "op": "eq", "value": "saas"}


def a_rule(members: Any = (), **values: Any) -> ClaimRule:
    row = ClaimRule(**{"name": "SaaS is ours", "condition": SAAS} | values)
    return save_claim_rule(row, members, as_of=NOW, actor=None)


def refusal(member: Member, lead: Any, **by: float) -> Refused:
    with pytest.raises(Refused) as caught:
        claim_one(member, lead, as_of=later(**by))
    return caught.value


def test_a_team_and_members_by_name(workspace: Any, ming: Member) -> None:
    north = Team.objects.create(name="North")
    ann, bo = a_rep("Ann", team=north), a_rep("Bo")
    a_rule([bo], team=north)
    leads = some_leads(3, industry="saas")
    free = a_lead(industry="retail").pk
    no = refusal(ming, leads[0])
    assert (no.code, no.details["rule"]) == (
        "reserved",
        "SaaS is ours",
    ) and "North and the members it names" in no.message
    assert claim_best(ming, 5, as_of=NOW).claimed == [free]
    assert not claimable(ming, NOW).exists() and claimable(ann, NOW).count() == 3
    claim_one(ann, leads[0], as_of=NOW)
    assert claim_best(bo, 5, as_of=NOW).claimed == leads[1:]


def test_a_rule_without_anybody_reserves_for_nobody(workspace: Any, ming: Member) -> None:
    a_rule()
    assert "nobody" in refusal(ming, a_lead(industry="saas").pk).message


def test_fresh_leads_are_frozen_from_their_entry_not_from_an_edit(workspace: Any, ming: Member) -> None:
    change_claim_policy({"freeze_hours": 4}, as_of=NOW, actor=None)
    lead = a_lead().pk
    no = refusal(ming, lead, hours=1)
    assert no.code == "frozen" and no.details["until"] == later(hours=4).isoformat()
    none = claim_best(ming, 5, as_of=later(hours=3))
    assert none.claimed == [] and none.refused[lead]["code"] == "frozen"
    Lead.objects.filter(pk=lead).update(updated_at=later(hours=3.9), pool_since=later(hours=3.9))
    assert claim_best(ming, 5, as_of=later(hours=4)).claimed == [lead]


def test_a_rule_may_freeze_longer(workspace: Any, ming: Member) -> None:
    a_rule([ming], freeze_hours=24)
    lead = a_lead(industry="saas").pk
    assert refusal(ming, lead, hours=23).code == "frozen"
    claim_one(ming, lead, as_of=later(hours=24))


def test_a_capacity_by_grade(workspace: Any, ming: Member) -> None:
    change_claim_policy({"capacity_by_grade": {"A": 2}}, as_of=NOW, actor=None)
    leads = some_leads(3, grade="A")
    other = a_lead(grade="B", score=1).pk
    assert claim_best(ming, 4, as_of=NOW).claimed == [*leads[:2], other]
    no = refusal(ming, leads[2])
    assert no.code == "capacity" and "grade A" in no.message
    Lead.objects.filter(pk=leads[0]).update(stage="won")
    claim_one(ming, leads[2], as_of=NOW)
    with pytest.raises(Invalid):
        change_claim_policy({"capacity_by_grade": {"E": 1}}, as_of=NOW, actor=None)


def test_the_page_shows_the_room_of_each_grade(workspace: Any, ming: Member, page: Any) -> None:
    change_claim_policy({"capacity_by_grade": {"B": 4, "A": 2}}, as_of=NOW, actor=None)
    claim_one(ming, a_lead(grade="A").pk, as_of=NOW)
    text = " ".join(page(ming).get("/w/acme/pools/").content.decode().split())
    shown = [text.split(f"Of grade {grade} in hand")[1].split("</span></div>")[0] for grade in "AB"]
    assert [one.rsplit(">", 1)[1] for one in shown] == ["1 of 2", "0 of 4"]


def test_a_capacity_by_grade_holds_however_a_lead_comes(workspace: Any, ming: Member) -> None:
    """By the rules, by a manager, by a handover: in one hand there are no more of a grade than it says."""
    change_claim_policy({"capacity_by_grade": {"A": 2}}, as_of=NOW, actor=None)
    hong, leads = a_manager(), some_leads(4, grade="A", stage="mql")
    assert set(assign(leads[:3], as_of=NOW).waiting.values()) == {"full"}
    row = Waiting.objects.get()
    assert row.why["passed_over"][0]["reason"] == "grade_full"
    assert "of its grade" in passed_over_reason("grade_full")
    with pytest.raises(Refused, match="grade A"):
        give([leads[3]], ming, as_of=NOW, actor=hong)
    give([leads[3]], hong, as_of=NOW, actor=hong)
    with pytest.raises(Refused, match="grade A"):
        hand_over(hong, [ming], "on leave", as_of=NOW, actor=hong)
    assert hand_over(hong, [], "on leave", by_rule=True, as_of=NOW, actor=hong).left == {leads[3]: "full"}
    give([leads[3]], ming, as_of=NOW, actor=hong, override=True)
    other = a_lead(grade="B", stage="mql").pk
    assert assign([other], as_of=NOW).assigned == {other: ming.pk}


@pytest.mark.parametrize("strategy", Strategy.values)
def test_who_has_enough_of_a_grade_is_passed_over_by_every_strategy(workspace: Any, strategy: str) -> None:
    change_claim_policy({"capacity_by_grade": {"A": 1}}, as_of=NOW, actor=None)
    AssignmentRule.objects.update(strategy=strategy)
    reps, acme = (
        [a_rep(name) for name in ("Ann", "Bo", "Cai")],
        Company.objects.create(name="A", name_key="a"),
    )
    leads = some_leads(4, grade="A", stage="mql", company=acme)
    found = assign(leads, as_of=NOW)
    assert set(found.assigned.values()) == {rep.pk for rep in reps} and list(found.waiting) == leads[3:]


def test_a_quota_is_spent_by_success_alone(workspace: Any, ming: Member) -> None:
    change_claim_policy({"daily_quota": 2}, as_of=NOW, actor=None)
    other = a_rep("Ann")
    taken, lead, second = some_leads(3)
    claim_one(other, taken, as_of=NOW)
    for _try in range(3):
        assert refusal(ming, taken).code == "taken"
    assert claim(ming, [lead, second], as_of=NOW).claimed == [lead, second]
    release([lead], "no", as_of=NOW, actor=ming)
    assert refusal(ming, a_lead().pk).code == "quota"


def test_by_api(api: Any, alice: Member, ming: Member) -> None:
    admin, rep = api(alice), api(ming)
    body = {"name": "Key", "condition": SAAS, "members": [str(alice.pk)], "freeze_hours": 1}
    made = admin.post("/api/v1/claim-rules/", body, format="json")
    assert made.status_code == 201 and made.json()["members"] == [str(alice.pk)]
    at = f"/api/v1/claim-rules/{made.json()['id']}/"
    assert rep.get(at).status_code == 200 and rep.patch(at, {"name": "x"}, format="json").status_code == 403
    lead = a_lead(industry="saas").pk
    refused = rep.post(f"/api/v1/leads/{lead}/claim/")
    assert refused.status_code == 409 and refused.json()["code"] == "reserved"
    assert admin.patch(at, {"members": [str(ming.pk)]}, format="json").json()["members"] == [str(ming.pk)]
    assert rep.post(f"/api/v1/leads/{lead}/claim/").status_code == 200
    assert admin.delete(at).status_code == 204
    assert (
        admin.patch("/api/v1/claim-policy/", {"capacity_by_grade": {"A": -1}}, format="json").status_code
        == 422
    )
    assert (
        admin.patch("/api/v1/claim-policy/", {"freeze_hours": 2}, format="json").json()["freeze_hours"] == 2
    )
