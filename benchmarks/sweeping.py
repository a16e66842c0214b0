"""What a look at a workspace costs in which nothing is due: at every tick each of them is looked at."""

from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median

from benchmarks import Figure, benchmark
from benchmarks.ground import Ground, p95, timed
from benchmarks.traces import owner_in
from leadcrm.flow import run_due
from workspaces.models import Workspace

WORKSPACES, LIMIT_S = 1_000, 0.005


@benchmark
def sweeping(ground: Ground) -> Iterator[Figure]:
    """As the workers do it, one workspace after the other; a thousand of them, the second time round."""
    with many(WORKSPACES) as workspaces:
        for workspace in workspaces[:50]:
            run_due(workspace, ground.as_of)
        times = [timed(lambda: run_due(workspace, ground.as_of)) for workspace in workspaces]  # noqa: B023
    more = {"p95_ms": round(p95(times) * 1000, 2)}
    work = f"{WORKSPACES:,} workspaces"
    yield Figure(
        "sweep with nothing due, each", work, median(times), LIMIT_S, 1, limit="5 ms each", more=more
    )


@contextmanager
def many(count: int) -> Iterator[list[Workspace]]:
    """So many workspaces beside the others, gone after the block."""
    made = Workspace.objects.bulk_create(
        [Workspace(name=f"Quiet {n}", slug=f"quiet-{n}") for n in range(count)], ignore_conflicts=True
    )
    found = list(Workspace.objects.filter(slug__in=[one.slug for one in made]).order_by("slug"))
    try:
        yield found
    finally:
        with owner_in(found[0]) as cursor:
            cursor.execute("DELETE FROM workspaces_workspace WHERE slug LIKE 'quiet-%'")
