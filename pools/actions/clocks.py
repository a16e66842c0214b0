"""The clock of every held lead: when it goes back, why, and when its holder is warned."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from leads.conditions.fragments import Sql
from leads.models import Pool
from pools.models import PoolPolicy
from pools.periods import FROM_POLICIES, clocks_sql
from pools.statements import execute
from workspaces.models import Member
from workspaces.once import once

# Rows are locked before anything is computed from them: a follow-up that is being written at this
# moment is waited for and then seen. Only rows whose clock differs are written.
LOCK = Sql("ORDER BY l.id FOR NO KEY UPDATE")
CLOCKS = (
    FROM_POLICIES
    + """
UPDATE leads_lead l SET reclaim_at = w.due, reclaim_reason = w.why, warn_at = w.warn
FROM warning w
WHERE l.workspace_id = {workspace} AND l.id = w.id
  AND (w.reclaim_at, w.reclaim_reason, w.warn_at) IS DISTINCT FROM (w.due, w.why::varchar, w.warn)
"""
)


def set_clocks(
    leads: Sequence[UUID] | None,
    *,
    as_of: datetime,
    actor: Member | None = None,
    pool: str = Pool.SALES,
    **_: Any,
) -> int:
    """Set ``reclaim_at``, ``reclaim_reason`` and ``warn_at`` anew; returns how many leads changed.

    ``leads=None``: every held lead of the workspace (after a policy changed). ``pool``: told by whoever
    has just moved these leads; outside the sales pool they have no clock, and it was stopped there.
    No policy that matches, or a stage from opportunity on: no clock.
    """
    if pool != Pool.SALES or (leads is not None and not leads):
        return 0
    policies = once("pool_policies", active_policies)
    return execute(clocks_sql(CLOCKS, policies, leads, as_of, lock=LOCK))


def refit_clocks(
    leads: Sequence[UUID] | None,
    *,
    as_of: datetime,
    actor: Member | None = None,
    created: bool = False,
    **_: Any,
) -> int:
    """After facts, tags or the score changed: another policy may fit now. Not where all leads share one."""
    if created or not any(policy.condition for policy in once("pool_policies", active_policies)):
        return 0
    return set_clocks(leads, as_of=as_of, actor=actor)


def active_policies() -> list[PoolPolicy]:
    return list(PoolPolicy.objects.filter(is_active=True).order_by("position", "id"))
