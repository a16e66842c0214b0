"""Whose turn it is: round robin among those who have room, decided in memory for any number of leads."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from pools.models import AssignmentRule
from workspaces.models import Member


@dataclass
class Rep:
    """A rep, and how many more leads they may hold."""

    member: Member
    room: int

    @property
    def obstacle(self) -> str:
        """Why a lead passes them by; '' when it does not."""
        if not self.member.takes_leads:
            return "away"
        return "" if self.room > 0 else "full"


@dataclass
class Choice:
    """What was decided about one lead: who gets it and who was passed over, or why it still waits."""

    lead: UUID
    rule: AssignmentRule | None = None
    member: Member | None = None
    passed_over: list[dict[str, str]] = field(default_factory=list)
    waits: str = ""  # no_rule, nobody, full

    @property
    def why(self) -> dict[str, Any]:
        if self.rule is None:
            return {"reason": self.waits}
        why: dict[str, Any] = {"reason": self.waits or "in_turn", "rule_name": self.rule.name}
        return why | ({"passed_over": self.passed_over} if self.passed_over else {})


class Ring:
    """The reps of one rule in a fixed order; the turn goes round and remembers who was last."""

    def __init__(self, rule: AssignmentRule, reps: Sequence[Rep]) -> None:
        self.rule = rule
        self.reps = [rep for rep in reps if rule.team_id in (None, rep.member.team_id)]
        self.at = self.after(rule.turn)

    def after(self, last: UUID | None) -> int:
        """Where the round goes on: at the first whose id is greater than the last one's."""
        later = (index for index, rep in enumerate(self.reps) if last and rep.member.pk > last)
        return next(later, 0)

    def next(self, lead: UUID) -> Choice:
        """The next who has room gets it; whose turn it was but could not is passed over, with the reason."""
        choice = Choice(lead, self.rule)
        if not any(rep.member.takes_leads for rep in self.reps):
            choice.waits = "nobody"
            return choice
        for step in range(len(self.reps)):
            rep = self.reps[(self.at + step) % len(self.reps)]
            if not rep.obstacle:
                rep.room -= 1
                self.at = (self.at + step + 1) % len(self.reps)
                self.rule.turn, choice.member = rep.member.pk, rep.member
                return choice
            name = {"member": str(rep.member.pk), "name": str(rep.member), "reason": rep.obstacle}
            choice.passed_over.append(name)
        choice.waits = "full"
        return choice


def decide(
    leads: Iterable[tuple[UUID, int | None]], rules: Sequence[AssignmentRule], reps: Sequence[Rep]
) -> list[Choice]:
    """Who gets which lead. ``leads``: (id, index of the rule that fits), in the order of assignment.

    Reps shared by several rules have one room. ``rules[…].turn`` moves on.
    """
    reps = sorted(reps, key=lambda rep: rep.member.pk)
    rings = [Ring(rule, reps) for rule in rules]
    return [
        Choice(lead, waits="no_rule") if index is None else rings[index].next(lead) for lead, index in leads
    ]
