"""Response times: reminded, escalated, handed on; late ones are recorded with who held them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from leadcrm.flow import run_due
from leads.actions import advance, log_follow_up
from leads.conditions import ConditionError
from leads.models import Lead
from notices.models import Notice
from notices.wording import told
from pools.actions import claim, claim_one, extend, give, lock_until, respond_due, set_clocks
from pools.actions.response_policies import drop_response_policy, save_response_policy
from pools.models import (
    Assignment,
    AssignmentRule,
    PoolPolicy,
    ResponseBreach,
    ResponseClock,
    ResponsePolicy,
)
from pools.words import end_reason, why_sentence
from tests.cast import NOW, a_lead
from tests.pools.cast import a_manager, a_rep, held_truly, some_leads
from workspaces.models import Member, Workspace
from workspaces.refusals import Invalid

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def said(member: Member) -> list[str]:
    rows = Notice.objects.filter(member=member).exclude(kind="task_due").select_related("lead")
    rows = rows.order_by("at", "id")
    return [words.title for _one, words in told(rows)]


@pytest.fixture
def slow(workspace: Workspace) -> None:
    """The clock takes nothing back in these tests."""
    PoolPolicy.objects.update(first_contact_hours=900, follow_up_days=80)


def policy(*steps: tuple[int, str, str], **values: Any) -> ResponsePolicy:
    ResponsePolicy.objects.all().delete()
    listed = [{"after": after, "unit": unit, "do": do} for after, unit, do in steps]
    made = ResponsePolicy(**{"name": "Test", "steps": listed} | values)
    return save_response_policy(made, as_of=NOW, actor=None)


def test_the_usual_policy(workspace: Workspace, slow: None, ming: Member) -> None:
    hong = a_manager()
    lead = a_lead()
    claim_one(ming, lead.pk, as_of=NOW)
    clock = ResponseClock.objects.get()
    assert (clock.member_id, clock.target_at, clock.due_at) == (ming.pk, NOW + DAY, NOW + 12 * HOUR)
    for hours in (11, 12, 12, 20, 20, 24, 24, 30):
        run_due(workspace, NOW + hours * HOUR)
    assert said(ming) == ["Li Lei: get in touch by 2026-03-03 09:00", "The response to Li Lei is late"]
    assert said(hong) == ["Ming has not contacted Li Lei yet"]
    breach = ResponseBreach.objects.get()
    assert (breach.member_id, breach.target_at, breach.answered_at) == (ming.pk, NOW + DAY, None)
    log_follow_up(lead.pk, channel="call", outcome="reached", as_of=NOW + 31 * HOUR, actor=ming)
    breach.refresh_from_db()
    assert breach.answered_at == NOW + 31 * HOUR
    assert not ResponseClock.objects.exists()  # no policy awaits a next follow-up


def test_who_is_in_time_hears_nothing(workspace: Workspace, slow: None, ming: Member) -> None:
    lead = a_lead()
    claim_one(ming, lead.pk, as_of=NOW)
    log_follow_up(lead.pk, channel="call", outcome="reached", as_of=NOW + HOUR, actor=ming)
    run_due(workspace, NOW + 3 * DAY)
    assert not Notice.objects.exists() and not ResponseBreach.objects.exists()


def test_day_three_day_five_day_seven(workspace: Workspace, slow: None, ming: Member) -> None:
    hong, bo = a_manager(), a_rep("Bo")
    policy((3, "days", "remind"), (5, "days", "manager"), (7, "days", "hand_on"), after=6, unit="days")
    lead = a_lead(stage="mql")
    claim_one(ming, lead.pk, as_of=NOW)
    for day in range(1, 8):
        run_due(workspace, NOW + day * DAY)
    assert said(ming) == [
        "Li Lei: get in touch by 2026-03-08 09:00",
        "The response to Li Lei is late",
        "Li Lei was taken back",
    ]
    assert said(hong) == ["Ming has not contacted Li Lei yet"]
    assert said(bo) == ["Li Lei is yours now"]
    assert Lead.objects.get().owner == bo
    assert ResponseBreach.objects.get().member == ming
    assert ResponseClock.objects.get().began_at == NOW + 7 * DAY
    held_truly()


def test_nobody_else_to_give_it_to(workspace: Workspace, slow: None, ming: Member) -> None:
    hong = a_manager()
    policy((2, "days", "hand_on"), after=1, unit="days")
    claim_one(ming, a_lead(stage="mql").pk, as_of=NOW)
    run_due(workspace, NOW + 2 * DAY)
    assert Lead.objects.get().owner == ming
    assert said(hong) == ["Ming is late with Li Lei"]
    assert "nobody could take it" in texts(hong)


def test_who_could_not_take_it_at_night_gets_it_in_the_morning(
    workspace: Workspace, slow: None, ming: Member
) -> None:
    """It is tried again each hour until somebody has it; the manager hears once that nobody could, and why."""
    hong, bo = a_manager(), a_rep("Bo")
    AssignmentRule.objects.update(working_hours_only=True)
    row = policy((36, "hours", "hand_on"), after=24, unit="hours")
    lead = a_lead(stage="mql")
    claim_one(ming, lead.pk, as_of=NOW)
    tonight = NOW + 36 * HOUR  # nine in the evening
    for hours in range(11):
        run_due(workspace, tonight + hours * HOUR)
        assert Lead.objects.get().owner == ming
    assert said(hong) == ["Ming is late with Li Lei"] and "nobody is at work now" in texts(hong)
    steps_now = [*row.steps, {"after": 9, "unit": "days", "do": "manager"}]
    save_response_policy(renewed(row, steps=steps_now), as_of=tonight + 11 * HOUR, actor=None)
    run_due(workspace, tonight + 13 * HOUR)
    assert Lead.objects.get().owner == bo
    assert said(hong) == ["Ming is late with Li Lei"]
    clock = ResponseClock.objects.get()
    assert (clock.member_id, clock.hand_on_at) == (bo.pk, None)
    record = Assignment.objects.get(ended_at=None)
    assert record.why["reason"] == "in_turn" and record.why["late"]
    words = why_sentence(record.began, record.why)
    assert "not been in touch in time" in words and "their turn" in words
    [before] = Assignment.objects.filter(member=ming)
    assert end_reason(before) == "the response time had run out"
    assert "The response time had run out. Bo has it now." in texts(ming)
    held_truly()


def renewed(row: ResponsePolicy, **values: Any) -> ResponsePolicy:
    row = ResponsePolicy.objects.get(pk=row.pk)
    for name, value in values.items():
        setattr(row, name, value)
    return row


def texts(member: Member) -> str:
    rows = Notice.objects.filter(member=member).select_related("lead")
    return "\n".join(words.text for _one, words in told(rows))


@pytest.mark.parametrize("kind", ["locked", "extended"])
def test_what_a_manager_keeps_with_its_holder_is_not_handed_on(
    workspace: Workspace, slow: None, ming: Member, kind: str
) -> None:
    """The holder is reminded all the same; when the protection ends it goes to somebody else."""
    hong, bo = a_manager(), a_rep("Bo")
    policy((1, "days", "remind"), (2, "days", "hand_on"), after=3, unit="days")
    lead = a_lead(stage="mql")
    claim_one(ming, lead.pk, as_of=NOW)
    if kind == "locked":
        lock_until([lead.pk], NOW + 4 * DAY, reason="on holiday", as_of=NOW, actor=hong)
    else:
        PoolPolicy.objects.update(first_contact_hours=48)
        set_clocks([lead.pk], as_of=NOW)
        extend([lead.pk], until=NOW + 4 * DAY, reason="on holiday", as_of=NOW, actor=hong)
    for hours in range(0, 96, 6):
        run_due(workspace, NOW + hours * HOUR)
        assert Lead.objects.get().owner == ming
    assert len(said(ming)) >= 2 and not Notice.objects.filter(member=hong).exists()
    run_due(workspace, NOW + 4 * DAY + HOUR)
    assert Lead.objects.get().owner != ming
    assert kind == "extended" or Lead.objects.get().owner == bo


def test_each_step_tells_the_manager_once(workspace: Workspace, slow: None, ming: Member) -> None:
    """Day 3, day 5, and day 7, when nobody else is there to take it; looked at again, nothing is said twice."""
    hong = a_manager()
    steps = [(3, "days", "manager"), (5, "days", "manager"), (7, "days", "hand_on")]
    policy((1, "days", "remind"), (2, "days", "remind"), *steps, after=12, unit="hours")
    claim_one(ming, a_lead(stage="mql").pk, as_of=NOW)
    run_due(workspace, NOW + 12 * HOUR)
    for day in range(1, 9):
        for _time in range(2):
            run_due(workspace, NOW + day * DAY)
    assert said(ming) == ["The response to Li Lei is late"] * 3
    assert said(hong) == ["Ming is late with Li Lei"] * 3


def test_deferred_leads_are_left_alone_and_begin_anew(workspace: Workspace, slow: None, ming: Member) -> None:
    lead = a_lead()
    claim_one(ming, lead.pk, as_of=NOW)
    details = {"reason": "no budget", "resume_at": "2026-03-20"}
    advance([lead.pk], "defer", as_of=NOW + HOUR, actor=ming, details=details)
    assert not ResponseClock.objects.exists()
    run_due(workspace, NOW + 15 * DAY)
    assert not ResponseBreach.objects.exists()
    back = NOW + 20 * DAY
    run_due(workspace, back)
    assert ResponseClock.objects.get().target_at == back + DAY


def test_working_hours(workspace: Workspace, slow: None, ming: Member) -> None:
    """Given on Friday at four, eight working hours of nine to six end on Monday at three."""
    policy(after=8, unit="hours", counts="working")
    friday = datetime(2026, 3, 6, 16, tzinfo=UTC)
    claim_one(ming, a_lead().pk, as_of=friday)
    assert ResponseClock.objects.get().target_at == datetime(2026, 3, 9, 15, tzinfo=UTC)


def test_the_next_follow_up(workspace: Workspace, slow: None, ming: Member) -> None:
    policy((3, "days", "remind"), awaited="follow_up", after=5, unit="days")
    lead = a_lead()
    claim_one(ming, lead.pk, as_of=NOW)
    assert not ResponseClock.objects.exists()
    log_follow_up(lead.pk, channel="call", outcome="reached", as_of=NOW + HOUR, actor=ming)
    run_due(workspace, NOW + HOUR + 3 * DAY)
    assert len(said(ming)) == 1
    log_follow_up(lead.pk, channel="call", outcome="reached", as_of=NOW + 4 * DAY, actor=ming)
    assert ResponseClock.objects.get().target_at == NOW + 9 * DAY


def test_a_new_holder_has_a_new_clock(workspace: Workspace, slow: None, alice: Member, ming: Member) -> None:
    bo = a_rep("Bo")
    lead = a_lead()
    claim_one(ming, lead.pk, as_of=NOW)
    give([lead.pk], bo, as_of=NOW + 5 * HOUR, actor=alice)
    clock = ResponseClock.objects.get()
    assert (clock.member_id, clock.target_at) == (bo.pk, NOW + 29 * HOUR)


def test_fifty_leads_are_one_reminder_and_a_fixed_number_of_statements(
    workspace: Workspace, slow: None, ming: Member, django_assert_max_num_queries: Any
) -> None:
    claim(ming, some_leads(20), as_of=NOW)
    with django_assert_max_num_queries(12):
        assert respond_due(NOW + 12 * HOUR) == 20
    assert said(ming) == ["20 leads: get in touch, with the first by 2026-03-03 09:00"]
    assert respond_due(NOW + 12 * HOUR) == 0


def test_policies_change_all_clocks_at_once(workspace: Workspace, slow: None, ming: Member) -> None:
    claim(ming, some_leads(3, industry="saas"), as_of=NOW)
    saas = {"field": "industry", "op": "eq", "value": "saas"}
    fast = ResponsePolicy(name="SaaS at once", position=0, condition=saas, after=2)
    save_response_policy(fast, as_of=NOW + HOUR, actor=None)
    assert {clock.target_at for clock in ResponseClock.objects.all()} == {NOW + 2 * HOUR}
    drop_response_policy(fast, as_of=NOW + HOUR, actor=None)
    assert {clock.target_at for clock in ResponseClock.objects.all()} == {NOW + DAY}


@pytest.mark.parametrize(
    "wrong",
    [
        {"after": 0},
        {"after": 9000},
        {"unit": "moons"},
        {"awaited": "a call"},
        {"name": " "},
        {"condition": {"field": "nonsense", "op": "eq", "value": 1}},
        {"steps": [{"after": 3}]},
        {"steps": [{"after": "3", "unit": "days", "do": "remind"}]},
        {"steps": [{"after": 3, "unit": "days", "do": "fire"}]},
        {"steps": "remind"},
    ],
)
def test_a_policy_that_can_not_be(workspace: Workspace, wrong: dict[str, Any]) -> None:
    with pytest.raises((Invalid, ConditionError)):
        save_response_policy(ResponsePolicy(**{"name": "x"} | wrong), as_of=NOW, actor=None)
    assert ResponsePolicy.objects.count() == 1


def test_over_the_api(api: Any, slow: None, alice: Member, ming: Member) -> None:
    client, base = api(alice), "/api/v1/response-policies/"
    (usual,) = client.get(base).json()["results"]
    assert (usual["after"], usual["unit"], [one["do"] for one in usual["steps"]]) == (
        24, "hours", ["remind", "manager"],
    )  # fmt: skip
    given = {
        "name": "Fast",
        "position": 0,
        "after": 2,
        "condition": {"field": "grade", "op": "eq", "value": "A"},
    }
    made = client.post(base, given)
    assert made.status_code == 201
    url = f"{base}{made.json()['id']}/"
    steps = [{"after": 1, "unit": "hours", "do": "remind"}]
    assert client.patch(url, {"steps": steps, "counts": "working"}).json()["steps"] == steps
    assert client.get(url).json()["counts"] == "working"
    assert client.patch(url, {"after": 0}).status_code == 422
    assert client.patch(url, {"steps": [{"after": 1, "unit": "hours", "do": "fire"}]}).status_code == 422
    assert api(ming).post(base, given).status_code == 403
    assert client.delete(url).status_code == 204
    lead = a_lead()
    claim_one(ming, lead.pk, as_of=NOW)
    (waiting,) = client.get("/api/v1/responses/").json()["results"]
    assert (waiting["lead"], waiting["member"], waiting["awaited"]) == (
        str(lead.pk),
        str(ming.pk),
        "first_contact",
    )
    respond_due(NOW + 2 * DAY)
    (breach,) = client.get("/api/v1/response-breaches/", {"member": str(ming.pk)}).json()["results"]
    assert (breach["member"], breach["answered_at"]) == (str(ming.pk), None)
    assert client.get("/api/v1/response-breaches/", {"open": "false"}).json()["results"] == []
