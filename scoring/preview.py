"""What a scorecard would change, without changing it: one statement over all leads it would score.

Of more than ``MOST`` leads every so many-th is looked at, by a hash of its id: the answer says so, its counts
are those of the sample.
"""

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _

from leads.conditions.fragments import Sql, put
from leads.conditions.words import names_of, say
from leads.models import Lead
from leads.models.lead import Stage
from leads.planner import over
from scoring.cards import GRADES, ReadCard, ReadRule, said, scoring_for
from scoring.engine import Engine
from scoring.line import gate_asks
from workspaces.tenancy import current_workspace

STEP = 10  # width of a bar of the histogram, in points
MOST = 200_000
EXAMPLES = 10
BY_GRADE = """
SELECT json_agg(json_build_array(was_grade, grade, many))
FROM (SELECT was_grade, grade, count(*) AS many FROM scored GROUP BY 1, 2) g"""
LOWEST, HIGHEST = -(2**30), 2**30  # of any sum
ALL_GRADES = (*GRADES, "D")
CHANGED = "(score <> was_score OR grade <> was_grade)"
LISTS = {
    "up": "grade < was_grade",  # A comes before D
    "down": "grade > was_grade",
    "rising": "will AND NOT was",
    "falling": "was AND NOT will",
}


def preview(card: ReadCard, *, as_of: datetime, most: int = MOST) -> dict[str, Any]:
    """{"leads", "sample", "changed", "grades": {"now", "then"}, "moves": [{"from", "to", "leads"}],
    "threshold": {"now", "then", "rising", "falling", "to_mql", "line", "line_now"}, "maximum", "gate",
    "histogram": [{"from", "now", "then"}], "crossing": {"up", "down", "rising", "falling"}: examples of leads,
    "rules": [{"rule", "label", "sentence", "kind", "points", "matches", "share", "average", "decided"}]}.

    ``now`` is what is stored, ``then`` what the card would give as of the moment. ``sample``: 1, or every
    how many-th lead was looked at. ``gate``: the score that the gate to MQL asks for, when it is above the
    threshold. ``decided``: leads whose grade would be another without the rule.
    """
    engine = Engine(card, current_workspace(), as_of)
    sample = sample_of(most)
    statement = whole_statement(engine, card, sample)
    with over(None), connection.cursor() as cursor:
        cursor.execute(statement.text, statement.params)
        figures, told = cursor.fetchone()
    row = iter(figures)
    grades = {(was, now): many for was, now, many in told["grades"] or ()}
    found: dict[str, Any] = {
        "leads": sum(grades.values()),
        "sample": sample,
        "changed": int(next(row)),
        "grades": both(grades),
        "moves": moves(grades),
        "threshold": {key: int(next(row)) for key in ("now", "then", "rising", "falling", "to_mql")}
        | {"line": card.threshold, "line_now": line_now(card, scoring_for(card.team))},
        "maximum": card.maximum(),
        "gate": gate_asks(card),
        "histogram": histogram(card, told),
    }
    found["rules"] = by_rule(card, row, found["leads"])
    return found | {"crossing": with_names(told)}


def with_names(told: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """The examples of each list, with what the leads are called."""
    names = names_of_leads({UUID(one["id"]) for key in LISTS for one in told.get(key) or ()})
    return {
        key: [one | {"name": names.get(UUID(one["id"]), "")} for one in told.get(key) or ()] for key in LISTS
    }


def names_of_leads(ids: Collection[UUID]) -> dict[UUID, str]:
    rows = Lead.objects.filter(pk__in=ids).values_list("pk", "name", "company__name")
    return {pk: name or company or _("No name") for pk, name, company in rows}


def sample_of(most: int) -> int:
    """Every how many-th lead: a power of two, so that the share is exact."""
    many, sample = Lead.objects.count(), 1
    while many // sample > most:
        sample *= 2
    return sample


def line_now(card: ReadCard, active: ReadCard | None) -> int:
    """The threshold in force for the leads the card would score."""
    return active.threshold if active else card.threshold


def out_now(active: ReadCard | None) -> str:
    """Whether a rule of the card in force disqualifies the lead: it stands among its stored parts."""
    out = [str(rule.position) for rule in active.rules if rule.disqualifies] if active else []
    told = "was_parts #>> ARRAY[]::text[]"
    return f"({told} ~ '(^| )({'|'.join(out)}):')" if out else "FALSE"


def whole_statement(engine: Engine, card: ReadCard, sample: int) -> Sql:
    """The scores once, kept for all that is asked of them: the figures as one array, the examples as one object."""
    figures = ", ".join(figure_columns(engine, card))
    asked = {name: example_list(where) for name, where in LISTS.items()}
    asked |= {"grades": BY_GRADE, "now": in_bars(card, "was_score"), "then": in_bars(card, "score")}
    told = ", ".join(f"'{name}', ({query})" for name, query in asked.items())
    return put(
        f"WITH {{}} SELECT (SELECT ARRAY[{figures}]::double precision[] FROM scored), json_build_object({told})",
        summed(engine, card, sample),
    )


def summed(engine: Engine, card: ReadCard, sample: int) -> Sql:
    """The head of a statement: ``scored``, a row for each lead that is looked at, worked out once.

    ``was``, ``will``: above the MQL line, now and then.
    """
    active = scoring_for(card.team)
    was = f"(was_score >= {line_now(card, active)} AND NOT {out_now(active)})"
    will = f"(score >= {int(card.threshold)} AND NOT disqualified)"
    return put(
        f"summed AS (SELECT {', '.join(kept_columns(engine, card))} FROM ({{}}) f OFFSET 0),"
        f" scored AS MATERIALIZED (SELECT *, {was} AS was, {will} AS will, {with_all(engine, card)} AS whole,"
        f" {bounds(card)} FROM summed)",
        engine.scored(None, rules=True, sample=sample),
    )


def kept_columns(engine: Engine, card: ReadCard) -> list[str]:
    """What is asked of a lead's score; ``r0``, ``r1``, …: the sums of the dimensions, before weight and cap."""
    columns = ["id", "stage", "was_score", "was_grade", "was_parts", "score", "grade", "disqualified"]
    columns += [f"p{rule.position}" for rule in card.rules]
    columns += [f"d{rule.position}" for rule in card.rules if rule.disqualifies]
    return columns + [f"{engine.raw(key)} AS r{n}" for n, key in enumerate(card.caps)]


def with_all(engine: Engine, card: ReadCard) -> str:
    """The sum of the dimensions as they count, below nothing too."""
    return " + ".join(engine.cut(key, f"r{n}") for n, key in enumerate(card.caps)) or "0"


def bounds(card: ReadCard) -> str:
    """Between which sums a lead keeps its grade: ``least`` <= sum < ``beyond``, whoever is disqualified aside."""
    limits = list(card.grades.values())
    least = [f"WHEN score >= {limit} THEN {limit if limit > 0 else LOWEST}" for limit in limits]
    beyond = [
        f"WHEN score >= {limit} THEN {above}"
        for limit, above in zip(limits, [HIGHEST, *limits], strict=False)
    ]
    last = limits[-1] if limits else HIGHEST
    return f"{case(least, LOWEST)} AS least, {case(beyond, last)} AS beyond"


def case(whens: list[str], otherwise: int) -> str:
    return f"CASE {' '.join(whens)} ELSE {otherwise} END" if whens else str(otherwise)


def figure_columns(engine: Engine, card: ReadCard) -> list[str]:
    columns = [f"count(*) FILTER (WHERE {CHANGED})"]
    columns += [
        f"count(*) FILTER (WHERE {one})"
        for one in ("was", "will", LISTS["rising"], LISTS["falling"], f"will AND stage = '{Stage.LEAD}'")
    ]
    for rule in card.rules:
        columns += rule_columns(engine, rule)
    return columns


def rule_columns(engine: Engine, rule: ReadRule) -> list[str]:
    """How many it matches, the points it gives them, and how many grades hang on it alone."""
    matched, decides = rule_questions(engine, rule)
    return [
        f"count(*) FILTER (WHERE {matched})",
        f"COALESCE(sum(p{rule.position}), 0)",
        f"count(*) FILTER (WHERE CASE WHEN {matched} THEN {decides} END)",
    ]


def rule_questions(engine: Engine, rule: ReadRule) -> tuple[str, str]:
    """(whether it matches a lead, whether the grade of one that it matches hangs on it alone)."""
    column, n = f"p{rule.position}", list(engine.card.caps).index(rule.dimension)
    matched = f"d{rule.position}" if rule.disqualifies else f"{column} <> 0"
    # Its dimension without it, in place of its dimension as it is.
    fewer, all_of_it = (engine.cut(rule.dimension, raw) for raw in (f"(r{n} - {column})", f"r{n}"))
    without = f"whole - {all_of_it} + {fewer}"
    if rule.disqualifies:
        decides = f"grade <> ({engine.grade(f'GREATEST(0, {without})', rule)})"
    else:
        decides = f"NOT disqualified AND (({without}) < least OR ({without}) >= beyond)"
    return matched, decides


def example_list(where: str) -> str:
    """The leads that move furthest."""
    return (
        "SELECT json_agg(json_build_object('id', s.id, 'was', s.was_score, 'was_grade', s.was_grade,"
        " 'score', s.score, 'grade', s.grade)) FROM (SELECT id, was_score, was_grade, score, grade FROM scored"
        f" WHERE {where} ORDER BY abs(score - was_score) DESC, id LIMIT {EXAMPLES}) s"
    )


def bars(card: ReadCard) -> list[int]:
    return list(range(0, max(card.maximum() or 100, 100) + 1, STEP))[:200]


def in_bars(card: ReadCard, score: str) -> str:
    """{bar: leads}; what is beyond the last bar stands in it."""
    bar = f"LEAST({score} / {STEP}, {len(bars(card)) - 1})"
    counted = f"SELECT {bar} AS bar, count(*) AS many FROM scored GROUP BY 1"
    return f"SELECT json_object_agg(bar, many) FROM ({counted}) b"


def histogram(card: ReadCard, told: dict[str, Any]) -> list[dict[str, int]]:
    now, then = (told[key] or {} for key in ("now", "then"))
    return [
        {"from": start, "now": now.get(str(n), 0), "then": then.get(str(n), 0)}
        for n, start in enumerate(bars(card))
    ]


def both(grades: dict[tuple[str, str], int]) -> dict[str, dict[str, int]]:
    """How many leads have each grade now, and would then."""
    return {
        when: {
            grade: sum(many for pair, many in grades.items() if pair[side] == grade) for grade in ALL_GRADES
        }
        for side, when in enumerate(("now", "then"))
    }


def moves(grades: dict[tuple[str, str], int]) -> list[dict[str, Any]]:
    every = [(before, after) for before in ALL_GRADES for after in ALL_GRADES if before != after]
    found = [
        {"from": before, "to": after, "leads": grades.get((before, after), 0)} for before, after in every
    ]
    return [one for one in found if one["leads"]]


def by_rule(card: ReadCard, row: Iterator[float], leads: int) -> list[dict[str, Any]]:
    names = names_of([rule.condition for rule in card.rules])
    found = []
    for rule in card.rules:
        matches, points, decided = next(row), next(row), next(row)
        sentence = say(rule.condition, names=names)
        found.append(
            {
                "rule": rule.id,
                "label": said(rule.label) or sentence,
                "sentence": sentence,
                "dimension": rule.dimension,
                "kind": rule.kind,
                "points": rule.points,
                "matches": int(matches),
                "share": round(matches / leads, 4) if leads else 0.0,
                "average": round(points / matches, 2) if matches else 0.0,
                "decided": int(decided),
            }
        )
    return found
