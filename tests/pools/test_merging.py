"""Whoever's pursuit goes on after a merge, holding stays right: one holder, one open record, nobody unasked."""

from typing import Any
from uuid import UUID

import pytest

from leads.actions import log_follow_up, merge, undo_merge
from leads.models import Lead, Task
from notices.models import Notice
from notices.wording import told
from pools.actions import assign_due, claim_one, mark_invalid
from pools.models import Assignment, AssignmentRule, ClaimPolicy, InvalidMark, PoolPolicy, Waiting
from tests.cast import NOW, a_lead
from tests.pools.cast import a_rep, held_truly, later, some_leads
from workspaces.models import Member
from workspaces.refusals import NotAllowed, Refused

pytestmark = pytest.mark.django_db
LATER, OTHER = later(hours=1), {"pursuit": "other"}


def holds(lead: UUID) -> dict[str, str]:
    """How each hold of a lead ended, by the holder's name; '' goes on."""
    return {one.member.name: one.ended for one in Assignment.objects.filter(lead=lead)}


def test_a_free_pursuit_is_chosen_and_the_rules_find_somebody_else(alice: Member) -> None:
    ann = a_rep("Ann")
    kept, gone = a_lead(name="Held").pk, a_lead(name="Free", stage="mql").pk
    claim_one(ann, kept, as_of=NOW)
    made = merge(kept, gone, choose=OTHER, as_of=LATER, actor=alice)
    held_truly()
    assert holds(kept) == {"Ann": "merged"} and Lead.objects.get(pk=kept).owner_id is None
    bo = a_rep("Bo")
    AssignmentRule.objects.all().delete()
    AssignmentRule.objects.create(name="All", condition={})
    assert assign_due(LATER) == 1
    assert Lead.objects.get(pk=kept).owner_id == bo.pk  # who lost it waits, as any former holder
    held_truly()
    undo_merge(made.pk, as_of=LATER, actor=alice)
    held_truly()


def test_the_free_lead_takes_up_a_held_one_and_stays_free(alice: Member) -> None:
    free, held = some_leads(2)
    claim_one(a_rep("Ann"), held, as_of=NOW)
    made = merge(free, held, choose={"pursuit": "this"}, as_of=LATER, actor=alice)
    held_truly()
    assert holds(free) == {"Ann": "merged"}
    undo_merge(made.pk, as_of=LATER, actor=alice)
    held_truly()
    assert holds(held) == {"Ann": ""} and holds(free) == {}


def test_of_two_holders_the_chosen_ones_record_goes_on(alice: Member) -> None:
    kept, gone = some_leads(2)
    claim_one(a_rep("Ann"), kept, as_of=NOW)
    claim_one(a_rep("Bo"), gone, as_of=NOW)
    made = merge(kept, gone, choose=OTHER, as_of=LATER, actor=alice)
    assert holds(kept) == {"Ann": "merged", "Bo": ""}
    held_truly()
    undo_merge(made.pk, as_of=LATER, actor=alice)
    assert (holds(kept), holds(gone)) == ({"Ann": ""}, {"Bo": ""})
    held_truly()


def test_who_loses_a_lead_by_a_merge_is_told_and_has_no_more_to_do_for_it(alice: Member, page: Any) -> None:
    ann, bo = a_rep("Ann"), a_rep("Bo")
    kept, gone, free = (a_lead(name=name).pk for name in ("Acme", "Acme Ltd", "ACME"))
    claim_one(ann, kept, as_of=NOW)
    claim_one(bo, gone, as_of=NOW)
    step = {"next_action": "Send slots", "next_at": later(days=1)}
    log_follow_up(gone, channel="call", summary="A demo", as_of=NOW, actor=bo, **step)
    made = merge(kept, gone, as_of=LATER, actor=alice)
    [said] = told(Notice.objects.filter(member=bo))
    assert (said[1].title, said[1].text) == ("Ann has Acme now", "It was merged with another lead.")
    assert not Notice.objects.filter(member=ann, kind="claimed_by_other").exists()
    assert Task.objects.get(origin="follow_up").member_id == ann.pk
    text = page(alice).get(f"/w/acme/leads/{kept}/").content.decode()
    assert "Bo no longer holds it" in text
    undo_merge(made.pk, as_of=LATER, actor=alice)
    assert Task.objects.get(origin="follow_up").member_id == bo.pk
    merge(kept, free, choose=OTHER, as_of=later(hours=2), actor=alice)
    [said] = told(Notice.objects.filter(member=ann, kind="reclaimed"))
    assert said[1].text == "It was merged with another lead."


def test_what_was_said_of_the_other_record_takes_the_lead_from_nobody(alice: Member, zoe: Member) -> None:
    PoolPolicy.objects.update(invalid_marks=3)
    ann, bo = a_rep("Ann"), a_rep("Bo")
    good, junk = some_leads(2)
    claim_one(ann, good, as_of=NOW)
    claim_one(bo, junk, as_of=NOW)
    for lead, member in ((junk, alice), (junk, zoe), (good, bo)):
        mark_invalid(lead, as_of=NOW, actor=member)
    before = Lead.objects.get(pk=good).reclaim_at
    made = merge(good, junk, as_of=LATER, actor=alice)
    assert Lead.objects.get(pk=good).reclaim_at == before
    undo_merge(made.pk, as_of=LATER, actor=alice)
    assert InvalidMark.objects.filter(lead=junk, settled_at=None).count() == 2
    assert InvalidMark.objects.filter(lead=good, settled_at=None).count() == 1


def test_a_waiting_lead_that_somebody_takes_up_waits_no_more(alice: Member) -> None:
    waits, held = a_lead(stage="mql").pk, a_lead().pk
    assert assign_due(NOW) == 0 and Waiting.objects.count() == 1
    claim_one(a_rep("Ann"), held, as_of=NOW)
    merge(held, waits, as_of=LATER, actor=alice)
    assert not Waiting.objects.exists()


def test_a_rep_gets_no_free_lead_by_a_merge(alice: Member, ming: Member, api: Any) -> None:
    """Frozen, reserved or held until yesterday: nothing that stands in the way of a claim is gone around."""
    ClaimPolicy.objects.update_or_create(defaults={"freeze_hours": 48})
    mine, fresh = a_lead(captured_at=later(days=-9)).pk, a_lead(phone="13812345678").pk
    claim_one(ming, mine, as_of=NOW)
    for this, other in ((mine, fresh), (fresh, mine)):
        with pytest.raises(NotAllowed) as refusal:
            merge(this, other, as_of=LATER, actor=ming)
        assert refusal.value.code == "claim_first"
    assert api(ming).post(f"/api/v1/leads/{mine}/merge/", {"other": fresh}, "json").status_code == 403
    with pytest.raises(Refused, match="just come in"):
        claim_one(ming, fresh, as_of=LATER)
    claim_one(ming, fresh, as_of=later(days=2))
    made = merge(mine, fresh, as_of=later(days=2), actor=ming)
    assert Lead.objects.get().phone == "13812345678"
    held_truly()
    undo_merge(made.pk, as_of=later(days=2), actor=ming)
    held_truly()


def test_a_rep_parts_what_a_manager_merged_with_their_lead(alice: Member, ming: Member) -> None:
    mine, free = some_leads(2)
    claim_one(ming, mine, as_of=NOW)
    made = merge(mine, free, as_of=LATER, actor=alice)
    undo_merge(made.pk, as_of=LATER, actor=ming)
    assert Lead.objects.get(pk=free).owner_id is None
    held_truly()
