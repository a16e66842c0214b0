"""The clock of the next response: set when something is awaited, stopped by a talk, escalated when it runs out."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, OuterRef, Q, Subquery

from leads.happened import happened
from leads.models import Pool
from leads.planner import over
from pools.actions.handover import by_rules
from pools.actions.hold import close, hold
from pools.actions.refitting import refit_if_due
from pools.models import (
    Assignment,
    Began,
    Counts,
    Escalation,
    Protection,
    ResponseBreach,
    ResponseClock,
    ResponsePolicy,
)
from pools.responses import (
    BREACH,
    GONE,
    RECORD,
    Mark,
    active_policies,
    awaited_sql,
    marks,
    missed_sql,
    moment,
)
from pools.statements import execute, fetch
from workspaces.calendar import WorkingTime, working_time
from workspaces.models import Member
from workspaces.once import once

BATCH = 500
HARDER = (BREACH, *Escalation.values)  # the reminder, the manager, somebody else


AGAIN = timedelta(hours=1)  # after which it is looked again for somebody to hand a lead on to


@dataclass(frozen=True)
class Late:
    """One lead whose response is due or missed, and what is done about it (an Escalation, or a BREACH).

    ``after``: which of the policy's steps it is: so long after the beginning. ``instead``: what is done where
    nobody is found to hand it on to; then ``left`` says why.
    """

    lead: UUID
    member: UUID
    do: str
    after: str
    awaited: str
    began_at: datetime
    target_at: datetime
    missed: bool
    instead: Mark | None = None
    left: str = ""


def set_responses(
    leads: Sequence[UUID] | None,
    *,
    as_of: datetime,
    actor: Member | None = None,
    pool: str = Pool.SALES,
    answered_at: datetime | None = None,
    off: ResponsePolicy | None = None,
    **_: Any,
) -> None:
    """What is awaited of these leads' holders now (None: of all): one statement more than reading the policies.

    Deferred, closed and free leads await nothing. A lead that awaits the same as before keeps its clock; whoever
    was late with what was awaited until now (and done at ``answered_at``, if that was before) is recorded.
    ``off``: a policy that speaks no more from now on.
    ``pool``: as for ``set_clocks``; outside the sales pool nobody holds them, and of nobody nothing is awaited.
    """
    if leads is not None and not leads:
        return
    if leads is not None and pool != Pool.SALES:
        execute(missed_sql(GONE, leads, as_of))
        return
    policies = once("response_policies", active_policies)
    if policies or leads is None:
        with over(leads):
            by = actor.pk if actor else None
            execute(awaited_sql(policies, leads, as_of, answered_at, off=off, actor=by))


def refit_responses(
    leads: Sequence[UUID] | None,
    *,
    as_of: datetime,
    actor: Member | None = None,
    created: Sequence[UUID] = (),
    **_: Any,
) -> None:
    """After facts, tags or the score changed: another policy may speak now. Not where all leads share one.

    ``created``: as for ``refit_clocks``: those of ``leads`` that are new, and nobody's yet.
    """
    if leads is not None and created:
        new = set(created)
        leads = [lead for lead in leads if lead not in new]
    if leads != [] and any(policy.condition for policy in once("response_policies", active_policies)):
        set_responses(leads, as_of=as_of, actor=actor)


def refit_working_responses(*, as_of: datetime, actor: Member | None = None) -> None:
    """After the calendar changed: the clocks that count working time."""
    if any(policy.counts == Counts.WORKING for policy in active_policies()):
        set_responses(None, as_of=as_of, actor=actor)


def refit_responses_due(as_of: datetime, *, actor: Member | None = None) -> int:
    """Where time alone can bring another policy, all clocks are set anew once an hour."""
    return refit_if_due(ResponsePolicy, lambda: set_responses(None, as_of=as_of, actor=actor), as_of)


def answered(
    leads: Sequence[UUID], *, as_of: datetime, actor: Member | None = None, follow_up: Any = None, **_: Any
) -> None:
    """After a follow-up: what was late is answered, and the next one is awaited."""
    at = follow_up.at if follow_up is not None else as_of
    set_responses(leads, as_of=as_of, actor=actor, answered_at=at)
    late = ResponseBreach.objects.filter(lead_id__in=list(leads), answered_at=None, began_at__lte=at)
    late.update(answered_at=at, updated_at=as_of)


@transaction.atomic
def respond_due(as_of: datetime, *, limit: int = BATCH) -> int:
    """Take the steps that are due for up to ``limit`` leads, in one transaction; how many. Call until it is 0.

    Of several steps that have come due meanwhile only the hardest is taken; a missed target is recorded
    with who held the lead. Leads that somebody has locked are left for the next run.
    """
    due = ResponseClock.objects.filter(due_at__lte=as_of, lead__owner=F("member")).order_by("due_at")
    locked = due.select_related("policy", "lead").select_for_update(
        no_key=True, skip_locked=True, of=("self", "lead")
    )
    rows = list(locked[:limit])
    if not rows:
        return 0
    by_calendar = any(row.policy.counts == Counts.WORKING for row in rows)
    times, kept = working_time() if by_calendar else None, protected(rows, as_of)
    steps = [late for row in rows if (late := step(row, as_of, times, row.lead_id in kept)) is not None]
    ResponseClock.objects.bulk_update(rows, ["due_at", "hand_on_at"])
    fetch(missed_sql(RECORD, [row.lead_id for row in rows], as_of))
    steps = hand_on(steps, as_of)
    happened("response_due", [late.lead for late in steps], as_of=as_of, actor=None, late=steps)
    return len(rows)


def protected(rows: Sequence[ResponseClock], as_of: datetime) -> set[UUID]:
    """Those that a manager has locked, or let the holder of now keep longer: they are not handed on meanwhile."""
    leads = [row.lead_id for row in rows if any(one["do"] == Escalation.HAND_ON for one in row.policy.steps)]
    if not leads:
        return set()
    held = Assignment.objects.filter(lead=OuterRef("lead"), ended_at=None).values("began_at")[:1]
    granted = Q(kind=Protection.LOCK) | Q(granted_at__gte=Subquery(held))
    found = Protection.objects.filter(granted, lead__in=leads, ended_at=None, until__gt=as_of)
    return set(found.values_list("lead_id", flat=True))


def step(row: ResponseClock, as_of: datetime, times: WorkingTime | None, kept: bool) -> Late | None:
    """What is to be done about one lead now; ``due_at`` moves on to the next mark.

    Whoever is to hand it on is asked to again and again, until somebody has it. ``kept``: not now.
    """
    all_marks = [(one, moment(one, row.began_at, row.policy, times)) for one in marks(row.policy)]
    again = row.hand_on_at is not None and row.hand_on_at <= as_of
    fresh = [one for one, at in all_marks if row.due_at is not None and row.due_at <= at <= as_of]
    leaves = [
        one
        for one, at in all_marks
        if one.do == Escalation.HAND_ON and (one in fresh or (again and at <= as_of))
    ]
    if leaves or again:
        row.hand_on_at = as_of + AGAIN if leaves else None
    ends = [at for _one, at in all_marks if at > as_of] + [at for at in (row.hand_on_at,) if at]
    row.due_at = min(ends, default=None)
    others = hardest([one for one in fresh if one.do != Escalation.HAND_ON])
    if not leaves or kept:
        return late(row, others, as_of) if others else None
    told = Mark(leaves[-1].amount, leaves[-1].unit, Escalation.MANAGER) if leaves[-1] in fresh else others
    return late(row, leaves[-1], as_of, instead=told)


def hardest(reached: Sequence[Mark]) -> Mark | None:
    """Of two alike the later one."""
    return max(enumerate(reached), key=lambda one: (HARDER.index(one[1].do), one[0]))[1] if reached else None


def late(row: ResponseClock, mark: Mark, as_of: datetime, instead: Mark | None = None) -> Late:
    return Late(
        row.lead_id,
        row.member_id,
        mark.do,
        after(mark),
        row.policy.awaited,
        row.began_at,
        row.target_at,
        row.target_at <= as_of,
        instead,
    )


def after(mark: Mark) -> str:
    return f"{mark.amount} {mark.unit}"


def hand_on(steps: Sequence[Late], as_of: datetime) -> list[Late]:
    """Give to somebody else what it is time for; where nobody is found, the managers hear of it once, and why."""
    leaving = {late.lead: late for late in steps if late.do == Escalation.HAND_ON}
    if not leaving:
        return list(steps)
    found, left = by_rules(list(leaving), as_of)
    turns = [
        replace(one, why=one.why | {"late": True, "former_owner": str(leaving[one.lead].member)})
        for one in found
    ]
    close([turn.lead for turn in turns], reason="late", as_of=as_of)
    hold(turns, began=Began.ASSIGNED, as_of=as_of, actor=None)
    kept = [
        stays(one, left[one.lead]) if one.do == Escalation.HAND_ON and one.lead in left else one
        for one in steps
    ]
    return [one for one in kept if one is not None]


def stays(one: Late, why: str) -> Late | None:
    """What is done about a lead that nobody could take."""
    if one.instead is None:
        return None
    return replace(one, do=str(one.instead.do), after=after(one.instead), left=why)
