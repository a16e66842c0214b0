"""When a held lead goes back, why, and when its holder is warned."""

from datetime import datetime, timedelta

import pytest

from leads.actions import advance_one, edit, log_follow_up
from leads.actions.resume import resume_due
from leads.models import Lead
from pools.actions import claim, claim_one, reclaim_due, set_clocks, warn_due
from pools.models import PoolPolicy
from tests.cast import NOW, a_lead
from tests.pools.cast import kinds, later, some_leads
from workspaces.models import Member

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead(ming: Member) -> Lead:
    found = a_lead(pain="slow", industry="saas", wechat="lilei")
    claim_one(ming, found.pk, as_of=NOW)
    found.refresh_from_db()
    return found


def call(lead: Lead, ming: Member, as_of: datetime) -> None:
    log_follow_up(lead.pk, channel="call", outcome="reached", as_of=as_of, actor=ming)
    lead.refresh_from_db()


def clock(lead: Lead) -> tuple[datetime | None, str, datetime | None]:
    lead.refresh_from_db()
    return lead.reclaim_at, lead.reclaim_reason, lead.warn_at


def test_first_contact_then_a_follow_up_every_seven_days(lead: Lead, ming: Member) -> None:
    assert clock(lead) == (later(hours=24), "first_contact", later(hours=18))
    call(lead, ming, later(hours=2))
    assert clock(lead) == (later(hours=2, days=7), "follow_up", later(hours=2, days=5.25))


def test_never_longer_than_the_longest_hold(lead: Lead, ming: Member) -> None:
    for day in range(0, 90, 6):
        call(lead, ming, later(days=day, hours=1))
    assert clock(lead) == (later(days=90), "max_hold", later(days=67.5))


def test_a_follow_up_of_the_holder_before_does_not_count(ming: Member) -> None:
    lead = a_lead(last_follow_up_at=later(days=-1))
    claim_one(ming, lead.pk, as_of=NOW)
    assert clock(lead)[1] == "first_contact"


def test_an_edit_does_not_move_it(lead: Lead, ming: Member) -> None:
    before = clock(lead)
    edit(lead.pk, {"title": "CTO"}, as_of=later(hours=3), actor=ming)
    assert clock(lead) == before


def test_the_first_policy_that_fits_wins_and_changes_reach_every_clock(lead: Lead, ming: Member) -> None:
    saas = {"field": "industry", "op": "eq", "value": "saas"}
    strict = PoolPolicy.objects.create(name="SaaS", position=0, condition=saas, first_contact_hours=2)
    other = a_lead(industry="retail")
    claim_one(ming, other.pk, as_of=NOW)
    assert set_clocks(None, as_of=NOW) == 1
    assert clock(lead)[0] == later(hours=2)
    assert clock(other)[0] == later(hours=24)
    edit(lead.pk, {"industry": "retail"}, as_of=later(hours=1), actor=ming)
    assert clock(lead)[0] == later(hours=24)
    strict.is_active = False
    strict.save()
    assert set_clocks(None, as_of=NOW) == 0  # only what differs is written


def test_without_a_policy_there_is_no_clock(lead: Lead) -> None:
    PoolPolicy.objects.update(is_active=False)
    set_clocks(None, as_of=NOW)
    assert clock(lead) == (None, "", None)
    PoolPolicy.objects.update(is_active=True)
    set_clocks([lead.pk], as_of=NOW)
    assert clock(lead)[1] == "first_contact"


def test_an_opportunity_has_no_clock(lead: Lead, alice: Member) -> None:
    for step in ("to_mql", "to_sql", "to_opportunity"):
        advance_one(lead.pk, step, as_of=NOW, actor=alice, override="known well")
    assert clock(lead) == (None, "", None)
    assert reclaim_due(later(days=365)) == 0


def test_deferred_pauses_and_comes_back_with_a_fresh_period(lead: Lead, ming: Member) -> None:
    details = {"reason": "no budget", "resume_at": later(days=40).isoformat()}
    advance_one(lead.pk, "defer", as_of=NOW, actor=ming, details=details)
    assert clock(lead) == (None, "", None)
    assert reclaim_due(later(days=39)) == 0
    assert resume_due(later(days=40)) == 1
    assert clock(lead)[:2] == (later(days=41), "first_contact")
    assert (lead.owner_id, lead.pool, lead.stage) == (ming.pk, "sales", "lead")


def test_warned_once_a_period(lead: Lead, ming: Member) -> None:
    assert warn_due(later(hours=17)) == 0
    assert warn_due(later(hours=18)) == 1
    assert clock(lead)[2] is None
    set_clocks(None, as_of=later(hours=19))
    edit(lead.pk, {"title": "CTO"}, as_of=later(hours=19), actor=ming)
    assert warn_due(later(hours=20)) == 0
    call(lead, ming, later(hours=21))
    assert warn_due(later(hours=21, days=5.25)) == 1
    assert kinds(lead.pk).count("warned") == 2


def test_what_goes_back_now_is_not_warned_about(lead: Lead) -> None:
    assert warn_due(later(hours=25)) == 0
    assert reclaim_due(later(hours=25)) == 1
    assert "warned" not in kinds(lead.pk)


def test_many_cost_what_one_costs(ming: Member, django_assert_num_queries) -> None:
    few, many = some_leads(1), some_leads(15)
    claim(ming, few + many, as_of=NOW)
    for leads in (few, many):
        with django_assert_num_queries(2):
            set_clocks(leads, as_of=NOW + timedelta(hours=1))
