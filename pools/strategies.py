"""In which order the reps of a rule are asked: one class for each strategy, all of them in memory."""

from bisect import bisect_right
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from heapq import heapify, heappop, heappush
from operator import attrgetter
from types import MappingProxyType
from uuid import UUID

from pools.models import AssignmentRule, Level, Strategy
from pools.turns import REASONS, Choice, Facts, Passed, Rep, wait_reason

SHRINK = 20  # as many closed leads as a rep's own record needs to weigh as much as everybody's

LEVELS = {
    "A": (Level.SENIOR, Level.REGULAR, Level.BEGINNER),
    "B": (Level.REGULAR, Level.SENIOR, Level.BEGINNER),
}
LOW = (Level.BEGINNER, Level.REGULAR, Level.SENIOR)
MONTHLY = ("passes", "levels")  # of a rule's turn_state: what begins anew where each month another goes first


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
    """Reps in a fixed order; the turn goes round and remembers who was last.

    Whoever can't take any more of the rule's leads leaves the round for the rest of the run (``out``): a
    run never makes room. So a lead costs as many looks as there are reps in its way, not as there are reps.
    """

    def __init__(
        self,
        rule: AssignmentRule,
        reps: Sequence[Rep],
        known: Known,
        weights: Mapping[UUID, int | None] = MappingProxyType({}),
    ) -> None:
        self.rule, self.reps, self.known, self.weights = rule, list(reps), known, weights
        self.out: dict[UUID, tuple[Rep, str]] = {}
        self._passed = Passed((), self.reps)
        self.new_month()
        # Among equals the next in turn is asked first; at the beginning of a month whoever goes first in it.
        self.place = {rep.pk: at for at, rep in enumerate(round_from(self.reps, self.rule.turn))}
        for rep in self.reps:
            self.leaves(rep)
        able = [rep for rep in self.reps if rep.pk not in self.out]
        self.line_up(able)

    def line_up(self, able: list[Rep]) -> None:
        """Those who can take leads, in the order in which they are asked."""
        self.line = round_from(able, self.rule.turn)

    def new_month(self) -> None:
        """Each month another rep goes first, and the shares by weight begin anew."""
        if (
            not self.rule.monthly_turn
            or not self.reps
            or self.rule.turn_state.get("month") == self.known.month
        ):
            return
        first = self.known.month % len(self.reps)
        self.rule.turn = self.reps[first - 1].pk
        kept = {name: value for name, value in self.rule.turn_state.items() if name not in MONTHLY}
        self.rule.turn_state = kept | {"month": self.known.month}

    def leaves(self, rep: Rep) -> bool:
        """Whether this rep can't take any more; then it is written down why."""
        if rep.pk in self.out:
            return True
        no = rep.obstacle(self.rule)
        if no:
            self.out[rep.pk] = (rep, no)
        return bool(no)

    @property
    def passed(self) -> Passed:
        if len(self._passed.entries) != len(self.out):
            self._passed = Passed(tuple(self.out.values()), self.reps)
        return self._passed

    def decide(self, facts: Facts, choice: Choice) -> None:
        """The next who can take it gets it. Passed over is whoever can't take any, or not this one."""
        choice.candidates = len(self.reps)
        cooling: list[tuple[Rep, str]] = []
        rep = self.next(facts, cooling)
        choice.passed = choice.passed.before(self.passed).plus(cooling)
        if rep is None:
            choice.waits = wait_reason(choice, len(self.reps))
            return
        choice.give(rep, facts.grade, REASONS[Strategy(self.rule.strategy)])
        choice.measure = self.measure(rep, facts)
        self.rule.turn = rep.pk

    def next(self, facts: Facts, cooling: list[tuple[Rep, str]]) -> Rep | None:
        return self.from_line(self.line, facts, cooling)

    def from_line(self, line: "deque[Rep]", facts: Facts, cooling: list[tuple[Rep, str]]) -> Rep | None:
        """The first of a line who can take it; the round goes on behind them."""
        at = self.first_able(line, facts, cooling)
        if at is None:
            return None
        rep = line[at]
        line.rotate(-at - 1)
        return rep

    def first_able(self, line: "deque[Rep]", facts: Facts, cooling: list[tuple[Rep, str]]) -> int | None:
        """The place of the first of a line who can take it; whoever can't take any more leaves the line."""
        at = 0
        while at < len(line):
            rep = line[at]
            if self.leaves(rep):
                del line[at]
            elif no := self.not_this(rep, facts):
                cooling.append((rep, no))
                at += 1
            else:
                return at
        return None

    def not_this(self, rep: Rep, facts: Facts) -> str:
        """Why they can't take this one lead: they have it, hold as many of its grade as they may, or had it until
        a short while ago; '' when they can."""
        if rep.pk == facts.holder:
            return "holder"
        if rep.by_grade.get(facts.grade, 1) <= 0:
            return "grade_full"
        until = facts.former.get(rep.pk) if facts.former else None
        return "cooldown" if until and until > self.known.as_of else ""

    def measure(self, rep: Rep, facts: Facts) -> dict:
        return {}

    def remember(self) -> None:
        """After the last lead of a run: write down on the rule what the next run goes on from."""


def round_from(reps: Sequence[Rep], last: UUID | None) -> "deque[Rep]":
    """Once round, beginning at the first whose id is greater than the last one's. ``reps``: by their ids."""
    line = deque(reps)
    line.rotate(-bisect_right(reps, last, key=attrgetter("pk")) if last else 0)
    return line


class Weighted(Ring):
    """Shares in proportion to the weights: whoever is behind most is next (stride scheduling).

    Each rep has a pass, which grows by 1 / weight with every lead; the smallest is next. Who is new, or could
    take none for a while, goes on where the others are: nobody is given later what they were not there for.
    Source: Waldspurger and Weihl, Stride Scheduling, 1995.
    """

    def line_up(self, able: list[Rep]) -> None:
        kept = {UUID(member): float(at) for member, at in self.rule.turn_state.get("passes", {}).items()}
        others = [rep for rep in able if rep.pk in kept] or [rep for rep in self.reps if rep.pk in kept]
        begin = min((kept[rep.pk] for rep in others), default=0.0)
        self.passes = {rep.pk: max(kept.get(rep.pk, begin), begin) - begin for rep in self.reps}
        self.heap = [(self.passes[rep.pk], self.place[rep.pk], rep) for rep in able]
        heapify(self.heap)

    def weight(self, rep: Rep) -> int:
        own = self.weights.get(rep.pk)
        return rep.weight if own is None else own

    def leaves(self, rep: Rep) -> bool:
        if super().leaves(rep):
            return True
        if self.weight(rep) <= 0:
            self.out[rep.pk] = (rep, "no_weight")
        return rep.pk in self.out

    def next(self, facts: Facts, cooling: list[tuple[Rep, str]]) -> Rep | None:
        skipped, found = [], None
        while self.heap and found is None:
            at, _place, rep = heappop(self.heap)
            if self.leaves(rep):
                continue
            if no := self.not_this(rep, facts):
                cooling.append((rep, no))
                skipped.append(rep)
                continue
            found = rep
            self.passes |= dict.fromkeys((one.pk for one in skipped), at)  # nor do these catch up on it
            self.passes[rep.pk] += 1 / self.weight(rep)
            skipped.append(rep)
        for rep in skipped:
            heappush(self.heap, (self.passes[rep.pk], self.place[rep.pk], rep))
        return found

    def measure(self, rep: Rep, facts: Facts) -> dict:
        return {"weight": self.weight(rep)}

    def remember(self) -> None:
        behind = min((at for at, _place, _rep in self.heap), default=0.0)
        passes = {
            str(member): round(max(at, behind) if member in self.out else at, 6)
            for member, at in self.passes.items()
        }
        self.rule.turn_state = self.rule.turn_state | {"passes": passes}


class LeastLoaded(Ring):
    """Who holds the fewest open leads."""

    def line_up(self, able: list[Rep]) -> None:
        self.heap = [(rep.held, self.place[rep.pk], rep) for rep in able]
        heapify(self.heap)

    def next(self, facts: Facts, cooling: list[tuple[Rep, str]]) -> Rep | None:
        waiting, found = [], None
        while self.heap and found is None:
            held, place, rep = heappop(self.heap)
            if held != rep.held:  # another rule gave them one since
                heappush(self.heap, (rep.held, place, rep))
            elif not self.leaves(rep):
                if no := self.not_this(rep, facts):
                    cooling.append((rep, no))
                    waiting.append((held, place, rep))
                else:
                    found = rep
                    waiting.append((held + 1, place, rep))
        for entry in waiting:
            heappush(self.heap, entry)
        return found

    def measure(self, rep: Rep, facts: Facts) -> dict:
        return {"held": rep.held - 1}


class BestCloser(Ring):
    """Who wins such leads most often, by industry and grade; among those who win as many of them, in turn."""

    def line_up(self, able: list[Rep]) -> None:
        self.able = able
        self.ranked: dict[tuple[str, str], list[list[Rep]]] = {}

    def next(self, facts: Facts, cooling: list[tuple[Rep, str]]) -> Rep | None:
        key = (facts.industry, facts.grade)
        if key not in self.ranked:
            self.ranked[key] = self.rank(*key)
        for equals in self.ranked[key]:
            line = round_from(equals, self.rule.turn)
            at = self.first_able(line, facts, cooling)
            if len(line) < len(equals):
                equals[:] = [rep for rep in equals if rep.pk not in self.out]
            if at is not None:
                return line[at]
        return None

    def rank(self, industry: str, grade: str) -> list[list[Rep]]:
        """Those of the same rate together, the best first."""
        equals: dict[float, list[Rep]] = {}
        for rep in self.able:
            equals.setdefault(self.known.rate(rep.pk, industry, grade), []).append(rep)
        return [equals[rate] for rate in sorted(equals, reverse=True)]

    def measure(self, rep: Rep, facts: Facts) -> dict:
        won, closed = self.known.won.get((rep.pk, facts.industry, facts.grade), (0, 0))
        rate = self.known.rate(rep.pk, facts.industry, facts.grade)
        return {"rate": round(rate, 4), "won": won, "closed": closed}


class StickyCompany(Ring):
    """Whoever has another lead of the same company; else in turn."""

    def line_up(self, able: list[Rep]) -> None:
        super().line_up(able)
        self.by_id = {rep.pk: rep for rep in self.reps}
        self.all = Passed((), self.reps)  # the company decided: nobody else was asked

    def decide(self, facts: Facts, choice: Choice) -> None:
        owner = self.known.companies.get(facts.company) if facts.company else None
        rep = self.by_id.get(owner) if owner else None
        if rep is not None and not self.leaves(rep) and self.not_this(rep, facts) in ("", "cooldown"):
            choice.candidates = len(self.reps)
            choice.passed = choice.passed.before(self.all)
            choice.give(rep, facts.grade, "sticky_company")
            return
        super().decide(facts, choice)


class ByLevel(Ring):
    """Seniors first for A, regulars for B, beginners for C and D; each level has a turn of its own."""

    def line_up(self, able: list[Rep]) -> None:
        self.turns: dict[str, str] = dict(self.rule.turn_state.get("levels", {}))
        self.lines = {
            level: round_from([rep for rep in able if rep.level == level], self.last_of(level))
            for level in Level.values
        }

    def last_of(self, level: str) -> UUID | None:
        return UUID(self.turns[level]) if level in self.turns else self.rule.turn

    def next(self, facts: Facts, cooling: list[tuple[Rep, str]]) -> Rep | None:
        for level in LEVELS.get(facts.grade, LOW):
            rep = self.from_line(self.lines[level], facts, cooling)
            if rep is not None:
                self.turns[level] = str(rep.pk)
                return rep
        return None

    def remember(self) -> None:
        self.rule.turn_state = self.rule.turn_state | {"levels": self.turns}

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
