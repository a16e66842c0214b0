"""Changing response times. Every clock of the workspace follows at once; each change is in the audit log."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from pools.actions.refitting import next_refit
from pools.actions.respond import set_responses
from pools.actions.rules import check_condition
from pools.models import Awaited, Counts, Escalation, ResponsePolicy, Unit
from pools.responses import marks, overdue_sql, steps_sql
from pools.statements import execute, fetch
from workspaces.actions import audit
from workspaces.models import Member
from workspaces.permissions import require
from workspaces.refusals import Invalid
from workspaces.texts import named

MOST_STEPS = 10
LONGEST = {Unit.HOURS: 24 * 365, Unit.DAYS: 365}
FACTS = ("name", "position", "condition", "awaited", "counts", "after", "unit", "steps", "is_active")


@transaction.atomic
def save_response_policy(policy: ResponsePolicy, *, as_of: datetime, actor: Member | None) -> ResponsePolicy:
    """Store a new or changed policy. Invalid: the condition, a time that is none, a step nobody knows.

    Steps whose moment had passed before are not taken belatedly by clocks that run already. What was missed under a
    policy that is switched off is on record.
    """
    require(actor, "rules")
    check(policy)
    new = policy._state.adding
    before = None if new else ResponsePolicy.objects.filter(pk=policy.pk, is_active=True).first()
    off = before if before is not None and not policy.is_active else None
    if off is not None:
        fetch(overdue_sql(off, as_of))
    policy.refit_at = next_refit(policy, as_of)
    policy.save()
    told = {name: getattr(policy, name) for name in FACTS}
    audit(
        "response_policy_added" if new else "response_policy_changed", policy, told, actor=actor, as_of=as_of
    )
    set_responses(None, as_of=as_of, actor=actor, off=off)
    if not new:
        execute(steps_sql(policy, as_of))
    return policy


@transaction.atomic
def drop_response_policy(policy: ResponsePolicy, *, as_of: datetime, actor: Member | None) -> None:
    """Its leads go to the next policy that fits them, or nothing is awaited, which their timelines say.

    What was missed under it until now stays on record.
    """
    require(actor, "rules")
    audit("response_policy_dropped", policy, {"name": policy.name}, actor=actor, as_of=as_of)
    fetch(overdue_sql(policy, as_of))
    ResponsePolicy.objects.filter(pk=policy.pk).update(is_active=False)
    set_responses(None, as_of=as_of, actor=actor, off=policy)
    policy.delete()


def check(policy: ResponsePolicy) -> None:
    check_condition(policy.condition)
    policy.name = named(policy.name)
    for name, known in (("awaited", Awaited), ("counts", Counts), ("unit", Unit)):
        if getattr(policy, name) not in known.values:
            raise unknown(name, known)
    check_length("after", policy.after, policy.unit)
    if not isinstance(policy.steps, list) or len(policy.steps) > MOST_STEPS:
        raise Invalid.field("steps", _("A list of at most %(most)d steps.") % {"most": MOST_STEPS})
    policy.steps = [checked_step(step, f"steps[{at}]") for at, step in enumerate(policy.steps)]
    policy.steps = [
        {"after": one.amount, "unit": one.unit, "do": one.do}
        for one in marks(policy)
        if one.do in Escalation.values
    ]


def checked_step(step: Any, path: str) -> dict[str, Any]:
    if not isinstance(step, dict) or set(step) != {"after", "unit", "do"}:
        raise Invalid.field(path, _("A step has “after”, “unit” and “do”."), "malformed")
    for name, known in (("unit", Unit), ("do", Escalation)):
        if step[name] not in known.values:
            raise unknown(f"{path}.{name}", known)
    check_length(f"{path}.after", step["after"], step["unit"])
    return dict(step)


def check_length(path: str, amount: Any, unit: str) -> None:
    if not isinstance(amount, int) or isinstance(amount, bool) or not 0 < amount <= LONGEST[Unit(unit)]:
        text = _("A whole number from 1 to %(most)d.") % {"most": LONGEST[Unit(unit)]}
        raise Invalid.field(path, text, "out_of_range")


def unknown(path: str, known: Any) -> Invalid:
    text = _("Known values: %(known)s.") % {"known": ", ".join(known.values)}
    return Invalid.field(path, text, "unknown_value")
