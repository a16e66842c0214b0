"""Whoever's pursuit goes on after a merge, holding stays right: one holder, one open record, nobody unasked."""

from uuid import UUID

import pytest

from leads.actions import merge, undo_merge
from leads.models import Lead
from pools.actions import assign_due, claim_one, mark_invalid
from pools.models import Assignment, AssignmentRule, InvalidMark, PoolPolicy, Waiting
from tests.cast import NOW, a_lead
from tests.pools.cast import a_rep, held_truly, later, some_leads
from workspaces.models import Member

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
