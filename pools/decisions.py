"""The record of one decision, for people: which rule, who was asked, and why each of them did not get it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from leads.models import Lead
from pools.models import Assignment, AssignmentRule, Passing, Strategy
from pools.planning import plan
from pools.queries import waiting
from pools.turns import Choice
from pools.words import not_chosen_reason, passed_over_reason, waiting_reason, why_sentence
from workspaces.models import Member


@dataclass(frozen=True)
class Candidate:
    """Somebody who was asked. ``code``: chosen, not_chosen, or why they were passed over; ``reason``: in words."""

    member: UUID
    name: str
    code: str
    reason: str


@dataclass
class Decision:
    """``text``: the decision in a sentence. ``rule``: as it is now; None when it is gone or none decided."""

    text: str
    rule_name: str = ""
    rule: AssignmentRule | None = None
    strategy: str = ""
    candidates: list[Candidate] = field(default_factory=list)

    @property
    def counted(self) -> list[tuple[str, int]]:
        """How many for each reason, the most frequent first: where hundreds were asked."""
        found: dict[str, int] = {}
        for one in self.candidates:
            if one.code != "chosen":
                found[one.reason] = found.get(one.reason, 0) + 1
        return sorted(found.items(), key=lambda pair: -pair[1])


def decision_of(row: Assignment) -> Decision:
    """How it came that this member got the lead. At most three statements."""
    why: dict[str, Any] = row.why
    record = Passing.objects.filter(pk=why["passing"]).first() if why.get("passing") else None
    passed = {one["member"]: one["reason"] for one in why.get("passed_over", [])}
    if record is not None:
        passed = {member: reason for reason, members in record.reasons.items() for member in members}
    asked: list[str] = list(record.candidates if record is not None else why.get("among", []))
    everybody = [*dict.fromkeys([*([str(row.member_id)] if asked or passed else []), *asked, *passed])]
    names = {str(one.pk): str(one) for one in Member.objects.filter(pk__in=everybody)} if everybody else {}
    strategy = why.get("strategy", "")
    return Decision(
        why_sentence(row.began, why | {"passed_over": [], "passed_more": {}}),
        why.get("rule_name", ""),
        AssignmentRule.objects.filter(pk=row.rule).first() if row.rule else None,
        strategy_name(strategy),
        [
            candidate(
                pk, names.get(pk, ""), "chosen" if pk == str(row.member_id) else passed.get(pk), strategy
            )
            for pk in everybody
        ],
    )


def decision_about(lead: UUID, as_of: datetime) -> tuple[Lead, Decision] | None:
    """What the rules say now about a lead that waits for a holder; None when it does not wait."""
    found = waiting().select_related("company").defer("search", "attributes", "score_parts").filter(pk=lead)
    row = found.first()
    if row is None:
        return None
    choice = plan([lead], as_of=as_of)[0]
    return row, decision_for(choice)


def decision_for(choice: Choice) -> Decision:
    rule = choice.rule
    strategy = rule.strategy if rule else ""
    passed = {str(rep.pk): reason for rep, reason in choice.passed.entries}
    asked = {
        str(rep.pk): str(rep.member)
        for rep in [*choice.passed.among, *(r for r, _no in choice.passed.entries)]
    }
    chosen = str(choice.member.pk) if choice.member else ""
    return Decision(
        waiting_reason(choice.waits or "due"),
        rule.name if rule else "",
        rule,
        strategy_name(strategy),
        [
            candidate(pk, name, "chosen" if pk == chosen else passed.get(pk), strategy)
            for pk, name in asked.items()
        ],
    )


def candidate(pk: str, name: str, code: str | None, strategy: str) -> Candidate:
    if code is None:
        return Candidate(UUID(pk), name, "not_chosen", not_chosen_reason(strategy))
    return Candidate(UUID(pk), name, code, "" if code == "chosen" else passed_over_reason(code))


def strategy_name(code: str) -> str:
    return str(dict(Strategy.choices).get(code, code))
