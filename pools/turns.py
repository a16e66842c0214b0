"""Reps with their room, and what was decided about a lead: who gets it, who was passed over, or why it waits."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from pools.models import AssignmentRule, Level, Strategy
from workspaces.models import Member

NAMED = 20  # of those who were passed over by name; the others are counted by reason
LIMITS = ("full", "day_full", "week_full")


@dataclass
class Rep:
    """A rep, and how many more leads they may take: in hand, today, this week (None: no limit)."""

    member: Member
    room: int
    held: int = 0
    today: int | None = None
    week: int | None = None
    level: str = Level.REGULAR
    weight: int = 1
    absent: bool = False
    off_hours: bool = False

    def obstacle(self, rule: AssignmentRule) -> str:
        """Why a lead of this rule passes them by; '' when it does not."""
        if not self.member.takes_leads:
            return "away"
        if self.absent:
            return "absent"
        if rule.working_hours_only and self.off_hours:
            return "off_hours"
        if self.room <= 0:
            return "full"
        if self.today is not None and self.today <= 0:
            return "day_full"
        return "week_full" if self.week is not None and self.week <= 0 else ""

    def takes(self) -> None:
        """One more is theirs."""
        self.room, self.held = self.room - 1, self.held + 1
        self.today = None if self.today is None else self.today - 1
        self.week = None if self.week is None else self.week - 1


@dataclass(frozen=True)
class Facts:
    """What is asked of a lead: which rules fit, in their order, and what strategies look at."""

    lead: UUID
    fits: list[int]
    grade: str = "D"
    industry: str = ""
    company: UUID | None = None
    former: dict[UUID, datetime] = field(
        default_factory=dict
    )  # whoever held it lately, and until when they wait


@dataclass
class Choice:
    """What was decided about one lead: who gets it and who was passed over, or why it still waits."""

    lead: UUID
    rule: AssignmentRule | None = None
    member: Member | None = None
    passed_over: list[dict[str, str]] = field(default_factory=list)
    waits: str = ""  # no_rule, nobody, full, absent, off_hours, no_weight, cooldown
    reason: str = "in_turn"
    candidates: int = 0
    counted: dict[str, int] = field(default_factory=dict)  # passed over beyond NAMED, by reason
    measure: dict[str, Any] = field(default_factory=dict)

    @property
    def why(self) -> dict[str, Any]:
        if self.rule is None:
            return {"reason": self.waits or self.reason}
        why: dict[str, Any] = {
            "reason": self.waits or self.reason,
            "rule_name": self.rule.name,
            "strategy": self.rule.strategy,
            "candidates": self.candidates,
        }
        more = {"passed_over": self.passed_over, "passed_more": self.counted, "measure": self.measure}
        return why | {name: value for name, value in more.items() if value}

    def pass_over(self, rep: Rep, reason: str) -> None:
        if len(self.passed_over) < NAMED:
            self.passed_over.append({"member": str(rep.member.pk), "name": str(rep.member), "reason": reason})
        else:
            self.counted[reason] = self.counted.get(reason, 0) + 1

    def give(self, rep: Rep, reason: str = "", **measure: Any) -> None:
        rep.takes()
        self.member, self.waits = rep.member, ""
        self.reason, self.measure = reason or self.reason, measure

    @property
    def obstacles(self) -> set[str]:
        return {one["reason"] for one in self.passed_over} | set(self.counted)


def wait_reason(choice: Choice, reps: int) -> str:
    """Why nobody of a rule could take it, in one word: the obstacle that can be helped soonest."""
    found = choice.obstacles
    if not reps or found <= {"away"}:
        return "nobody"
    if found & set(LIMITS):
        return "full"
    return next((one for one in ("off_hours", "cooldown", "no_weight", "absent") if one in found), "nobody")


REASONS = {
    Strategy.ROUND_ROBIN: "in_turn",
    Strategy.WEIGHTED: "weighted",
    Strategy.LEAST_LOADED: "least_loaded",
    Strategy.BEST_CLOSER: "best_closer",
    Strategy.STICKY_COMPANY: "in_turn",
    Strategy.BY_LEVEL: "by_level",
}
