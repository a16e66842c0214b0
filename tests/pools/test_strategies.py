"""How a rule shares leads out: strategies, limits, absence, overflow, default, and the record of it all."""

from collections import Counter
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from leads.actions import advance
from leads.models import Company, Lead
from pools.actions import assign, assign_due, claim, claim_one, give, hand_over, release
from pools.actions.rules import change_claim_policy, save_rule, set_default_assignee, set_terms
from pools.models import Assignment, AssignmentRule, Overflow, Strategy, Waiting
from pools.planning import active_rules, known, plan
from pools.turns import Rep
from pools.words import waiting_reason, why_sentence
from tests.cast import NOW, a_lead
from tests.pools.cast import a_rep, held_truly, later, some_leads
from workspaces.calendar.actions import add_absence, change_calendar
from workspaces.models import Member, Team
from workspaces.refusals import Invalid

pytestmark = pytest.mark.django_db


@pytest.fixture
def reps(workspace: Any) -> list[Member]:
    return [a_rep(name) for name in ("Ann", "Bo", "Cai")]


def rule(strategy: str = Strategy.ROUND_ROBIN, members: Any = None, **values: Any) -> AssignmentRule:
    row = AssignmentRule(**{"name": "First", "position": 0, "strategy": strategy} | values)
    return save_rule(row, members, as_of=NOW, actor=None)


def mqls(count: int, **fields: Any) -> list[UUID]:
    return some_leads(count, stage="mql", **fields)


def shares(leads: list[UUID]) -> dict[str, int]:
    return Counter(Lead.objects.filter(pk__in=leads, pool="sales").values_list("owner__name", flat=True))


def test_by_weight(reps: list[Member]) -> None:
    rule(Strategy.WEIGHTED, {reps[0]: 3, reps[1]: 1, reps[2]: 0})
    leads = mqls(8)
    for part in (leads[:1], leads[1:4], leads[4:]):
        assign(part, as_of=NOW)
    assert shares(leads) == {"Ann": 6, "Bo": 2}
    assert "by weight" in why_sentence("assigned", Assignment.objects.first().why)  # type: ignore[union-attr]


def one_by_one(count: int, **fields: Any) -> list[str]:
    """Who gets each of so many leads that come one at a time."""
    got = []
    for pk in mqls(count, **fields):
        assign([pk], as_of=NOW)
        got.append(Lead.objects.get(pk=pk).owner.name)  # type: ignore[union-attr]
    return got


def takes(rep: Member, takes_leads: bool) -> None:
    Member.objects.filter(pk=rep.pk).update(takes_leads=takes_leads)


def test_by_weight_nobody_catches_up_on_what_came_while_they_were_away(reps: list[Member]) -> None:
    rule(Strategy.WEIGHTED)
    takes(reps[2], False)
    assert Counter(one_by_one(8)) == {"Ann": 4, "Bo": 4}
    takes(reps[2], True)
    assert Counter(one_by_one(6)) == {"Ann": 2, "Bo": 2, "Cai": 2}


def test_by_weight_a_new_rep_begins_where_those_are_who_take_leads(reps: list[Member]) -> None:
    rule(Strategy.WEIGHTED)
    takes(reps[2], False)
    assign(mqls(10), as_of=NOW)
    a_rep("Dan")
    assert Counter(one_by_one(6)) == {"Ann": 2, "Bo": 2, "Dan": 2}
    takes(reps[2], True)
    assert Counter(one_by_one(8)) == {"Ann": 2, "Bo": 2, "Cai": 2, "Dan": 2}


def test_by_weight_who_was_full_for_most_of_a_run_does_not_catch_up(reps: list[Member]) -> None:
    rule(Strategy.WEIGHTED)
    Member.objects.filter(pk=reps[2].pk).update(capacity=1)
    assign(mqls(13), as_of=NOW)
    Member.objects.filter(pk=reps[2].pk).update(capacity=50)
    assert Counter(one_by_one(6)) == {"Ann": 2, "Bo": 2, "Cai": 2}


def test_weights_of_zero(reps: list[Member]) -> None:
    with pytest.raises(Invalid, match="greater than zero"):
        rule(Strategy.WEIGHTED, dict.fromkeys(reps, 0))
    rule(Strategy.WEIGHTED)
    for rep in reps:
        set_terms(rep, {"weight": 0}, as_of=NOW, actor=None)
    lead = mqls(1)
    assert assign(lead, as_of=NOW).waiting == {lead[0]: "no_weight"}
    assert "zero" in waiting_reason("no_weight")


def test_least_loaded(reps: list[Member]) -> None:
    rule(Strategy.LEAST_LOADED)
    for pk in some_leads(3):
        give([pk], reps[0], as_of=NOW, actor=None)
    leads = mqls(7)
    assign(leads, as_of=NOW)
    assert shares(leads) == {"Ann": 1, "Bo": 3, "Cai": 3}


def test_the_best_closer_of_such_leads_and_small_numbers_shrunk(reps: list[Member]) -> None:
    rule(Strategy.BEST_CLOSER)
    closed(reps[0], won=20, lost=10)  # two of three
    closed(reps[1], won=1, lost=0)  # all, but of one
    closed(reps[2], won=1, lost=20)
    [lead] = mqls(1, industry="SaaS ", grade="D")
    assign([lead], as_of=NOW)
    record = Assignment.objects.get(lead_id=lead)
    assert record.member == reps[0]
    assert (record.why["measure"]["won"], record.why["measure"]["closed"]) == (20, 30)
    assert "20 of 30" in why_sentence("assigned", record.why)


def test_who_takes_won_leads_over_has_not_won_them(reps: list[Member]) -> None:
    rule(Strategy.BEST_CLOSER)
    closed(reps[0], won=6, lost=2)
    closed(reps[1], won=1, lost=3)
    hand_over(reps[0], [reps[2]], "Ann leaves", as_of=later(hours=1), actor=None)
    known_ = known(active_rules(), [], [Rep(rep, room=1) for rep in reps], later(days=1))
    assert known_.won == {(reps[0].pk, "saas", "D"): (6, 8), (reps[1].pk, "saas", "D"): (1, 4)}


def closed(rep: Member, won: int, lost: int) -> None:
    for stage, many in (("won", won), ("lost", lost)):
        for pk in some_leads(many, industry="saas"):
            give([pk], rep, as_of=NOW, actor=None)
            if stage == "lost":
                advance([pk], "lose", as_of=NOW, actor=None, override="x", details={"reason": "price"})
            else:
                for step in ("to_mql", "to_sql", "to_opportunity", "win"):
                    advance([pk], step, as_of=NOW, actor=None, override="x")


def test_sticky_by_company(reps: list[Member]) -> None:
    rule(Strategy.STICKY_COMPANY)
    acme = Company.objects.create(name="Acme", name_key="acme")
    give(some_leads(1, company=acme), reps[2], as_of=NOW, actor=None)
    leads = mqls(3, company=acme)
    assign(leads, as_of=NOW)
    assert shares(leads) == {"Cai": 3}
    other = Company.objects.create(name="Other", name_key="other")
    fresh = mqls(2, company=other)
    assign(fresh, as_of=NOW)
    assert len(shares(fresh)) == 1, "the second of a new company goes where the first went"


def test_seniors_for_a_and_beginners_for_c(reps: list[Member]) -> None:
    rule(Strategy.BY_LEVEL)
    set_terms(reps[0], {"level": "senior"}, as_of=NOW, actor=None)
    set_terms(reps[2], {"level": "beginner"}, as_of=NOW, actor=None)
    for grade, name in (("A", "Ann"), ("B", "Bo"), ("C", "Cai"), ("D", "Cai")):
        assert shares(assigned(mqls(2, grade=grade))) == {name: 2}


def test_each_level_has_a_turn_of_its_own(reps: list[Member]) -> None:
    rule(Strategy.BY_LEVEL)
    dan = a_rep("Dan")
    for rep, level in zip([*reps, dan], ("beginner", "beginner", "senior", "senior"), strict=True):
        set_terms(rep, {"level": level}, as_of=NOW, actor=None)
    got = [name for grade in "ACACACAC" for name in one_by_one(1, grade=grade)]
    assert Counter(got) == {"Ann": 2, "Bo": 2, "Cai": 2, "Dan": 2}


def assigned(leads: list[UUID]) -> list[UUID]:
    assign(leads, as_of=NOW)
    return leads


def test_limits_a_day_and_a_week(reps: list[Member]) -> None:
    for rep in reps[1:]:
        set_terms(rep, {"per_day": 0}, as_of=NOW, actor=None)
    set_terms(reps[0], {"per_day": 2, "per_week": 3}, as_of=NOW, actor=None)
    leads = mqls(6)
    assert len(assign(leads, as_of=NOW).assigned) == 2
    assert set(Waiting.objects.values_list("reason", flat=True)) == {"full"}
    assert len(assign(leads, as_of=later(days=1)).assigned) == 1
    assert len(assign(leads, as_of=later(days=7)).assigned) == 2
    reasons = {one["reason"] for row in Waiting.objects.all() for one in row.why["passed_over"]}
    assert reasons == {"day_full"}


def test_what_somebody_claims_spends_no_share_of_the_rules(reps: list[Member]) -> None:
    set_terms(reps[0], {"per_day": 2}, as_of=NOW, actor=None)
    rule(members={reps[0]: None})
    claim(reps[0], some_leads(3), as_of=NOW)
    assert len(assign(mqls(3), as_of=NOW).assigned) == 2


def test_a_capacity_below_what_is_held_takes_nothing_away(reps: list[Member]) -> None:
    leads = some_leads(3)
    for pk in leads:
        give([pk], reps[0], as_of=NOW, actor=None)
    Member.objects.filter(pk=reps[0].pk).update(capacity=1)
    rule(members={reps[0]: None})
    [lead] = mqls(1)
    assert assign([lead], as_of=NOW).waiting == {lead: "full"}
    assert Lead.objects.filter(owner=reps[0]).count() == 3


def test_everybody_absent_and_the_default_assignee(reps: list[Member], alice: Member) -> None:
    for rep in reps:
        add_absence(rep, date(2026, 3, 2), date(2026, 3, 3), as_of=NOW, actor=None)
    lead, second = mqls(2)
    assert assign([lead], as_of=NOW).waiting == {lead: "absent"}
    assert Waiting.objects.get().why["passed_over"][0]["reason"] == "absent"
    set_default_assignee(alice, as_of=NOW, actor=None)
    assert assign_due(NOW) == 2
    record = Assignment.objects.get(lead_id=second)
    assert record.member == alice and "default" in why_sentence("assigned", record.why)
    assert not Waiting.objects.exists()
    held_truly()


def test_working_hours(reps: list[Member]) -> None:
    change_calendar({"country": ""}, as_of=NOW, actor=None)
    rule(working_hours_only=True)
    [lead] = mqls(1)
    assert assign([lead], as_of=later(hours=12)).waiting == {lead: "off_hours"}
    assert assign([lead], as_of=later(hours=24)).assigned


def test_a_rule_whose_team_is_empty_and_its_overflow(reps: list[Member]) -> None:
    empty, north = Team.objects.create(name="Empty"), Team.objects.create(name="North")
    Member.objects.filter(pk=reps[1].pk).update(team=north)
    first = rule(team=empty)
    [lead] = mqls(1)
    assert assign([lead], as_of=NOW).waiting == {lead: "nobody"}
    first.overflow, first.overflow_team = Overflow.TEAM, north
    save_rule(first, as_of=NOW, actor=None)
    assert assign([lead], as_of=NOW).assigned == {lead: reps[1].pk}
    assert "could take it" in why_sentence("assigned", Assignment.objects.get().why)
    with pytest.raises(Invalid):
        rule(overflow=Overflow.TEAM)


def test_the_other_team_takes_turns_also_where_leads_come_one_at_a_time(reps: list[Member]) -> None:
    north, full = Team.objects.create(name="North"), Team.objects.create(name="Full")
    Member.objects.filter(pk__in=[rep.pk for rep in reps]).update(team=north)
    a_rep("Dan", team=full, capacity=1)
    rule(team=full, overflow=Overflow.TEAM, overflow_team=north)
    assert one_by_one(1) == ["Dan"]
    got = one_by_one(7)
    assert sorted(Counter(got).values()) == [2, 2, 3] and len(set(got[:3])) == 3
    assert AssignmentRule.objects.get(name="First").turn is not None, "the full team's own turn stays its own"
    Member.objects.filter(name="Dan").update(capacity=2)
    assert one_by_one(1) == ["Dan"]


def test_the_next_rule_takes_over(reps: list[Member]) -> None:
    rule(team=Team.objects.create(name="Empty"), overflow=Overflow.NEXT_RULE)
    leads = mqls(3)
    assert len(assign(leads, as_of=NOW).assigned) == 3
    assert Assignment.objects.first().why["rule_name"] == "MQLs in turn"  # type: ignore[union-attr]


@pytest.mark.parametrize("strategy", Strategy.values)
def test_each_month_another_goes_first(reps: list[Member], strategy: str) -> None:
    rule(strategy, monthly_turn=True)
    first = []
    for days in (0, 31, 62):
        leads = mqls(3 if strategy == Strategy.LEAST_LOADED else 4)  # all hold as many
        assign(leads, as_of=later(days=days))
        first.append(Lead.objects.get(pk=leads[0]).owner.name)  # type: ignore[union-attr]
    assert sorted(first) == ["Ann", "Bo", "Cai"]


@pytest.mark.parametrize("strategy", [Strategy.LEAST_LOADED, Strategy.BEST_CLOSER])
def test_among_equals_the_next_in_turn_is_asked(reps: list[Member], strategy: str) -> None:
    rule(strategy)
    got = []
    for pk in mqls(6):
        assign([pk], as_of=NOW)
        got.append(Lead.objects.get(pk=pk).owner.name)  # type: ignore[union-attr]
    assert len(set(got[:3])) == 3 and got[:3] == got[3:]


@pytest.mark.parametrize("industries", [["saas"], ["saas", "retail", ""]])
def test_among_equals_a_whole_batch_goes_round_too(reps: list[Member], industries: list[str]) -> None:
    """Nobody has closed anything yet: who comes in one import is shared out as who comes one at a time."""
    rule(Strategy.BEST_CLOSER)
    Member.objects.filter(pk=reps[2].pk).update(capacity=1)
    leads = [pk for industry in industries for pk in mqls(7 // len(industries), industry=industry)]
    got = shares(assigned(leads))
    assert got.pop("Cai") == 1 and sum(got.values()) == len(leads) - 1
    assert abs(got["Ann"] - got["Bo"]) <= 1


def test_who_gave_it_back_does_not_get_it_again_at_once(reps: list[Member]) -> None:
    rule(members={reps[0]: None})
    [lead] = mqls(1)
    assign([lead], as_of=NOW)
    release([lead], "no time", as_of=NOW, actor=reps[0])
    Lead.objects.filter(pk=lead).update(pool="lead")
    assert assign([lead], as_of=later(hours=1)).waiting == {lead: "cooldown"}
    assert assign([lead], as_of=later(days=8)).assigned


def test_a_plan_is_what_happens_for_every_strategy(reps: list[Member]) -> None:
    for number, strategy in enumerate(Strategy.values):
        AssignmentRule.objects.all().delete()
        rule(strategy, members={reps[0]: 2, reps[1]: 1} if number % 2 else None, monthly_turn=True)
        leads = mqls(7)
        wanted = {choice.lead: choice.member.pk for choice in plan(leads, as_of=NOW) if choice.member}
        assert assign(leads, as_of=NOW).assigned == wanted and len(wanted) == 7


def test_many_cost_what_one_costs(reps: list[Member], django_assert_max_num_queries: Any) -> None:
    for position, strategy in enumerate(Strategy.values):
        condition = {"field": "industry", "op": "eq", "value": f"i{position}"}
        rule(strategy, position=position, condition=condition)
    set_terms(reps[0], {"per_day": 100}, as_of=NOW, actor=None)
    change_claim_policy({"capacity_by_grade": {"D": 80}}, as_of=NOW, actor=None)
    spent = []
    for count in (6, 6, 60):  # the first time, settings are read and statements prepared
        leads = [a_lead(stage="mql", industry=f"i{n % 6}").pk for n in range(count)]
        with django_assert_max_num_queries(39) as queries:
            assert len(assign(leads, as_of=NOW).assigned) == count
        spent.append(len(queries))
    assert spent[1] == spent[2]


def test_by_api(api: Any, alice: Member, reps: list[Member]) -> None:
    admin, rep = api(alice), api(reps[0])
    body = {"name": "A", "strategy": "weighted", "members": [{"member": str(reps[0].pk), "weight": 3}]}
    made = admin.post("/api/v1/assignment-rules/", body, format="json")
    assert made.status_code == 201 and made.json()["members"][0]["weight"] == 3
    at = f"/api/v1/assignment-rules/{made.json()['id']}/"
    assert admin.patch(at, {"members": []}, format="json").json()["members"] == []
    assert admin.patch(at, {"overflow": "team"}, format="json").status_code == 422
    assert rep.patch(at, {"name": "B"}, format="json").status_code == 403
    terms = f"/api/v1/members/{reps[0].pk}/terms/"
    assert admin.patch(terms, {"level": "senior", "per_day": 3}, format="json").json()["level"] == "senior"
    assert rep.get(terms).json()["per_day"] == 3 and rep.patch(terms, {}, format="json").status_code == 403
    chosen = admin.patch("/api/v1/assignment-policy/", {"default_assignee": str(alice.pk)}, format="json")
    assert chosen.json() == {"default_assignee": str(alice.pk)}
    assert rep.get("/api/v1/assignment-policy/").status_code == 200
    admin.patch("/api/v1/assignment-policy/", {"default_assignee": None}, format="json")
    AssignmentRule.objects.all().delete()
    [lead] = mqls(1)
    assert rep.get("/api/v1/assignments/waiting/").json()[0]["code"] == "due"
    assign([lead], as_of=NOW)
    assert rep.get("/api/v1/assignments/waiting/").json()[0]["code"] == "no_rule"
    dry = admin.post("/api/v1/assignment-rules/dry-run/", {"where": {}}, format="json").json()
    assert dry["waiting"] == 1 and dry["decisions"][0]["why"]


def test_a_dry_run_leaves_out_what_nobody_can_be_given(api: Any, alice: Member, reps: list[Member]) -> None:
    Member.objects.filter(pk__in=[rep.pk for rep in reps[1:]]).update(takes_leads=False)
    Member.objects.filter(pk=reps[0].pk).update(capacity=2)
    for stage in ("lost", "disqualified", "deferred"):
        a_lead(stage=stage, score=2000)
    a_lead(stage="mql", pool="recycle", score=2000)
    fresh, lead = a_lead(score=900).pk, a_lead(stage="mql").pk
    dry = api(alice).post("/api/v1/assignment-rules/dry-run/", {"where": {}}, format="json").json()
    assert [one["lead"] for one in dry["decisions"]] == [str(fresh), str(lead)]
    assert (dry["assigned"], dry["unqualified"]) == (2, 1)


def test_claiming_what_one_holds_counts_in_hand(reps: list[Member]) -> None:
    [lead] = some_leads(1)
    claim_one(reps[0], lead, as_of=NOW)
    rule(Strategy.LEAST_LOADED)
    assert shares(assigned(mqls(2))) == {"Bo": 1, "Cai": 1}
