"""Who gets what no rule can give to anybody: never whoever hands it on, nor somebody who is not there."""

from datetime import date, timedelta
from typing import Any

import pytest

from leadcrm.flow import run_due
from leads.models import Lead
from notices.models import Notice
from pools.actions import assign, claim, claim_one, hand_over, respond_due
from pools.actions.response_policies import save_response_policy
from pools.actions.rules import set_default_assignee
from pools.decisions import decision_about
from pools.models import Assignment, AssignmentRule, PoolPolicy, ResponsePolicy, Strategy, Waiting
from tests.cast import NOW, a_lead
from tests.pools.cast import DAY, HOUR, a_manager, a_rep, held_truly, some_leads
from workspaces.actions import deactivate_member
from workspaces.calendar.actions import add_absence
from workspaces.models import Member, Workspace
from workspaces.refusals import Refused

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("strategy", Strategy.values)
def test_a_handover_by_rule_leaves_nothing_with_who_hands_over(
    alice: Member, ming: Member, strategy: str
) -> None:
    bo = a_rep("Bo", capacity=2)
    AssignmentRule.objects.update(strategy=strategy)
    set_default_assignee(ming, as_of=NOW, actor=None)
    claim(ming, some_leads(3, stage="sql"), as_of=NOW)
    done = hand_over(ming, [], "on leave", by_rule=True, as_of=NOW + DAY, actor=alice)
    assert list(done.given.values()) == [bo.pk, bo.pk] and len(done.left) == 1
    assert Assignment.objects.filter(member=ming, ended_at=None).get().began_at == NOW, "theirs all along"
    assert done.record.moved == Lead.objects.filter(owner=bo).count()
    with pytest.raises(Refused, match="still holds 1"):
        deactivate_member(ming, actor=alice, as_of=NOW + DAY)
    held_truly()


def test_who_is_late_does_not_get_it_back_as_the_default_assignee(workspace: Workspace, ming: Member) -> None:
    PoolPolicy.objects.update(first_contact_hours=900, follow_up_days=80)
    ResponsePolicy.objects.all().delete()
    steps = [{"after": 2, "unit": "days", "do": "hand_on"}]
    save_response_policy(ResponsePolicy(name="Test", steps=steps), as_of=NOW, actor=None)
    hong = a_manager()
    set_default_assignee(ming, as_of=NOW, actor=None)
    claim_one(ming, a_lead(stage="mql").pk, as_of=NOW)
    run_due(workspace, NOW + 2 * DAY)
    assert Assignment.objects.get().member == ming, "one hold, which goes on"
    assert Notice.objects.filter(member=hong).exists(), "the manager hears of it instead"


def test_many_holders_who_are_late_cost_what_one_costs(
    workspace: Workspace, django_assert_max_num_queries: Any
) -> None:
    PoolPolicy.objects.update(first_contact_hours=900, follow_up_days=80)
    ResponsePolicy.objects.all().delete()
    steps = [{"after": 2, "unit": "days", "do": "hand_on"}]
    save_response_policy(ResponsePolicy(name="Test", steps=steps), as_of=NOW, actor=None)
    reps = [a_rep(name) for name in ("Ann", "Bo", "Cai")]
    spent = []
    for hours, late in ((0, reps[:1]), (1, reps[:1]), (2, reps)):
        at = NOW + hours * HOUR
        for rep in late:
            claim_one(rep, a_lead(stage="sql").pk, as_of=at)
        with django_assert_max_num_queries(60) as queries:
            assert respond_due(at + 2 * DAY) == len(late)
        spent.append(len(queries))
    assert spent[1] == spent[2]


def test_a_default_assignee_who_is_away_or_absent_gets_nothing(workspace: Workspace) -> None:
    hong = a_manager()
    set_default_assignee(hong, as_of=NOW, actor=None)
    first, second = some_leads(2, stage="mql")
    Member.objects.filter(pk=hong.pk).update(takes_leads=False)
    assert assign([first], as_of=NOW).waiting == {first: "nobody"}
    Member.objects.filter(pk=hong.pk).update(takes_leads=True)
    add_absence(hong, date(2026, 3, 2), date(2026, 3, 3), as_of=NOW, actor=None)
    assert assign([second], as_of=NOW).waiting == {second: "nobody"}
    assert Waiting.objects.get(lead=second).why["passed_over"] == [
        {"member": str(hong.pk), "name": "Hong", "reason": "absent"}
    ]
    found = decision_about(second, NOW)
    assert found is not None and [one.code for one in found[1].candidates] == ["absent"]
    assert len(assign(None, as_of=NOW + timedelta(days=3)).assigned) == 2


def test_a_default_assignee_gets_more_than_they_may_claim(workspace: Workspace) -> None:
    hong = a_manager()
    Member.objects.filter(pk=hong.pk).update(capacity=0)
    set_default_assignee(hong, as_of=NOW, actor=None)
    leads = some_leads(2, stage="mql")
    assert set(assign(leads, as_of=NOW).assigned.values()) == {hong.pk}
