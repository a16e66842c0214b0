"""Each report against a small crowd counted by hand."""

import csv
import io
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from insights.export import as_csv, safe
from insights.reports import REPORTS, Scope, fairness, funnel, reps, scorecard, sources, stuck, timeliness
from insights.reports.behind import contacts, overdue, steps
from insights.reports.fairness import gini, history
from insights.reports.figures import figures
from leads.conditions import parse, vocabulary, where
from leads.models import Channel, FollowUp, Lead, Opportunity, StageChange
from pools.actions import assign, claim_one
from pools.actions.response_policies import save_response_policy
from pools.actions.rules import set_default_assignee
from pools.models import Assignment, AssignmentRule, AssignmentRuleMember, ResponsePolicy
from tests.cast import NOW, a_lead, join
from workspaces.calendar.actions import add_absence
from workspaces.models import Member, Role, Team, Workspace

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NEXT = {"lead": "mql", "mql": "sql", "sql": "opportunity", "opportunity": "won"}
STEP = {"mql": "to_mql", "sql": "to_sql", "opportunity": "to_opportunity", "won": "win"}
MONTH = Scope(NOW, 30)


def climbed(lead: Lead, *stages: str, days: int = 2, by: Member | None = None) -> Lead:
    """The lead's steps up to where it stands, each after some days in the stage before."""
    source, at = "lead", NOW - 10 * DAY
    for target in stages:
        StageChange.objects.create(
            lead=lead,
            transition=STEP[target],
            source=source,
            target=target,
            at=at,
            actor=by,
            days_in_source=days,
        )
        source, at = target, at + DAY
    return lead


def held(member: Member, began: datetime, answered: datetime | None = None, **fields: Any) -> Lead:
    """A lead that the member holds since then, with the first follow-up in that hold."""
    lead = a_lead(
        **{"stage": "mql", "pool": "sales", "owner": member, "held_since": began}
        | {"last_follow_up_at": answered}
        | fields
    )
    how = fields.get("began", "assigned")
    Assignment.objects.create(lead=lead, member=member, began_at=began, began=how, why={})
    if answered:
        FollowUp.objects.create(lead=lead, member=member, at=answered, channel="call")
    return lead


def rows_by(report: Any, key: str) -> dict[Any, dict[str, Any]]:
    return {row[key]: row for row in report.rows}


def listed(condition: Any, workspace: Workspace) -> int:
    parsed = parse(condition, vocabulary(workspace))
    return Lead.objects.filter(where(parsed, as_of=NOW, time_zone=workspace.tz)).count()


def test_the_funnel_counts_who_reached_each_stage_also_those_who_fell_aside(workspace: Workspace) -> None:
    for _one in range(4):
        a_lead(captured_at=NOW - 5 * DAY, stage_since=NOW - 4 * DAY)
    climbed(a_lead(stage="mql", captured_at=NOW - 5 * DAY), "mql")
    climbed(a_lead(stage="sql", captured_at=NOW - 5 * DAY), "mql", "sql", days=4)
    climbed(a_lead(stage="lost", captured_at=NOW - 20 * DAY), "mql", "sql")
    a_lead(captured_at=NOW - 40 * DAY)  # before the period
    report = funnel(MONTH)
    found = rows_by(report, "stage")
    assert [found[stage]["reached"] for stage in ("lead", "mql", "sql", "opportunity")] == [7, 3, 2, 0]
    assert [found[stage]["now"] for stage in ("lead", "mql", "sql", "lost")] == [5, 1, 1, 1]
    assert found["mql"]["conversion"] == round(3 / 7, 4)
    assert found["sql"]["conversion"] == round(2 / 3, 4)
    assert found["won"]["conversion"] is None  # nobody came as far as the stage before
    assert found["lead"]["median_age_days"] == 4
    assert found["lead"]["median_days"] == 2  # of 2, 4, 2
    assert found["mql"]["median_days"] == 3  # of 4, 2
    assert report.total == {"captured": 7, "won": 0, "conversion": 0.0}
    assert all(listed(row["where"], workspace) == row["now"] for row in report.rows)


def test_stuck_tells_the_action_from_the_lead_and_every_number_opens_its_list(
    workspace: Workspace, ming: Member
) -> None:
    held(ming, NOW - 2 * DAY)  # no first contact within a day
    held(ming, NOW - 20 * DAY, NOW - 9 * DAY)  # quiet for more than a week
    held(ming, NOW - HOUR)  # fresh: nothing is wrong
    a_lead(stage="mql")  # nobody's
    worked = held(ming, NOW - 5 * DAY, NOW - DAY)  # three talks and still no pain
    for back in (2, 3):
        FollowUp.objects.create(lead=worked, member=ming, at=NOW - back * DAY, channel="call")
    report = stuck(MONTH)
    told = [(row["stage"], row["reason"], row["leads"]) for row in report.rows]
    assert told == [("mql", "action", 1), ("mql", "action", 2), ("mql", "lead", 1)]
    assert report.rows[1]["share"] == 0.4
    assert report.total == {"action": 3, "lead": 1}
    assert all(listed(row["where"], workspace) == row["leads"] for row in report.rows)


def test_sources_by_channel_with_value_and_cost(workspace: Workspace) -> None:
    web, fair = Channel.objects.order_by("name")[:2]
    Channel.objects.filter(pk=web.pk).update(cost_per_month=60_000, created_at=NOW - 99 * DAY)
    won = climbed(
        a_lead(stage="won", channel=web, captured_at=NOW - 9 * DAY), "mql", "sql", "opportunity", "won"
    )
    Opportunity.objects.create(lead=won, name="Deal", amount=500_000, currency="USD", status="won")
    Opportunity.objects.create(lead=won, name="Abroad", amount=900_000, currency="EUR", status="won")
    for _one in range(2):
        a_lead(channel=web, captured_at=NOW - DAY)
    climbed(a_lead(stage="mql", channel=fair, captured_at=NOW - DAY), "mql")
    a_lead(captured_at=NOW - DAY)
    found = rows_by(sources(MONTH), "channel")
    ours = found[str(web.pk)]
    assert [ours[key] for key in ("leads", "mql", "sql", "won", "value", "cost")] == [
        3,
        1,
        1,
        1,
        500_000,
        60_000,
    ]
    assert (ours["cost_per_lead"], ours["cost_per_customer"]) == (20_000, 60_000)
    assert (found[str(fair.pk)]["mql_to_sql"], found[str(fair.pk)]["cost_per_lead"]) == (0, None)
    assert found[None]["leads"] == 1
    assert all(listed(row["where"], workspace) == row["leads"] for row in found.values())


def test_in_time_is_what_the_policy_in_force_says(workspace: Workspace, ming: Member) -> None:
    friday = NOW - 3 * DAY  # a Friday, late
    saas = {"field": "industry", "op": "eq", "value": "saas"}
    held(ming, friday, NOW - HOUR, industry="saas")  # more than two days by the clock, one working day
    held(ming, friday, friday + 3 * HOUR)
    assert timeliness(MONTH).total["in_time"] == 1
    policy = ResponsePolicy(name="SaaS", condition=saas, after=3, unit="days", counts="working")
    save_response_policy(policy, as_of=NOW, actor=None)
    ResponsePolicy.objects.filter(pk=policy.pk).update(position=0)
    assert timeliness(MONTH).total["in_time"] == 2
    ResponsePolicy.objects.exclude(pk=policy.pk).update(after=2)
    assert timeliness(MONTH).total["in_time"] == 1


def test_first_contacts_and_what_reps_do(workspace: Workspace, ming: Member) -> None:
    held(ming, NOW - 3 * DAY, NOW - 3 * DAY + 2 * HOUR)
    held(ming, NOW - 3 * DAY, NOW - 3 * DAY + 30 * HOUR)
    late = held(ming, NOW - 3 * DAY)
    held(ming, NOW - HOUR)  # may still be contacted in time: not judged
    climbed(a_lead(stage="won"), "mql", "sql", "opportunity", "won", by=ming)
    spread = rows_by(timeliness(MONTH), "class")
    counts = {key: row["leads"] for key, row in spread.items()}
    assert counts == {"h1": 0, "h4": 1, "h24": 0, "h48": 1, "h72": 0, "later": 0, "never": 1}
    total = timeliness(MONTH).total
    assert (total["held"], total["judged"], total["share_in_time"]) == (4, 3, round(1 / 3, 4))
    row = rows_by(reps(MONTH), "name")["Ming"]
    assert [row[key] for key in ("held", "new", "overdue", "follow_ups", "sql", "won")] == [4, 4, 1, 2, 1, 1]
    assert (row["in_time"], row["median_hours"], row["conversion"]) == (round(1 / 3, 4), 16, 1)
    assert [one.lead for one in overdue(MONTH, ming.pk)] == [late.pk]
    assert len(contacts(MONTH, "in_time")) == 1
    assert [one.lead for one in contacts(MONTH, "never")] == [late.pk]
    assert len(steps(MONTH, "won", ming.pk)) == 1


def test_overdue_is_late_by_the_policy_that_speaks(workspace: Workspace, ming: Member) -> None:
    ResponsePolicy.objects.all().delete()
    policy = save_response_policy(ResponsePolicy(name="Two days", after=48), as_of=NOW, actor=None)
    lead = a_lead(captured_at=NOW - 31 * HOUR)
    claim_one(ming, lead.pk, as_of=NOW - 30 * HOUR)
    assert overdue(MONTH) == [] and rows_by(reps(MONTH), "name")["Ming"]["overdue"] == 0
    policy.after = 2
    save_response_policy(policy, as_of=NOW, actor=None)
    assert [one.lead for one in overdue(MONTH)] == [lead.pk]
    assert rows_by(reps(MONTH), "name")["Ming"]["overdue"] == 1


def test_fairness_counts_what_rules_gave(workspace: Workspace, ming: Member) -> None:
    rosa = join("rosa@acme.test", "Rosa", Role.REP)
    for grade in "AAB":
        held(ming, NOW - DAY, grade=grade, score=80)
    held(rosa, NOW - DAY, grade="B", score=60)
    claimed = a_lead(stage="mql", pool="sales", owner=rosa, held_since=NOW)
    Assignment.objects.create(lead=claimed, member=rosa, began_at=NOW, began="claimed", why={})
    asked(ming, rosa)
    report = fairness(MONTH)
    found = rows_by(report, "name")
    assert (found["Ming"]["share"], found["Ming"]["a_share"], found["Rosa"]["assigned"]) == (0.75, 1, 1)
    assert (report.total["assigned"], report.total["gini"], report.total["gini_a"]) == (4, 0.25, 0.5)


@pytest.mark.parametrize(
    ("shares", "expected"), [([], None), ([0, 0], None), ([3, 3, 3], 0), ([0, 0, 0, 8], 0.75), ([1, 3], 0.25)]
)
def test_gini(shares: list[int], expected: float | None) -> None:
    assert gini(shares) == expected


def test_grades_that_keep_their_word_and_grades_that_do_not(workspace: Workspace) -> None:
    climbed(a_lead(stage="sql", grade="A", captured_at=NOW - DAY), "mql", "sql")
    a_lead(grade="B", captured_at=NOW - DAY)
    assert scorecard(MONTH).total["keeps_order"] is True
    climbed(a_lead(stage="sql", grade="D", captured_at=NOW - DAY), "mql", "sql")
    report = scorecard(MONTH)
    assert report.total["keeps_order"] is False
    assert rows_by(report, "grade")["A"]["lead_to_sql"] == 1


def test_figures_compare_with_the_period_before(workspace: Workspace, ming: Member) -> None:
    for back in (1, 2, 40):
        a_lead(captured_at=NOW - back * DAY)
    held(ming, NOW - 40 * DAY, NOW - 40 * DAY + HOUR, captured_at=NOW - 40 * DAY)
    held(ming, NOW - 5 * DAY, captured_at=NOW - 5 * DAY)
    found = figures(MONTH)
    assert (found["captured"].now, found["captured"].before, found["captured"].change) == (3, 2, 0.5)
    assert sum(found["captured"].spark) == 3
    assert (found["in_time"].now, found["in_time"].before, found["in_time"].change) == (0, 1, -1)
    assert (found["won"].now, found["won"].change) == (0, None)


def test_a_team_sees_only_its_own(workspace: Workspace, ming: Member) -> None:
    north = Team.objects.create(name="North")
    Member.objects.filter(pk=ming.pk).update(team=north)
    held(ming, NOW - 2 * DAY, team=north, captured_at=NOW - 2 * DAY)
    a_lead(captured_at=NOW - 2 * DAY)
    scope = Scope(NOW, 30, north.pk)
    assert funnel(scope).total["captured"] == 1
    assert [row["name"] for row in reps(scope).rows] == ["Ming"]
    assert timeliness(scope).total["held"] == 1
    assert (figures(scope)["captured"].now, len(overdue(scope))) == (1, 1)
    assert sum(row["leads"] for row in stuck(scope).rows) == 1


@pytest.mark.parametrize("name", list(REPORTS))
def test_a_report_costs_the_same_for_one_lead_and_for_three(
    workspace: Workspace, ming: Member, name: str
) -> None:
    held(ming, NOW - 2 * DAY, captured_at=NOW - 2 * DAY)
    with CaptureQueriesContext(
        connection,
    ) as one:
        REPORTS[name](MONTH)
    held(ming, NOW - 2 * DAY, captured_at=NOW - 2 * DAY)
    held(ming, NOW - 2 * DAY, NOW - DAY, captured_at=NOW - 2 * DAY)
    with CaptureQueriesContext(connection) as three:
        REPORTS[name](MONTH)
    assert len(one) == len(three) <= 5


def test_csv_runs_no_formula(workspace: Workspace) -> None:
    channel = Channel.objects.order_by("name")[0]
    Channel.objects.filter(pk=channel.pk).update(
        name="=HYPERLINK(1)", cost_per_month=12_345, created_at=NOW - 99 * DAY
    )
    a_lead(channel=channel, captured_at=NOW - DAY)
    rows = list(csv.DictReader(io.StringIO(as_csv(sources(MONTH)).removeprefix("\ufeff"))))
    assert (rows[0]["Channel"], rows[0]["Leads"], rows[0]["Cost"]) == ("'=HYPERLINK(1)", "1", "123.45")
    assert [safe(text) for text in ("-1", "@x", "plain")] == ["'-1", "'@x", "plain"]


def test_gini_against_weights() -> None:
    """Who weighs twice as much and got twice as much got their fair share."""
    assert gini([2, 1], [2, 1]) == 0
    assert gini([1, 1], [1, 1]) == 0
    assert gini([1, 1], [3, 1]) == 0.25
    assert gini([5, 5], [0, 0]) is None
    assert gini([4, 0, 7], [1, 1, 0]) == 0.5


def test_the_history_of_fairness(workspace: Workspace, ming: Member) -> None:
    found = history(MONTH, weeks=4)
    assert [week["gini"] for week in found] == [None] * 4


def test_a_rule_with_its_own_weights_is_fair_when_it_keeps_to_them(
    workspace: Workspace, ming: Member
) -> None:
    """Three to one by the rule, and so it was given; whom the rule does not ask is due nothing of it."""
    rosa, _idle = join("rosa@acme.test", "Rosa", Role.REP), join("bo@acme.test", "Bo", Role.REP)
    rule = AssignmentRule.objects.create(name="Three to one", strategy="weighted")
    for member, weight in ((ming, 3), (rosa, 1)):
        AssignmentRuleMember.objects.create(rule=rule, member=member, weight=weight)
        for _lead in range(weight):
            held(member, NOW - DAY)
    Assignment.objects.update(rule=rule.pk)
    asked(ming, rosa)
    report = fairness(MONTH)
    found = rows_by(report, "name")
    assert report.total["gini"] == 0
    assert [found[name]["weight_share"] for name in ("Ming", "Rosa", "Bo")] == [0.75, 0.25, 0]
    assert history(MONTH, weeks=1)[0]["gini"] == 0


def asked(*members: Member) -> None:
    """All that were assigned were decided among these."""
    Assignment.objects.update(why={"among": [str(member.pk) for member in members]})


@pytest.mark.parametrize("team", [3, 8])
def test_who_was_not_there_was_due_nothing(workspace: Workspace, team: int) -> None:
    """Who joins at the end, is on leave, or left: in the table as in its history, in small teams and large ones."""
    reps_ = [join(f"r{n}@acme.test", f"Rep {n}", Role.REP) for n in range(team)]
    add_absence(reps_[0], (NOW - 9 * DAY).date(), (NOW - 8 * DAY).date(), as_of=NOW - 10 * DAY, actor=None)
    for days, leads in ((9, team - 1), (1, team)):
        assign([a_lead(stage="mql").pk for _n in range(leads)], as_of=NOW - days * DAY)
    Member.objects.filter(pk=reps_[1].pk).update(is_active=False)
    join("new@acme.test", "New", Role.REP)
    report = fairness(MONTH)
    found = rows_by(report, "name")
    assert report.total["gini"] == 0 and report.total["assigned"] == 2 * team - 1
    assert found["New"]["weight_share"] == 0
    assert [found[name]["weight_share"] for name in ("Rep 0", "Rep 1")] == [
        round(leads / (2 * team - 1), 4) for leads in (1, 2)
    ]
    assert {week["gini"] for week in history(MONTH, weeks=2)} == {0}


def test_what_another_team_took_over_was_not_due_to_the_rules_own(
    workspace: Workspace, alice: Member
) -> None:
    """The overflow's team is measured by what came to it; what went to the default assignee wrongs nobody."""
    own, north = Team.objects.create(name="Own"), Team.objects.create(name="North")
    away = join("away@acme.test", "Away", Role.REP)
    Member.objects.filter(pk=away.pk).update(team=own)
    for name in ("Bo", "Cai"):
        found = join(f"{name}@acme.test", name, Role.REP)
        Member.objects.filter(pk=found.pk).update(team=north, capacity=1)
    AssignmentRule.objects.update(team=own, overflow="team", overflow_team=north)
    set_default_assignee(alice, as_of=NOW, actor=None)
    add_absence(away, NOW.date(), NOW.date(), as_of=NOW, actor=None)
    assign([a_lead(stage="mql").pk for _n in range(3)], as_of=NOW)
    report = fairness(MONTH)
    shares = {row["name"]: (row["assigned"], row["weight_share"]) for row in report.rows if row["assigned"]}
    assert shares == {name: (1, round(1 / 3, 4)) for name in ("Bo", "Cai", "Alice")}
    assert report.total["gini"] == 0
