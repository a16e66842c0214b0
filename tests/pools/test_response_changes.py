"""Response times under change: whatever moves a clock on, a missed time stays on record."""

from datetime import UTC, datetime
from typing import Any

import pytest

from leadcrm.flow import run_due
from leads.actions import advance, capture, log_follow_up, tag
from leads.actions.touches import record_touches
from leads.facts import incoming_from
from leads.incoming import Source
from leads.models import Lead, TimelineEntry
from notices.models import Notice
from pools.actions import (
    claim,
    claim_one,
    give,
    refit_responses,
    refit_responses_due,
    release,
    respond_due,
    set_responses,
)
from pools.actions.response_policies import drop_response_policy, save_response_policy
from pools.models import PoolPolicy, ResponseBreach, ResponseClock, ResponsePolicy
from tests.cast import NOW, a_lead
from tests.pools.cast import DAY, HOUR, a_rep, kinds, later, some_leads
from tests.pools.test_responses import policy
from workspaces.calendar import working_time
from workspaces.calendar.actions import change_calendar, set_day
from workspaces.home import change_workspace
from workspaces.models import Member, Workspace

pytestmark = pytest.mark.django_db
FRIDAY = datetime(2026, 3, 6, 16, tzinfo=UTC)


@pytest.fixture(autouse=True)
def slow(workspace: Workspace) -> None:
    """The pool's clock takes nothing back in these tests."""
    PoolPolicy.objects.update(first_contact_hours=900, follow_up_days=80)


@pytest.fixture
def lead(ming: Member) -> Lead:
    found = a_lead(email="li@x.example", stage="mql")
    claim_one(ming, found.pk, as_of=NOW)
    return found


def late(lead: Lead) -> list[tuple[Any, ...]]:
    """Who missed which time of this lead, and when it was answered."""
    rows = ResponseBreach.objects.filter(lead=lead).order_by("target_at")
    return list(rows.values_list("member__name", "target_at", "answered_at"))


def due(lead: Lead) -> datetime | None:
    return ResponseClock.objects.get(lead=lead).due_at


# --- a missed time is recorded by whatever comes first after it -------------------------------------
def test_answered_before_the_worker_looked(lead: Lead, ming: Member) -> None:
    log_follow_up(lead.pk, channel="call", outcome="reached", as_of=NOW + 2 * DAY, actor=ming)
    assert late(lead) == [("Ming", NOW + DAY, NOW + 2 * DAY)]
    entry = TimelineEntry.objects.get(lead_id=lead.pk, kind="response_late")
    assert entry.data["owner"] == str(ming.pk) and datetime.fromisoformat(entry.data["due"]) == NOW + DAY
    respond_due(NOW + 3 * DAY)
    assert len(late(lead)) == 1


def test_a_talk_in_time_that_was_written_down_later(lead: Lead, ming: Member) -> None:
    log_follow_up(lead.pk, channel="call", outcome="reached", at=NOW + HOUR, as_of=NOW + 2 * DAY, actor=ming)
    assert late(lead) == []


def test_handed_on_before_the_worker_looked(lead: Lead, alice: Member) -> None:
    give([lead.pk], a_rep("Bo"), as_of=NOW + 2 * DAY, actor=alice)
    assert late(lead) == [("Ming", NOW + DAY, None)]
    assert ResponseClock.objects.get().target_at == NOW + 3 * DAY


def test_given_back_or_put_aside_before_the_worker_looked(lead: Lead, ming: Member) -> None:
    other = a_lead(name="Other")
    claim_one(ming, other.pk, as_of=NOW)
    release([lead.pk], "no time", as_of=NOW + 2 * DAY, actor=ming)
    details = {"reason": "no budget", "resume_at": "2026-03-20"}
    advance([other.pk], "defer", as_of=NOW + 2 * DAY, actor=ming, details=details)
    assert late(lead) == late(other) == [("Ming", NOW + DAY, None)]
    assert not ResponseClock.objects.exists()


def test_recorded_once_whoever_comes_first(lead: Lead, ming: Member, alice: Member) -> None:
    respond_due(NOW + 2 * DAY)
    give([lead.pk], a_rep("Bo"), as_of=NOW + 2 * DAY, actor=alice)
    assert late(lead) == [("Ming", NOW + DAY, None)]
    assert kinds(lead.pk).count("response_late") == 1


def test_in_time_is_not_late(lead: Lead, ming: Member, alice: Member) -> None:
    give([lead.pk], a_rep("Bo"), as_of=NOW + HOUR, actor=alice)
    release([lead.pk], "no time", as_of=NOW + 2 * HOUR, actor=alice)
    assert late(lead) == []


def test_a_longer_time_is_given_to_what_still_waits(lead: Lead, ming: Member) -> None:
    """As long as it waits for the same talk of the same holder, the policies as they are now decide."""
    usual = ResponsePolicy.objects.get()
    usual.after = 72
    save_response_policy(usual, as_of=NOW + 2 * DAY, actor=None)
    log_follow_up(lead.pk, channel="call", outcome="reached", as_of=NOW + 2 * DAY, actor=ming)
    assert late(lead) == []


# --- other steps ---------------------------------------------------------------------------------
def steps(row: ResponsePolicy, as_of: datetime, *steps: tuple[int, str, str]) -> None:
    row.steps = [{"after": after, "unit": unit, "do": do} for after, unit, do in steps]
    save_response_policy(row, as_of=as_of, actor=None)


def test_steps_that_are_added_reach_the_clocks_that_run(ming: Member) -> None:
    row = policy((5, "days", "manager"), after=6, unit="days")
    lead = a_lead()
    claim_one(ming, lead.pk, as_of=NOW)
    assert due(lead) == NOW + 5 * DAY
    steps(row, NOW + DAY, (2, "days", "remind"), (5, "days", "manager"))
    assert due(lead) == NOW + 2 * DAY
    steps(row, NOW + 3 * DAY, (2, "days", "remind"), (4, "days", "remind"), (5, "days", "manager"))
    respond_due(NOW + 6 * DAY)
    assert due(lead) is None
    steps(row, NOW + 7 * DAY, (2, "days", "remind"), (9, "days", "manager"))
    assert due(lead) == NOW + 9 * DAY
    steps(row, NOW + 7 * DAY, (2, "days", "remind"))
    assert due(lead) is None


def test_a_step_that_is_due_and_stays_is_still_taken(ming: Member) -> None:
    row = policy((2, "days", "remind"), after=6, unit="days")
    lead = a_lead()
    claim_one(ming, lead.pk, as_of=NOW)
    steps(row, NOW + 3 * DAY, (1, "days", "remind"), (2, "days", "remind"))
    assert due(lead) == NOW + 2 * DAY


def test_steps_in_working_time(ming: Member) -> None:
    row = policy(after=16, counts="working")
    lead = a_lead()
    claim_one(ming, lead.pk, as_of=FRIDAY)
    steps(row, FRIDAY, (8, "hours", "remind"), (1, "days", "manager"))
    assert due(lead) == datetime(2026, 3, 9, 15, tzinfo=UTC)
    steps(row, FRIDAY, (1, "days", "manager"))
    assert due(lead) == datetime(2026, 3, 9, 16, tzinfo=UTC)


# --- another calendar ------------------------------------------------------------------------------
def test_a_holiday_and_other_hours_move_what_counts_working_time(ming: Member, alice: Member) -> None:
    policy((4, "hours", "remind"), after=8, counts="working")
    lead = a_lead()
    claim_one(ming, lead.pk, as_of=FRIDAY)
    set_day(datetime(2026, 3, 9).date(), False, as_of=FRIDAY, actor=alice)
    assert ResponseClock.objects.get().target_at == datetime(2026, 3, 10, 15, tzinfo=UTC)
    assert due(lead) == datetime(2026, 3, 10, 11, tzinfo=UTC)
    hours = [[["09:00", "13:00"]]] * 5 + [[], []]
    change_calendar({"hours": hours}, as_of=FRIDAY, actor=alice)
    assert ResponseClock.objects.get().target_at == datetime(2026, 3, 11, 13, tzinfo=UTC)


def test_another_time_zone_or_country_moves_both_clocks(ming: Member, alice: Member) -> None:
    """Friday is over in London, not yet in New York; in China the Monday is free."""
    change_workspace({"region": "US"}, as_of=NOW, actor=alice)
    policy(after=8, counts="working")
    PoolPolicy.objects.update(counts="working", first_contact_hours=8)
    friday, lead = datetime(2026, 4, 3, 20, tzinfo=UTC), a_lead()
    claim_one(ming, lead.pk, as_of=friday)

    def clocks() -> set[datetime | None]:
        lead.refresh_from_db()
        return {lead.reclaim_at, ResponseClock.objects.get().target_at}

    assert clocks() == {datetime(2026, 4, 6, 17, tzinfo=UTC)}
    change_workspace({"time_zone": "America/New_York"}, as_of=friday, actor=alice)
    assert clocks() == {datetime(2026, 4, 6, 19, tzinfo=UTC)}
    change_workspace({"time_zone": "UTC", "region": "CN"}, as_of=friday, actor=alice)
    assert clocks() == {datetime(2026, 4, 7, 17, tzinfo=UTC)}


def test_summer_time_and_a_response_in_working_hours(
    ming: Member, alice: Member, workspace: Workspace
) -> None:
    """Given on the Friday before the clocks go forward: Monday's hours are summer time's."""
    workspace.time_zone = "Europe/Berlin"
    workspace.save()
    policy(after=8, counts="working")
    claim_one(ming, a_lead().pk, as_of=datetime(2026, 3, 27, 15, tzinfo=UTC))  # 16:00 in Berlin
    assert ResponseClock.objects.get().target_at == datetime(2026, 3, 30, 13, tzinfo=UTC)  # 15:00


# --- a lead that has become another one -------------------------------------------------------------
TAGGED = {"field": "tags", "op": "has_any", "value": ["hot"]}


def fast(condition: dict[str, Any]) -> None:
    """Two hours for what meets the condition."""
    row = ResponsePolicy(name="Hot at once", position=0, condition=condition, after=2)
    save_response_policy(row, as_of=NOW, actor=None)


def test_what_the_lead_does_brings_the_faster_policy(lead: Lead) -> None:
    fast({"field": "score", "op": "gte", "value": 5})
    assert ResponseClock.objects.get().target_at == NOW + DAY
    record_touches([(lead.pk, "inquiry", None, {})], as_of=later(minutes=5), actor=None)
    lead.refresh_from_db()
    assert lead.score >= 5
    assert ResponseClock.objects.get().target_at == NOW + 2 * HOUR


def test_coming_again_brings_the_faster_policy(ming: Member) -> None:
    fast(TAGGED)
    item = {"name": "Li Lei", "email": "li@x.example"}
    for tags, hours in (([], 24), (["hot"], 2)):
        given = [incoming_from(item | {"tags": tags})]
        (found,) = capture(given, source=Source("form"), as_of=later(minutes=5 if tags else 0), actor=None)
        assert found.lead_id is not None
        if not tags:
            claim_one(ming, found.lead_id, as_of=NOW)
        assert ResponseClock.objects.get().target_at == NOW + hours * HOUR


def test_a_tag_brings_the_faster_policy(lead: Lead) -> None:
    fast(TAGGED)
    tag([lead.pk], ["hot"], as_of=later(minutes=5), actor=None)
    assert ResponseClock.objects.get().target_at == NOW + 2 * HOUR


def test_many_cost_what_one_costs(ming: Member, django_assert_num_queries: Any) -> None:
    fast(TAGGED)
    few, many = some_leads(1), some_leads(12)
    claim(ming, few + many, as_of=NOW)
    for leads in (few, many):
        with django_assert_num_queries(3):
            set_responses(leads, as_of=NOW + 2 * DAY)
        with django_assert_num_queries(4):
            refit_responses(leads, as_of=NOW + 2 * DAY)
        with django_assert_num_queries(1):
            set_responses(leads, as_of=NOW + 2 * DAY, pool="recycle")


# --- a policy that is switched off or deleted --------------------------------------------------------
def without(row: ResponsePolicy, how: str, as_of: datetime, alice: Member) -> None:
    if how == "drop":
        drop_response_policy(row, as_of=as_of, actor=alice)
    else:
        row.is_active = False
        save_response_policy(row, as_of=as_of, actor=alice)


@pytest.mark.parametrize("how", ["drop", "off"])
def test_what_was_missed_under_a_policy_stays_on_record(
    lead: Lead, alice: Member, ming: Member, how: str
) -> None:
    """Nobody looked for two days; then the policy goes. Late is late, and nothing is awaited any more."""
    other = a_lead(name="Other")
    claim_one(ming, other.pk, as_of=NOW + 40 * HOUR)
    without(ResponsePolicy.objects.get(), how, NOW + 2 * DAY, alice)
    assert late(lead) == [("Ming", NOW + DAY, None)] and late(other) == []
    assert not ResponseClock.objects.exists()
    assert kinds(lead.pk)[-2:] == ["response_late", "response_ended"]
    entry = TimelineEntry.objects.get(lead_id=other.pk, kind="response_ended")
    assert (entry.actor_id, entry.data["policy"]) == (alice.pk, "First contact within a day")
    assert datetime.fromisoformat(entry.data["due"]) == NOW + 64 * HOUR
    log_follow_up(lead.pk, channel="call", outcome="reached", as_of=NOW + 3 * DAY, actor=ming)
    assert late(lead) == [("Ming", NOW + DAY, NOW + 3 * DAY)]


@pytest.mark.parametrize("how", ["drop", "off"])
def test_clocks_that_run_go_to_the_next_policy(
    workspace: Workspace, lead: Lead, alice: Member, how: str
) -> None:
    """Late under the first; the next one gives more time, and its steps of before are not taken belatedly."""
    steps_later = [
        {"after": 12, "unit": "hours", "do": "remind"},
        {"after": 3, "unit": "days", "do": "manager"},
    ]
    later_on = ResponsePolicy(name="Later", position=9, after=4, unit="days", steps=steps_later)
    save_response_policy(later_on, as_of=NOW, actor=alice)
    first = ResponsePolicy.objects.exclude(pk=later_on.pk).get()
    without(first, how, NOW + 2 * DAY, alice)
    clock = ResponseClock.objects.get()
    assert (clock.policy, clock.target_at, clock.began_at) == (later_on, NOW + 4 * DAY, NOW)
    assert late(lead) == [("Ming", NOW + DAY, None)]
    assert "response_ended" not in kinds(lead.pk)
    respond_due(NOW + 2 * DAY)
    assert due(lead) == NOW + 3 * DAY and not Notice.objects.filter(kind="response_due").exists()
    if how == "off":  # on again: its time as it was, and one miss is recorded once
        first.is_active = True
        save_response_policy(first, as_of=NOW + 2 * DAY, actor=alice)
        assert ResponseClock.objects.get().target_at == NOW + DAY
        respond_due(NOW + 2 * DAY)
        assert len(late(lead)) == 1


def test_a_policy_that_was_off_already_takes_nothing_with_it(lead: Lead, alice: Member) -> None:
    spare = ResponsePolicy(name="Spare", position=0, after=2, is_active=False)
    save_response_policy(spare, as_of=NOW, actor=alice)
    drop_response_policy(spare, as_of=NOW + 2 * DAY, actor=alice)
    assert ResponseClock.objects.get().target_at == NOW + DAY
    assert late(lead) == [] and "response_ended" not in kinds(lead.pk)


def test_dropping_a_policy_of_many_costs_what_one_costs(
    ming: Member, alice: Member, django_assert_max_num_queries: Any
) -> None:
    counts = []
    for many in (1, 1, 3):
        row = policy((2, "days", "remind"), after=6, unit="days")
        claim(ming, some_leads(many), as_of=NOW)
        with django_assert_max_num_queries(25) as found:
            drop_response_policy(row, as_of=NOW + 9 * DAY, actor=alice)
        counts.append(len(found))
    assert counts[1] == counts[2]  # the first reads what is kept


# --- what time alone changes --------------------------------------------------------------------------
OLD = {"field": "age_days", "op": "gte", "value": 2}


def test_time_alone_brings_another_policy_within_the_hour(
    workspace: Workspace, lead: Lead, alice: Member, ming: Member
) -> None:
    ResponsePolicy.objects.update(after=20, unit="days", steps=[])
    old = ResponsePolicy(name="Old", position=0, condition=OLD, after=3, unit="days")
    save_response_policy(old, as_of=NOW, actor=alice)
    assert old.refit_at == NOW + HOUR
    assert ResponseClock.objects.get().target_at == NOW + 20 * DAY
    assert refit_responses_due(NOW + HOUR / 2) == 0
    assert run_due(workspace, NOW + 2 * DAY)["responses_refitted"] == 1
    assert ResponseClock.objects.get().target_at == NOW + 3 * DAY
    old.refresh_from_db()
    assert old.refit_at == NOW + 2 * DAY + HOUR
    assert run_due(workspace, NOW + 2 * DAY)["responses_refitted"] == 0


def test_a_condition_on_facts_is_not_asked_by_the_hour(lead: Lead, alice: Member) -> None:
    condition = {"field": "industry", "op": "eq", "value": "saas"}
    row = save_response_policy(ResponsePolicy(name="SaaS", condition=condition), as_of=NOW, actor=alice)
    assert row.refit_at is None
    row.condition = OLD
    assert save_response_policy(row, as_of=NOW, actor=alice).refit_at == NOW + HOUR
    row.condition = condition
    assert save_response_policy(row, as_of=NOW, actor=alice).refit_at is None
    ResponsePolicy.objects.filter(pk=row.pk).update(refit_at=NOW)  # as after an upgrade
    assert refit_responses_due(NOW) == 1
    row.refresh_from_db()
    assert row.refit_at is None


def test_hours_and_days_of_work_in_one_policy(ming: Member, alice: Member) -> None:
    """Each is worked out by a calendar long enough for it: a reminder after three hours, thirty days to answer."""
    policy((3, "hours", "remind"), (25, "days", "manager"), after=30, unit="days", counts="working")
    lead = a_lead()
    claim_one(ming, lead.pk, as_of=FRIDAY)
    clock, times = ResponseClock.objects.get(), working_time()
    assert clock.due_at == times.add_hours(FRIDAY, 3) == datetime(2026, 3, 9, 10, tzinfo=UTC)
    assert clock.target_at == times.add_days(FRIDAY, 30)
    respond_due(datetime(2026, 3, 9, 10, tzinfo=UTC))
    assert due(lead) == times.add_days(FRIDAY, 25)
    steps(ResponsePolicy.objects.get(), FRIDAY, (200, "hours", "remind"), (26, "days", "manager"))
    assert due(lead) == times.add_hours(FRIDAY, 200)
