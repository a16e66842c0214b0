"""A member who changes teams takes their leads along."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from rest_framework.test import APIClient

from leads.models import Lead
from pools.actions import claim
from pools.actions.response_policies import save_response_policy
from pools.actions.rules import save_policy
from pools.models import PoolPolicy, ResponseClock, ResponsePolicy
from tests.cast import NOW
from tests.pools.cast import a_rep, later, some_leads
from workspaces.actions import change_member
from workspaces.models import Member, Team

pytestmark = pytest.mark.django_db


@pytest.fixture
def teams(ming: Member) -> tuple[Team, Team]:
    north, south = Team.objects.create(name="North"), Team.objects.create(name="South")
    Member.objects.filter(pk=ming.pk).update(team=north)
    ming.refresh_from_db()
    return north, south


def test_their_leads_and_the_clocks_of_these_go_along(
    ming: Member, alice: Member, teams: tuple[Team, Team], django_assert_num_queries: Any
) -> None:
    _north, south = teams
    of_south = {"field": "team", "op": "eq", "value": str(south.pk)}
    policy = PoolPolicy(name="South", position=0, condition=of_south, first_contact_hours=60)
    save_policy(policy, as_of=NOW, actor=alice)
    fast = ResponsePolicy(name="South", position=0, condition=of_south, after=2)
    save_response_policy(fast, as_of=NOW, actor=alice)
    claim(a_rep("Ann"), some_leads(1), as_of=NOW)
    claim(ming, some_leads(2), as_of=NOW)
    change_member(ming, {"team": south}, actor=alice, as_of=later(hours=1))
    mine = Lead.objects.filter(owner=ming)
    assert set(mine.values_list("team_id", "reclaim_at")) == {(south.pk, later(hours=60))}
    assert Lead.objects.get(owner__name="Ann").team_id is None
    assert {one.target_at - NOW for one in ResponseClock.objects.filter(member=ming)} == {timedelta(hours=2)}
    change_member(ming, {"team": None}, actor=alice, as_of=later(hours=1))
    assert set(mine.values_list("team_id", "reclaim_at")) == {(None, later(hours=24))}
    assert Lead.objects.filter(owner=None).count() == 0


def test_over_the_api(
    api: Callable[[Member], APIClient], ming: Member, alice: Member, teams: tuple[Team, Team]
) -> None:
    north, south = teams
    claim(ming, some_leads(2), as_of=NOW)
    client = api(alice)
    moved = client.patch(f"/api/v1/members/{ming.pk}/", {"team": str(south.pk)}, format="json")
    assert moved.status_code == 200
    for team, many in ((north, 0), (south, 2)):
        assert len(client.get("/api/v1/leads/", {"team": str(team.pk)}).json()["results"]) == many
