"""Changing the rules: gates, and tags that come and go by themselves. Each change is in the audit log."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from leads import gates
from leads.actions.tag_spans import end_spans
from leads.actions.tagging import resolve_tags
from leads.conditions import parse, vocabulary
from leads.happened import happened
from leads.models import Gate, LeadTag, TagRule
from workspaces.actions import audit
from workspaces.models import Member
from workspaces.permissions import require
from workspaces.refusals import Invalid
from workspaces.tenancy import current_workspace

UNCHANGED: Any = object()
# Asked before a tag rule comes into force, by what gives points for tags: (tag, condition, the rule it replaces).
tag_rule_checks: list[Callable[[str, Any, UUID | None], None]] = []


def checked(condition: Any, path: str) -> Any:
    """The condition as it was given; ConditionError with the path to its fault."""
    parse(condition, vocabulary(current_workspace()), path=path)
    return condition or {}


def set_gate(
    transition: str,
    *,
    condition: Any = UNCHANGED,
    approval_when: Any = UNCHANGED,
    approval_score: int | None = None,
    as_of: datetime,
    actor: Member | None,
) -> Gate:
    """What must be true to take a transition. Each part of a top-level ``all`` is a checklist item.

    ``approval_when``: when a manager has to approve (None: never). Invalid: an unknown transition.
    """
    require(actor, "rules")
    if transition not in gates.steps():
        known = ", ".join(gates.steps())
        raise Invalid.field(
            "transition", _("Known transitions: %(known)s.") % {"known": known}, "unknown_value"
        )
    changes: dict[str, Any] = {}
    if condition is not UNCHANGED:
        changes["condition"] = checked(condition, "condition")
    if approval_when is not UNCHANGED:
        always = approval_when == {}
        changes["approval_when"] = None if approval_when is None else checked(approval_when, "approval_when")
        if always:
            changes["approval_when"] = {}
    if approval_score is not None:
        changes["approval_score"] = approval_score
    gate, _created = Gate.objects.update_or_create(transition=transition, defaults=changes)
    audit("gate_set", gate, {"transition": transition, **changes}, actor=actor, as_of=as_of)
    return gate


def add_tag_rule(
    name: str, condition: Any, *, is_active: bool = True, as_of: datetime, actor: Member | None
) -> TagRule:
    """A tag that every lead has while the condition is true for it."""
    require(actor, "rules")
    checked(condition, "condition")
    if is_active:
        check_tag_rule(name, condition, None)
    rule = TagRule.objects.create(tag=tag_named(name), condition=condition, is_active=is_active)
    audit("tag_rule_added", rule, {"tag": name, "condition": condition}, actor=actor, as_of=as_of)
    happened("rules_changed", None, as_of=as_of, actor=actor)
    return rule


def change_tag_rule(
    rule: TagRule, changes: dict[str, Any], *, as_of: datetime, actor: Member | None
) -> TagRule:
    """``changes``: ``tag`` (a name), ``condition``, ``is_active``. Its tags follow at once."""
    require(actor, "rules")
    told = dict(changes)
    if "condition" in changes:
        checked(changes["condition"], "condition")
    if changes.get("is_active", rule.is_active):
        name = changes.get("tag", rule.tag.name)
        check_tag_rule(name, changes.get("condition", rule.condition), rule.pk)
    if "tag" in changes:
        take_off(rule, as_of)
        changes = changes | {"tag": tag_named(changes["tag"])}
    for name, value in changes.items():
        setattr(rule, name, value)
    rule.save()
    if not rule.is_active:
        take_off(rule, as_of)
    audit("tag_rule_changed", rule, told, actor=actor, as_of=as_of)
    happened("rules_changed", None, as_of=as_of, actor=actor)
    return rule


def check_tag_rule(name: str, condition: Any, instead_of: UUID | None) -> None:
    for check in tag_rule_checks:
        check(name, condition, instead_of)


def drop_tag_rule(rule: TagRule, *, as_of: datetime, actor: Member | None) -> None:
    """The rule goes, and with it the tags it set."""
    require(actor, "rules")
    audit("tag_rule_dropped", rule, {"tag": rule.tag.name}, actor=actor, as_of=as_of)
    take_off(rule, as_of)
    rule.delete()
    happened("rules_changed", None, as_of=as_of, actor=actor)


def take_off(rule: TagRule, as_of: datetime) -> None:
    ours = LeadTag.objects.filter(rule=rule)
    end_spans(ours, as_of)
    ours.delete()


def tag_named(name: str) -> Any:
    tag = resolve_tags([name]).get(name)
    if tag is None:
        raise Invalid.field("tag", _("Name the tag."), "required")
    return tag
