"""Tasks and commands: each works in one workspace, and ids of another one are ids of nothing."""

import inspect
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from celery import current_app
from django.core.management import call_command, get_commands, load_command_class

from leadcrm.flow import run_due
from leads.models import Lead
from tests.cast import NOW, a_lead
from tests.tenancy.world import UNKNOWN, Rows, populate, seal
from workspaces.models import Member
from workspaces.tenancy import enter

LATER = NOW + timedelta(days=400)
Arguments = Callable[[Path], list[str]]


def a_list(folder: Path) -> Path:
    file = folder / "leads.csv"
    file.write_text("name,email,company\nLi Lei,li@b.example,evil-name\n")
    return file


# How each command that works in a workspace is told to work in ours.
COMMANDS: dict[str, Arguments] = {
    "run_due": lambda _folder: ["--workspace", "acme", "--as-of", LATER.isoformat()],
    "backtest": lambda _folder: ["--workspace", "acme", "--outcome", "sql", "--json"],
    "import_leads": lambda folder: [str(a_list(folder)), "--workspace", "acme", "--channel", "evil-name"],
}
ROOMS = ("leadcrm", "workspaces", "leads", "scoring", "pools", "intake", "notices", "insights")


@pytest.fixture
def theirs(elsewhere: Any) -> Rows:
    """Another workspace in which much is due."""
    with enter(elsewhere):
        rows = populate()
        owner = Member.objects.get(email="mallory@evil.test")
        due = {"owner": owner, "pool": "sales", "held_since": NOW, "reclaim_at": NOW, "warn_at": NOW}
        a_lead(**due, rescore_at=NOW, reclaim_reason="follow_up")
        a_lead(stage="deferred", resume_at=NOW)
        return rows


def ours_with_a_workspace() -> list[str]:
    """Commands of ours that take ``--workspace``."""
    found = []
    for name, app in get_commands().items():
        if app in ROOMS:
            parser = load_command_class(app, name).create_parser("manage.py", name)
            if any("--workspace" in action.option_strings for action in parser._actions):
                found.append(name)
    return sorted(found)


def test_every_command_that_takes_a_workspace_is_tried() -> None:
    assert set(ours_with_a_workspace()) <= set(COMMANDS)


@pytest.mark.parametrize("name", ours_with_a_workspace())
def test_commands_leave_other_workspaces_alone(
    name: str, workspace: Any, theirs: Rows, elsewhere: Any, tmp_path: Path
) -> None:
    before = seal(elsewhere)
    call_command(name, *COMMANDS[name](tmp_path))
    assert seal(elsewhere) == before


def test_due_work_of_another_workspace_waits_for_its_own_turn(
    workspace: Any, theirs: Rows, elsewhere: Any
) -> None:
    before = seal(elsewhere)
    run_due(workspace, LATER)
    assert seal(elsewhere) == before
    run_due(elsewhere, LATER)
    assert seal(elsewhere) != before


def tasks() -> list[str]:
    """Tasks of ours that are told which workspace and which rows."""
    import leadcrm.tasks  # noqa: F401

    return sorted(
        name
        for name, task in current_app.tasks.items()
        if name.split(".")[0] in ROOMS and inspect.signature(task.run).parameters
    )


@pytest.mark.parametrize("name", tasks())
def test_tasks_with_ids_of_another_workspace_do_nothing_there(
    name: str, workspace: Any, theirs: Rows, elsewhere: Any
) -> None:
    task = current_app.tasks[name]
    before = seal(elsewhere)
    for row in theirs.values():
        answers = []
        for pk in (row.pk, UNKNOWN):
            given = {
                parameter: str(workspace.pk) if parameter == "workspace_id" else str(pk)
                for parameter in inspect.signature(task.run).parameters
            }
            answers.append(outcome(task.run, given))
        assert answers[0] == answers[1]
    assert seal(elsewhere) == before


def outcome(run: Callable[..., Any], given: dict[str, str]) -> Any:
    try:
        return run(**given)
    except Exception as error:
        return type(error)


def test_a_task_for_no_workspace_does_nothing(workspace: Any) -> None:
    count = Lead.objects.count()
    for name in tasks():
        parameters = inspect.signature(current_app.tasks[name].run).parameters
        outcome(current_app.tasks[name].run, {parameter: str(UNKNOWN) for parameter in parameters})
    assert Lead.objects.count() == count
