"""Response times: the moments at which a policy's steps are due, for one lead in memory, for many in SQL."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from leads.conditions.fragments import Sql, comma, put
from pools.matching import Asking, first_match
from pools.models import Awaited, Counts, ResponsePolicy, Unit
from pools.statements import fill, uuids
from pools.working import after, calendars
from workspaces.calendar import WorkingTime

NOTHING = Sql("")
BREACH = "breach"

# Whose time is over by ``{at}`` is written down before a clock moves on or goes, whatever moves it: once for each
# time it was awaited. The clocks are ``c``.
MISSED = """
missed AS (
    INSERT INTO pools_responsebreach (id, workspace_id, created_at, updated_at, lead_id, member_id, policy_name,
        awaited, began_at, target_at)
    SELECT leadcrm_uuid7(), {workspace}, {as_of}, {as_of}, c.lead_id, c.member_id, r.name, r.awaited, c.began_at,
        c.target_at
    FROM pools_responseclock c JOIN pools_responsepolicy r ON r.workspace_id = {workspace} AND r.id = c.policy_id
        {which}
    WHERE c.workspace_id = {workspace} AND c.target_at <= {at}
    ON CONFLICT DO NOTHING
    RETURNING lead_id, member_id, awaited, target_at
),
recorded AS (
    INSERT INTO leads_timelineentry (id, workspace_id, created_at, updated_at, lead_id, at, kind, actor_id, data)
    SELECT leadcrm_uuid7(), {workspace}, {as_of}, {as_of}, lead_id, {as_of}, 'response_late', NULL,
        jsonb_build_object('owner', member_id::text, 'awaited', awaited, 'due', target_at)
    FROM missed
)"""
RECORD = f"""
WITH {MISSED}
SELECT count(*) FROM missed"""
GONE = f"""
WITH {MISSED}
DELETE FROM pools_responseclock WHERE workspace_id = {{workspace}} AND lead_id = ANY({{leads}})
"""

# A lead that is held and open awaits something of its holder: the first contact since it was given, then
# each next follow-up. The policy that speaks is the first, by position, for what is awaited. As long as the same
# holder is awaited since the same moment, nothing is missed but by the policies as they are now. Of a policy that is
# ``off`` from now on, its leads' timelines say where nothing is awaited any more; where another one speaks, the steps
# whose moment has passed are not taken belatedly.
AWAITED = """
WITH policy (n, id, working, days, first, target) AS (VALUES {policies}),
lead AS MATERIALIZED (
    SELECT l.id, l.owner_id, COALESCE(l.last_follow_up_at >= l.held_since, false) AS talked, l.held_since,
        CASE WHEN l.last_follow_up_at >= l.held_since THEN l.last_follow_up_at ELSE l.held_since END AS since,
        CASE WHEN l.pool <> 'sales' OR l.stage NOT IN ('lead', 'mql', 'sql', 'opportunity') THEN NULL
             WHEN l.last_follow_up_at >= l.held_since THEN {next} ELSE {first} END AS n
    FROM leads_lead l WHERE l.workspace_id = {workspace} {among}
    ORDER BY l.id FOR NO KEY UPDATE
),
wanted AS (
    SELECT s.id AS lead_id, s.owner_id, s.since, p.id AS policy_id, {first_at} AS first_at, {target_at} AS target_at
    FROM lead s JOIN policy p ON p.n = s.n {calendars}
),
{missed},
gone AS (
    DELETE FROM pools_responseclock c USING lead
    WHERE c.workspace_id = {workspace} AND c.lead_id = lead.id AND lead.n IS NULL {only}
    RETURNING c.lead_id, c.member_id, c.policy_id, c.target_at
),
ended AS (
    INSERT INTO leads_timelineentry (id, workspace_id, created_at, updated_at, lead_id, at, kind, actor_id, data)
    SELECT leadcrm_uuid7(), {workspace}, {as_of}, {as_of}, lead_id, {as_of}, 'response_ended', {actor}::uuid,
        jsonb_build_object('owner', member_id::text, 'due', target_at, 'policy', {off_name}::text)
    FROM gone WHERE policy_id = {off}::uuid
)
INSERT INTO pools_responseclock (id, workspace_id, created_at, updated_at, lead_id, member_id, policy_id, began_at,
    target_at, due_at)
SELECT leadcrm_uuid7(), {workspace}, {as_of}, {as_of}, lead_id, owner_id, policy_id, since, target_at, first_at
FROM wanted
ON CONFLICT (workspace_id, lead_id) DO UPDATE SET member_id = excluded.member_id, policy_id = excluded.policy_id,
    began_at = excluded.began_at, target_at = excluded.target_at, hand_on_at = NULL, updated_at = {as_of},
    due_at = CASE WHEN pools_responseclock.policy_id = {off}::uuid THEN GREATEST(excluded.due_at, {as_of}::timestamptz)
                  ELSE excluded.due_at END
WHERE (pools_responseclock.member_id, pools_responseclock.policy_id, pools_responseclock.began_at,
       pools_responseclock.target_at)
    IS DISTINCT FROM (excluded.member_id, excluded.policy_id, excluded.began_at, excluded.target_at)
"""


@dataclass(frozen=True)
class Mark:
    """A moment of a policy: so long after the beginning, this is done."""

    amount: int
    unit: str
    do: str

    @property
    def length(self) -> timedelta:
        return timedelta(days=self.amount) if self.unit == Unit.DAYS else timedelta(hours=self.amount)


def active_policies() -> list[ResponsePolicy]:
    """Those in force, the first that speaks first."""
    return list(ResponsePolicy.objects.filter(is_active=True).order_by("position", "id"))


def marks(policy: ResponsePolicy) -> list[Mark]:
    """The steps and the missed target, in the order in which they come."""
    found = [Mark(step["after"], step["unit"], step["do"]) for step in policy.steps]
    found.append(Mark(policy.after, policy.unit, BREACH))
    day = 8 if policy.counts == Counts.WORKING else 24
    return sorted(found, key=lambda one: one.amount * (day if one.unit == Unit.DAYS else 1))


def moment(mark: Mark, began: datetime, policy: ResponsePolicy, times: WorkingTime | None) -> datetime:
    """When a mark is reached by a lead that has waited since ``began``."""
    if policy.counts == Counts.CLOCK or times is None:
        return began + mark.length
    return times.add(began, mark.length, mark.unit == Unit.DAYS)


def missed_sql(template: str, leads: Sequence[UUID], as_of: datetime) -> Sql:
    """RECORD what these leads' holders have missed by now, or let their clocks be GONE with it."""
    return fill(template, which=named("c.lead_id", leads), leads=uuids(leads), at=as_of, as_of=as_of)


def overdue_sql(policy: ResponsePolicy, as_of: datetime) -> Sql:
    """RECORD what has been missed under one policy by now."""
    which = put("AND c.policy_id = {}::uuid", str(policy.pk))
    return fill(RECORD, which=which, at=as_of, as_of=as_of)


def named(column: str, leads: Sequence[UUID]) -> Sql:
    return put(f"AND {column} = ANY({{}})", uuids(leads))


ANOTHER = """JOIN lead s ON s.id = c.lead_id
        AND (s.n IS NULL OR (s.owner_id, s.since) IS DISTINCT FROM (c.member_id, c.began_at)) {}"""


def awaited_sql(
    policies: Sequence[ResponsePolicy],
    leads: Sequence[UUID] | None,
    as_of: datetime,
    answered_at: datetime | None = None,
    *,
    off: ResponsePolicy | None = None,
    actor: UUID | None = None,
) -> Sql:
    """Bring the clocks of these leads (None: of all that are held, or had a clock) to what is awaited now.

    ``answered_at``: when what was awaited until now was done, if not at this moment. ``off``: a policy that ``actor``
    has switched off or is about to delete.
    """
    among, only = (fill(ALL), NOTHING) if leads is None else (named("l.id", leads), named("c.lead_id", leads))
    rows = [policy_row(n, policy) for n, policy in enumerate(policies)]
    return fill(
        AWAITED,
        as_of=as_of,
        among=among,
        only=only,
        missed=fill(MISSED, which=put(ANOTHER, only), at=answered_at or as_of, as_of=as_of),
        policies=comma(rows or [policy_row(-1, ResponsePolicy())]),
        next=spoken(policies, Awaited.FOLLOW_UP, as_of),
        first=spoken(policies, Awaited.FIRST_CONTACT, as_of),
        off=off and str(off.pk),
        off_name=off and off.name,
        actor=actor and str(actor),
        **moments(policies, as_of),
    )


# What was due before stays taken; what is due now, or comes later, is due by the steps as they are now.
STEPS = """
WITH mark (amount, in_days) AS (VALUES {marks}),
next AS (
    SELECT s.id, LEAST(s.hand_on_at, (SELECT min(m.at) FROM (SELECT {at} AS at FROM mark {calendars}) m
                  WHERE m.at >= LEAST(s.due_at, {as_of}::timestamptz))) AS due_at
    FROM (SELECT c.id, c.began_at, c.due_at, c.hand_on_at FROM pools_responseclock c
          WHERE c.workspace_id = {workspace} AND c.policy_id = {policy}::uuid ORDER BY c.id FOR NO KEY UPDATE) s
)
UPDATE pools_responseclock c SET due_at = next.due_at, updated_at = {as_of}
FROM next WHERE c.workspace_id = {workspace} AND c.id = next.id AND c.due_at IS DISTINCT FROM next.due_at
"""


def steps_sql(policy: ResponsePolicy, as_of: datetime) -> Sql:
    """Bring the clocks of a policy that has other steps now to the next of them."""
    listed = marks(policy)
    began, amount, tables = Sql("s.began_at"), Sql("mark.amount"), NOTHING
    at = Sql("s.began_at + mark.amount")
    if policy.counts == Counts.WORKING:
        tables = joined(listed, as_of)
        worked = after(began, amount, "cd"), after(began, amount, "ch")
        at = put("CASE WHEN mark.in_days THEN {} ELSE {} END", *worked)
    rows = [put("({}::interval, {}::boolean)", one.length, one.unit == Unit.DAYS) for one in listed]
    return fill(STEPS, marks=comma(rows), at=at, calendars=tables, policy=str(policy.pk), as_of=as_of)


def joined(listed: Collection[Mark], as_of: datetime, begins: datetime | None = None) -> Sql:
    """The calendars that these marks need."""
    lengths = {unit: [one.length for one in listed if one.unit == unit] for unit in Unit}
    hours, days = (max(lengths[unit], default=timedelta()) for unit in (Unit.HOURS, Unit.DAYS))
    return calendars(as_of, hours=hours, days=days, begins=begins)


USUAL = timedelta(hours=24)  # where no policy speaks


def first_contact_by(begins: datetime, as_of: datetime) -> dict[str, Sql]:
    """By when whoever began to hold a lead at ``a.began_at`` was to speak with it, by the policies in force.

    The pieces ``target``, and ``leads`` and ``calendars`` that it needs in FROM. No hold began before ``begins``.
    """
    policies = [policy for policy in active_policies() if policy.awaited == Awaited.FIRST_CONTACT]
    began, tables = Sql("a.began_at"), NOTHING
    working = [policy for policy in policies if policy.counts == Counts.WORKING]
    if working:
        tables = joined([target_of(policy) for policy in working], as_of, begins)

    def says(_index: int, policy: ResponsePolicy) -> Sql:
        amount = put("{}::interval", target_of(policy).length)
        if policy.counts == Counts.WORKING:
            return after(began, amount, "cd" if policy.unit == Unit.DAYS else "ch")
        return put("a.began_at + {}", amount)

    usual = put("a.began_at + {}::interval", USUAL)
    spoken_for = first_match(policies, as_of=as_of, lead="l", says=says)
    leads = "JOIN leads_lead l ON l.workspace_id = a.workspace_id AND l.id = a.lead_id"
    return {
        "target": put("COALESCE({}, {})", spoken_for, usual) if policies else usual,
        "leads": Sql(leads) if any(policy.condition for policy in policies) else NOTHING,
        "calendars": tables,
    }


def target_of(policy: ResponsePolicy) -> Mark:
    return Mark(policy.after, policy.unit, BREACH)


ALL = """AND (l.pool = 'sales' OR l.id IN
    (SELECT c.lead_id FROM pools_responseclock c WHERE c.workspace_id = {workspace}))"""


def spoken(policies: Sequence[ResponsePolicy], awaited: str, as_of: datetime) -> Sql:
    """The index of the policy that speaks, among those for what is awaited; null when none does."""
    kept = [(n, policy) for n, policy in enumerate(policies) if policy.awaited == awaited]
    if not kept:
        return Sql("NULL::integer")
    indexes = {policy.pk: n for n, policy in kept}

    def says(_index: int, policy: ResponsePolicy) -> Sql:
        return put("{}::integer", indexes[policy.pk])

    return first_match(
        [policy for _n, policy in kept], as_of=as_of, lead="l", asking=Asking(as_of), says=says
    )


def policy_row(n: int, policy: ResponsePolicy) -> Sql:
    first = marks(policy)[0]
    return put(
        "({}::integer, {}::uuid, {}::boolean, {}::boolean[], {}::interval, {}::interval)",
        n,
        str(policy.pk),
        policy.counts == Counts.WORKING,
        [first.unit == Unit.DAYS, policy.unit == Unit.DAYS],
        first.length,
        Mark(policy.after, policy.unit, BREACH).length,
    )


def moments(policies: Sequence[ResponsePolicy], as_of: datetime) -> dict[str, Sql]:
    """``first_at`` and ``target_at`` of a lead, by the clock on the wall or by the workspace's calendar."""
    working = [policy for policy in policies if policy.counts == Counts.WORKING]
    if not working:
        plain = {"first_at": Sql("s.since + p.first"), "target_at": Sql("s.since + p.target")}
        return plain | {"calendars": NOTHING}
    tables = joined([one for policy in working for one in marks(policy)], as_of)
    since = Sql("s.since")

    def at(name: str, place: int) -> Sql:
        amount = Sql(f"p.{name}")
        return put(
            f"CASE WHEN NOT p.working THEN s.since + p.{name} WHEN p.days[{place}] THEN {{}} ELSE {{}} END",
            after(since, amount, "cd"),
            after(since, amount, "ch"),
        )

    return {"first_at": at("first", 1), "target_at": at("target", 2), "calendars": tables}
