"""What changed policies would do to the clocks, without doing it: who would lose or win what."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from leads.planner import over
from pools.models import PoolPolicy
from pools.periods import FROM_POLICIES, clocks_sql
from pools.statements import fetch
from workspaces.models import Member

SHOWN = 20

# ``n`` is the policy that speaks for the lead; moved leads are counted by holder, and the first are listed.
FORESEEN = (
    FROM_POLICIES
    + """,
moved AS (
    SELECT w.id, w.n, w.reclaim_at AS was, w.due, l.owner_id,
        w.due IS DISTINCT FROM w.reclaim_at AS changed,
        COALESCE(w.due < COALESCE(w.reclaim_at, 'infinity'), false) AS sooner,
        COALESCE(w.due, 'infinity') > COALESCE(w.reclaim_at, 'infinity') AS later
    FROM warning w JOIN leads_lead l ON l.workspace_id = {workspace} AND l.id = w.id
)
SELECT n, owner_id, count(*), count(*) FILTER (WHERE changed), count(*) FILTER (WHERE sooner),
    count(*) FILTER (WHERE later), count(*) FILTER (WHERE changed AND due <= {as_of}),
    (array_agg(ARRAY[id::text, was::text, due::text] ORDER BY due, id) FILTER (WHERE changed))[1:20]
FROM moved GROUP BY n, owner_id
"""
)
DUE = (
    FROM_POLICIES
    + """
SELECT id, n, due, why FROM warning"""
)


@dataclass
class Effect:
    """What a change means for one holder: numbers of leads. ``loses``: due at once."""

    member: Member
    sooner: int = 0
    later: int = 0
    loses: int = 0


@dataclass
class Foreseen:
    """What changing one policy would do to the clocks: numbers of leads, by holder, and the first to go."""

    leads: int = 0  # for which this policy would speak
    changed: int = 0
    sooner: int = 0
    later: int = 0
    due_now: int = 0
    first: list[tuple[UUID, datetime | None, datetime | None]] = field(default_factory=list)
    members: list[Effect] = field(default_factory=list)


def foresee(policy: PoolPolicy, as_of: datetime, *, gone: bool = False) -> Foreseen:
    """What would happen if ``policy`` were stored as it is here (changed, or new), or were ``gone``."""
    others = PoolPolicy.objects.filter(is_active=True).exclude(pk=policy.pk)
    counts = policy.is_active and not gone
    policies = sorted([*others, *([policy] if counts else [])], key=lambda one: (one.position, one.pk))
    mine = policies.index(policy) if counts else None
    found = Foreseen()
    holders: dict[UUID, list[int]] = {}
    first: list[list[str]] = []
    for n, owner, leads, changed, sooner, later, due, rows in fetch(
        clocks_sql(FORESEEN, policies, None, as_of)
    ):
        found.leads += leads if n == mine and mine is not None else 0
        found.changed, found.sooner = found.changed + changed, found.sooner + sooner
        found.later, found.due_now = found.later + later, found.due_now + due
        first += rows or []
        effect = holders.setdefault(owner, [0, 0, 0])
        holders[owner] = [effect[0] + sooner, effect[1] + later, effect[2] + due]
    found.first = sorted(
        ((UUID(lead), moment(was), moment(due)) for lead, was, due in first),
        key=lambda row: (row[2] is None, row[2] or as_of, row[0]),
    )[:SHOWN]
    members = Member.objects.in_bulk([owner for owner, effect in holders.items() if owner and any(effect)])
    effects = [Effect(members[owner], *holders[owner]) for owner in members]
    found.members = sorted(effects, key=lambda one: (-one.loses, -one.sooner, str(one.member)))
    return found


def moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


@dataclass(frozen=True)
class Clock:
    """A lead's clock as the policies say now."""

    policy: PoolPolicy | None
    due: datetime | None
    why: str


def clocks(policies: Sequence[PoolPolicy], leads: Sequence[UUID], as_of: datetime) -> dict[UUID, Clock]:
    """The clocks of these leads as of a moment, without writing them. One statement."""
    if not leads:
        return {}
    with over(leads):
        rows = fetch(clocks_sql(DUE, policies, leads, as_of))
    return {lead: Clock(None if n is None else policies[n], due, why) for lead, n, due, why in rows}
