"""New MQLs go round among the reps, fairly, and it is recorded why and who was passed over."""

from collections import Counter
from typing import Any

import pytest
from django.utils import translation

from leadcrm.flow import run_due
from leads.actions import advance
from leads.actions.sources import add_channel
from leads.models import Lead, Task, TimelineEntry
from pools.actions import assign, claim_one
from pools.models import Assignment, AssignmentRule, Passing
from pools.planning import plan, unassigned
from pools.words import why_sentence
from tests.cast import NOW, a_lead
from tests.pools.cast import a_rep, held_truly, kinds, some_leads
from workspaces.models import Member, Team, Workspace

pytestmark = pytest.mark.django_db


@pytest.fixture
def reps(workspace: Workspace) -> list[Member]:
    return [a_rep(name) for name in ("Ann", "Bo", "Cai")]


def shares(leads: list) -> Counter:
    return Counter(Lead.objects.filter(pk__in=leads, pool="sales").values_list("owner__name", flat=True))


def test_becoming_an_mql_brings_a_holder(reps: list[Member]) -> None:
    leads = some_leads(3)
    assert advance(leads, "to_mql", as_of=NOW, actor=None, override="test").moved
    assert shares(leads) == {"Ann": 1, "Bo": 1, "Cai": 1}
    assert kinds(leads[0]) == ["stage", "assigned"]
    assert Lead.objects.get(pk=leads[0]).reclaim_reason == "first_contact"
    held_truly()


def test_fair_to_within_one_over_any_sets(reps: list[Member]) -> None:
    leads = some_leads(25, stage="mql")
    for part in (leads[:1], leads[1:8], leads[8:12], leads[12:]):
        assign(part, as_of=NOW)
        found = shares(leads).values()
        assert max(found) - min([*found] if len(found) == 3 else [0]) <= 1
    assert sum(shares(leads).values()) == 25
    held_truly()


def test_the_team_that_looks_after_a_channel_comes_first(reps: list[Member]) -> None:
    team = Team.objects.create(name="Fairs")
    Member.objects.filter(name__in=("Ann", "Bo")).update(team=team)
    fair = add_channel("Spring fair", owner_team=team, as_of=NOW, actor=None)
    theirs, others = some_leads(4, stage="mql", channel=fair), some_leads(3, stage="mql")
    for lead in (*theirs, *others):
        assign([lead], as_of=NOW)
    assert shares(theirs) == {"Ann": 2, "Bo": 2}
    assert shares(others) == {"Ann": 1, "Bo": 1, "Cai": 1}
    why = Assignment.objects.get(lead_id=theirs[0]).why
    assert why["reason"] == "channel_team"
    with translation.override("en"):
        assert "The team that looks after its channel comes first" in why_sentence("assigned", why)
    Member.objects.filter(team=team).update(takes_leads=False)
    later, named = some_leads(2, stage="mql", channel=fair)
    assign([later], as_of=NOW)
    assert shares([later]) == {"Cai": 1}  # nobody of the team can: anybody the rule means
    Member.objects.filter(team=team).update(takes_leads=True)
    AssignmentRule.objects.update(team=Team.objects.create(name="Empty"))
    assign([named], as_of=NOW)
    assert shares([named]) == {}  # a rule that names a team decides by itself
    held_truly()


def test_the_full_and_the_absent_are_passed_over_and_named(reps: list[Member]) -> None:
    Member.objects.filter(name="Ann").update(capacity=0)
    Member.objects.filter(name="Bo").update(takes_leads=False)
    lead = a_lead(stage="mql").pk
    assign([lead], as_of=NOW)
    record = Assignment.objects.get(lead_id=lead)
    assert (record.member.name, record.began) == ("Cai", "assigned")
    assert record.rule == AssignmentRule.objects.get().pk
    assert [(one["name"], one["reason"]) for one in record.why["passed_over"]] == [
        ("Ann", "full"),
        ("Bo", "away"),
    ]
    told = TimelineEntry.objects.get(lead_id=lead, kind="assigned").data
    asked = record.why.pop("among")
    assert told == record.why | {"owner": str(record.member_id)}
    assert sorted(asked) == sorted(str(rep.pk) for rep in Member.objects.filter(role="rep"))
    words = why_sentence(record.began, record.why)
    assert words.startswith("It was their turn by the rule “MQLs in turn”. Passed over: Ann (holds")
    with translation.override("zh-hans"):
        assert "轮到" in why_sentence(record.began, record.why)


def test_the_first_rule_that_fits_and_its_team(reps: list[Member]) -> None:
    north = Team.objects.create(name="North")
    Member.objects.filter(name__in=["Ann", "Bo"]).update(team=north)
    saas = {"field": "industry", "op": "eq", "value": "saas"}
    AssignmentRule.objects.create(name="SaaS", position=0, condition=saas, team=north)
    leads = some_leads(4, stage="mql", industry="saas")
    assign(leads, as_of=NOW)
    assert shares(leads) == {"Ann": 2, "Bo": 2}
    assert set(Lead.objects.filter(pk__in=leads).values_list("team__name", flat=True)) == {"North"}


def test_room_is_shared_between_rules_and_the_rest_waits_with_a_reason(workspace: Workspace) -> None:
    a_rep("Ann", capacity=3)
    nobody = Team.objects.create(name="Nobody")
    retail = {"field": "industry", "op": "eq", "value": "retail"}
    rule = AssignmentRule.objects.create(name="Retail", position=0, condition=retail)
    AssignmentRule.objects.create(name="Empty", position=0, condition=retail | {"value": "saas"}, team=nobody)
    leads = some_leads(2, stage="mql", industry="retail") + some_leads(2, stage="mql")
    empty = a_lead(stage="mql", industry="saas").pk
    done = assign(None, as_of=NOW)
    assert len(done.assigned) == 3
    assert set(done.waiting.values()) == {"full", "nobody"}
    assert {choice.lead: choice.waits for choice in unassigned(NOW)} == done.waiting
    assert done.waiting[empty] == "nobody"
    AssignmentRule.objects.exclude(pk=rule.pk).delete()
    assert {choice.waits for choice in unassigned(NOW)} == {"no_rule"}
    assert Lead.objects.filter(pk__in=leads, pool="lead").count() == 1


def test_what_waited_is_assigned_when_there_is_room(workspace: Workspace) -> None:
    leads = some_leads(3)
    advance(leads, "to_mql", as_of=NOW, actor=None, override="test")
    assert shares(leads) == {}
    assert run_due(workspace, NOW)["assigned"] == 0
    a_rep("Ann")
    assert run_due(workspace, NOW)["assigned"] == 3
    assert run_due(workspace, NOW)["assigned"] == 0


def test_only_new_mqls(reps: list[Member]) -> None:
    held = a_lead(stage="lead").pk
    claim_one(reps[0], held, as_of=NOW)
    others = [held, a_lead(stage="mql", pool="recycle").pk, a_lead(stage="lead").pk]
    assert assign(others, as_of=NOW).assigned == {}


def test_a_plan_changes_nothing(reps: list[Member]) -> None:
    leads = some_leads(4, stage="mql")
    wanted = {choice.lead: choice.member.pk for choice in plan(leads, as_of=NOW)}
    assert not Assignment.objects.exists()
    assert AssignmentRule.objects.get().turn is None
    assert assign(leads, as_of=NOW).assigned == wanted


def test_many_cost_what_one_costs(reps: list[Member], django_assert_max_num_queries) -> None:
    spent = []
    for count in (1, 1, 30):  # the first reads the scorecard, too
        leads = some_leads(count, stage="mql")
        with django_assert_max_num_queries(38) as queries:
            assert len(assign(leads, as_of=NOW).assigned) == len(leads)
        spent.append(len(queries))
    assert spent[1] == spent[2]


def test_who_was_passed_over_is_named_whole_and_written_once(
    workspace: Workspace, api: Any, alice: Member
) -> None:
    full = [a_rep(f"Full{n}", capacity=0) for n in range(9)]
    free = a_rep("Free")
    leads = some_leads(3, stage="mql")
    assign(leads, as_of=NOW)
    records = list(Assignment.objects.filter(lead__in=leads))
    assert {record.member_id for record in records} == {free.pk}
    assert Passing.objects.count() == 1, "decided alike: one record for all"
    assert len(records[0].why["passed_over"]) == 5 and records[0].why["passed_more"] == {"full": 4}
    assert "4 more" in why_sentence("assigned", records[0].why)
    told = api(alice).get(f"/api/v1/assignments/{records[0].pk}/").json()["passed_over"]
    assert {one["member"] for one in told} == {str(rep.pk) for rep in full}
    assert {one["reason"] for one in told} == {"full"} and told[0]["name"] == "Full0"


def test_the_first_thing_to_do_is_known_with_the_holder(reps: list[Member]) -> None:
    lead = a_lead(stage="mql")
    assign([lead.pk], as_of=NOW)
    lead.refresh_from_db()
    due = Task.objects.filter(lead=lead).order_by("due_at").first()
    assert due is not None and lead.next_action_at == due.due_at
    assert lead.version == 2, "holder, clock and next thing to do are one write"
