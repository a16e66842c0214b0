"""Policies by condition: exemptions, facts by a day, marks, locks, extensions, targets, working time."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from leadcrm.flow import run_due
from leads.actions import advance, advance_one, edit, log_follow_up, merge, tag, undo_merge
from leads.conditions import ConditionError
from leads.models import Lead, TimelineEntry
from leads.models.lead import Stage
from leads.telling import told
from pools.actions import (
    claim_one,
    extend,
    give,
    lock_until,
    mark_invalid,
    reclaim_due,
    refit_due,
    unlock,
    unmark_invalid,
    warn_due,
)
from pools.actions.rules import drop_policy, save_policy
from pools.foresight import foresee
from pools.models import Assignment, Counts, InvalidMark, PoolPolicy, Protection
from tests.cast import NOW, a_lead
from tests.pools.cast import a_rep, held_truly, kinds, later, some_leads
from workspaces.calendar.actions import change_calendar, set_day
from workspaces.models import Member, Workspace
from workspaces.refusals import Invalid, NotAllowed, Refused

pytestmark = pytest.mark.django_db
KEY = {"field": "tags", "op": "has_any", "value": ["key"]}
PAIN = {"field": "pain", "op": "is_set"}


@pytest.fixture
def lead(ming: Member) -> UUID:
    found = a_lead(wechat="lilei")
    claim_one(ming, found.pk, as_of=NOW)
    return found.pk


def policy(alice: Member, **values: Any) -> PoolPolicy:
    """The first to be asked."""
    row = PoolPolicy(**{"name": "First", "position": 0} | values)
    return save_policy(row, as_of=NOW, actor=alice)


def clock(lead: UUID) -> tuple[datetime | None, str]:
    row = Lead.objects.get(pk=lead)
    return row.reclaim_at, row.reclaim_reason


def test_the_first_policy_that_fits_speaks(lead: UUID, alice: Member) -> None:
    policy(alice, name="Key", condition=KEY, first_contact_hours=2)
    assert clock(lead) == (later(hours=24), "first_contact")
    tag([lead], ["key"], as_of=NOW, actor=alice)
    policy(alice, name="Later", position=5, condition=KEY, first_contact_hours=1)
    assert clock(lead) == (later(hours=2), "first_contact")


def test_an_exempt_lead_has_no_clock_and_switching_off_restores(lead: UUID, alice: Member) -> None:
    before = clock(lead)
    vip = policy(alice, exemption={"field": "tags", "op": "has_any", "value": ["vip"]})
    assert clock(lead) == before
    tag([lead], ["vip"], as_of=NOW, actor=alice)
    assert clock(lead) == (None, "")
    vip.is_active = False
    save_policy(vip, as_of=NOW, actor=alice)
    assert clock(lead) == before
    vip.is_active = True
    save_policy(vip, as_of=NOW, actor=alice)
    assert clock(lead) == (None, "")
    drop_policy(vip, as_of=NOW, actor=alice)
    assert clock(lead) == before


def test_an_open_opportunity_is_spared_unless_the_policy_says_otherwise(lead: UUID, alice: Member) -> None:
    for step in ("to_mql", "to_sql", "to_opportunity"):
        advance([lead], step, as_of=NOW, actor=alice, override="test")
    assert clock(lead) == (None, "")
    policy(alice, spares_opportunities=False)
    assert clock(lead) == (later(hours=24), "first_contact")


def test_facts_by_a_day(lead: UUID, alice: Member, ming: Member) -> None:
    policy(alice, facts={"all": [PAIN, {"field": "industry", "op": "is_set"}]}, facts_days=3)
    log_follow_up(lead, channel="call", outcome="reached", as_of=later(hours=1), actor=ming)
    assert clock(lead) == (later(days=3), "facts")
    edit(lead, {"industry": "saas"}, as_of=later(hours=2), actor=ming)
    assert clock(lead) == (later(days=3), "facts")
    reclaim_due(later(days=3))
    entry = TimelineEntry.objects.get(lead_id=lead, kind="reclaimed")
    assert entry.data["missing"] == ["pain"] and entry.data["policy"] == "First"
    assert "pain" in told([entry], sees_contact_data=True)[0]["text"]
    assert Assignment.objects.get().end_reason == "facts"


def test_the_record_says_what_decided_not_what_the_clock_said_before(
    lead: UUID, alice: Member, ming: Member
) -> None:
    """The policies are asked anew when it goes: time alone may have brought another one."""
    policy(alice, facts=PAIN, facts_days=3)
    log_follow_up(lead, channel="call", outcome="reached", as_of=later(hours=1), actor=ming)
    stale = {"reclaim_at": later(days=2), "reclaim_reason": "follow_up"}
    Lead.objects.filter(pk=lead).update(**stale)
    assert reclaim_due(later(days=4)) == 1
    data = TimelineEntry.objects.get(lead_id=lead, kind="reclaimed").data
    assert Assignment.objects.get().end_reason == data["reason"] == "facts" and data["missing"]
    assert datetime.fromisoformat(data["due"]) == later(days=3)


def test_facts_that_are_there_stop_their_clock(lead: UUID, alice: Member, ming: Member) -> None:
    policy(alice, facts=PAIN, facts_days=3)
    log_follow_up(lead, channel="call", outcome="reached", as_of=later(hours=1), actor=ming)
    edit(lead, {"pain": "Slow reports"}, as_of=later(hours=2), actor=ming)
    assert clock(lead) == (later(hours=1, days=7), "follow_up")


def test_marked_invalid_by_enough_people(lead: UUID, alice: Member, ming: Member, zoe: Member) -> None:
    policy(alice, invalid_marks=2)
    assert mark_invalid(lead, "wrong number", as_of=later(hours=1), actor=ming) == 1
    with pytest.raises(Refused, match="already"):
        mark_invalid(lead, as_of=later(hours=1), actor=ming)
    assert clock(lead)[1] == "first_contact"
    assert unmark_invalid(lead, as_of=later(hours=1), actor=ming) == 0
    mark_invalid(lead, as_of=later(hours=1), actor=ming)
    assert mark_invalid(lead, as_of=later(hours=2), actor=zoe) == 2
    assert clock(lead) == (later(hours=2), "invalid")
    assert reclaim_due(later(hours=2)) == 1
    assert not InvalidMark.objects.filter(settled_at=None).exists()
    claim_one(alice, lead, as_of=later(hours=3))
    assert clock(lead)[1] == "first_contact"
    held_truly()


def test_marks_from_before_take_no_lead_from_whoever_claims_it(
    alice: Member, ming: Member, zoe: Member
) -> None:
    """Two said so while nobody held it: who takes it up keeps it until the next one says so."""
    policy(alice, invalid_marks=2)
    lead = a_lead().pk
    for member in (alice, zoe):
        mark_invalid(lead, as_of=later(hours=1), actor=member)
    claim_one(ming, lead, as_of=later(hours=2))
    assert reclaim_due(later(hours=3)) == 0
    mark_invalid(lead, as_of=later(hours=4), actor=ming)
    assert Lead.objects.get(pk=lead).reclaim_at == later(hours=4)
    assert Lead.objects.get(pk=lead).reclaim_reason == "invalid"


def test_merging_a_twin_does_not_begin_the_longest_time_anew(alice: Member, ming: Member) -> None:
    old, twin = a_lead(email="a@twin.example").pk, a_lead(email="b@twin.example").pk
    claim_one(ming, old, as_of=NOW)
    claim_one(ming, twin, as_of=later(days=60))
    made = merge(twin, old, as_of=later(days=60), actor=alice)
    assert Lead.objects.get(pk=twin).held_since == NOW
    undo_merge(made.pk, as_of=later(days=61), actor=alice)
    assert Lead.objects.get(pk=twin).held_since == later(days=60)


def test_a_lock_holds_whoever_holds_the_lead(lead: UUID, alice: Member, ming: Member) -> None:
    with pytest.raises(NotAllowed):
        lock_until([lead], later(days=40), reason="Fair", as_of=NOW, actor=ming)
    lock_until([lead], later(days=40), reason="Trade fair", as_of=NOW, actor=alice)
    assert clock(lead)[0] == later(days=40) and reclaim_due(later(days=39)) == 0
    give([lead], a_rep("Wei"), as_of=later(days=1), actor=alice)
    assert clock(lead)[0] == later(days=40)
    assert unlock([lead], as_of=later(days=1), actor=alice) == [lead]
    assert clock(lead) == (later(days=2), "first_contact")


def test_an_extension_is_for_the_present_holder(lead: UUID, alice: Member, ming: Member) -> None:
    assert extend([lead], days=3, reason="On holiday", as_of=NOW, actor=alice)
    assert clock(lead) == (later(days=4), "first_contact")
    assert kinds(lead)[-1] == "extended"
    give([lead], a_rep("Wei"), as_of=later(hours=1), actor=alice)
    assert clock(lead) == (later(hours=25), "first_contact")
    assert Protection.objects.count() == 1


@pytest.mark.parametrize(
    "asked",
    [
        {"reason": "", "days": 1},
        {"reason": "x"},
        {"reason": "x", "days": 1, "until": later(days=3)},
        {"reason": "x", "days": 0},
        {"reason": "x", "until": later(days=-1)},
        {"reason": "x", "until": later(hours=1)},
        {"reason": "x", "until": later(days=9999)},
    ],
)
def test_an_extension_that_is_none(lead: UUID, alice: Member, asked: dict) -> None:
    with pytest.raises(Invalid):
        extend([lead], **asked, as_of=NOW, actor=alice)


def test_two_warnings_at_three_quarters_and_on_the_last_day(lead: UUID, ming: Member) -> None:
    log_follow_up(lead, channel="call", outcome="reached", as_of=NOW, actor=ming)
    assert warn_due(later(days=5)) == 0 and warn_due(later(days=5.25)) == 1
    assert warn_due(later(days=5.9)) == 0
    edit(lead, {"title": "CTO"}, as_of=later(days=5.5), actor=ming)
    assert warn_due(later(days=6)) == 1 and warn_due(later(days=6.9)) == 0
    assert kinds(lead).count("warned") == 2


@pytest.mark.parametrize(
    ("target", "pool", "stage"),
    [("recycle", "recycle", "mql"), ("lead", "lead", "mql"), ("nurture", "lead", "deferred")],
)
def test_where_a_lead_goes(lead: UUID, alice: Member, target: str, pool: str, stage: str) -> None:
    advance([lead], "to_mql", as_of=NOW, actor=alice, override="test")
    policy(alice, target=target, nurture_days=30)
    assert reclaim_due(later(days=1)) == 1
    row = Lead.objects.get(pk=lead)
    assert (row.pool, row.stage, row.owner_id) == (pool, stage, None)
    if target == "nurture":
        assert row.resume_at == later(days=31)
    held_truly()


def test_due_work_writes_in_the_language_of_the_workspace(
    lead: UUID, alice: Member, workspace: Workspace
) -> None:
    workspace.locale = "zh-hans"
    workspace.save()
    advance([lead], "to_mql", as_of=NOW, actor=alice, override="test")
    policy(alice, target="nurture", nurture_days=30)
    assert run_due(workspace, later(days=1))["reclaimed"] == 1
    assert Lead.objects.get(pk=lead).deferral["reason"].startswith("培育")


@pytest.mark.parametrize("target", ["recycle", "lead"])
def test_a_policy_may_reset_the_stage(lead: UUID, alice: Member, target: str) -> None:
    advance([lead], "to_mql", as_of=NOW, actor=alice, override="test")
    policy(alice, target=target, resets_stage=True)
    reclaim_due(later(days=1))
    row = Lead.objects.get(pk=lead)
    assert (row.pool, row.stage) == (target, Stage.LEAD)
    assert Assignment.objects.get().ended == "reclaimed"


def test_working_time_and_the_calendar(lead: UUID, alice: Member, ming: Member) -> None:
    change_calendar({"country": ""}, as_of=NOW, actor=alice)
    policy(alice, counts=Counts.WORKING, first_contact_hours=10, follow_up_days=5)
    assert clock(lead)[0] == datetime(2026, 3, 3, 10, tzinfo=NOW.tzinfo)  # Monday 9:00 + 10 working hours
    set_day(date(2026, 3, 3), False, as_of=NOW, actor=alice)
    assert clock(lead)[0] == datetime(2026, 3, 4, 10, tzinfo=NOW.tzinfo)
    log_follow_up(lead, channel="call", outcome="reached", as_of=later(hours=1), actor=ming)
    assert clock(lead)[0] == datetime(2026, 3, 10, 10, tzinfo=NOW.tzinfo)


def test_what_time_alone_changes_is_seen_within_the_hour(lead: UUID, alice: Member) -> None:
    policy(alice, condition={"field": "age_days", "op": "gte", "value": 1}, exemption={})
    assert clock(lead)[0] == later(hours=24)
    assert refit_due(later(minutes=30)) == 0
    assert refit_due(later(hours=25)) == 1 and clock(lead) == (None, "")
    assert reclaim_due(later(days=9)) == 0


def test_an_exemption_by_time_is_asked_again_at_the_end(lead: UUID, alice: Member) -> None:
    policy(alice, condition={"field": "age_days", "op": "gte", "value": 1}, exemption={})
    assert reclaim_due(later(hours=24, minutes=1)) == 1  # settled: it has no clock any more
    assert Lead.objects.get(pk=lead).owner is not None and clock(lead) == (None, "")


def test_a_preview_says_who_would_lose_what(alice: Member, ming: Member) -> None:
    leads = some_leads(3)
    for pk in leads:
        claim_one(ming, pk, as_of=NOW)
    found = foresee(PoolPolicy(name="Short", first_contact_hours=1), later(hours=2))
    assert (found.leads, found.changed, found.sooner, found.later, found.due_now) == (3, 3, 3, 0, 3)
    [effect] = found.members
    assert (effect.member, effect.loses, effect.sooner) == (ming, 3, 3)
    assert {row[0] for row in found.first} == set(leads)
    assert Lead.objects.filter(reclaim_at=later(hours=24)).count() == 3


@pytest.mark.parametrize(
    "values",
    [
        {"max_hold_days": 3},  # below the follow-up's period
        {"facts": PAIN},
        {"facts_days": 3},
        {"facts": PAIN, "facts_days": 100},
        {"warn_share": 1},
        {"exemption": {"field": "nothing", "op": "eq", "value": 1}},
        {"target": "elsewhere"},
        {"counts": "moons"},
        {"nurture_days": 0},
        {"invalid_marks": 0},
    ],
)
def test_a_policy_that_is_none(workspace: Any, alice: Member, values: dict) -> None:
    with pytest.raises((Invalid, ConditionError)):
        policy(alice, **values)


def test_transfer_defer_and_resume_keep_the_clock_right(lead: UUID, alice: Member, ming: Member) -> None:
    details = {"reason": "No budget", "resume_at": later(days=10)}
    advance_one(lead, "defer", as_of=NOW, actor=ming, details=details)
    assert clock(lead) == (None, "")
    give([lead], alice, as_of=NOW, actor=alice)
    assert clock(lead) == (None, "")


def test_by_api(api: Any, lead: UUID, alice: Member, ming: Member) -> None:
    admin, rep = api(alice), api(ming)
    at = f"/api/v1/leads/{lead}/"
    assert rep.post(f"{at}extension/", {"days": 3, "reason": "x"}, format="json").status_code == 403
    days = (datetime.now(NOW.tzinfo) - NOW).days
    extended = admin.post(f"{at}extension/", {"days": 3, "reason": "On holiday"}, format="json")
    assert extended.status_code == 200 and days > 0
    assert admin.post(f"{at}extension/", {"reason": "x"}, format="json").status_code == 422
    until = (datetime.now(NOW.tzinfo) + timedelta(days=30)).isoformat()
    assert admin.post(f"{at}lock/", {"until": until, "reason": "Fair"}, format="json").status_code == 200
    assert [one["kind"] for one in rep.get(f"{at}protections/").json()] == ["lock", "extension"]
    assert admin.delete(f"{at}lock/").status_code == 200
    assert rep.post(f"{at}invalid-mark/", {"reason": "no such person"}, format="json").json() == {"marks": 1}
    assert rep.delete(f"{at}invalid-mark/").json() == {"marks": 0}
    [row] = rep.get("/api/v1/pools/leaving/?hours=200").json()
    assert row["lead"] == str(lead) and row["reason"]
    assert rep.get("/api/v1/pools/leaving/?hours=x").status_code == 422
    many = {"leads": [str(lead)], "days": 2, "reason": "Fair"}
    assert admin.post("/api/v1/pools/extensions/", many, format="json").status_code == 201
    foreseen = admin.post(
        "/api/v1/pool-policies/preview/", {"name": "x", "max_hold_days": 300}, format="json"
    )
    assert foreseen.status_code == 200 and foreseen.json()["leads"] == 1
    wrong = {"name": "x", "max_hold_days": 1}
    assert admin.post("/api/v1/pool-policies/preview/", wrong, format="json").status_code == 422
