"""A scorecard as one SQL statement that scores any set of leads.

Three layers, each a subquery with a fence (OFFSET 0) so that nothing is worked out twice: every rule's
points once per lead, on joined aggregates of touches and follow-ups; their sums by dimension, each weighed
and cut at its cap, and the total; the grade. Only rows that come out different are written.

``score_parts`` of a lead is a text, "0:15 4:8": the position of each rule that gave points, and the points;
a rule that disqualifies stands there whatever it gives. What a dimension's weight adds and its cap cuts off
follows from the card (``scoring.explain``).
"""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from leads.conditions import Kind, Sources, Sql, compile_sql, leaves
from leads.conditions.fragments import Blank, comma, put
from leads.conditions.moments import AsOf, Each
from leads.conditions.sources import TABLES
from leads.past import Ground
from scoring.cards import NORMAL, ReadCard, ReadRule
from scoring.worth import first_of, next_point_lost, varies, worth
from workspaces.models import Workspace

MOST_ARGUMENTS = 90  # a function of PostgreSQL takes at most 100
DAY = timedelta(days=1)
CHANGED = (
    "(score <> was_score OR grade <> was_grade OR card IS DISTINCT FROM was_card"
    " OR next IS DISTINCT FROM was_next OR parts <> was_parts)"
)


NOW = Ground("leads_lead", TABLES)
ONE, THESE = Blank("one"), Blank("these")  # leads that are named when the statement runs
Leads = Sequence[UUID] | Blank | None  # None: all that the card scores


class Engine:
    """One card, compiled as of one moment, over leads as they are.

    Over leads as they were (``leads.past``): ``as_of=EACH, ground=PAST``. What it gives is then read, never
    written. With ``as_of=LATER`` it is compiled once for any moment (``scoring.kept``).
    """

    def __init__(self, card: ReadCard, workspace: Workspace, as_of: AsOf, ground: Ground = NOW) -> None:
        self.card, self.workspace, self.as_of, self.ground = card, workspace, as_of, ground
        self.sources = Sources.of(
            [rule.condition for rule in card.rules],
            as_of=as_of,
            numbers=[one for rule in card.rules if not rule.fading for one in rule.numbers],
            fading=[rule.fading for rule in card.rules if rule.fading],
            windows=not isinstance(as_of, Each),
            tables=ground.tables,
            empty=ground.empty,
        )

    def scored(self, leads: Leads, *, rules: bool = False, sample: int = 1) -> Sql:
        """A row for each lead: id, stage, score, grade, parts, next, and what stands there now (was_…).

        leads: None for all that the card scores. rules: also p0, p1, … the points of each rule, d0, …
        whether it disqualifies, and disqualified. sample: only every so many-th lead.
        """
        more = self.by_rule() if rules else ""
        return put(
            "SELECT id, stage, was_score, was_grade, was_card, was_next, was_parts, score, next,"
            " {} AS grade, {}::uuid AS card, {} AS parts" + more + " FROM ({}) summed",
            Sql(self.grade("score")),
            str(self.card.id),
            self.parts(),
            self.summed(leads, sample),
        )

    def by_rule(self) -> str:
        points = "".join(f", p{rule.position}" for rule in self.card.rules)
        out = "".join(f", d{rule.position}" for rule in self.card.rules if rule.disqualifies)
        return f"{points}{out}, {self.disqualified()} AS disqualified"

    def summed(self, leads: Leads, sample: int = 1) -> Sql:
        return put(
            "SELECT *, GREATEST(0, {})::integer AS score FROM ({}) pointed OFFSET 0",
            Sql(self.total()),
            self.pointed(leads, sample),
        )

    def pointed(self, leads: Leads, sample: int = 1) -> Sql:
        """The points of each rule for each lead, and when time alone may move them."""
        some, theirs = chosen("l.id", leads, sample), chosen("x.lead_id", leads, sample)
        return put(
            "SELECT l.id, l.stage, l.score AS was_score, l.grade AS was_grade, l.scorecard_id AS was_card,"
            " l.rescore_at AS was_next, l.score_parts AS was_parts, {} AS next{}"
            " FROM " + self.ground.leads + " l {} WHERE l.workspace_id = {}::uuid{}{} OFFSET 0",
            self.next(),
            join([self.column(rule) for rule in self.card.rules]),
            self.sources.joins("l", theirs, self.workspace.pk),
            str(self.workspace.pk),
            some,
            whose(self.card.team, self.card.others),
        )

    def column(self, rule: ReadRule) -> Sql:
        holds = compile_sql(
            rule.condition, as_of=self.as_of, time_zone=self.workspace.tz, lead="l", sources=self.sources
        )
        given = put("CASE WHEN {} THEN {} ELSE 0 END", holds, worth(rule, self.as_of, self.sources))
        if not rule.disqualifies:
            return put(f", {{}} AS p{rule.position}", given)
        return put(f", {{}} AS p{rule.position}, {{}} AS d{rule.position}", given, holds)

    def total(self) -> str:
        """The sum of the dimensions."""
        return " + ".join(self.cut(key, self.raw(key)) for key in self.card.caps) or "0"

    def cut(self, dimension: str, raw: str) -> str:
        """A sum of the dimension's points, weighed and cut at its cap."""
        cap = self.card.caps[dimension]
        weight = self.card.weight(dimension)
        if weight != NORMAL:  # a half is rounded away from zero
            raw = f"(({raw}::bigint * {int(weight)} + 50 * sign({raw})::integer) / 100)"
        return raw if cap is None else f"LEAST({int(cap)}, {raw})"

    def raw(self, dimension: str) -> str:
        columns = [f"p{rule.position}" for rule in self.card.of(dimension)]
        return f"({' + '.join(columns)})" if columns else "0"

    def grade(self, score: str, without: ReadRule | None = None) -> str:
        cases = [f"WHEN {score} >= {int(least)} THEN '{grade}'" for grade, least in self.card.grades.items()]
        disqualified = self.disqualified(without)
        if disqualified != "FALSE":
            cases = [f"WHEN {disqualified} THEN 'D'", *cases]
        return f"CASE {' '.join(cases)} ELSE 'D' END" if cases else "'D'"

    def disqualified(self, without: ReadRule | None = None) -> str:
        """Does any rule say so, whatever the sum?"""
        rules = [rule for rule in self.card.rules if rule.disqualifies and rule is not without]
        return f"({' OR '.join(f'd{rule.position}' for rule in rules)})" if rules else "FALSE"

    def parts(self) -> Sql:
        """The points of the rules that gave any, as one text: to parse arrays took three times as long."""
        pieces = [self.part(rule) for rule in self.card.rules]
        slices = [comma(pieces[at : at + MOST_ARGUMENTS]) for at in range(0, len(pieces), MOST_ARGUMENTS)]
        texts = comma(put("NULLIF(concat_ws(' ', {}), '')", one) for one in slices)
        return put("to_jsonb(concat_ws(' ', {}))", texts) if slices else Sql("to_jsonb(''::text)")

    def part(self, rule: ReadRule) -> Sql:
        column = f"p{rule.position}"
        if rule.disqualifies:
            return Sql(f"CASE WHEN d{rule.position} THEN '{rule.position}:{int(rule.points)}' END")
        if varies(rule):
            return Sql(f"CASE WHEN {column} <> 0 THEN '{rule.position}:' || {column} END")
        return Sql(f"CASE WHEN {column} <> 0 THEN '{rule.position}:{int(rule.points)}' END")

    def next(self) -> Sql:
        """The next moment at which time alone may move the score; null for leads as they were.

        Exact where something leaves its window; the next full hour after fading takes a whole point; a day on
        where days are counted.
        """
        if isinstance(self.as_of, Each):
            return Sql("NULL::timestamptz")
        fading = [next_point_lost(rule, self.as_of, self.sources) for rule in self.card.rules if rule.fading]
        moments = [self.sources.next_change()]
        if fading:
            moments.append(first_of(fading))
        if self.by_the_day():
            tomorrow = put("{}::timestamptz", self.as_of + DAY)
            kept = put("CASE WHEN l.rescore_at > {} THEN l.rescore_at END", self.as_of)
            moments.append(put("LEAST({}, {})", kept, tomorrow))
        return moments[0] if len(moments) == 1 else put("LEAST({})", comma(moments))

    def by_the_day(self) -> bool:
        asked = [leaf for rule in self.card.rules for leaf in leaves(rule.condition)]
        read = [field for rule in self.card.rules for field, _days in rule.numbers]
        fields = [*(leaf.field for leaf in asked), *read]
        return any(leaf.op.endswith("in_last_days") for leaf in asked) or any(
            field.timed or field.kind == Kind.DAYS for field in fields
        )


def whose(team: UUID | None, others: Sequence[UUID]) -> Sql:
    """Which leads ``l`` a card scores: a team's, or all but those of the teams that have their own card."""
    if team is not None:
        return put(" AND l.team_id = {}::uuid", str(team))
    if others:
        return put(
            " AND (l.team_id IS NULL OR l.team_id NOT IN ({}))",
            comma(put("{}::uuid", str(one)) for one in others),
        )
    return Sql("")


def join(pieces: Sequence[Sql]) -> Sql:
    return Sql("".join(one.text for one in pieces), tuple(p for one in pieces for p in one.params))


def chosen(column: str, leads: Leads, sample: int = 1) -> Sql:
    """ " AND column is one of these leads", nothing for all of them; of all, every so many-th."""
    if leads is ONE:
        return put(f" AND {column} = {{}}::uuid", ONE)
    if leads is None:
        return Sql(f" AND uuid_hash({column}) & 1048575 < {1048576 // sample}" if sample > 1 else "")
    return put(
        f" AND {column} = ANY({{}}::uuid[])", THESE if isinstance(leads, Blank) else [str(pk) for pk in leads]
    )
