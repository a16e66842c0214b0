"""A word to the planner about statements over many leads.

Rows that were written a moment ago, in the same transaction or before the first ANALYZE, have no
statistics: the planner takes thousands of leads for a handful and joins them by nested loops, for
minutes instead of tenths of a second. Over many leads a hash join is right anyway.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import connection

FEW = 100


@contextmanager
def over(leads: Sequence[Any] | None) -> Iterator[None]:
    """For statements over this set of leads (None: a whole workspace), within the open transaction."""
    if leads is not None and len(leads) <= FEW:
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_nestloop = off")
        yield
        cursor.execute("SET LOCAL enable_nestloop = on")
