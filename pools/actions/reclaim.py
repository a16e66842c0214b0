"""The clock takes back what nobody followed up, and does with it what its policy says."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from leads.actions import advance
from leads.models import Lead, Pool, Stage
from pools.actions.clocks import set_clocks
from pools.actions.hold import free
from pools.actions.marks import settle_marks
from pools.foresight import Clock, clocks
from pools.models import Ended, PoolPolicy, Target
from pools.periods import active_policies
from pools.unmet import facts_missing
from workspaces.models import Member
from workspaces.once import once, reads_once

BATCH = 2_000
POOLS = {Target.RECYCLE: Pool.RECYCLE, Target.LEAD: Pool.LEAD, Target.NURTURE: Pool.LEAD}


@transaction.atomic
@reads_once
def reclaim_due(as_of: datetime, *, limit: int = BATCH, actor: Member | None = None) -> int:
    """Move up to ``limit`` due leads into the pool their policies name; returns how many were settled.

    Call again until it is 0. One transaction takes one batch, completely or not at all, so that a killed
    process leaves the rest due. A lead that somebody has locked (a follow-up is being written) is left for
    later; whether a lead is still due is asked again after its lock, by the policies as they are now, so
    that a follow-up that came first keeps it, and so does an exemption that time alone has brought.
    """
    due = Lead.objects.filter(reclaim_at__lte=as_of).order_by("reclaim_at")
    locked = due.select_for_update(no_key=True, skip_locked=True).values_list("pk", "reclaim_reason")
    found = dict(locked[:limit])
    if not found:
        return 0
    policies = once("pool_policies", active_policies)
    now = clocks(policies, list(found), as_of)
    going: list[UUID] = []
    staying: list[UUID] = []
    for lead in found:
        (going if is_due(now.get(lead), as_of) else staying).append(lead)
    set_clocks(staying, as_of=as_of, actor=actor)
    for policy in policies:
        theirs = [lead for lead in going if now[lead].policy is policy]
        take_back(theirs, policy, now, as_of, actor)
    return len(found)


def is_due(clock: Clock | None, as_of: datetime) -> bool:
    return clock is not None and clock.due is not None and clock.due <= as_of


def take_back(
    leads: list[UUID], policy: PoolPolicy, now: dict[UUID, Clock], as_of: datetime, actor: Member | None
) -> None:
    if not leads:
        return
    missing = facts_missing([lead for lead in leads if now[lead].why == "facts"], policy, as_of)
    pool = POOLS[Target(policy.target)]
    free(
        leads,
        pool=pool,
        ended=Ended.RECLAIMED,
        reason=None,
        kind="reclaimed",
        as_of=as_of,
        actor=actor,
        whys=[
            why(policy, now[lead]) | ({"missing": missing[lead]} if lead in missing else {}) for lead in leads
        ],
    )
    settle_marks([lead for lead in leads if now[lead].why == "invalid"], as_of)
    if policy.resets_stage:
        back_to_marketing(leads, pool, policy, as_of, actor)
    if policy.target == Target.NURTURE:
        again = as_of + timedelta(days=policy.nurture_days)
        text = _("Nurturing: taken back by the policy “%(policy)s”.") % {"policy": policy.name}
        details = {"reason": text, "resume_at": again}
        advance(leads, "defer", as_of=as_of, actor=actor, override=policy.name, details=details)


def why(policy: PoolPolicy, clock: Clock) -> dict[str, Any]:
    """As the policies decide it now, whatever the lead's clock said when it was set."""
    due = clock.due.isoformat() if clock.due else None
    return {"policy": policy.name, "reason": clock.why, "due": due}


def back_to_marketing(
    leads: Sequence[UUID], pool: str, policy: PoolPolicy, as_of: datetime, actor: Member | None
) -> None:
    """Begin anew at the first stage. The step leads to the lead pool; the policy has the last word on that."""
    farther = Lead.objects.filter(pk__in=list(leads)).exclude(stage=Stage.LEAD)
    ids = list(farther.values_list("pk", flat=True))
    note = _("By the policy “%(policy)s”.") % {"policy": policy.name}
    advance(ids, "send_back", as_of=as_of, actor=actor, note=note, override=policy.name)
    Lead.objects.filter(pk__in=ids).exclude(pool=pool).update(pool=pool)
