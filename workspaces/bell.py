"""The bell: "there is due work in this workspace, look now". The work itself stands in rows.

Which bell is rung is told by leadcrm/flow.py (a Celery message). One that can't be rung is no fault:
the next tick of the clock finds the work.
"""

import logging
from collections.abc import Callable
from uuid import UUID

from django.db import transaction
from redis.exceptions import RedisError

from workspaces.quick import key_of, quick
from workspaces.tenancy import current_workspace_id

RUNG_S = 5  # a bell that was rung is heard within this time, or the clock's tick finds the work
log = logging.getLogger(__name__)
bells: list[Callable[[UUID], object]] = []


def ring() -> None:
    """Ring as soon as what was written is committed."""
    workspace_id = current_workspace_id()
    transaction.on_commit(lambda: _ring(workspace_id))


def ring_once(what: str) -> None:
    """Ring, unless somebody did for the same whom no worker has heard yet: a flood is one look."""
    try:
        if not quick().set(rung(what), 1, nx=True, ex=RUNG_S):
            return
    except (RedisError, OSError):
        pass  # without the store everybody rings
    ring()


def hear(what: str) -> None:
    """From here on the next ``ring_once`` rings again."""
    try:
        quick().delete(rung(what))
    except (RedisError, OSError):
        log.warning("Redis is not reachable: for some seconds the bell may stay silent.")


def rung(what: str) -> str:
    return key_of(f"rung:{what}:{current_workspace_id()}")


def _ring(workspace_id: UUID) -> None:
    for bell in bells:
        try:
            bell(workspace_id)
        except Exception as fault:
            log.warning("The bell could not be rung: %s", fault)
