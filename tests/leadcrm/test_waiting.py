"""A look at a workspace in which nothing is due costs one statement; whatever is due is found."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from leadcrm.flow import due_work, long_work, run_due
from leadcrm.waiting import SIGNS, anything_due
from leads.actions import add_task, advance
from leads.models import TagRule
from pools.actions import claim
from pools.models import PoolPolicy, ResponsePolicy
from tests.cast import NOW, a_lead
from tests.pools.cast import a_rep, later, some_leads
from workspaces.models import Workspace

pytestmark = pytest.mark.django_db


def quiet(workspace: Workspace, as_of: Any) -> bool:
    run_due(workspace, as_of)
    return not anything_due(as_of)


def test_nothing_due_is_one_statement(workspace: Workspace) -> None:
    assert quiet(workspace, NOW)
    with CaptureQueriesContext(connection) as made:
        done = run_due(workspace, NOW)
    asked = [one["sql"] for one in made if "EXISTS" in one["sql"]]
    assert len(asked) == 1 and len(made) <= 5  # and what opens and closes the workspace
    assert set(done) == {name for name, _work in (*due_work(), *long_work())} and not any(done.values())


def test_each_sign_is_a_statement_that_holds_nothing_back(workspace: Workspace) -> None:
    assert len(SIGNS) == len(set(SIGNS))
    rep = a_rep("Ann")
    assert quiet(workspace, NOW)
    claim(rep, some_leads(1), as_of=NOW)
    assert quiet(workspace, NOW)
    assert anything_due(later(hours=19)), "a warning"
    assert quiet(workspace, later(hours=19))
    assert anything_due(later(hours=25)), "it goes back"
    assert quiet(workspace, later(hours=25))


def test_deferred_leads_tasks_tags_and_policies_are_found(workspace: Workspace) -> None:
    rep, day = a_rep("Ann"), timedelta(days=1)
    assert quiet(workspace, NOW)
    lead = a_lead()
    again = {"reason": "budget", "resume_at": NOW + 9 * day}
    advance([lead.pk], "defer", as_of=NOW, actor=None, details=again)
    add_task(member_id=rep.pk, title="Call", due_at=NOW + timedelta(minutes=5), as_of=NOW, actor=rep)
    assert quiet(workspace, NOW)
    assert anything_due(NOW + timedelta(minutes=6)), "a task"
    assert anything_due(NOW + 9 * day), "a deferred lead"
    TagRule.objects.update(checked_at=NOW - day)
    assert anything_due(NOW) is TagRule.objects.filter(is_active=True).exists()
    assert quiet(workspace, NOW)
    PoolPolicy.objects.update(refit_at=NOW)
    assert anything_due(NOW) and quiet(workspace, NOW)
    assert anything_due(NOW) is False
    condition = {"field": "age_days", "op": "gte", "value": 1}
    ResponsePolicy.objects.update(refit_at=NOW, condition=condition)
    assert anything_due(NOW) and quiet(workspace, NOW)
    assert anything_due(NOW) is False and anything_due(NOW + timedelta(hours=1))
    a_lead(stage="mql", pool="lead")
    assert anything_due(NOW), "somebody is to get it"
