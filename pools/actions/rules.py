"""Changing the rules of the pools: policies, claiming, assignment. Each change is in the audit log."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from types import NoneType
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from leads.conditions import parse, vocabulary
from pools.actions.clocks import set_clocks
from pools.actions.refitting import next_refit
from pools.models import (
    AssignmentPolicy,
    AssignmentRule,
    AssignmentRuleMember,
    ClaimPolicy,
    ClaimRule,
    ClaimRuleMember,
    Counts,
    Overflow,
    PoolPolicy,
    RepTerms,
    Strategy,
    Target,
    Waiting,
)
from pools.queries import HOLDERS
from workspaces.actions import audit
from workspaces.models import Member
from workspaces.permissions import require
from workspaces.refusals import Invalid
from workspaces.tenancy import current_workspace
from workspaces.texts import named

FIRST = datetime(2000, 1, 1, tzinfo=UTC)
GRADES = ("A", "B", "C", "D")
MANY = 1_000_000
MOST = {
    "first_contact_hours": 87_600,
    **dict.fromkeys(("follow_up_days", "max_hold_days", "facts_days", "nurture_days"), 3650),
    "invalid_marks": 1000,
}
UNTOLD = ("id", "workspace", "created_at", "updated_at", "turn", "turn_state", "refit_at")


@transaction.atomic
def save_policy(policy: PoolPolicy, *, as_of: datetime, actor: Member | None) -> PoolPolicy:
    """Store a new or changed policy; every clock of the workspace follows at once.

    Raises Invalid: the condition, a longest hold below the periods within it, a share that is none.
    """
    require(actor, "rules")
    check_policy(policy)
    new = policy._state.adding
    policy.refit_at = next_refit(policy, as_of)
    policy.save()
    audit("policy_added" if new else "policy_changed", policy, told(policy), actor=actor, as_of=as_of)
    set_clocks(None, as_of=as_of, actor=actor)
    return policy


@transaction.atomic
def drop_policy(policy: PoolPolicy, *, as_of: datetime, actor: Member | None) -> None:
    """Its leads go to the next policy that fits them, or have no clock."""
    require(actor, "rules")
    audit("policy_dropped", policy, told(policy), actor=actor, as_of=as_of)
    policy.delete()
    set_clocks(None, as_of=as_of, actor=actor)


def check_policy(policy: PoolPolicy) -> None:
    policy.name = named(policy.name)
    check_condition(policy.condition)
    if not 0 < float(policy.warn_share) < 1:  # at the very end there is nothing left to warn of
        raise Invalid.field("warn_share", _("A share greater than 0 and less than 1."), "out_of_range")
    for name, days in (
        ("follow_up_days", policy.follow_up_days),
        ("first_contact_hours", policy.first_contact_hours / 24),
    ):
        if days <= 0:
            raise Invalid.field(name, _("It must be greater than 0."), "out_of_range")
        if days > policy.max_hold_days:
            text = _("The longest hold can't be shorter than the time for a contact or a follow-up.")
            raise Invalid.field("max_hold_days", text, "out_of_range")
    for name, most in MOST.items():
        if (getattr(policy, name) or 0) > most:
            raise Invalid.field(name, _("At most %(most)d.") % {"most": most}, "out_of_range")
    check_treatment(policy)


def check_treatment(policy: PoolPolicy) -> None:
    """Exemption, facts, marks, and what becomes of a lead that is taken back."""
    for name in ("exemption", "facts"):
        if getattr(policy, name) is not None:
            check_condition(getattr(policy, name), name)
    if policy.facts is not None and not policy.facts:
        policy.facts = None  # nothing is asked for
    if (policy.facts is None) != (policy.facts_days is None):
        name = "facts" if policy.facts is None else "facts_days"
        text = _("Say which facts, and by which day: one is nothing without the other.")
        raise Invalid.field(name, text, "required")
    if policy.facts_days is not None and not 0 < policy.facts_days <= policy.max_hold_days:
        text = _("A day between the first and the longest hold's last.")
        raise Invalid.field("facts_days", text, "out_of_range")
    if policy.invalid_marks is not None and policy.invalid_marks < 1:
        raise Invalid.field("invalid_marks", _("It must be greater than 0."), "out_of_range")
    if policy.nurture_days < 1:
        raise Invalid.field("nurture_days", _("It must be greater than 0."), "out_of_range")
    for name, known in (("counts", Counts.values), ("target", Target.values)):
        if getattr(policy, name) not in known:
            raise Invalid.field(
                name, _("Known values: %(known)s.") % {"known": ", ".join(known)}, "unknown_value"
            )


def change_claim_policy(changes: dict[str, Any], *, as_of: datetime, actor: Member | None) -> ClaimPolicy:
    """``daily_quota``, ``holding_capacity``, ``capacity_by_grade``, ``cooldown_days``, ``freeze_hours``.

    A capacity below what somebody holds takes nothing away: they get no more until there is room.
    """
    require(actor, "rules")
    for grade, most in changes.get("capacity_by_grade", {}).items():
        if (
            grade not in GRADES
            or not isinstance(most, int)
            or isinstance(most, bool)
            or not 0 <= most <= MANY
        ):
            text = _("Numbers by grade, such as {“A”: 10}.")
            raise Invalid.field("capacity_by_grade", text, "invalid")
    policy, _created = ClaimPolicy.objects.update_or_create(defaults=changes)
    audit("claim_policy_changed", policy, changes, actor=actor, as_of=as_of)
    return policy


@transaction.atomic
def save_claim_rule(
    rule: ClaimRule, members: Iterable[Member] | None = None, *, as_of: datetime, actor: Member | None
) -> ClaimRule:
    """Store who may claim what. ``members``: whom it names from now on (None: as before)."""
    require(actor, "rules")
    rule.name = named(rule.name)
    check_condition(rule.condition)
    new = rule._state.adding
    rule.save()
    if members is not None:
        ClaimRuleMember.objects.filter(rule=rule).delete()
        ClaimRuleMember.objects.bulk_create([ClaimRuleMember(rule=rule, member=one) for one in set(members)])
    action = "claim_rule_added" if new else "claim_rule_changed"
    audit(action, rule, told(rule), actor=actor, as_of=as_of)
    return rule


@transaction.atomic
def drop_claim_rule(rule: ClaimRule, *, as_of: datetime, actor: Member | None) -> None:
    require(actor, "rules")
    audit("claim_rule_dropped", rule, told(rule), actor=actor, as_of=as_of)
    rule.delete()


@transaction.atomic
def save_rule(
    rule: AssignmentRule,
    members: Mapping[Member, int | None] | None = None,
    *,
    as_of: datetime,
    actor: Member | None,
) -> AssignmentRule:
    """Store a new or changed assignment rule. ``members``: whom it names, with their weights (None: as before).

    Invalid for a condition that is none, weights that are all zero, an overflow without its team.
    """
    require(actor, "rules")
    rule.name = named(rule.name)
    check_rule(rule, members)
    new = rule._state.adding
    fields = None if new else [*told(rule), "updated_at"]
    rule.save(update_fields=fields)  # the turn belongs to whoever assigns at this moment
    if members is not None:
        AssignmentRuleMember.objects.filter(rule=rule).delete()
        rows = [AssignmentRuleMember(rule=rule, member=one, weight=weight) for one, weight in members.items()]
        AssignmentRuleMember.objects.bulk_create(rows)
    Waiting.objects.update(tried_at=FIRST)  # what waits is looked at again at once
    action = "assignment_rule_added" if new else "assignment_rule_changed"
    audit(action, rule, told(rule), actor=actor, as_of=as_of)
    return rule


def check_rule(rule: AssignmentRule, members: Mapping[Member, int | None] | None) -> None:
    check_condition(rule.condition)
    for name, known in (("strategy", Strategy.values), ("overflow", Overflow.values)):
        if getattr(rule, name) not in known:
            text = _("Known values: %(known)s.") % {"known": ", ".join(known)}
            raise Invalid.field(name, text, "unknown_value")
    if rule.overflow == Overflow.TEAM and rule.overflow_team_id is None:
        raise Invalid.field("overflow_team", _("Say which team takes over."), "required")
    if members and any(member.role not in HOLDERS or not member.is_active for member in members):
        raise Invalid.field("members", _("Only active reps, managers and admins can be given leads."))
    if members and rule.strategy == Strategy.WEIGHTED and all(weight == 0 for weight in members.values()):
        raise Invalid.field("members", _("At least one weight is greater than zero."), "out_of_range")


def drop_rule(rule: AssignmentRule, *, as_of: datetime, actor: Member | None) -> None:
    """The records of what it assigned keep its name."""
    require(actor, "rules")
    audit("assignment_rule_dropped", rule, told(rule), actor=actor, as_of=as_of)
    rule.delete()


def set_default_assignee(member: Member | None, *, as_of: datetime, actor: Member | None) -> AssignmentPolicy:
    """Who gets what no rule can give to anybody. Invalid for a member who can't hold leads."""
    require(actor, "rules")
    if member is not None and (not member.is_active or member.role not in HOLDERS):
        raise Invalid.field("default_assignee", _("%(member)s can't hold leads.") % {"member": member})
    policy, _new = AssignmentPolicy.objects.update_or_create(defaults={"default_assignee": member})
    Waiting.objects.update(tried_at=FIRST)
    data = {"default_assignee": str(member.pk) if member else None}
    audit("assignment_policy_changed", policy, data, actor=actor, as_of=as_of)
    return policy


def set_terms(member: Member, changes: dict[str, Any], *, as_of: datetime, actor: Member | None) -> RepTerms:
    """``level``, ``weight``, ``per_day``, ``per_week`` of a rep."""
    require(actor, "assign")
    row, _new = RepTerms.objects.update_or_create(member=member, defaults=changes)
    Waiting.objects.update(tried_at=FIRST)
    audit("rep_terms_changed", member, changes, actor=actor, as_of=as_of)
    return row


def check_condition(condition: Any, path: str = "condition") -> None:
    parse(condition, vocabulary(current_workspace()), path=path)


def told(row: PoolPolicy | AssignmentRule | ClaimRule) -> dict[str, Any]:
    """What the audit log keeps of a row."""
    kept: dict[str, Any] = {}
    for field in row._meta.fields:
        if field.name not in UNTOLD:
            value = getattr(row, field.attname)
            kept[field.name] = value if isinstance(value, dict | int | NoneType) else str(value)
    return kept
