"""The clock of every held lead: when it goes back, why, and when its holder is warned."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from leads.conditions.fragments import Sql
from leads.models import Pool
from leads.planner import over
from pools.actions.refitting import refit_if_due
from pools.models import Counts, PoolPolicy
from pools.periods import FROM_POLICIES, active_policies, clocks_sql
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
WHERE l.workspace_id = {workspace} {among} AND l.id = w.id
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
    No policy that matches, or one that exempts the lead: no clock.
    """
    if pool != Pool.SALES or (leads is not None and not leads):
        return 0
    policies = once("pool_policies", active_policies)
    with over(leads):
        return execute(clocks_sql(CLOCKS, policies, leads, as_of, lock=LOCK))


def refit_clocks(
    leads: Sequence[UUID] | None,
    *,
    as_of: datetime,
    actor: Member | None = None,
    created: Sequence[UUID] = (),
    pool: str = Pool.SALES,
    **_: Any,
) -> int:
    """After facts, tags or the score changed: another policy may fit now. Not where that can't matter.

    ``created``: those of ``leads`` that are new, and nobody's yet. ``pool``: as for ``set_clocks``; who takes
    a lead into the sales pool sets its clock himself, by what was known then.
    """
    if leads is not None and created:
        new = set(created)
        leads = [lead for lead in leads if lead not in new]
    if leads == [] or not any(looks_at_leads(policy) for policy in once("pool_policies", active_policies)):
        return 0
    return set_clocks(leads, as_of=as_of, actor=actor, pool=pool)


def looks_at_leads(policy: PoolPolicy) -> bool:
    """Whether what is known of a lead decides about its clock."""
    return bool(policy.condition) or policy.exemption is not None or bool(policy.facts)


def refit_worked(*, as_of: datetime, actor: Member | None = None) -> int:
    """After the calendar changed: the clocks that count working time."""
    if not PoolPolicy.objects.filter(is_active=True, counts=Counts.WORKING).exists():
        return 0
    return set_clocks(None, as_of=as_of, actor=actor)


def refit_due(as_of: datetime, *, actor: Member | None = None) -> int:
    """Where time alone can move a lead from one policy to another, all clocks are set anew once an hour."""
    return refit_if_due(PoolPolicy, lambda: set_clocks(None, as_of=as_of, actor=actor), as_of)
