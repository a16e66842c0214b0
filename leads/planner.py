"""A word to the planner about statements over many leads.

Rows that were written a moment ago, in the same transaction or before the first ANALYZE, have no
statistics: the planner takes thousands of leads for a handful and joins them by nested loops, for
minutes instead of tenths of a second. Over many leads a hash join is right anyway.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db import connection

FEW = 100
_told: ContextVar[bool] = ContextVar("told", default=False)


@contextmanager
def over(leads: Sequence[Any] | None) -> Iterator[None]:
    """For statements over this set of leads (None: a whole workspace), within the open transaction.

    Within such a block nothing more needs to be said.
    """
    if _told.get() or (leads is not None and len(leads) <= FEW):
        yield
        return
    before = _told.set(True)
    try:
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_nestloop = off")
            yield
            cursor.execute("SET LOCAL enable_nestloop = on")
    finally:
        _told.reset(before)
