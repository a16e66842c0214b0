"""What the rules hand on counts as a turn, as what they assign does."""

from collections import Counter
from uuid import UUID

import pytest

from leads.models import Lead
from pools.actions import assign, claim, hand_over, respond_due
from pools.actions.response_policies import save_response_policy
from pools.models import AssignmentRule, PoolPolicy, ResponsePolicy, Strategy
from tests.cast import NOW
from tests.pools.cast import DAY, HOUR, a_manager, a_rep, held_truly, some_leads
from workspaces.models import Member, Workspace

pytestmark = pytest.mark.django_db


def holders(leads: list[UUID]) -> Counter:
    return Counter(Lead.objects.filter(pk__in=leads).values_list("owner__name", flat=True))


@pytest.mark.parametrize("strategy", [Strategy.ROUND_ROBIN, Strategy.WEIGHTED])
def test_leads_that_are_late_one_at_a_time_go_round(workspace: Workspace, strategy: str) -> None:
    PoolPolicy.objects.update(first_contact_hours=900, follow_up_days=80)
    ResponsePolicy.objects.all().delete()
    steps = [{"after": 2, "unit": "days", "do": "hand_on"}]
    save_response_policy(ResponsePolicy(name="Test", steps=steps), as_of=NOW, actor=None)
    AssignmentRule.objects.update(strategy=strategy)
    leads = some_leads(6, stage="sql")
    late = a_manager()
    for hours, lead in enumerate(leads):
        claim(late, [lead], as_of=NOW + hours * HOUR)
    for name in ("Ann", "Bo", "Cai"):
        a_rep(name)
    for hours in range(6):
        respond_due(NOW + 2 * DAY + hours * HOUR)
        assert sum(holders(leads).values()) - holders(leads)["Hong"] == hours + 1
    assert holders(leads) == {"Ann": 2, "Bo": 2, "Cai": 2}
    held_truly()


def test_handovers_by_rule_one_at_a_time_go_round(ming: Member) -> None:
    hong = a_manager()
    leads = some_leads(4, stage="sql")
    claim(ming, leads, as_of=NOW)
    Member.objects.filter(pk=ming.pk).update(takes_leads=False)
    a_rep("Ann"), a_rep("Bo")
    for lead in leads:
        hand_over(ming, [], "on leave", leads=[lead], by_rule=True, as_of=NOW + DAY, actor=hong)
    assert holders(leads) == {"Ann": 2, "Bo": 2}


def test_by_weight_who_handed_on_does_not_catch_up_on_it(ming: Member) -> None:
    AssignmentRule.objects.update(strategy=Strategy.WEIGHTED)
    hong = a_manager()
    leads = some_leads(8, stage="sql")
    claim(ming, leads, as_of=NOW)
    a_rep("Ann"), a_rep("Bo")
    for lead in leads:
        hand_over(ming, [], "too many", leads=[lead], by_rule=True, as_of=NOW + DAY, actor=hong)
    assert holders(leads) == {"Ann": 4, "Bo": 4}
    fresh = some_leads(6, stage="mql")
    for lead in fresh:
        assign([lead], as_of=NOW + DAY)
    assert holders(fresh) == {"Ann": 2, "Bo": 2, "Ming": 2}


def test_by_weight_a_new_rep_alone_for_a_while_owes_nothing(ming: Member) -> None:
    AssignmentRule.objects.update(strategy=Strategy.WEIGHTED)
    assign(some_leads(5, stage="mql"), as_of=NOW)
    Member.objects.filter(pk=ming.pk).update(takes_leads=False)
    a_rep("Ann")
    assign(some_leads(3, stage="mql"), as_of=NOW)
    Member.objects.filter(pk=ming.pk).update(takes_leads=True)
    fresh = some_leads(4, stage="mql")
    for lead in fresh:
        assign([lead], as_of=NOW)
    assert holders(fresh) == {"Ann": 2, "Ming": 2}
