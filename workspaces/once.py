"""Settings read once: for the length of one action, and for as long as nobody changes any.

An action and what follows it ask for the same settings several times: the tag rules, the custom fields, the
gates, the scorecard in force, the policies, the calendar. Nobody changes them in its course, so within
``reading_once`` each is read once; outside of it, every time.

Between actions a process keeps what it read beside the workspace's stamp. The database itself writes a new stamp
whenever a row of a settings table changes (SettingsTable in workspaces/operations.py), in the transaction of the
change: one short statement an action tells whether what is kept still stands, and no writer has to remember
to say so. What ``read`` returns is shared by threads: nobody changes it.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any
from uuid import UUID

from django.db import connection

from workspaces.tenancy import current_workspace

MOST_WORKSPACES = 1_000  # whose settings a process keeps
MOST_SETTINGS = 200  # of one workspace: days of the calendar are among them
STAMP = "SELECT stamp FROM workspaces_settingsstamp WHERE workspace_id = %s"

Settings = dict[str, Any]
_read: ContextVar[dict[UUID, Settings] | None] = ContextVar("read", default=None)
_kept: dict[UUID, tuple[Any, Settings]] = {}


@contextmanager
def reading_once() -> Iterator[None]:
    """What ``once`` reads within the outermost of these blocks stays as it is until its end."""
    if _read.get() is not None:
        yield
        return
    before = _read.set({})
    try:
        yield
    finally:
        _read.reset(before)


def reads_once[**Given, Answer](action: Callable[Given, Answer]) -> Callable[Given, Answer]:
    """The whole action is such a block."""

    @wraps(action)
    def acting(*args: Given.args, **named: Given.kwargs) -> Answer:
        with reading_once():
            return action(*args, **named)

    return acting


def once[Setting](name: str, read: Callable[[], Setting]) -> Setting:
    """A setting of the open workspace, known by that name here; made of settings tables and of nothing else."""
    reading = _read.get()
    if reading is None:
        return read()
    workspace = current_workspace()
    if workspace.pk not in reading:
        reading[workspace.pk] = standing(workspace)
    settings = reading[workspace.pk]
    if name not in settings:
        if len(settings) >= MOST_SETTINGS:
            settings.clear()
        settings[name] = read()
    return settings[name]


def standing(workspace: Any) -> Settings:
    """What is kept of a workspace's settings if none has changed since, else nothing yet. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(STAMP, [workspace.pk])
        found = cursor.fetchone()
    # What a reading makes of the rows may depend on the workspace's own few settings as well.
    mark = (found and found[0], workspace.region, workspace.time_zone, workspace.locale, workspace.currency)
    kept = _kept.get(workspace.pk)
    if kept is None or kept[0] != mark:
        if len(_kept) >= MOST_WORKSPACES:
            _kept.pop(next(iter(_kept)), None)
        kept = _kept[workspace.pk] = (mark, {})
    return kept[1]
