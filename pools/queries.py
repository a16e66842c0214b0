"""Questions about the pools: who holds how much, what may be claimed, what is about to go back."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Case, Count, OuterRef, Q, QuerySet, Subquery, Sum, When

from leads.conditions.fragments import Sql
from leads.conditions.where import OfLead
from leads.models import Lead, Pool, Stage
from leads.models.lead import OPEN
from pools.models import Assignment, ClaimPolicy, Passing
from pools.statements import fetch, fill, uuids
from pools.who import claim_rules, may_claim_sql
from workspaces.models import Member, Role
from workspaces.once import once
from workspaces.tenancy import current_workspace

FREE_POOLS = (Pool.LEAD, Pool.RECYCLE)
QUALIFIED = (Stage.MQL, Stage.SQL, Stage.OPPORTUNITY)  # what the rules give to somebody
# The same as ``waiting``, as the condition of the index that answers it (lead_waits_for_holder).
WAITS = f"stage IN ({', '.join(f"'{stage}'" for stage in QUALIFIED)}) AND pool = '{Pool.LEAD}' AND owner_id IS NULL"
HELD = """
SELECT m.id, (
    SELECT count(*) FROM (
        SELECT FROM leads_lead l WHERE l.workspace_id = {workspace} AND l.owner_id = m.id
            AND l.stage IN ('lead', 'mql', 'sql', 'opportunity') LIMIT m.most
    ) held
) FROM unnest({members}, {most}) AS m (id, most)
"""
ROOM = """
SELECT (SELECT count(*) FROM pools_assignment a WHERE a.workspace_id = {workspace} AND a.member_id = {member}::uuid
        AND a.began = 'claimed' AND a.began_at >= {begins} AND a.began_at < {ends}),
    (SELECT count(*) FROM leads_lead l WHERE l.workspace_id = {workspace} AND l.owner_id = {member}::uuid
        AND l.stage IN ('lead', 'mql', 'sql', 'opportunity'))
"""
HOLDERS = (Role.REP, Role.MANAGER, Role.ADMIN)


@dataclass(frozen=True)
class ClaimRoom:
    """What a member may still claim: of today's quota, and of what they may hold at once."""

    quota: int
    claimed_today: int
    quota_until: datetime  # when the next day's quota begins
    capacity: int
    held: int
    cooldown: timedelta
    freeze: timedelta = timedelta()
    by_grade: Mapping[str, int] = field(default_factory=dict)  # room that is left, of grades with a limit
    limits: Mapping[str, int] = field(default_factory=dict)

    @property
    def quota_left(self) -> int:
        return max(0, self.quota - self.claimed_today)

    @property
    def capacity_left(self) -> int:
        return max(0, self.capacity - self.held)

    @property
    def left(self) -> int:
        return min(self.quota_left, self.capacity_left)

    @property
    def grades(self) -> list[dict[str, Any]]:
        """Each grade with a limit: {"grade", "most", "taken": of those}."""
        return [
            {"grade": grade, "most": most, "taken": most - self.by_grade.get(grade, most)}
            for grade, most in sorted(self.limits.items())
        ]


def claim_policy() -> ClaimPolicy:
    """The workspace's policy, or the usual one where none is stored."""
    return once("claim_policy", lambda: ClaimPolicy.objects.first() or ClaimPolicy())


def claim_room(member: Member, as_of: datetime) -> ClaimRoom:
    """How many leads ``member`` may claim now. Claims are counted by the workspace's own day."""
    policy = claim_policy()
    begins, ends = day_of(as_of)
    [(claimed, held)] = fetch(fill(ROOM, member=str(member.pk), begins=begins, ends=ends))
    return ClaimRoom(
        quota=policy.daily_quota,
        claimed_today=claimed,
        quota_until=ends,
        capacity=min(member.capacity, policy.holding_capacity),
        held=held,
        cooldown=timedelta(days=policy.cooldown_days),
        freeze=timedelta(hours=policy.freeze_hours),
        by_grade=rooms_by_grade([member.pk], policy.capacity_by_grade).get(member.pk, {}),
        limits=policy.capacity_by_grade,
    )


def rooms_by_grade(members: Iterable[UUID], limits: Mapping[str, int]) -> dict[UUID, dict[str, int]]:
    """How many more open leads of each limited grade each member may hold. No statement without limits."""
    if not limits:
        return {}
    held = held_open(members).filter(grade__in=limits).order_by().values_list("owner_id", "grade")
    many = {(member, grade): count for member, grade, count in held.annotate(Count("id"))}
    return {
        member: {grade: max(0, most - many.get((member, grade), 0)) for grade, most in limits.items()}
        for member in members
    }


def day_of(as_of: datetime) -> tuple[datetime, datetime]:
    """The beginning of the workspace's day that contains ``as_of``, and of the next one."""
    zone = current_workspace().tz
    begins = as_of.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    # Aware arithmetic in one zone keeps the wall clock, so a day of 23 or 25 hours ends at midnight, too.
    return begins, begins + timedelta(days=1)


def held_by(members: Iterable[UUID]) -> dict[UUID, int]:
    """How many open leads each member holds; who holds none is absent. Won and deferred ones don't count."""
    held = held_open(members)
    return dict(held.order_by().values_list("owner_id").annotate(Count("id")))


def held_up_to(most: Mapping[UUID, int]) -> dict[UUID, int]:
    """How many open leads each member holds, counted no further than ``most`` of each: who holds thousands
    is full after a few."""
    found = fetch(fill(HELD, members=uuids(most), most=Sql("%s::integer[]", (list(most.values()),))))
    return dict(found)


def held_open(members: Iterable[UUID]) -> QuerySet[Lead]:
    """The open leads that these members hold."""
    return Lead.objects.filter(owner_id__in=list(members), stage__in=OPEN)


def free_leads() -> QuerySet[Lead]:
    """Open leads that nobody holds."""
    return Lead.objects.filter(pool__in=FREE_POOLS, stage__in=OPEN, owner__isnull=True)


def with_former_hold(leads: QuerySet[Lead], member: Member) -> QuerySet[Lead]:
    """Each lead with ``left_member_at``: when ``member`` last stopped holding it (null: never held it)."""
    mine = Assignment.objects.filter(lead=OuterRef("pk"), member=member, ended_at__isnull=False)
    return leads.annotate(left_member_at=Subquery(mine.order_by("-ended_at").values("ended_at")[:1]))


def claimable(member: Member, as_of: datetime) -> QuerySet[Lead]:
    """What ``member`` could claim now, the best first: free, open, theirs by the rules of claiming, not
    frozen, and not in their own cool-down."""
    policy = claim_policy()
    since = as_of - timedelta(days=policy.cooldown_days)
    mine = Q(left_member_at__isnull=True) | Q(left_member_at__lte=since)
    found = with_former_hold(free_leads(), member).filter(mine).order_by("-score", "-id")
    rules = claim_rules()
    if not rules and not policy.freeze_hours:
        return found
    freeze = timedelta(hours=policy.freeze_hours)
    return found.filter(OfLead(lambda lead: may_claim_sql(member, rules, freeze, as_of, lead)))


def counts(as_of: datetime) -> dict[str, int]:
    """Open leads by pool, and how many holders are about to lose: within 24 hours, within 7 days."""
    # Rows are counted, not ids: that the index alone can answer.
    by_pool = Lead.objects.filter(stage__in=OPEN).order_by().values("pool").annotate(many=Count("*"))
    found = dict(by_pool.values_list("pool", "many"))
    day = Q(reclaim_at__lte=as_of + timedelta(days=1))
    due = Lead.objects.filter(reclaim_at__lte=as_of + timedelta(days=7)).aggregate(
        day=Sum(Case(When(day, then=1), default=0), default=0), week=Count("*")
    )
    return {pool.value: found.get(pool.value, 0) for pool in Pool} | {
        "reclaim_24h": due["day"],
        "reclaim_7d": due["week"],
        "unassigned": waiting().count(),
    }


def waiting() -> QuerySet[Lead]:
    """Qualified leads of the lead pool that no rule has given to anybody yet, the best first."""
    found = Lead.objects.filter(stage__in=QUALIFIED, pool=Pool.LEAD, owner__isnull=True)
    return found.order_by("-score", "id")


def assignable() -> QuerySet[Lead]:
    """Open leads of the lead pool without a holder: what a rule could give to somebody, now or once qualified."""
    found = Lead.objects.filter(stage__in=OPEN, pool=Pool.LEAD, owner__isnull=True)
    return found.order_by("-score", "id")


def leaving(as_of: datetime, within: timedelta, member: Member | None = None) -> QuerySet[Lead]:
    """Held leads that go back within that time, the soonest first; of one holder or of all."""
    found = Lead.objects.filter(reclaim_at__lte=as_of + within)
    if member is not None:
        found = found.filter(owner=member)
    return found.select_related("owner", "company").order_by("reclaim_at", "id")


def whose_clocks(member: Member) -> Member | None:
    """Whose leads that go back a member sees: reps their own; who watches the floor, everybody's (None)."""
    return member if member.role == Role.REP else None


def assignments() -> QuerySet[Assignment]:
    """Who got which lead when, and why; the newest first."""
    return Assignment.objects.select_related("member", "lead").order_by("-began_at", "-id")


def passed_over(row: Assignment) -> list[dict[str, str]]:
    """All who were passed over for a lead, ``{"member", "name", "reason"}``. Two statements where they are many."""
    why: dict[str, Any] = row.why
    record = Passing.objects.filter(pk=why["passing"]).first() if why.get("passing") else None
    if record is None:
        return list(why.get("passed_over", []))
    names = Member.objects.in_bulk([UUID(pk) for ids in record.reasons.values() for pk in ids])
    return [
        {"member": pk, "name": str(names.get(UUID(pk), "")), "reason": reason}
        for reason, ids in record.reasons.items()
        for pk in ids
    ]


def takers() -> QuerySet[Member]:
    """Members who may hold leads."""
    return Member.objects.filter(is_active=True, role__in=HOLDERS).order_by("name", "id")
