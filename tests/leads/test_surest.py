"""What merges by itself joins nothing that two people hold, or that somebody told apart: not by a third lead either."""

from datetime import timedelta
from typing import Any

import pytest

from leads.actions import advance, capture, dismiss, set_rules
from leads.actions.merge import Pair, merge_all
from leads.actions.surest import merge_surest
from leads.facts import incoming_from
from leads.incoming import Source
from leads.models import Channel, Duplicate, Lead, MatchRules, Merge, TimelineEntry
from notices.models import Notice
from pools.actions import claim
from pools.models import Assignment
from tests.cast import NOW, join
from workspaces.models import Member, Role, Workspace

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


def test_of_two_told_apart_that_merge_at_once_both_survivors_are(rules: MatchRules, alice: Member) -> None:
    a, b, c = three()
    Duplicate.objects.filter(a_id__in=[a.pk, b.pk, c.pk]).delete()
    items = [incoming_from({"name": "Li Lei", "email": "d@acme.test"})]
    [d] = capture(items, source=Source("api"), as_of=NOW, actor=None)
    assert d.lead_id
    dismiss(like(c, Lead.objects.get(pk=d.lead_id), 0.9).pk, as_of=NOW, actor=alice)
    merge_all([Pair(a.pk, c.pk), Pair(b.pk, d.lead_id)], as_of=LATER, actor=alice)
    [left] = Duplicate.objects.all()
    assert ({left.a_id, left.b_id}, left.status) == ({a.pk, b.pk}, "dismissed")


def test_the_holders_lead_stays_also_at_the_end_of_a_chain(rules: MatchRules, ming: Member) -> None:
    a, b, _c = three()
    claim(ming, [b.pk], as_of=NOW)
    assert merge_surest(rules, LATER, None) == 2
    [one] = Lead.objects.all()
    assert (one.pk, one.owner_id) == (b.pk, ming.pk)
    assert not Merge.objects.filter(absorbed=b.pk).exists()
    assert a.pk in Merge.objects.values_list("absorbed", flat=True)


def deferred(ming: Member, facts: dict[str, Any]) -> Lead:
    [made] = capture([incoming_from(facts)], source=Source("api"), as_of=NOW, actor=None)
    assert made.lead_id
    claim(ming, [made.lead_id], as_of=NOW)
    details = {"reason_code": "budget_not_granted", "resume_at": "2026-09-01"}
    assert advance([made.lead_id], "defer", as_of=NOW, actor=ming, details=details).moved
    return Lead.objects.get(pk=made.lead_id)


@pytest.mark.parametrize("after", [timedelta(minutes=5), timedelta(days=2)])
def test_an_inquiry_that_is_found_to_be_a_known_lead_has_come_again(
    rules: MatchRules, workspace: Workspace, ming: Member, after: timedelta
) -> None:
    """Found at once: the holder hears of it and the lead is back. Long after it came it is no news any more."""
    known = deferred(ming, {"name": "Ada", "email": "ada@x.io"})
    facts = {"name": "Ada", "phone": "+8613812345678"}
    source = Source("form", Channel.objects.get(name="Website"), "form_submit", {"form": "Ask us"})
    [made] = capture([incoming_from(facts)], source=source, as_of=LATER, actor=None)
    like(known, Lead.objects.get(pk=made.lead_id), 0.999)

    assert merge_surest(rules, LATER + after, None) == 1

    back = Lead.objects.get()
    told = TimelineEntry.objects.filter(lead_id=known.pk, kind="came_again").values_list("data", flat=True)
    kinds = set(Notice.objects.filter(member=ming).values_list("kind", flat=True))
    if after > timedelta(days=1):
        assert (back.pk, back.stage, list(told), kinds) == (known.pk, "deferred", [], set())
        return
    assert (back.pk, back.stage, back.owner_id) == (known.pk, "lead", ming.pk)
    assert [(one["form"], one["channel"]) for one in told] == [("Ask us", "Website")]
    assert {"came_again", "resumed"} <= kinds


def test_two_leads_of_one_list_do_not_come_again(rules: MatchRules, workspace: Workspace) -> None:
    three()
    assert merge_surest(rules, LATER, None) == 2
    assert not TimelineEntry.objects.filter(kind="came_again").exists()
