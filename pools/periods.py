"""The periods that policies give to held leads: when each goes back, why, and when its holder is warned."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from leads.conditions.fragments import Sql, comma, put
from pools.matching import first_match
from pools.models import PoolPolicy
from pools.statements import fetch, fill, uuids

# A warning is given once a period, and a period is known by its end: where the end stays as it was and
# the warning has been given (warn_at is null), it stays given.
FROM_POLICIES = """
WITH policy (n, first_contact, follow_up, max_hold, share) AS (VALUES {policies}),
lead AS MATERIALIZED (
    SELECT l.id, l.held_since, l.last_follow_up_at, l.reclaim_at, l.reclaim_reason, l.warn_at,
        CASE WHEN l.pool = 'sales' AND l.stage IN ('lead', 'mql', 'sql') THEN {match} END AS n
    FROM leads_lead l
    WHERE l.workspace_id = {workspace} AND (l.pool = 'sales' OR l.reclaim_at IS NOT NULL) {among}
    {lock}
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
"""
NOTHING = Sql("")

# What changed policies would do, without doing it; ``n`` is the policy that speaks for the lead.
FORESEEN = (
    FROM_POLICIES
    + """
SELECT w.id, w.n, w.reclaim_at, w.due, w.why FROM warning w ORDER BY w.due, w.id
"""
)


def clocks_sql(
    template: str,
    policies: Sequence[PoolPolicy],
    leads: Sequence[UUID] | None,
    as_of: datetime,
    lock: Sql = NOTHING,
) -> Sql:
    among = NOTHING if leads is None else put("AND l.id = ANY({})", uuids(leads))
    listed = [policy_row(n, policy) for n, policy in enumerate(policies)]
    return fill(
        template,
        lock=lock,
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


@dataclass(frozen=True)
class Foreseen:
    """What changing one policy would do to the clocks: numbers of leads, and the first to go back."""

    leads: int  # for which this policy would speak
    changed: int
    sooner: int
    later: int
    due_now: int
    first: list[tuple[UUID, datetime | None, datetime | None]]  # lead, when until now, when from then on


def foresee(policy: PoolPolicy, as_of: datetime) -> Foreseen:
    """What would happen if ``policy`` were stored as it is here (changed, or new). Nothing is written."""
    others = PoolPolicy.objects.filter(is_active=True).exclude(pk=policy.pk)
    policies = sorted(
        [*others, *([policy] if policy.is_active else [])], key=lambda one: (one.position, one.pk)
    )
    mine = policies.index(policy) if policy.is_active else None
    found = fetch(clocks_sql(FORESEEN, policies, None, as_of))
    moved = [(lead, was, due) for lead, _n, was, due, _why in found if was != due]
    return Foreseen(
        leads=sum(n == mine for _lead, n, *_rest in found) if mine is not None else 0,
        changed=len(moved),
        sooner=sum(due is not None and (was is None or due < was) for _lead, was, due in moved),
        later=sum(was is not None and (due is None or due > was) for _lead, was, due in moved),
        due_now=sum(due is not None and due <= as_of for _lead, _was, due in moved),
        first=moved[:20],
    )
