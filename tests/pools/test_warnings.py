"""Warnings: in working time when the policy counts it, and with the facts that are missing."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.utils import translation

from leads.actions import edit, log_follow_up
from leads.models import Lead, TimelineEntry
from leads.telling import told as said
from notices.models import Notice
from notices.wording import told
from pools.actions import claim, claim_one, lock_until, reclaim_due, set_clocks, warn_due
from pools.actions.rules import save_policy
from pools.models import PoolPolicy
from tests.cast import NOW, a_lead
from tests.pools.cast import a_manager, a_rep, later, some_leads
from workspaces.calendar.actions import add_absence, set_day
from workspaces.models import Member

pytestmark = pytest.mark.django_db
FACTS = {"all": [{"field": "pain", "op": "is_set"}, {"field": "industry", "op": "is_set"}]}


def policy(alice: Member, **values: Any) -> PoolPolicy:
    return save_policy(PoolPolicy(**{"name": "First", "position": 0} | values), as_of=NOW, actor=alice)


def held(ming: Member, as_of: datetime) -> Lead:
    lead = a_lead(industry="saas", wechat="lilei")
    claim_one(ming, lead.pk, as_of=as_of)
    lead.refresh_from_db()
    return lead


def test_the_managers_hear_of_what_leaves_somebody_who_is_away(ming: Member) -> None:
    hong, ann = a_manager(), a_rep("Ann")
    add_absence(ming, NOW.date(), date(2026, 3, 6), as_of=NOW, actor=None)
    claim(ming, some_leads(2), as_of=NOW)
    claim_one(ann, a_lead(name="Ann's").pk, as_of=NOW)
    for _time in range(2):
        warn_due(later(hours=20))
    [(one, words)] = told(Notice.objects.filter(member=hong))
    assert one.kind == "reclaim_warning" and one.data["count"] == 2
    assert words.text == "Ming is away until March 6, 2026."
    assert Notice.objects.filter(member=ming).count() == Notice.objects.filter(member=ann).count() == 1


# --- working time -------------------------------------------------------------------------------
def test_the_share_of_working_hours(alice: Member, ming: Member) -> None:
    """Friday at four and eight hours of work: the sixth of them ends on Monday at one."""
    policy(alice, counts="working", first_contact_hours=8)
    lead = held(ming, datetime(2026, 3, 6, 16, tzinfo=UTC))
    assert lead.reclaim_at == datetime(2026, 3, 9, 15, tzinfo=UTC)
    assert lead.warn_at == datetime(2026, 3, 9, 13, tzinfo=UTC)
    assert warn_due(datetime(2026, 3, 9, 12, tzinfo=UTC)) == 0
    assert warn_due(datetime(2026, 3, 9, 13, tzinfo=UTC)) == 1
    assert warn_due(datetime(2026, 3, 9, 14, tzinfo=UTC)) == 0


def test_the_share_of_working_days(alice: Member, ming: Member) -> None:
    """A talk on Friday and four working days: warned after three of them, which no weekend shortens."""
    policy(alice, counts="working", follow_up_days=4)
    friday = datetime(2026, 3, 6, 10, tzinfo=UTC)
    lead = held(ming, friday)
    log_follow_up(lead.pk, channel="call", outcome="reached", as_of=friday, actor=ming)
    lead.refresh_from_db()
    assert lead.reclaim_at == datetime(2026, 3, 12, 10, tzinfo=UTC)
    assert lead.warn_at == datetime(2026, 3, 11, 10, tzinfo=UTC)


def test_the_share_of_the_longest_hold_and_of_facts(alice: Member, ming: Member) -> None:
    row = policy(alice, counts="working", follow_up_days=8, max_hold_days=8, facts=FACTS, facts_days=4)
    friday = datetime(2026, 3, 6, 10, tzinfo=UTC)
    lead = held(ming, friday)
    log_follow_up(
        lead.pk, channel="call", outcome="reached", as_of=datetime(2026, 3, 9, 10, tzinfo=UTC), actor=ming
    )
    lead.refresh_from_db()
    assert (lead.reclaim_reason, lead.warn_at) == ("facts", datetime(2026, 3, 11, 10, tzinfo=UTC))
    row.facts = row.facts_days = None
    save_policy(row, as_of=datetime(2026, 3, 9, 11, tzinfo=UTC), actor=alice)
    lead.refresh_from_db()
    assert (lead.reclaim_reason, lead.warn_at) == ("max_hold", datetime(2026, 3, 16, 10, tzinfo=UTC))


def test_the_last_working_day(alice: Member, ming: Member) -> None:
    """Due on Monday at ten: the second warning comes on Friday at ten, not on Sunday."""
    policy(alice, counts="working", follow_up_days=4, warn_share=0.5)
    tuesday = datetime(2026, 3, 3, 10, tzinfo=UTC)
    lead = held(ming, tuesday)
    log_follow_up(lead.pk, channel="call", outcome="reached", as_of=tuesday, actor=ming)
    lead = again(lead)
    assert lead.reclaim_at == datetime(2026, 3, 9, 10, tzinfo=UTC)
    assert lead.warn_at == datetime(2026, 3, 5, 10, tzinfo=UTC)
    assert warn_due(datetime(2026, 3, 5, 10, tzinfo=UTC)) == 1
    assert again(lead).warn_at == datetime(2026, 3, 6, 10, tzinfo=UTC)
    edit(lead.pk, {"pain": "slow"}, as_of=datetime(2026, 3, 5, 12, tzinfo=UTC), actor=ming)
    set_clocks(None, as_of=datetime(2026, 3, 5, 12, tzinfo=UTC))
    assert warn_due(datetime(2026, 3, 6, 9, tzinfo=UTC)) == 0
    assert warn_due(datetime(2026, 3, 6, 10, tzinfo=UTC)) == 1
    assert again(lead).warn_at is None
    assert warn_due(datetime(2026, 3, 8, 10, tzinfo=UTC)) == 0


def test_a_holiday_moves_the_last_working_day(alice: Member, ming: Member) -> None:
    policy(alice, counts="working", follow_up_days=4, warn_share=0.5)
    tuesday = datetime(2026, 3, 3, 10, tzinfo=UTC)
    lead = held(ming, tuesday)
    log_follow_up(lead.pk, channel="call", outcome="reached", as_of=tuesday, actor=ming)
    warn_due(datetime(2026, 3, 5, 10, tzinfo=UTC))
    set_day(date(2026, 3, 9), False, as_of=datetime(2026, 3, 5, 11, tzinfo=UTC), actor=alice)
    lead = again(lead)
    assert (lead.reclaim_at, lead.warn_at) == (
        datetime(2026, 3, 10, 10, tzinfo=UTC),
        datetime(2026, 3, 5, 10, tzinfo=UTC),
    )  # another end: warned anew, at its share and on Friday
    assert warn_due(datetime(2026, 3, 5, 12, tzinfo=UTC)) == 1
    assert again(lead).warn_at == datetime(2026, 3, 6, 10, tzinfo=UTC)


def test_a_lock_that_ends_on_a_sunday_in_two_years(alice: Member, ming: Member) -> None:
    policy(alice, counts="working", follow_up_days=4)
    lead = held(ming, NOW)
    sunday = datetime(2028, 2, 20, 15, tzinfo=UTC)
    lock_until([lead.pk], sunday, reason="Key account", as_of=NOW, actor=alice)
    lead = again(lead)
    assert (lead.reclaim_at, lead.warn_at) == (sunday, datetime(2028, 2, 18, 15, tzinfo=UTC))


def test_by_the_clock_it_is_the_day_before(alice: Member, ming: Member) -> None:
    lead = held(ming, NOW)
    lock_until([lead.pk], datetime(2026, 3, 22, 15, tzinfo=UTC), reason="Fair", as_of=NOW, actor=alice)
    assert again(lead).warn_at == datetime(2026, 3, 21, 15, tzinfo=UTC)


def again(lead: Lead) -> Lead:
    return Lead.objects.get(pk=lead.pk)


# --- which facts --------------------------------------------------------------------------------
def test_which_facts_are_missing(alice: Member, ming: Member, page: Any) -> None:
    policy(alice, facts=FACTS, facts_days=3)
    lead = held(ming, NOW)
    log_follow_up(lead.pk, channel="call", outcome="reached", as_of=later(hours=1), actor=ming)
    text = page(ming).get(f"/w/acme/leads/{lead.pk}/").content.decode()
    assert "facts not filled in by their day: pain" in text
    assert warn_due(later(days=2.5)) == 1
    entry = TimelineEntry.objects.get(lead_id=lead.pk, kind="warned")
    assert entry.data["missing"] == ["pain"]
    assert "facts not filled in by their day: pain" in said([entry], sees_contact_data=True)[0]["text"]
    reclaim_due(later(days=3))
    words = [one.text for _notice, one in told(Notice.objects.filter(member=ming).order_by("at", "id"))]
    assert words == ["What must be known by now is not filled in: pain."] * 2
    with translation.override("zh-hans"):
        shown = told(Notice.objects.filter(kind="reclaim_warning"))[0][1].text
        assert "痛点" in shown and "pain" not in shown


def test_a_filled_in_fact_is_not_named(alice: Member, ming: Member) -> None:
    policy(alice, facts=FACTS, facts_days=3)
    lead = a_lead(wechat="lilei")
    claim_one(ming, lead.pk, as_of=NOW)
    log_follow_up(lead.pk, channel="call", outcome="reached", as_of=later(hours=1), actor=ming)
    edit(lead.pk, {"pain": "slow"}, as_of=later(hours=2), actor=ming)
    warn_due(later(days=2.5))
    assert TimelineEntry.objects.get(kind="warned").data["missing"] == ["industry"]


def test_warning_many_costs_what_warning_one_costs(
    alice: Member, ming: Member, django_assert_max_num_queries: Any
) -> None:
    counts = []
    policy(alice, facts=FACTS, facts_days=1, first_contact_hours=48)
    for many in (1, 15):
        claim(ming, some_leads(many), as_of=NOW)
        with django_assert_max_num_queries(20) as captured:
            assert warn_due(later(hours=18)) == many
        counts.append(len(captured))
    assert counts[0] == counts[1]
