"""Scores follow what happens, in the same transaction; time moves them by due work; MQL by the system."""

import threading
from datetime import timedelta

from django.db import connection

from leadcrm.flow import run_due
from leads.actions import advance_one, edit, log_follow_up, record_touches, tag
from leads.models import CustomField, Lead, StageChange, Tag, TagRule, TimelineEntry, Touch
from scoring.actions import qualify, rescore, rescore_due
from scoring.models import Scorecard
from tests.cast import NOW, a_lead
from tests.scoring.cards import in_force, rule
from workspaces.models import Member, Workspace
from workspaces.tenancy import enter

SEEN = rule("engagement", 10, "touches.inquiry", "gte", 1, days=30)


def now_of(lead: Lead) -> Lead:
    return Lead.objects.get(pk=lead.pk)


def test_a_touch_a_follow_up_a_fact_and_a_tag_move_the_score_at_once(alice: Member) -> None:
    in_force(
        SEEN,
        rule("engagement", 5, "follow_ups", "gte", 1, days=30),
        rule("fit", 20, "industry", "eq", "saas"),
        rule("exclusion", -4, "tags", "has_any", ["student"]),
    )
    lead = a_lead(email="a@example.com")
    record_touches([(lead.pk, "inquiry", None, {})], as_of=NOW, actor=alice)
    assert now_of(lead).score == 10
    log_follow_up(lead.pk, channel="call", outcome="reached", as_of=NOW, actor=alice)
    assert now_of(lead).score == 15
    edit(lead.pk, {"industry": "SaaS"}, as_of=NOW, actor=alice)
    assert now_of(lead).score == 35
    tag([lead.pk], ["Student"], as_of=NOW, actor=alice)
    assert now_of(lead).score == 31


def test_a_score_fades_when_its_touch_leaves_the_window(workspace: Workspace) -> None:
    in_force(SEEN)
    lead, quiet = a_lead(), a_lead()
    touched_at = NOW - timedelta(days=12, hours=5)
    Touch.objects.create(lead=lead, kind="inquiry", at=touched_at)
    rescore(None, as_of=NOW)
    leaves_at = touched_at + timedelta(days=30)
    assert now_of(lead).rescore_at == leaves_at + timedelta(microseconds=1)
    assert now_of(quiet).rescore_at is None
    assert rescore_due(leaves_at) == 0
    assert now_of(lead).score == 10
    later = leaves_at + timedelta(minutes=1)
    assert run_due(workspace, later)["rescored"] == 1
    assert (now_of(lead).score, now_of(lead).rescore_at, now_of(lead).scored_at) == (0, None, later)
    assert run_due(workspace, later)["rescored"] == 0


def test_where_age_counts_time_is_looked_at_daily(workspace: Workspace) -> None:
    in_force(rule("fit", 10, "age_days", "gte", 3))
    lead = a_lead()
    rescore(None, as_of=NOW)
    for day in range(1, 5):
        run_due(workspace, NOW + timedelta(days=day, minutes=1))
    assert now_of(lead).score == 10


def test_without_an_active_card_nothing_is_due(workspace: Workspace) -> None:
    Scorecard.objects.update(status="archived")
    a_lead(rescore_at=NOW)
    assert rescore_due(NOW) == 0
    assert rescore(None, as_of=NOW) == 0
    assert qualify(None, as_of=NOW) == []


def test_reaching_the_threshold_makes_an_mql_by_the_system_where_the_gate_agrees(alice: Member) -> None:
    in_force(SEEN, rule("fit", 60, "industry", "eq", "saas"), threshold=60, dimensions=DIMENSIONS)
    ready, unreachable, low = (
        a_lead(email="a@example.com", email_key="a@example.com", industry="saas"),
        a_lead(industry="saas"),
        a_lead(email="b@example.com", email_key="b@example.com"),
    )
    leads = [ready.pk, unreachable.pk, low.pk]
    record_touches([(pk, "inquiry", None, {}) for pk in leads], as_of=NOW, actor=alice)
    assert [now_of(one).stage for one in (ready, unreachable, low)] == ["mql", "lead", "lead"]
    change = StageChange.objects.get(lead=ready)
    assert (change.transition, change.actor_id) == ("to_mql", None)
    assert TimelineEntry.objects.get(lead_id=ready.pk, kind="stage").actor_id is None
    edit(unreachable.pk, {"phone": "+8613800138000"}, as_of=NOW, actor=alice)
    assert now_of(unreachable).stage == "mql"


DIMENSIONS = [{"key": "fit", "label": "Fit", "cap": 80}, {"key": "engagement", "label": "E", "cap": 20}]


def test_what_goes_back_to_marketing_is_not_qualified_again_at_once(alice: Member) -> None:
    in_force(rule("fit", 60, "industry", "eq", "saas"), threshold=60, dimensions=DIMENSIONS)
    lead = a_lead(email="a@example.com", email_key="a@example.com", industry="saas", stage="mql", score=60)
    advance_one(lead.pk, "send_back", as_of=NOW, actor=alice)
    assert now_of(lead).stage == "lead"


def test_a_card_that_asks_about_the_stage_is_asked_after_each_step(alice: Member) -> None:
    in_force(rule("fit", 7, "stage", "eq", "mql"))
    lead = a_lead(email="a@example.com", email_key="a@example.com", score=60)
    advance_one(lead.pk, "to_mql", as_of=NOW, actor=alice)
    assert now_of(lead).score == 7


def test_two_touches_at_the_same_moment_are_both_in_the_score(open_workspace: Workspace) -> None:
    """The second waits for the first and is scored with it: no score forgets a touch."""
    with enter(open_workspace):
        in_force(rule("engagement", 3, "touches.inquiry", "gte", 1, per_unit=True, cap=30))
        lead = a_lead()
    together = threading.Barrier(2, timeout=20)

    def touch() -> None:
        try:
            with enter(open_workspace):
                Touch.objects.create(lead=lead, kind="inquiry", at=NOW)
                together.wait()
                rescore([lead.pk], as_of=NOW)
        finally:
            connection.close()

    threads = [threading.Thread(target=touch) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with enter(open_workspace):
        assert now_of(lead).score == 6


def test_a_custom_field_counts_like_any_other(alice: Member) -> None:
    CustomField.objects.create(key="plan", label="Plan", kind="text")
    in_force(rule("fit", 20, "attributes.plan", "in", ["gold", "银"]))
    lead = a_lead(email="a@example.com")
    edit(lead.pk, {"attributes": {"plan": "Gold"}}, as_of=NOW, actor=alice)
    assert now_of(lead).score == 20


def test_a_tag_that_asks_for_the_grade_comes_with_it(alice: Member) -> None:
    in_force(rule("fit", 20, "industry", "eq", "saas"))
    condition = {"field": "grade", "op": "gte", "value": "C"}
    TagRule.objects.create(tag=Tag.objects.create(name="warm", name_key="warm"), condition=condition)
    lead = a_lead(email="a@example.com")
    edit(lead.pk, {"industry": "saas"}, as_of=NOW, actor=alice)
    assert [one.tag.name for one in lead.lead_tags.all()] == ["warm"]
    edit(lead.pk, {"industry": ""}, as_of=NOW, actor=alice)
    assert not lead.lead_tags.exists()
