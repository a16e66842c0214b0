"""Reps with their room, and what was decided about a lead: who gets it, who was passed over, or why it waits."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from pools.models import AssignmentRule, Level, Strategy
from workspaces.ids import uuid7
from workspaces.models import Member

NAMED = 5  # of those who were passed over, in the record of each lead itself; the others are counted there
LIMITS = ("full", "grade_full", "day_full", "week_full")


@dataclass(eq=False)
class Rep:
    """A rep, and how many more leads they may take: in hand, today, this week (None: no limit), of a grade."""

    member: Member
    room: int
    held: int = 0
    today: int | None = None
    week: int | None = None
    by_grade: dict[str, int] = field(default_factory=dict)  # of grades with a limit
    level: str = Level.REGULAR
    weight: int = 1
    absent: bool = False
    off_hours: bool = False
    pk: UUID = field(init=False)

    def __post_init__(self) -> None:
        self.pk = self.member.pk

    def obstacle(self, rule: AssignmentRule) -> str:
        """Why the leads of this rule pass them by, for the rest of this run; '' when they do not."""
        if self.gone:
            return self.gone
        if rule.working_hours_only and self.off_hours:
            return "off_hours"
        if self.room <= 0:
            return "full"
        if self.today is not None and self.today <= 0:
            return "day_full"
        return "week_full" if self.week is not None and self.week <= 0 else ""

    @property
    def gone(self) -> str:
        """Why they take no leads at all at the moment, whoever gives them; '' when they do."""
        return "away" if not self.member.takes_leads else "absent" if self.absent else ""

    def takes(self, grade: str) -> None:
        """One more is theirs."""
        self.room, self.held = self.room - 1, self.held + 1
        self.today = None if self.today is None else self.today - 1
        self.week = None if self.week is None else self.week - 1
        if grade in self.by_grade:
            self.by_grade[grade] -= 1


@dataclass(frozen=True)
class Facts:
    """What is asked of a lead: which rules fit, in their order, and what strategies look at."""

    lead: UUID
    fits: list[int]
    grade: str = "D"
    industry: str = ""
    company: UUID | None = None
    holder: UUID | None = None  # whoever hands it on: never gets it again by rule
    former: dict[UUID, datetime] = field(
        default_factory=dict
    )  # whoever held it lately, and until when they wait
    team: UUID | None = None  # that looks after its channel


class Passed:
    """Who was passed over and why, in the order in which they were asked, ``among`` all that were asked. Never
    changed: leads that were decided while nobody's standing changed share one, and with it one record."""

    def __init__(self, entries: Sequence[tuple[Rep, str]] = (), among: Sequence[Rep] = ()) -> None:
        self.entries, self.among = tuple(entries), tuple(among)
        self._plus: dict[tuple[tuple[Rep, str], ...], Passed] = {}

    def plus(self, more: Sequence[tuple[Rep, str]]) -> "Passed":
        """These and some more; with the same ones again it is the same record."""
        key = tuple(more)
        if key and key not in self._plus:
            self._plus[key] = Passed(self.entries + key, self.among)
        return self._plus[key] if key else self

    def before(self, later: "Passed") -> "Passed":
        """These, and after them those of the rule that was asked next, among whose reps it is decided now."""
        return Passed(self.entries + later.entries, later.among) if self.entries else later

    @cached_property
    def record(self) -> UUID:
        """The key of the record that names all of them."""
        return uuid7()

    @cached_property
    def everybody(self) -> list[dict[str, str]]:
        return [said(rep, reason) for rep, reason in self.entries]

    @cached_property
    def reasons(self) -> set[str]:
        return {reason for _rep, reason in self.entries}

    @cached_property
    def why(self) -> dict[str, Any]:
        """As a lead's own record holds it: the first by name, the others counted, and where all are named."""
        why: dict[str, Any] = {}
        if self.entries:
            why["passed_over"] = [said(rep, reason) for rep, reason in self.entries[:NAMED]]
        if len(self.entries) > NAMED:
            why["passed_more"] = dict(Counter(reason for _rep, reason in self.entries[NAMED:]))
        if self.many:
            why["passing"] = str(self.record)
        elif self.among:
            why["among"] = self.candidates
        return why

    @property
    def many(self) -> bool:
        return max(len(self.entries), len(self.among)) > NAMED

    @cached_property
    def candidates(self) -> list[str]:
        return [str(rep.pk) for rep in self.among]

    def by_reason(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for rep, reason in self.entries:
            found.setdefault(reason, []).append(str(rep.pk))
        return found


def said(rep: Rep, reason: str) -> dict[str, str]:
    return {"member": str(rep.pk), "name": str(rep.member), "reason": reason}


NOBODY = Passed()


@dataclass
class Choice:
    """What was decided about one lead: who gets it and who was passed over, or why it still waits."""

    lead: UUID
    rule: AssignmentRule | None = None
    member: Member | None = None
    passed: Passed = NOBODY
    waits: str = ""  # no_rule, nobody, full, absent, off_hours, no_weight, cooldown
    reason: str = "in_turn"
    candidates: int = 0
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
        return why | self.passed.why | ({"measure": self.measure} if self.measure else {})

    @property
    def passed_over(self) -> list[dict[str, str]]:
        """All of them: ``{"member", "name", "reason"}``."""
        return self.passed.everybody

    def give(self, rep: Rep, grade: str, reason: str = "", **measure: Any) -> None:
        rep.takes(grade)
        self.member, self.waits = rep.member, ""
        self.reason, self.measure = reason or self.reason, measure


def wait_reason(choice: Choice, reps: int) -> str:
    """Why nobody of a rule could take it, in one word: the obstacle that can be helped soonest."""
    found = choice.passed.reasons
    if not reps or found <= {"away", "holder"}:
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
