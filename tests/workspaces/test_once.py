"""Settings are read once for as long as they stand: a change is seen by whoever reads next, everywhere."""

import re
import threading
from collections.abc import Callable

import pytest
from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext

from leads.actions.rules import add_tag_rule
from leads.actions.tags import active_rules
from leads.conditions import vocabulary
from leads.gates import read_all
from leads.models import TagRule
from notices.actions.outside import subscribed
from pools.models import ClaimPolicy, RepTerms
from pools.periods import active_policies
from pools.planning import default_assignee, named_by_rules
from pools.queries import claim_policy
from pools.responses import active_policies as response_policies
from pools.who import read_claim_rules
from scoring.cards import read_in_force
from tests.cast import NOW, PASSWORD
from workspaces.actions import create_workspace
from workspaces.calendar import absent_on, member_times, working_time
from workspaces.models import Member, Workspace
from workspaces.once import once, reading_once
from workspaces.tenancy import enter

AS_OWNER = pytest.mark.django_db(transaction=True, databases=["default", "owner"])
LARGE = {"field": "employees", "op": "gte", "value": 500}


def names() -> list[str]:
    """The conditions' fields of the tag rules, as an action reads them."""
    with reading_once():
        return [rule.condition["field"] for rule in active_rules() if "field" in rule.condition]


@pytest.fixture(autouse=True)
def _no_rules_yet(request: pytest.FixtureRequest) -> None:
    """A new workspace comes with tag rules of its own."""
    if "workspace" in request.fixturenames:
        request.getfixturevalue("workspace")
        TagRule.objects.all().delete()


def test_what_stands_is_read_with_one_short_statement(workspace: Workspace, alice: Member) -> None:
    add_tag_rule("large", LARGE, as_of=NOW, actor=alice)
    names()
    with CaptureQueriesContext(connection) as made, reading_once():
        assert len(active_rules()) == 1
        assert claim_policy().daily_quota == claim_policy().daily_quota
    said = [query["sql"] for query in made]
    assert sum("settingsstamp" in sql for sql in said) == 1
    assert not any("tagrule" in sql for sql in said)


def test_a_change_is_seen_at_once_by_whoever_made_it(workspace: Workspace, alice: Member) -> None:
    assert names() == []
    rule = add_tag_rule("large", LARGE, as_of=NOW, actor=alice)
    assert names() == ["employees"]
    TagRule.objects.filter(pk=rule.pk).update(condition=LARGE | {"field": "score"})
    assert names() == ["score"]
    TagRule.objects.all().delete()
    assert names() == []


def test_what_is_rolled_back_was_never_kept(workspace: Workspace, alice: Member) -> None:
    assert names() == []
    with transaction.atomic():
        add_tag_rule("large", LARGE, as_of=NOW, actor=alice)
        assert names() == ["employees"]
        transaction.set_rollback(True)
    assert names() == []


def test_outside_of_an_action_everything_is_read_anew(workspace: Workspace) -> None:
    calls: list[int] = []
    for _time in range(2):
        once("anything", lambda: calls.append(1))
    assert len(calls) == 2


def test_workspaces_keep_their_own(workspace: Workspace, elsewhere: Workspace, alice: Member) -> None:
    add_tag_rule("large", LARGE, as_of=NOW, actor=alice)
    assert names() == ["employees"]
    with enter(elsewhere):
        assert "employees" not in names()
    assert names() == ["employees"]


@pytest.mark.django_db(transaction=True)
def test_another_connection_sees_a_change_once_it_is_committed() -> None:
    made = create_workspace("Acme", slug="acme", email="a@acme.test", password=PASSWORD, admin_name="A")

    def quota() -> int:
        with enter(made.workspace), reading_once():
            return claim_policy().daily_quota

    def change(to: int) -> None:
        with enter(made.workspace):
            ClaimPolicy.objects.update(daily_quota=to)

    before = quota()
    in_a_thread(lambda: change(before + 7))
    assert quota() == before + 7
    answers: list[int] = []
    change(3)
    in_a_thread(lambda: answers.append(quota()))
    assert answers == [3]


@AS_OWNER
def test_a_workspace_that_is_deleted_takes_its_settings_along() -> None:
    made = create_workspace("Acme", slug="acme", email="a@acme.test", password=PASSWORD, admin_name="A")
    with connections["owner"].cursor() as cursor:
        cursor.execute("DELETE FROM workspaces_access WHERE workspace_id = %s", [made.workspace.pk])
        cursor.execute("DELETE FROM workspaces_workspace WHERE id = %s", [made.workspace.pk])
        cursor.execute("SELECT count(*) FROM workspaces_settingsstamp")
        assert cursor.fetchone() == (0,)


def in_a_thread(work: Callable[[], None]) -> None:
    """On a connection of its own."""

    def run() -> None:
        try:
            work()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()


# Everything that is read by ``once``; what it is made of has to be stamped.
READINGS: list[Callable[[], object]] = [
    active_rules,
    active_policies,
    claim_policy,
    default_assignee,
    named_by_rules,
    read_all,
    read_claim_rules,
    read_in_force,
    response_policies,
    subscribed,
    working_time,
    lambda: member_times(working_time()),
    lambda: absent_on(NOW.date()),
    lambda: list(RepTerms.objects.all()),
    lambda: vocabulary(Workspace.objects.get()),
]


def test_every_table_of_a_kept_setting_is_stamped(workspace: Workspace) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE t.tgname = 'stamps_settings'"
        )
        stamped = {name for (name,) in cursor.fetchall()}
    with CaptureQueriesContext(connection) as made:
        for read in READINGS:
            read()
    read_from = {
        table for query in made for table in re.findall(r'(?:FROM|JOIN) "?([a-z]+_[a-z]+)"?', query["sql"])
    }
    assert read_from - stamped <= {"workspaces_workspace"}
    assert len(stamped) > 15
