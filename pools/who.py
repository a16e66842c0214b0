"""Who may claim what: the first claim rule whose condition a lead meets, its team and the members it names."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from leads.conditions.fragments import Sql, put
from pools.matching import Asking, first_match
from pools.models import ClaimRule, ClaimRuleMember
from pools.statements import fetch, fill, uuids
from workspaces.models import Member
from workspaces.once import once

SPEAKS = """
SELECT l.id, {match} FROM leads_lead l WHERE l.workspace_id = {workspace} AND l.id = ANY({leads})
"""


@dataclass(frozen=True)
class Claiming:
    """A claim rule and the members it names."""

    rule: ClaimRule
    named: set[UUID] = field(default_factory=set)

    @property
    def condition(self) -> Any:
        return self.rule.condition

    def lets(self, member: Member) -> bool:
        return member.pk in self.named or (
            self.rule.team_id is not None and self.rule.team_id == member.team_id
        )

    def freeze(self, usual: timedelta) -> timedelta:
        return usual if self.rule.freeze_hours is None else timedelta(hours=self.rule.freeze_hours)


def claim_rules() -> list[Claiming]:
    """The rules in force, in order. Two statements, one where there is none."""
    return once("claim_rules", read_claim_rules)


def read_claim_rules() -> list[Claiming]:
    rules = list(ClaimRule.objects.filter(is_active=True).select_related("team").order_by("position", "id"))
    if not rules:
        return []
    named: dict[UUID, set[UUID]] = {}
    for rule, member in ClaimRuleMember.objects.values_list("rule_id", "member_id"):
        named.setdefault(rule, set()).add(member)
    return [Claiming(rule, named.get(rule.pk, set())) for rule in rules]


def speaking(
    leads: Sequence[UUID], rules: Sequence[Claiming], as_of: datetime
) -> dict[UUID, Claiming | None]:
    """The rule that speaks for each of these leads. One statement, none without rules."""
    if not rules or not leads:
        return {}
    match = first_match(rules, as_of=as_of, lead="l")
    rows = fetch(fill(SPEAKS, match=match, leads=uuids(leads)))
    return {lead: None if index is None else rules[index] for lead, index in rows}


def may_claim_sql(
    member: Member, rules: Sequence[Claiming], freeze: timedelta, as_of: datetime, lead: str
) -> Sql:
    """True for the leads that the rules leave to ``member`` and that are not frozen any more."""

    def says(_index: int, claiming: Claiming) -> Sql:
        if not claiming.lets(member):
            return Sql("FALSE")
        return put("({} <= {})", Sql(f'"{lead}".captured_at'), as_of - claiming.freeze(freeze))

    usual = put("({} <= {})", Sql(f'"{lead}".captured_at'), as_of - freeze)
    if not rules:
        return usual
    return put(
        "COALESCE({}, {})",
        first_match(rules, as_of=as_of, lead=lead, asking=Asking(as_of, lead), says=says),
        usual,
    )
