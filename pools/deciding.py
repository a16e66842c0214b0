"""Who gets which lead: the rules in order, each with its reps and strategy, overflow and default."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from pools.models import AssignmentRule, Overflow
from pools.strategies import DESKS, Known, Ring
from pools.turns import Choice, Facts, Rep
from workspaces.models import Role

Named = dict[UUID, dict[UUID, int | None]]  # rule -> member -> weight of their own there


class Floor:
    """All rules with their reps. Reps shared by several rules have one room. ``rules[…].turn`` moves on."""

    def __init__(
        self,
        rules: Sequence[AssignmentRule],
        reps: Sequence[Rep],
        known: Known,
        named: Named | None = None,
        default: Rep | None = None,
    ) -> None:
        self.rules, self.known, self.default = rules, known, default
        self.reps = sorted(reps, key=lambda rep: rep.member.pk)
        named = named or {}
        self.desks = [
            DESKS[rule.strategy](rule, self.of(rule, named.get(rule.pk, {})), known) for rule in rules
        ]
        self.spare = {
            index: Ring(overflowing(rule), self.of_team(rule.overflow_team_id), known)
            for index, rule in enumerate(rules)
            if rule.overflow == Overflow.TEAM and rule.overflow_team_id
        }

    def of(self, rule: AssignmentRule, named: dict[UUID, int | None]) -> list[Rep]:
        """The reps of a rule: its team's and those it names; of a rule that says neither, all."""
        if rule.team_id is None and not named:
            return [rep for rep in self.reps if rep.member.role == Role.REP]
        found = []
        for rep in self.reps:
            weight = named.get(rep.member.pk)
            if rep.member.pk in named or (rule.team_id and rep in self.of_team(rule.team_id)):
                found.append(rep if weight is None else Weighing.of(rep, weight))
        return found

    def of_team(self, team: UUID | None) -> list[Rep]:
        return [rep for rep in self.reps if rep.member.team_id == team and rep.member.role == Role.REP]

    def decide(self, facts: Facts) -> Choice:
        """The first rule that fits decides; where it can't, its overflow, and at last the default assignee."""
        choice = Choice(facts.lead, waits="no_rule")
        for index in facts.fits:
            before = choice
            choice = Choice(facts.lead, self.rules[index])
            choice.passed_over, choice.counted = before.passed_over, before.counted
            self.desks[index].decide(facts, choice)
            if choice.member is None and index in self.spare:
                waits = choice.waits
                self.spare[index].decide(facts, choice)
                choice.reason, choice.waits = "overflow", waits if choice.member is None else ""
            if choice.member or self.rules[index].overflow != Overflow.NEXT_RULE:
                break
        if choice.member is None and self.default is not None:
            choice.give(self.default, "default", waited=choice.waits)
        if choice.member is not None and facts.company:
            self.known.companies[facts.company] = choice.member.pk
        return choice


class Weighing(Rep):
    """A rep as a rule names them, with a weight of its own there: the same room as everywhere."""

    inner: Rep

    @classmethod
    def of(cls, rep: Rep, weight: int) -> "Rep":
        made = cls(**{name: getattr(rep, name) for name in rep.__dataclass_fields__})
        made.inner, made.weight = rep, weight
        return made

    def obstacle(self, rule: AssignmentRule) -> str:
        return self.inner.obstacle(rule)

    def takes(self) -> None:
        self.inner.takes()
        self.held = self.inner.held


def overflowing(rule: AssignmentRule) -> AssignmentRule:
    """The rule as its overflow sees it: in turn, with a turn of its own that nobody keeps."""
    return AssignmentRule(
        pk=rule.pk, name=rule.name, working_hours_only=rule.working_hours_only, turn=rule.turn
    )


def decide(
    leads: Iterable[Facts],
    rules: Sequence[AssignmentRule],
    reps: Sequence[Rep],
    known: Known,
    named: Named | None = None,
    default: Rep | None = None,
) -> list[Choice]:
    """Who gets which lead, in the order of assignment. ``rules[…].turn`` moves on."""
    floor = Floor(rules, reps, known, named, default)
    return [floor.decide(facts) for facts in leads]
