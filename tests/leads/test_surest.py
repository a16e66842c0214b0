"""What merges by itself joins nothing that two people hold, or that somebody told apart: not by a third lead either."""

from datetime import timedelta

import pytest

from leads.actions import capture, dismiss, set_rules
from leads.actions.surest import merge_surest
from leads.facts import incoming_from
from leads.incoming import Source
from leads.models import Duplicate, Lead, MatchRules, Merge
from pools.actions import claim
from pools.models import Assignment
from tests.cast import NOW, join
from workspaces.models import Member, Role

LATER = NOW + timedelta(hours=1)


@pytest.fixture
def rules(alice: Member) -> MatchRules:
    return set_rules({"merge_from": 0.99}, as_of=NOW, actor=alice)


def three() -> list[Lead]:
    """a, b and c: c is like both of them, and a is not suggested to be b."""
    facts = [{"name": "Li Lei", "email": f"{one}@acme.test"} for one in "abc"]
    items = [incoming_from(one) for one in facts]
    found = capture(items, source=Source("api"), as_of=NOW, actor=None)
    a, b, c = (Lead.objects.get(pk=one.lead_id) for one in found)
    like(a, c, 1.0)
    like(b, c, 0.995)
    return [a, b, c]


def like(one: Lead, two: Lead, strength: float) -> Duplicate:
    a, b = sorted((one.pk, two.pk))
    return Duplicate.objects.create(a_id=a, b_id=b, strength=strength)


def test_three_that_nobody_holds_become_one(rules: MatchRules) -> None:
    three()
    assert merge_surest(rules, LATER, None) == 2
    assert Lead.objects.count() == 1


def test_leads_of_two_people_are_not_joined_by_a_third(rules: MatchRules, ming: Member) -> None:
    a, b, c = three()
    lin = join("lin@acme.test", "Lin", Role.REP)
    claim(ming, [a.pk], as_of=NOW)
    claim(lin, [b.pk], as_of=NOW)
    assert merge_surest(rules, LATER, None) == 1
    assert dict(Lead.objects.values_list("pk", "owner_id")) == {a.pk: ming.pk, b.pk: lin.pk}
    assert Merge.objects.get().absorbed == c.pk
    assert not Assignment.objects.filter(ended="merged").exists()


def test_what_somebody_told_apart_is_not_joined_by_a_third(rules: MatchRules, alice: Member) -> None:
    a, b, c = three()
    dismiss(like(a, b, 0.999).pk, as_of=NOW, actor=alice)
    assert merge_surest(rules, LATER, None) == 1
    [made] = Merge.objects.all()
    assert {made.taker, made.absorbed} == {a.pk, c.pk}
    assert set(Lead.objects.values_list("pk", flat=True)) == {made.taker, b.pk}


def test_the_holders_lead_stays_also_at_the_end_of_a_chain(rules: MatchRules, ming: Member) -> None:
    a, b, _c = three()
    claim(ming, [b.pk], as_of=NOW)
    assert merge_surest(rules, LATER, None) == 2
    [one] = Lead.objects.all()
    assert (one.pk, one.owner_id) == (b.pk, ming.pk)
    assert not Merge.objects.filter(absorbed=b.pk).exists()
    assert a.pk in Merge.objects.values_list("absorbed", flat=True)
