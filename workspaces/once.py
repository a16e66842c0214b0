"""Settings read once for the length of one action.

An action and what follows it ask for the same settings several times: the tag rules, the custom fields, the
scorecard in force, the policies. Nobody changes them in its course, so within ``reading_once`` each is read
once; outside of it, every time.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any
from uuid import UUID

from workspaces.tenancy import current_workspace_id

_read: ContextVar[dict[tuple[UUID, str], Any] | None] = ContextVar("read", default=None)


@contextmanager
def reading_once() -> Iterator[None]:
    """What ``once`` reads within the outermost of these blocks is kept until its end."""
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
    """A setting of the open workspace, known by that name here."""
    kept = _read.get()
    if kept is None:
        return read()
    key = (current_workspace_id(), name)
    if key not in kept:
        kept[key] = read()
    return kept[key]
