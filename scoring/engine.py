"""A scorecard as one SQL statement that scores any set of leads.

Three layers, each a subquery with a fence (OFFSET 0) so that nothing is worked out twice: every rule's
points once per lead, on joined aggregates of touches and follow-ups; their sums by dimension, each cut at
its cap, and the total; the grade. Only rows that come out different are written.

``score_parts`` of a lead is a text, "0:15 4:8": the position of each rule that gave points, and the points.
What a dimension's cap cuts off follows from the card (``scoring.explain``).
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from leads.conditions import Kind, Sources, Sql, compile_sql, leaves, number_sql
from leads.conditions.fragments import comma, put
from leads.conditions.moments import AsOf
from leads.conditions.sources import TABLES
from leads.past import Ground
from scoring.cards import ReadCard, ReadRule
from workspaces.models import Workspace

MOST_POINTS = 30_000  # of one rule: a sum of any number of them stays an integer
MOST_ARGUMENTS = 90  # a function of PostgreSQL takes at most 100
DAY = timedelta(days=1)
CHANGED = (
    "(score <> was_score OR grade <> was_grade OR card IS DISTINCT FROM was_card"
    " OR next IS DISTINCT FROM was_next OR parts <> was_parts)"
)


NOW = Ground("leads_lead", TABLES)


class Engine:
    """One card, compiled as of one moment, over leads as they are.

    Over leads as they were (``leads.past``): ``as_of=EACH, ground=PAST``. What it gives is then read, never
    written.
    """

    def __init__(self, card: ReadCard, workspace: Workspace, as_of: AsOf, ground: Ground = NOW) -> None:
        self.card, self.workspace, self.as_of, self.ground = card, workspace, as_of, ground
        conditions = [rule.condition for rule in card.rules]
        counts = [rule.counted for rule in card.rules if rule.counted]
        self.sources = Sources.of(
            conditions, as_of=as_of, numbers=counts, windows=ground is NOW, tables=ground.tables
        )

    def scored(self, leads: Sequence[UUID] | None, *, rules: bool = False) -> Sql:
        """A row for each lead: id, score, grade, parts, next, and what stands there now (was_…).

        leads: None for the whole workspace. rules: also p0, p1, … the points of each rule.
        """
        points = "".join(f", p{rule.position}" for rule in self.card.rules) if rules else ""
        return put(
            "SELECT id, stage, was_score, was_grade, was_card, was_next, was_parts, score, next,"
            " {} AS grade, {}::uuid AS card, {} AS parts" + points + " FROM ({}) summed",
            self.grade(),
            str(self.card.id),
            self.parts(),
            self.summed(leads),
        )

    def summed(self, leads: Sequence[UUID] | None) -> Sql:
        return put(
            "SELECT *, GREATEST(0, {}) AS score FROM ({}) pointed OFFSET 0", self.total(), self.pointed(leads)
        )

    def pointed(self, leads: Sequence[UUID] | None) -> Sql:
        """The points of each rule for each lead, and when time alone may move them."""
        some = chosen("l.id", leads)
        return put(
            "SELECT l.id, l.stage, l.score AS was_score, l.grade AS was_grade, l.scorecard_id AS was_card,"
            " l.rescore_at AS was_next, l.score_parts AS was_parts, {} AS next{}"
            " FROM " + self.ground.leads + " l {} WHERE l.workspace_id = {}::uuid{} OFFSET 0",
            self.next(),
            join([put(f", {{}} AS p{rule.position}", self.points(rule)) for rule in self.card.rules]),
            self.sources.joins("l", chosen("x.lead_id", leads), self.workspace.pk),
            str(self.workspace.pk),
            some,
        )

    def points(self, rule: ReadRule) -> Sql:
        holds = compile_sql(
            rule.condition, as_of=self.as_of, time_zone=self.workspace.tz, lead="l", sources=self.sources
        )
        return put("CASE WHEN {} THEN {} ELSE 0 END", holds, self.worth(rule))

    def worth(self, rule: ReadRule) -> Sql:
        """Points when the condition holds: fixed, or per unit up to the rule's cap."""
        if rule.counted is None:
            return Sql(str(int(rule.points)))
        field, days = rule.counted
        count = number_sql(field, as_of=self.as_of, days=days, lead="l", sources=self.sources)
        most = MOST_POINTS if rule.cap is None else abs(rule.cap)
        return put(f"GREATEST({-most}, LEAST({most}, {{}} * {int(rule.points)}))::integer", count)

    def total(self) -> Sql:
        return Sql(" + ".join(self.capped(key) for key in self.card.caps) or "0")

    def capped(self, dimension: str) -> str:
        cap, raw = self.card.caps[dimension], self.raw(dimension)
        return raw if cap is None else f"LEAST({int(cap)}, {raw})"

    def raw(self, dimension: str) -> str:
        columns = [f"p{rule.position}" for rule in self.card.of(dimension)]
        return f"({' + '.join(columns)})" if columns else "0"

    def grade(self) -> Sql:
        cases = " ".join(
            f"WHEN score >= {int(least)} THEN '{grade}'" for grade, least in self.card.grades.items()
        )
        return Sql(f"CASE {cases} ELSE 'D' END" if cases else "'D'")

    def parts(self) -> Sql:
        """The points of the rules that gave any, as one text: to parse arrays took three times as long."""
        pieces = [self.part(rule) for rule in self.card.rules]
        slices = [comma(pieces[at : at + MOST_ARGUMENTS]) for at in range(0, len(pieces), MOST_ARGUMENTS)]
        texts = comma(put("NULLIF(concat_ws(' ', {}), '')", one) for one in slices)
        return put("to_jsonb(concat_ws(' ', {}))", texts) if slices else Sql("to_jsonb(''::text)")

    def part(self, rule: ReadRule) -> Sql:
        column = f"p{rule.position}"
        if rule.counted is None:
            return Sql(f"CASE WHEN {column} <> 0 THEN '{rule.position}:{int(rule.points)}' END")
        return Sql(f"CASE WHEN {column} <> 0 THEN '{rule.position}:' || {column} END")

    def next(self) -> Sql:
        """The next moment at which time alone may move the score; a day on where that can't be told."""
        if not isinstance(self.as_of, datetime):
            return Sql("NULL::timestamptz")
        kinds = [leaf for rule in self.card.rules for leaf in leaves(rule.condition)]
        if any(leaf.field.kind == Kind.DAYS or leaf.op.endswith("in_last_days") for leaf in kinds):
            tomorrow = put("{}::timestamptz", self.as_of + DAY)
            kept = put("CASE WHEN l.rescore_at > {} THEN l.rescore_at END", self.as_of)
            return put("LEAST({}, COALESCE({}, {}))", self.sources.next_change(), kept, tomorrow)
        return self.sources.next_change()


def join(pieces: Sequence[Sql]) -> Sql:
    return Sql("".join(one.text for one in pieces), tuple(p for one in pieces for p in one.params))


def chosen(column: str, leads: Sequence[UUID] | None) -> Sql:
    """ " AND column is one of these leads", nothing for all of them."""
    if leads is None:
        return Sql("")
    return put(f" AND {column} = ANY({{}}::uuid[])", [str(one) for one in leads])
