"""Claiming: what is refused, by which rule and until when; only success is counted."""

from datetime import datetime
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from leads.models import Lead
from pools.actions import claim, claim_best, claim_one, give, reclaim_due, release
from pools.models import Assignment, ClaimPolicy
from pools.queries import claim_room, claimable
from tests.cast import NOW, a_lead
from tests.pools.cast import a_rep, held_truly, kinds, later, some_leads
from workspaces.models import Member, Workspace
from workspaces.refusals import NotAllowed, NotThere, Refused

pytestmark = pytest.mark.django_db


def code(member: Member, lead, as_of: datetime = NOW) -> str:
    with pytest.raises(Refused) as no:
        claim_one(member, lead, as_of=as_of)
    assert no.value.message
    return no.value.code


def test_a_claimed_lead_is_held_and_says_so(ming: Member) -> None:
    lead = a_lead().pk
    claim_one(ming, lead, as_of=NOW)
    held = Lead.objects.get(pk=lead)
    assert (held.pool, held.owner_id, held.held_since, held.version) == ("sales", ming.pk, NOW, 2)
    assert held.reclaim_at == later(hours=24)
    assert held.reclaim_reason == "first_contact"
    assert kinds(lead) == ["claimed"]
    assignment = Assignment.objects.get(lead_id=lead)
    assert (assignment.began, assignment.member_id, assignment.actor_id) == ("claimed", ming.pk, ming.pk)
    held_truly()


def test_taken_by_a_colleague_or_oneself(ming: Member) -> None:
    lead = a_lead().pk
    claim_one(a_rep("Fang"), lead, as_of=NOW)
    assert code(ming, lead) == "taken"
    assert claim(ming, [lead], as_of=NOW).refused[lead]["message"] == "Fang holds this lead."


@pytest.mark.parametrize("stage", ["won", "lost", "disqualified", "deferred"])
def test_what_is_set_aside_is_frozen(ming: Member, stage: str) -> None:
    assert code(ming, a_lead(stage=stage, pool="recycle").pk) == "frozen"


def test_unknown_leads_are_not_there(ming: Member) -> None:
    with pytest.raises(NotThere):
        claim_one(ming, uuid4(), as_of=NOW)


def test_roles_that_may_not_claim(zoe: Member) -> None:
    with pytest.raises(NotAllowed):
        claim(zoe, some_leads(1), as_of=NOW)


def test_the_quota_of_a_day_is_spent_by_success_only(ming: Member) -> None:
    ClaimPolicy.objects.update(daily_quota=3)
    fang, leads = a_rep("Fang"), some_leads(6)
    claim(fang, leads[:2], as_of=NOW)
    result = claim(ming, leads, as_of=NOW)
    assert result.claimed == leads[2:5]
    assert [result.refused[lead]["code"] for lead in (*leads[:2], leads[5])] == ["taken", "taken", "quota"]
    assert code(ming, leads[5], later(hours=2)) == "quota"
    claim_one(ming, leads[5], as_of=later(hours=15))  # the next day of the workspace, in UTC
    assert claim_room(ming, later(hours=15)).quota_left == 2
    held_truly()


def test_the_quota_goes_by_the_day_of_the_workspace(workspace: Workspace, ming: Member) -> None:
    ClaimPolicy.objects.update(daily_quota=1)
    workspace.time_zone = "Asia/Shanghai"
    leads, evening = some_leads(3), datetime(2026, 3, 2, 15, 30, tzinfo=ZoneInfo("UTC"))  # 23:30 there
    claim_one(ming, leads[0], as_of=evening)
    no = claim(ming, leads[1:], as_of=evening.replace(minute=59)).refused[leads[1]]
    assert (no["code"], no["until"]) == ("quota", "2026-03-03T00:00:00+08:00")
    assert "2026-03-03 00:00" in no["message"]
    claim_one(ming, leads[1], as_of=evening.replace(hour=16, minute=0))


def test_capacity_counts_open_leads(ming: Member) -> None:
    leads = some_leads(4)
    ming = a_rep("Fang", capacity=2)
    a_lead(stage="won", pool="sales", owner=ming)
    assert claim(ming, leads, as_of=NOW).claimed == leads[:2]
    assert code(ming, leads[2]) == "capacity"
    Lead.objects.filter(pk=leads[0]).update(stage="deferred")
    claim_one(ming, leads[2], as_of=NOW)


def test_capacity_of_the_workspace(ming: Member) -> None:
    ClaimPolicy.objects.update(holding_capacity=1)
    assert len(claim(ming, some_leads(2), as_of=NOW).claimed) == 1


@pytest.mark.parametrize("how", ["released", "reclaimed", "reassigned"])
def test_a_former_holder_cools_down(alice: Member, ming: Member, how: str) -> None:
    lead, fang = a_lead().pk, a_rep("Fang")
    claim_one(ming, lead, as_of=NOW)
    left = later(hours=25)
    if how == "reassigned":
        give([lead], fang, "helps out", as_of=left, actor=alice)
        release([lead], "no answer", as_of=left, actor=fang)
    elif how == "released":
        release([lead], "not mine", as_of=left, actor=ming)
    else:
        assert reclaim_due(left) == 1
    assert code(ming, lead, later(hours=25, days=6)) == "cooldown"
    no = claim(ming, [lead], as_of=left).refused[lead]
    assert no["until"].startswith("2026-03-10T10:00")
    assert lead not in claimable(ming, left).values_list("pk", flat=True)
    claim_one(ming, lead, as_of=later(hours=25, days=7))
    held_truly()


def test_the_best_for_me(ming: Member) -> None:
    leads = some_leads(5)
    a_lead(score=5000, stage="lost", pool="recycle")
    recycled = a_lead(score=2000, pool="recycle").pk
    mine = a_lead(score=3000).pk
    claim_one(ming, mine, as_of=NOW)
    release([mine], "no answer", as_of=NOW, actor=ming)
    assert claim_best(ming, 3, as_of=NOW).claimed == [recycled, *leads[:2]]
    ClaimPolicy.objects.update(daily_quota=5)
    assert claim_best(ming, 3, as_of=NOW).claimed == leads[2:3]
    with pytest.raises(Refused) as no:
        claim_best(ming, 3, as_of=NOW)
    assert no.value.code == "quota"
    held_truly()


def test_many_cost_what_one_costs(ming: Member, django_assert_max_num_queries) -> None:
    counts = []
    for leads in (some_leads(1), some_leads(1), some_leads(12)):  # the first reads the card
        with django_assert_max_num_queries(40) as queries:
            assert claim(ming, leads, as_of=NOW).claimed == leads
        counts.append(len(queries))
    assert counts[1] == counts[2]
