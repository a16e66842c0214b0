"""What happens after what, on one page.

If seeing A without B would be wrong, B runs in A's transaction: the lists of ``connect``, in order.
What may come seconds later is due work: ``run_due``, called by Celery beat and by ``manage.py run_due``.
Every action takes a set of lead ids, ``as_of`` and ``actor``, and costs a fixed number of statements.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from workspaces.models import Workspace
from workspaces.tenancy import enter

MOST_ROUNDS = 100_000


def connect() -> None:
    """Tell the lower rooms what follows. Called once, when the program starts."""
    import leads.defaults
    import pools.defaults
    import pools.telling
    import workspaces.actions
    from leads.actions import apply_tag_rules
    from leads.happened import after
    from leads.telling import sentences
    from pools.actions import follow_stage, refit_clocks, set_clocks

    known = (apply_tag_rules,)
    after("captured", *known, refit_clocks)
    after("facts_changed", *known, refit_clocks)
    after("touched", *known, refit_clocks)
    after("followed_up", *known, set_clocks)
    after("stage_changed", *known, follow_stage, set_clocks)
    after("owner_changed", *known, set_clocks)
    after("rescored", *known, refit_clocks)
    after("rules_changed", *known)

    sentences.update(pools.telling.SENTENCES)
    workspaces.actions.defaults[:] = [leads.defaults.create, pools.defaults.create]


def due_work() -> list[tuple[str, Callable[[datetime], int]]]:
    """Everything that can be due, in order: a name, and an action that does one batch and says how many."""
    from leads.actions import resume_due
    from pools.actions import assign_due, reclaim_due, warn_due

    return [
        ("resumed", resume_due),
        ("warned", warn_due),
        ("reclaimed", reclaim_due),
        ("assigned", assign_due),
    ]


def run_due(workspace: Workspace, as_of: datetime) -> dict[str, Any]:
    """Do all that is due in a workspace as of a moment; {name: how many}. Safe to run twice and at once.

    Each batch is a transaction of its own: what was done stays done when a later one is interrupted.
    """
    done: dict[str, Any] = {}
    for name, batch in due_work():
        count = 0
        for _round in range(MOST_ROUNDS):
            with enter(workspace):
                found = batch(as_of)
            if not found:
                break
            count += found
        done[name] = count
    return done
