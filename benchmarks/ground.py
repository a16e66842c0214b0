"""What a benchmark stands on: the workspaces, the moment, and ways to leave no trace."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import transaction

from benchmarks import database, rows
from workspaces.models import Workspace
from workspaces.tenancy import enter

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)  # a Monday
WORKSPACES = 10


@dataclass
class Ground:
    """``leads`` in all, spread evenly over ``workspaces``; ``as_of`` is the moment everything is measured at."""

    leads: int
    workspaces: list[Workspace]
    as_of: datetime = NOW

    @property
    def each(self) -> int:
        return self.leads // len(self.workspaces)

    @contextmanager
    def undone(self, workspace: Workspace) -> Iterator[Workspace]:
        """Work in a workspace whose changes are rolled back at the end."""
        with enter(workspace):
            yield workspace
            transaction.set_rollback(True)

    def tidy(self, *tables: str) -> None:
        """Clear away what rolled-back work left in the tables, so that the next one finds them as before."""
        with database.as_owner() as cursor:
            for table in tables:
                cursor.execute(f"VACUUM ANALYZE {table}")


def timed(work: Callable[[], Any]) -> float:
    """Seconds the work took."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def p95(values: list[float]) -> float:
    return sorted(values)[int(len(values) * 0.95)]


def prepare(leads: int, keep: bool = False) -> Ground:
    """The ground with that many leads, built unless ``keep`` and the last run left as many."""
    each = max(leads // WORKSPACES, 1)
    found = list(Workspace.objects.filter(slug__startswith="bench-").order_by("slug"))
    if not (keep and found and rows.count(found) == each * WORKSPACES):
        database.again()
        found = rows.workspaces(WORKSPACES)
        rows.fill(found, each, NOW)
    return Ground(each * WORKSPACES, found)
