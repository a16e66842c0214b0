"""The clock of every held lead: when it goes back, why, and when its holder is warned."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from leads.conditions.fragments import Sql, comma, put
from leads.models import Pool
from pools.matching import first_match
from pools.models import PoolPolicy
from pools.statements import execute, fill, uuids
from workspaces.models import Member

# Rows are locked before anything is computed from them: a follow-up that is being written at this
# moment is waited for and then seen. Only rows whose clock differs are written.
#
# A warning is given once a period, and a period is known by its end: where the end stays as it was and
# the warning has been given (warn_at is null), it stays given.
CLOCKS = """
WITH policy (n, first_contact, follow_up, max_hold, share) AS (VALUES {policies}),
lead AS MATERIALIZED (
    SELECT l.id, l.held_since, l.last_follow_up_at, l.reclaim_at, l.reclaim_reason, l.warn_at,
        CASE WHEN l.pool = 'sales' AND l.stage IN ('lead', 'mql', 'sql') THEN {match} END AS n
    FROM leads_lead l
    WHERE l.workspace_id = {workspace} AND (l.pool = 'sales' OR l.reclaim_at IS NOT NULL) {among}
    ORDER BY l.id FOR NO KEY UPDATE
),
step AS (
    SELECT lead.*, p.share, lead.held_since + p.max_hold AS longest,
        CASE WHEN lead.last_follow_up_at >= lead.held_since THEN 'follow_up' ELSE 'first_contact' END AS kind,
        CASE WHEN lead.last_follow_up_at >= lead.held_since THEN lead.last_follow_up_at + p.follow_up
             ELSE lead.held_since + p.first_contact END AS next_due
    FROM lead LEFT JOIN policy p ON p.n = lead.n
),
clock AS (
    SELECT step.*, LEAST(next_due, longest) AS due,
        CASE WHEN next_due IS NULL THEN '' WHEN longest < next_due THEN 'max_hold' ELSE kind END AS why,
        CASE WHEN longest < next_due OR kind = 'first_contact' THEN held_since
             ELSE last_follow_up_at END AS since
    FROM step
),
warning AS (
    SELECT clock.*,
        CASE WHEN reclaim_at = due AND warn_at IS NULL THEN NULL
             ELSE since + (due - since) * share END AS warn
    FROM clock
)
UPDATE leads_lead l SET reclaim_at = w.due, reclaim_reason = w.why, warn_at = w.warn
FROM warning w
WHERE l.workspace_id = {workspace} AND l.id = w.id
  AND (w.reclaim_at, w.reclaim_reason, w.warn_at) IS DISTINCT FROM (w.due, w.why::varchar, w.warn)
"""


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
    policies = list(PoolPolicy.objects.filter(is_active=True).order_by("position", "id"))
    return execute(clocks_sql(policies, leads, as_of))


def refit_clocks(
    leads: Sequence[UUID] | None,
    *,
    as_of: datetime,
    actor: Member | None = None,
    created: bool = False,
    **_: Any,
) -> int:
    """After facts, tags or the score changed: another policy may fit now. Not where all leads share one."""
    if created or not PoolPolicy.objects.filter(is_active=True).exclude(condition={}).exists():
        return 0
    return set_clocks(leads, as_of=as_of, actor=actor)


def clocks_sql(policies: Sequence[PoolPolicy], leads: Sequence[UUID] | None, as_of: datetime) -> Sql:
    """The one statement; exposed so that its plan and cost can be looked at."""
    among = Sql("") if leads is None else put("AND l.id = ANY({})", uuids(leads))
    listed = [policy_row(n, policy) for n, policy in enumerate(policies)]
    return fill(
        CLOCKS,
        policies=comma(listed or [policy_row(-1, PoolPolicy())]),
        match=first_match(policies, as_of=as_of, lead="l"),
        among=among,
    )


def policy_row(n: int, policy: PoolPolicy) -> Sql:
    return put(
        "({}::integer, {}::interval, {}::interval, {}::interval, {}::float8)",
        n,
        timedelta(hours=policy.first_contact_hours),
        timedelta(days=policy.follow_up_days),
        timedelta(days=policy.max_hold_days),
        float(policy.warn_share),
    )
