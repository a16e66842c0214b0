"""Giving back, giving to somebody, handing over; and what a step means for the holder."""

import pytest

from leads.actions import advance_one
from leads.models import Lead, TimelineEntry
from pools.actions import claim, claim_one, give, hand_over, release
from pools.models import Assignment
from tests.cast import NOW, a_lead
from tests.pools.cast import a_manager, a_rep, held_truly, kinds, later, some_leads
from workspaces.models import Member
from workspaces.refusals import Invalid, NotAllowed, Refused

pytestmark = pytest.mark.django_db


def test_release_needs_a_reason_and_the_holder(ming: Member) -> None:
    lead = a_lead().pk
    claim_one(ming, lead, as_of=NOW)
    with pytest.raises(Invalid):
        release([lead], "  ", as_of=NOW, actor=ming)
    with pytest.raises(NotAllowed):
        release([lead], "mine", as_of=NOW, actor=a_rep("Fang"))
    assert release([lead], "speaks only Finnish", as_of=later(hours=1), actor=ming) == [lead]
    free = Lead.objects.get(pk=lead)
    assert (free.pool, free.owner_id, free.reclaim_at) == ("recycle", None, None)
    ended = Assignment.objects.get(lead_id=lead)
    assert (ended.ended, ended.end_reason) == ("released", "speaks only Finnish")
    assert TimelineEntry.objects.get(lead_id=lead, kind="released").data["reason"] == "speaks only Finnish"
    with pytest.raises(Refused) as no:
        release([lead], "again", as_of=NOW, actor=a_manager())
    assert no.value.code == "not_held"
    held_truly()


def test_a_manager_gives_from_any_pool(ming: Member) -> None:
    hong, fang = a_manager(), a_rep("Fang")
    leads = some_leads(3)
    claim_one(ming, leads[0], as_of=NOW)
    claim_one(fang, leads[1], as_of=NOW)
    done = give(leads, fang, "knows them", as_of=later(hours=2), actor=hong)
    assert done.given == {leads[0]: fang.pk, leads[2]: fang.pk}
    assert done.kept == [leads[1]]
    first = Assignment.objects.get(lead_id=leads[0], member=ming)
    assert (first.ended, first.end_reason) == ("reassigned", "knows them")
    now = Assignment.objects.get(lead_id=leads[0], ended_at=None)
    assert (now.began, now.actor_id, now.why["note"]) == ("given", hong.pk, "knows them")
    assert Lead.objects.get(pk=leads[0]).reclaim_at == later(hours=26)
    assert kinds(leads[0]) == ["claimed", "given"]
    held_truly()


def test_giving_is_for_managers_and_to_those_who_hold(ming: Member, zoe: Member) -> None:
    lead, hong = a_lead().pk, a_manager()
    with pytest.raises(NotAllowed):
        give([lead], ming, as_of=NOW, actor=ming)
    with pytest.raises(Invalid):
        give([lead], zoe, as_of=NOW, actor=hong)
    with pytest.raises(Refused) as no:
        give([a_lead(stage="lost", pool="recycle").pk], ming, as_of=NOW, actor=hong)
    assert no.value.code == "frozen"


@pytest.mark.usefixtures("workspace")
def test_capacity_stands_unless_overridden() -> None:
    hong, fang, leads = a_manager(), a_rep("Fang", capacity=1), some_leads(2)
    with pytest.raises(Refused) as no:
        give(leads, fang, as_of=NOW, actor=hong)
    assert no.value.code == "capacity"
    assert "no room for 2 more" in no.value.message
    assert not Assignment.objects.exists()
    give(leads, fang, as_of=NOW, actor=hong, override=True)
    held_truly()


def test_a_handover_shares_out_evenly_and_keeps_stages(ming: Member) -> None:
    hong, fang, bo = a_manager(), a_rep("Fang"), a_rep("Bo")
    leads = some_leads(7)
    claim(ming, leads, as_of=NOW)
    advance_one(leads[0], "to_mql", as_of=NOW, actor=hong, override="known")
    part = hand_over(ming, [fang], "on leave", leads=leads[:1], as_of=NOW, actor=hong)
    assert part.given == {leads[0]: fang.pk}
    rest = hand_over(ming, [fang, bo], "on leave", as_of=NOW, actor=hong)
    assert sorted(list(rest.given.values()).count(one.pk) for one in (fang, bo)) == [3, 3]
    assert Lead.objects.get(pk=leads[0]).stage == "mql"
    assert not Lead.objects.filter(owner=ming).exists()
    with pytest.raises(Invalid):
        hand_over(fang, [bo], " ", as_of=NOW, actor=hong)
    held_truly()


@pytest.mark.parametrize(
    ("step", "pool", "ended"),
    [("send_back", "lead", "closed"), ("lose", "recycle", "closed"), ("disqualify", "recycle", "closed")],
)
def test_steps_that_leave_the_holder(ming: Member, alice: Member, step: str, pool: str, ended: str) -> None:
    lead = a_lead().pk
    claim_one(ming, lead, as_of=NOW)
    advance_one(lead, "to_mql", as_of=NOW, actor=alice, override="known")
    advance_one(lead, step, as_of=NOW, actor=ming, details={"reason": "no fit"})
    now = Lead.objects.get(pk=lead)
    assert (now.pool, now.owner_id, now.reclaim_at) == (pool, None, None)
    assert Assignment.objects.get(lead_id=lead).ended == ended
    held_truly()
    if step != "send_back":
        advance_one(lead, "reopen", as_of=later(days=1), actor=alice)
        assert Lead.objects.get(pk=lead).pool == "lead"
        held_truly()


def test_a_won_lead_stays_with_its_holder(ming: Member, alice: Member) -> None:
    lead = a_lead(pain="slow").pk
    claim_one(ming, lead, as_of=NOW)
    for step in ("to_mql", "to_sql", "to_opportunity", "win"):
        advance_one(lead, step, as_of=NOW, actor=alice, override="known")
    assert Lead.objects.get(pk=lead).owner_id == ming.pk
    with pytest.raises(Refused) as no:
        release([lead], "done", as_of=NOW, actor=ming)
    assert no.value.code == "closed"
    held_truly()
