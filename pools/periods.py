"""The periods that policies give to held leads: when each goes back, why, and when its holder is warned.

One statement for any number of leads. Which policy speaks, whether it exempts a lead and whether facts
are missing is one number, ``code`` (see ``code_of``): the conditions are compiled once.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Max

from leads.conditions.fragments import Sql, comma, put
from pools.matching import Asking, first_match
from pools.models import Counts, PoolPolicy, Protection
from pools.statements import fill, uuids
from pools.working import a_day_before, after, calendars

NOTHING = Sql("")
LEADS = Sql("leads_lead")
STAGES = "('lead', 'mql', 'sql', 'opportunity')"

# The longest hold counts all the time its holder has had the lead in hand; what was ``used`` before it was put aside
# and came back stands in the lead, and the other periods begin anew.
# A warning is given at the policy's share of a period (of its working time, where that counts), and once more a
# day before its end (where working time counts, on the last working day before it). A period is known by its end:
# where the end stays as it was, a warning that has been given stays given.
CLOCKED = """policy (n, working, first_contact, follow_up, max_hold, facts_by, share, marks) AS (VALUES {policies}),
lead AS MATERIALIZED (
    SELECT l.id, l.held_since, l.held_before, l.worked_before, l.last_follow_up_at, l.reclaim_at,
        l.reclaim_reason, l.warn_at,
        CASE WHEN l.pool = 'sales' AND l.stage IN {stages} THEN {code} END AS code
    FROM {rows} l
    WHERE l.workspace_id = {workspace} AND (l.pool = 'sales' OR l.reclaim_at IS NOT NULL) {among}
    {lock}
){kept}{marked},
step AS (
    SELECT lead.*, p.n, p.share, p.working, kept.until, {invalid} AS invalid,
        COALESCE(lead.last_follow_up_at >= lead.held_since, false) AS talked,
        CASE WHEN lead.last_follow_up_at >= lead.held_since THEN lead.last_follow_up_at
             ELSE lead.held_since END AS since,
        make_interval(secs => CASE WHEN p.working THEN lead.worked_before ELSE lead.held_before END) AS used,
        p.first_contact, p.follow_up, p.max_hold, CASE WHEN lead.code %% 2 = 1 THEN p.facts_by END AS facts_by
    FROM lead LEFT JOIN policy p ON p.n = lead.code / 2 {joins}
),
ends AS {once} (
    SELECT s.*, {next_due} AS next_due, {longest} AS longest, {facts_due} AS facts_due
    FROM step s {calendars}
),
clock AS {once} (
    SELECT ends.*, CASE WHEN n IS NOT NULL
            THEN GREATEST(LEAST(next_due, longest, facts_due, invalid), until) END AS due,
        CASE WHEN n IS NULL THEN ''
             WHEN invalid <= LEAST(next_due, longest, facts_due) THEN 'invalid'
             WHEN facts_due < LEAST(next_due, longest) THEN 'facts'
             WHEN longest < next_due THEN 'max_hold'
             WHEN talked THEN 'follow_up' ELSE 'first_contact' END AS why,
        CASE WHEN longest < next_due OR facts_due < next_due THEN held_since ELSE since END AS begun
    FROM ends
),
warning AS (
    SELECT s.*,
        CASE WHEN reclaim_at = due AND (warn_at IS NULL OR warn_at = {last_day}) THEN warn_at
             WHEN due = until THEN {last_day}
             ELSE {shared} END AS warn
    FROM clock s {calendars}
)
"""
FROM_POLICIES = "\nWITH " + CLOCKED
KEPT = """,
kept AS (
    SELECT p.lead_id, max(p.until) AS until FROM pools_protection p
    JOIN lead ON lead.id = p.lead_id
    WHERE p.workspace_id = {workspace} AND p.ended_at IS NULL {among}
      AND (p.kind = 'lock' OR p.granted_at >= LEAST(lead.held_since, (
          SELECT a.began_at FROM pools_assignment a
          WHERE a.workspace_id = {workspace} AND a.lead_id = p.lead_id AND a.ended_at IS NULL)))
    GROUP BY p.lead_id
)"""
MARKED = """,
marked AS (
    SELECT m.lead_id, array_agg(m.at ORDER BY m.at) AS ats FROM pools_invalidmark m
    WHERE m.workspace_id = {workspace} AND m.settled_at IS NULL {among}
    GROUP BY m.lead_id
)"""
# When enough members had marked the lead. What was said before somebody took it up does not take it from them at
# once: the next who says so does.
ENOUGH_MARKS = "(SELECT min(at) FROM unnest(marked.ats[p.marks:]) at WHERE at >= lead.held_since)"
REST = "GREATEST(s.max_hold - s.used, interval '0')"  # of the longest hold
# The share of a period, from when it began; of the longest hold, no earlier than it came back.
SHARED = """s.begun + CASE s.why
    WHEN 'max_hold' THEN GREATEST((s.due - s.begun + s.used) * s.share - s.used, interval '0')
    ELSE (s.due - s.begun) * s.share END"""
DAYS = """(CASE s.why WHEN 'facts' THEN s.facts_by * s.share
    WHEN 'max_hold' THEN GREATEST(s.max_hold * s.share - s.used, interval '0') ELSE s.follow_up * s.share END)"""
HAS_DEAL = """(l.stage = 'opportunity' OR l.id IN (SELECT o.lead_id FROM leads_opportunity o
    WHERE o.workspace_id = {} AND o.status = 'open'))"""


def active_policies() -> list[PoolPolicy]:
    """In the order in which they are asked."""
    return list(PoolPolicy.objects.filter(is_active=True).order_by("position", "id"))


def clocks_sql(
    template: str,
    policies: Sequence[PoolPolicy],
    leads: Sequence[UUID] | None,
    as_of: datetime,
    lock: Sql = NOTHING,
    rows: Sql = LEADS,
    **more: Any,
) -> Sql:
    """``template`` (in which FROM_POLICIES stands) for these leads, or for all that are held.

    ``rows``: where the leads are read, if not as they are stored now. ``more``: further places of the template.
    """
    among = NOTHING if leads is None else uuids(leads)

    def only(column: str) -> Sql:
        return NOTHING if leads is None else put(f"AND {column} = ANY({{}})", among)

    marks = any(policy.invalid_marks for policy in policies)
    joins = "LEFT JOIN kept ON kept.lead_id = lead.id"
    joins += " LEFT JOIN marked ON marked.lead_id = lead.id" if marks else ""
    listed = [policy_row(n, policy) for n, policy in enumerate(policies)]
    return fill(
        template,
        as_of=as_of,
        lock=lock,
        rows=rows,
        policies=comma(listed or [policy_row(-1, PoolPolicy())]),
        stages=Sql(STAGES),
        code=code_of(policies, as_of),
        among=only("l.id"),
        kept=fill(KEPT, among=only("p.lead_id")),
        marked=fill(MARKED, among=only("m.lead_id")) if marks else NOTHING,
        joins=Sql(joins),
        invalid=Sql(ENOUGH_MARKS if marks else "NULL::timestamptz"),
        **ends(policies, leads, as_of),
        **more,
    )


def code_of(policies: Sequence[PoolPolicy], as_of: datetime) -> Sql:
    """2 * index of the policy that speaks, + 1 where its facts are missing; null: no clock."""
    asking = Asking(as_of)

    def says(index: int, policy: PoolPolicy) -> Sql:
        code = put("{}::integer", 2 * index)
        if policy.facts and policy.facts_days is not None and asking.whole(policy.facts):
            code = put(
                "CASE WHEN {} THEN {} ELSE {}::integer END", asking.sql(policy.facts), code, 2 * index + 1
            )
        if policy.exemption is not None:
            code = put("CASE WHEN NOT {} THEN {} END", asking.sql(policy.exemption), code)
        if policy.spares_opportunities:
            workspace = fill("{workspace}")
            code = put("CASE WHEN NOT {} THEN {} END", put(HAS_DEAL, workspace), code)
        return code

    return first_match(policies, as_of=as_of, lead="l", asking=asking, says=says)


def ends(policies: Sequence[PoolPolicy], leads: Sequence[UUID] | None, as_of: datetime) -> dict[str, Sql]:
    """The ends of the three periods, by the clock on the wall or by the workspace's calendar.

    ``shared``: when the policy's share of the period that decides is over; what colleagues marked has no period.
    ``last_day``: a day before what is due, or the last working day.
    """
    shared = Sql(SHARED)
    plain = {
        "next_due": Sql("s.since + CASE WHEN s.talked THEN s.follow_up ELSE s.first_contact END"),
        "longest": Sql(f"s.held_since + {REST}"),
        "facts_due": Sql("s.held_since + s.facts_by"),
        "last_day": Sql("s.due - interval '1 day'"),
    }
    working = [policy for policy in policies if policy.counts == Counts.WORKING]
    if not working:
        return plain | {"shared": shared, "calendars": NOTHING, "once": NOTHING}
    hours = timedelta(hours=max(policy.first_contact_hours for policy in working))
    days = timedelta(days=max(max(p.follow_up_days, p.max_hold_days, p.facts_days or 0) for p in working))
    joined = calendars(as_of, hours=hours, days=max(days, protected_until(leads, as_of) - as_of))
    since, held = Sql("s.since"), Sql("s.held_since")
    worked = {
        "next_due": put(
            "CASE WHEN s.talked THEN {} ELSE {} END",
            after(since, Sql("s.follow_up"), "cd"),
            after(since, Sql("s.first_contact"), "ch"),
        ),
        "longest": after(held, Sql(REST), "cd"),
        "facts_due": after(held, Sql("s.facts_by"), "cd"),
        "last_day": a_day_before(Sql("s.due"), "cd"),
    }
    both = {name: put("CASE WHEN s.working THEN {} ELSE {} END", worked[name], plain[name]) for name in plain}
    both["shared"] = put(
        "CASE WHEN NOT s.working OR s.why = 'invalid' THEN {} WHEN s.why = 'first_contact' THEN {} ELSE {} END",
        shared,
        after(since, Sql("(s.first_contact * s.share)"), "ch"),
        after(Sql("s.begun"), Sql(DAYS), "cd"),
    )
    # Left to itself the planner works an end out wherever it is named, and working time is no quick sum.
    return both | {"calendars": joined, "once": Sql("MATERIALIZED")}


def protected_until(leads: Sequence[UUID] | None, as_of: datetime) -> datetime:
    """The last moment until which a manager keeps one of these leads with its holder."""
    rows = Protection.objects.filter(ended_at=None, until__gt=as_of)
    rows = rows if leads is None else rows.filter(lead__in=list(leads))
    return rows.aggregate(last=Max("until"))["last"] or as_of


def policy_row(n: int, policy: PoolPolicy) -> Sql:
    return put(
        "({}::integer, {}::boolean, {}::interval, {}::interval, {}::interval, {}::interval, {}::float8, {}::integer)",
        n,
        policy.counts == Counts.WORKING,
        timedelta(hours=policy.first_contact_hours),
        timedelta(days=policy.follow_up_days),
        timedelta(days=policy.max_hold_days),
        None if policy.facts_days is None else timedelta(days=policy.facts_days),
        float(policy.warn_share),
        policy.invalid_marks or None,
    )
