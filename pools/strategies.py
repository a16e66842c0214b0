"""In which order the reps of a rule are asked: one class for each strategy, all of them in memory."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from heapq import heappop, heappush
from uuid import UUID

from pools.models import AssignmentRule, Level, Strategy
from pools.turns import REASONS, Choice, Facts, Rep, wait_reason

SHRINK = 20  # as many closed leads as a rep's own record needs to weigh as much as everybody's

LEVELS = {
    "A": (Level.SENIOR, Level.REGULAR, Level.BEGINNER),
    "B": (Level.REGULAR, Level.SENIOR, Level.BEGINNER),
}
LOW = (Level.BEGINNER, Level.REGULAR, Level.SENIOR)


@dataclass
class Known:
    """What strategies know besides the reps: whose customer a company is, and how reps have closed."""

    as_of: datetime
    month: int = 0  # year * 12 + month, of the workspace's calendar
    companies: dict[UUID, UUID] = field(default_factory=dict)
    won: dict[tuple[UUID, str, str], tuple[int, int]] = field(default_factory=dict)  # (won, closed)
    _rates: dict[tuple[UUID, str, str], float] = field(default_factory=dict)
    _total: tuple[int, int] | None = None
    _own: dict[UUID, tuple[int, int]] = field(default_factory=dict)

    def rate(self, member: UUID, industry: str, grade: str) -> float:
        """The share of such leads that the rep wins, drawn towards their own and everybody's rate.

        (won + k * prior) / (closed + k), an empirical Bayes estimate (Efron and Morris 1975): few closed
        leads say little, so that one lucky deal makes nobody the best.
        """
        key = (member, industry, grade)
        if key not in self._rates:
            won, closed = self.won.get(key, (0, 0))
            self._rates[key] = (won + SHRINK * self.own(member)) / (closed + SHRINK)
        return self._rates[key]

    def own(self, member: UUID) -> float:
        if self._total is None:
            self._total = (0, 0)
            for (rep, _industry, _grade), (won, closed) in self.won.items():
                mine = self._own.get(rep, (0, 0))
                self._own[rep] = (mine[0] + won, mine[1] + closed)
                self._total = (self._total[0] + won, self._total[1] + closed)
        won, closed = self._own.get(member, (0, 0))
        everybody = (self._total[0] + 1) / (self._total[1] + 2)
        return (won + SHRINK * everybody) / (closed + SHRINK)


class Ring:
    """Reps in a fixed order; the turn goes round and remembers who was last."""

    def __init__(self, rule: AssignmentRule, reps: Sequence[Rep], known: Known) -> None:
        self.rule, self.reps, self.known = rule, list(reps), known
        self.new_month()
        self.at = self.after(rule.turn)

    def new_month(self) -> None:
        """Each month another rep goes first."""
        if (
            not self.rule.monthly_turn
            or not self.reps
            or self.rule.turn_state.get("month") == self.known.month
        ):
            return
        first = self.known.month % len(self.reps)
        self.rule.turn = self.reps[first - 1].member.pk
        self.rule.turn_state = self.rule.turn_state | {"month": self.known.month}

    def after(self, last: UUID | None) -> int:
        """Where the round goes on: at the first whose id is greater than the last one's."""
        later = (index for index, rep in enumerate(self.reps) if last and rep.member.pk > last)
        return next(later, 0)

    def order(self, facts: Facts) -> Iterator[Rep]:
        for step in range(len(self.reps)):
            yield self.reps[(self.at + step) % len(self.reps)]

    def took(self, rep: Rep) -> None:
        self.at = (self.reps.index(rep) + 1) % len(self.reps)
        self.rule.turn = rep.member.pk

    def measure(self, rep: Rep, facts: Facts) -> dict:
        return {}

    def decide(self, facts: Facts, choice: Choice) -> None:
        """The first in order who can take it gets it; whoever was asked before is passed over, with a reason."""
        choice.candidates = len(self.reps)
        for rep in self.order(facts):
            no = rep.obstacle(self.rule) or self.also(rep, facts)
            if no:
                choice.pass_over(rep, no)
                continue
            choice.give(rep, REASONS[Strategy(self.rule.strategy)], **self.measure(rep, facts))
            self.took(rep)
            return
        choice.waits = wait_reason(choice, len(self.reps))

    def also(self, rep: Rep, facts: Facts) -> str:
        until = facts.former.get(rep.member.pk)
        return "cooldown" if until and until > self.known.as_of else ""


class Weighted(Ring):
    """Shares in proportion to the weights: whoever is behind most is next (stride scheduling).

    Each rep has a pass, which grows by 1 / weight with every lead; the smallest is next. A rep who is new
    begins where the others are. Source: Waldspurger and Weihl, Stride Scheduling, 1995.
    """

    def __init__(self, rule: AssignmentRule, reps: Sequence[Rep], known: Known) -> None:
        super().__init__(rule, reps, known)
        kept = {UUID(member): float(at) for member, at in rule.turn_state.get("passes", {}).items()}
        begin = min((kept[rep.member.pk] for rep in reps if rep.member.pk in kept), default=0.0)
        self.passes = {rep.member.pk: max(kept.get(rep.member.pk, begin), begin) - begin for rep in reps}
        self.heap: list[tuple[float, UUID, Rep]] = []
        for rep in reps:
            heappush(self.heap, (self.passes[rep.member.pk], rep.member.pk, rep))

    def order(self, facts: Facts) -> Iterator[Rep]:
        asked: list[tuple[float, UUID, Rep]] = []
        try:
            while self.heap:
                asked.append(heappop(self.heap))
                yield asked[-1][2]
        finally:
            for _at, pk, rep in asked:
                heappush(self.heap, (self.passes[pk], pk, rep))

    def also(self, rep: Rep, facts: Facts) -> str:
        return super().also(rep, facts) if rep.weight > 0 else "no_weight"

    def took(self, rep: Rep) -> None:
        self.passes[rep.member.pk] += 1 / rep.weight
        self.rule.turn = rep.member.pk
        passes = {str(member): round(at, 6) for member, at in self.passes.items()}
        self.rule.turn_state = self.rule.turn_state | {"passes": passes}

    def measure(self, rep: Rep, facts: Facts) -> dict:
        return {"weight": rep.weight}


class LeastLoaded(Ring):
    """Who holds the fewest open leads."""

    def __init__(self, rule: AssignmentRule, reps: Sequence[Rep], known: Known) -> None:
        super().__init__(rule, reps, known)
        self.heap: list[tuple[int, UUID, Rep]] = []
        for rep in self.reps:
            heappush(self.heap, (rep.held, rep.member.pk, rep))

    def order(self, facts: Facts) -> Iterator[Rep]:
        heap = self.heap
        asked: list[Rep] = []
        try:
            while heap:
                held, pk, rep = heappop(heap)
                if held != rep.held:  # another rule gave them one since
                    heappush(heap, (rep.held, pk, rep))
                    continue
                asked.append(rep)
                yield rep
        finally:
            for rep in asked:
                heappush(heap, (rep.held, rep.member.pk, rep))

    def took(self, rep: Rep) -> None:
        self.rule.turn = rep.member.pk

    def measure(self, rep: Rep, facts: Facts) -> dict:
        return {"held": rep.held - 1}


class BestCloser(Ring):
    """Who wins such leads most often, by industry and grade."""

    def __init__(self, rule: AssignmentRule, reps: Sequence[Rep], known: Known) -> None:
        super().__init__(rule, reps, known)
        self.ranked: dict[tuple[str, str], list[Rep]] = {}

    def order(self, facts: Facts) -> Iterator[Rep]:
        key = (facts.industry, facts.grade)
        if key not in self.ranked:
            self.ranked[key] = sorted(
                self.reps, key=lambda rep: (-self.known.rate(rep.member.pk, *key), rep.member.pk)
            )
        yield from self.ranked[key]

    def took(self, rep: Rep) -> None:
        self.rule.turn = rep.member.pk

    def measure(self, rep: Rep, facts: Facts) -> dict:
        won, closed = self.known.won.get((rep.member.pk, facts.industry, facts.grade), (0, 0))
        rate = self.known.rate(rep.member.pk, facts.industry, facts.grade)
        return {"rate": round(rate, 4), "won": won, "closed": closed}


class StickyCompany(Ring):
    """Whoever has another lead of the same company; else in turn."""

    def decide(self, facts: Facts, choice: Choice) -> None:
        owner = self.known.companies.get(facts.company) if facts.company else None
        rep = next((one for one in self.reps if one.member.pk == owner), None)
        if rep is not None:
            no = rep.obstacle(self.rule)
            if not no:
                choice.candidates = len(self.reps)
                choice.give(rep, "sticky_company")
                return
            choice.pass_over(rep, no)
        super().decide(facts, choice)


class ByLevel(Ring):
    """Seniors first for A, regulars for B, beginners for C and D; within a level in turn."""

    def order(self, facts: Facts) -> Iterator[Rep]:
        turn = list(super().order(facts))
        for level in LEVELS.get(facts.grade, LOW):
            yield from (rep for rep in turn if rep.level == level)

    def measure(self, rep: Rep, facts: Facts) -> dict:
        return {"level": rep.level}


DESKS: dict[str, type[Ring]] = {
    Strategy.ROUND_ROBIN: Ring,
    Strategy.WEIGHTED: Weighted,
    Strategy.LEAST_LOADED: LeastLoaded,
    Strategy.BEST_CLOSER: BestCloser,
    Strategy.STICKY_COMPANY: StickyCompany,
    Strategy.BY_LEVEL: ByLevel,
}
