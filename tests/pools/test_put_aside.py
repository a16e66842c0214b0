"""Putting a lead aside stops its clock; it does not begin the longest hold anew."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from leads.actions import advance, advance_one, log_follow_up, merge, undo_merge
from leads.actions.resume import resume_due
from leads.models import Lead
from pools.actions import claim_one, extend, give, reclaim_due, set_clocks, warn_due
from pools.actions.rules import drop_policy, save_policy
from pools.foresight import clocks, foresee
from pools.models import PoolPolicy
from pools.periods import active_policies
from tests.cast import NOW, a_lead
from tests.pools.cast import a_rep, kinds, later
from workspaces.models import Member

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead(ming: Member) -> Lead:
    found = a_lead(wechat="lilei")
    claim_one(ming, found.pk, as_of=NOW)
    return found


def aside(lead: Lead, day: float, until: float, by: Member) -> None:
    """Put aside on a day, reopened by hand on another one."""
    details = {"reason": "no budget", "resume_at": later(days=until + 30)}
    advance_one(lead.pk, "defer", as_of=later(days=day), actor=by, details=details)
    advance_one(lead.pk, "reopen", as_of=later(days=until), actor=by)


def talks(lead: Lead, ming: Member, first: int, last: int) -> None:
    """Every five days, so that no other period runs out."""
    for day in range(first, last, 5):
        log_follow_up(lead.pk, channel="call", outcome="reached", as_of=later(days=day), actor=ming)


def clock(lead: Lead) -> tuple[datetime | None, str, datetime | None]:
    lead.refresh_from_db()
    return lead.reclaim_at, lead.reclaim_reason, lead.warn_at


def test_the_time_in_hand_counts_and_the_time_aside_does_not(lead: Lead, ming: Member) -> None:
    aside(lead, 60, 100, ming)
    assert clock(lead)[:2] == (later(days=101), "first_contact")  # a fresh period, as before
    talks(lead, ming, 100, 130)
    assert clock(lead) == (later(days=130), "max_hold", later(days=107.5))
    assert reclaim_due(later(days=129.9)) == 0 and reclaim_due(later(days=130)) == 1
    lead.refresh_from_db()
    assert (lead.owner_id, lead.held_before, lead.worked_before) == (None, 0, 0)


def test_putting_aside_again_and_again_adds_up(lead: Lead, ming: Member) -> None:
    for day in range(0, 270, 30):  # ten days in hand, twenty aside
        aside(lead, day + 10, day + 30, ming)
    assert clock(lead)[:2] == (later(days=270), "max_hold")
    assert reclaim_due(later(days=270)) == 1


def test_on_its_day_it_comes_back_with_what_is_left(lead: Lead, ming: Member) -> None:
    details = {"reason": "no budget", "resume_at": later(days=200)}
    advance_one(lead.pk, "defer", as_of=later(days=89.5), actor=ming, details=details)
    assert clock(lead) == (None, "", None)
    assert resume_due(later(days=200)) == 1
    assert clock(lead) == (later(days=200.5), "max_hold", later(days=200))
    assert warn_due(later(days=200)) == 1 and reclaim_due(later(days=200.4)) == 0


def test_changed_policies_count_it_in_the_one_statement(lead: Lead, alice: Member, ming: Member) -> None:
    aside(lead, 60, 100, ming)
    talks(lead, ming, 100, 105)
    short = PoolPolicy(name="Short", position=0, max_hold_days=62)
    assert foresee(short, later(days=100)).sooner == 1
    save_policy(short, as_of=later(days=100), actor=alice)
    assert clock(lead)[:2] == (later(days=102), "max_hold")
    assert clocks(active_policies(), [lead.pk], later(days=100))[lead.pk].due == later(days=102)
    drop_policy(short, as_of=later(days=100), actor=alice)
    assert clock(lead)[:2] == (later(days=107), "follow_up")


def test_working_days(lead: Lead, alice: Member, ming: Member) -> None:
    """Ten working days are two weeks; five of them are used up before. Days of the clock are counted, too."""
    values: dict[str, Any] = {"counts": "working", "follow_up_days": 8, "max_hold_days": 10, "position": 0}
    policy = save_policy(PoolPolicy(name="Work", **values), as_of=NOW, actor=alice)
    log_follow_up(lead.pk, channel="call", outcome="reached", as_of=NOW, actor=ming)
    aside(lead, 7, 28, ming)  # from Monday to Monday
    log_follow_up(lead.pk, channel="call", outcome="reached", as_of=later(days=28), actor=ming)
    monday = NOW + timedelta(days=28)
    assert monday == datetime(2026, 3, 30, 9, tzinfo=UTC)
    assert clock(lead)[:2] == (monday + timedelta(days=7), "max_hold")
    assert lead.warn_at == datetime(2026, 4, 1, 21, tzinfo=UTC)  # of 7.5 days 2.5 are left
    policy.counts, policy.max_hold_days = "clock", 14
    save_policy(policy, as_of=monday, actor=alice)
    assert clock(lead)[:2] == (monday + timedelta(days=7), "max_hold")


def test_a_new_holder_begins_anew(lead: Lead, alice: Member, ming: Member) -> None:
    aside(lead, 60, 100, ming)
    give([lead.pk], a_rep("Wei"), as_of=later(days=100), actor=alice)
    lead.refresh_from_db()
    assert (lead.held_before, lead.worked_before) == (0, 0)


def test_given_to_somebody_while_it_is_aside(lead: Lead, alice: Member, ming: Member) -> None:
    details = {"reason": "no budget", "resume_at": later(days=100)}
    advance_one(lead.pk, "defer", as_of=later(days=60), actor=ming, details=details)
    give([lead.pk], a_rep("Wei"), as_of=later(days=70), actor=alice)
    resume_due(later(days=100))
    lead.refresh_from_db()
    assert (lead.held_before, lead.held_since) == (0, later(days=100))


def test_an_opportunity_comes_back_with_all_its_time(lead: Lead, alice: Member, ming: Member) -> None:
    for step in ("to_mql", "to_sql", "to_opportunity"):
        advance_one(lead.pk, step, as_of=later(days=80), actor=alice, override="known well")
    aside(lead, 120, 300, ming)
    assert lead.held_before == 0 and clock(lead)[:2] == (later(days=301), "first_contact")


def test_an_extension_stands_still_too(lead: Lead, alice: Member, ming: Member) -> None:
    talks(lead, ming, 0, 90)
    extend([lead.pk], days=30, reason="Board meets", as_of=later(days=89), actor=alice)
    assert clock(lead)[0] == later(days=120)
    aside(lead, 100, 200, ming)
    assert clock(lead)[0] == later(days=220)
    assert reclaim_due(later(days=219)) == 0


def test_merging_counts_the_time_either_was_in_hand(lead: Lead, alice: Member, ming: Member) -> None:
    aside(lead, 60, 100, ming)
    twin = a_lead(wechat="lilei2")
    claim_one(ming, twin.pk, as_of=later(days=100))
    made = merge(twin.pk, lead.pk, as_of=later(days=110), actor=alice)
    twin.refresh_from_db()
    assert (twin.held_since, twin.held_before) == (later(days=100), 60 * 86_400)
    undo_merge(made.pk, as_of=later(days=111), actor=alice)
    twin.refresh_from_db()
    lead.refresh_from_db()
    assert (twin.held_before, lead.held_before) == (0, 60 * 86_400)


def test_merging_with_one_that_is_aside(lead: Lead, alice: Member, ming: Member) -> None:
    """What is aside has used sixty days; the other one, in hand since, ten."""
    details = {"reason": "no budget", "resume_at": later(days=300)}
    advance_one(lead.pk, "defer", as_of=later(days=60), actor=ming, details=details)
    twin, third = a_lead(wechat="lilei2"), a_lead(wechat="lilei3")
    for other in (twin, third):
        claim_one(ming, other.pk, as_of=later(days=100))
    merge(twin.pk, lead.pk, as_of=later(days=110), actor=alice)
    twin.refresh_from_db()
    assert (twin.stage, twin.held_since, twin.held_before) == ("lead", later(days=100), 50 * 86_400)
    advance_one(twin.pk, "defer", as_of=later(days=110), actor=ming, details=details)
    merge(twin.pk, third.pk, as_of=later(days=180), actor=alice)
    twin.refresh_from_db()
    assert (twin.stage, twin.held_before) == ("deferred", 80 * 86_400)


def test_the_lead_says_what_is_used(lead: Lead, ming: Member, page: Any) -> None:
    at = f"/w/acme/leads/{lead.pk}/"
    assert "of at most" not in page(ming).get(at).content.decode()
    now = datetime.now(UTC)
    Lead.objects.filter(pk=lead.pk).update(held_since=now, held_before=60 * 86_400)
    set_clocks([lead.pk], as_of=now)
    text = page(ming).get(at).content.decode()
    assert "Held for 60 of at most 90 days, without the time it was put aside." in text
    assert "warned" not in kinds(lead.pk)


def test_putting_many_aside_costs_what_one_costs(ming: Member, django_assert_max_num_queries: Any) -> None:
    counts = []
    for many in (1, 1, 3):
        leads = [a_lead(wechat=f"x{len(counts)}{n}").pk for n in range(many)]
        for pk in leads:
            claim_one(ming, pk, as_of=NOW)
        details = {"reason": "no budget", "resume_at": later(days=9)}
        with django_assert_max_num_queries(60) as found:
            advance(leads, "defer", as_of=later(hours=1), actor=ming, details=details)
        counts.append(len(found))
    assert counts[1] == counts[2]  # the first reads what is kept
