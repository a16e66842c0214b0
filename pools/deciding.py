"""Who gets which lead: the rules in order, each with its reps and strategy, overflow and default."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from pools.models import AssignmentRule, Overflow, Strategy
from pools.strategies import DESKS, Known, LeastLoaded, Ring
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
        self.rules, self.known, self.named, self.default = rules, known, named or {}, default
        self.reps = sorted(reps, key=lambda rep: rep.pk)
        self.desks = [self.desk(rule, self.named.get(rule.pk, {})) for rule in rules]
        self.spare = {
            index: Ring(overflowing(rule), self.of_team(rule.overflow_team_id), known)
            for index, rule in enumerate(rules)
            if rule.overflow == Overflow.TEAM and rule.overflow_team_id
        }
        self.carers: dict[tuple[int, UUID], Ring] = {}

    def desk(self, rule: AssignmentRule, weights: dict[UUID, int | None]) -> Ring:
        """The reps of a rule with its strategy: its team's and those it names; of a rule that says neither, all."""
        if rule.team_id is None and not weights:
            found = [rep for rep in self.reps if rep.member.role == Role.REP]
        else:
            team = {rep.pk for rep in self.of_team(rule.team_id)} if rule.team_id else set()
            found = [rep for rep in self.reps if rep.pk in weights or rep.pk in team]
        return DESKS[rule.strategy](rule, found, self.known, weights)

    def of_team(self, team: UUID | None) -> list[Rep]:
        return [rep for rep in self.reps if rep.member.team_id == team and rep.member.role == Role.REP]

    def of_channel(self, index: int, facts: Facts) -> Choice | None:
        """Of a rule that names nobody: the lead goes to the team that looks after its channel, to whoever of it
        holds the fewest. None where there is no such team, or nobody of it can take the lead."""
        rule = self.rules[index]
        if facts.team is None or rule.team_id or self.named.get(rule.pk):
            return None
        if rule.strategy == Strategy.STICKY_COMPANY and facts.company in self.known.companies:
            return None
        key = (index, facts.team)
        if key not in self.carers:
            self.carers[key] = LeastLoaded(overflowing(rule), self.of_team(facts.team), self.known)
        choice = Choice(facts.lead, rule)
        self.carers[key].decide(facts, choice)
        choice.reason = "channel_team"
        return choice if choice.member else None

    def decide(self, facts: Facts) -> Choice:
        """The first rule that fits decides; where it can't, its overflow, and at last the default assignee."""
        choice = Choice(facts.lead, waits="no_rule")
        for index in facts.fits:
            if found := self.of_channel(index, facts):
                choice = found
                break
            choice = Choice(facts.lead, self.rules[index], passed=choice.passed)
            self.desks[index].decide(facts, choice)
            if choice.member is None and index in self.spare:
                waits = choice.waits
                self.spare[index].decide(facts, choice)
                choice.reason, choice.waits = "overflow", waits if choice.member is None else ""
            if choice.member or self.rules[index].overflow != Overflow.NEXT_RULE:
                break
        if choice.member is None and self.default is not None:
            self.at_last(self.default, facts, choice)
        if choice.member is not None and facts.company:
            self.known.companies[facts.company] = choice.member.pk
        return choice

    def remember(self) -> None:
        """After the last lead: write down on the rules what the next run goes on from."""
        for desk in self.desks:
            desk.remember()
        for index, ring in self.spare.items():
            if ring.rule.turn is not None:
                rule = self.rules[index]
                rule.turn_state = rule.turn_state | {"spare": str(ring.rule.turn)}

    def at_last(self, default: Rep, facts: Facts, choice: Choice) -> None:
        """The default assignee gets it, however much they hold, unless they take none now or hand it on themselves."""
        no = "holder" if default.pk == facts.holder else default.gone
        if not no:
            choice.give(default, facts.grade, "default", waited=choice.waits)
        elif all(rep is not default for rep, _no in choice.passed.entries):
            choice.passed = choice.passed.plus([(default, no)])


def overflowing(rule: AssignmentRule) -> AssignmentRule:
    """The rule as its overflow sees it: in turn, with a turn of its own, which the rule keeps as ``spare``."""
    last = rule.turn_state.get("spare")
    return AssignmentRule(
        pk=rule.pk,
        name=rule.name,
        working_hours_only=rule.working_hours_only,
        turn=UUID(last) if last else None,
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
    choices = [floor.decide(facts) for facts in leads]
    floor.remember()
    return choices
