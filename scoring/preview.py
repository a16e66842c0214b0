"""What a scorecard would change, without changing it: one statement over all leads it would score.

Of more than ``MOST`` leads every so many-th is looked at, by a hash of its id: the answer says so, its counts
are those of the sample.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from leads.conditions.fragments import Sql, put
from leads.conditions.words import names_of, say
from leads.models import Lead
from leads.models.lead import Stage
from leads.planner import over
from scoring.cards import GRADES, ReadCard, ReadRule, in_force, said
from scoring.engine import Engine
from workspaces.tenancy import current_workspace

STEP = 10  # width of a bar of the histogram, in points
MOST = 200_000
EXAMPLES = 10
ALL_GRADES = (*GRADES, "D")
LISTS = {
    "up": "grade < was_grade",  # A comes before D
    "down": "grade > was_grade",
    "rising": "will AND NOT was",
    "falling": "was AND NOT will",
}


def preview(card: ReadCard, *, as_of: datetime, most: int = MOST) -> dict[str, Any]:
    """{"leads", "sample", "changed", "grades": {"now", "then"}, "moves": [{"from", "to", "leads"}],
    "threshold": {"now", "then", "rising", "falling", "to_mql", "line", "line_now"}, "maximum",
    "histogram": [{"from", "now", "then"}], "crossing": {"up", "down", "rising", "falling"}: examples of leads,
    "rules": [{"rule", "label", "sentence", "kind", "points", "matches", "share", "average", "decided"}]}.

    ``now`` is what is stored, ``then`` what the card would give as of the moment. ``sample``: 1, or every
    how many-th lead was looked at. ``decided``: leads whose grade would be another without the rule.
    """
    engine = Engine(card, current_workspace(), as_of)
    sample = sample_of(most)
    statement = whole_statement(engine, card, sample)
    with over(None), connection.cursor() as cursor:
        cursor.execute(statement.text, statement.params)
        figures, crossing = cursor.fetchone()
    row = iter(figures)
    found: dict[str, Any] = {
        "leads": int(next(row)),
        "sample": sample,
        "changed": int(next(row)),
        "grades": pairs(row),
        "moves": moves(row),
        "threshold": {key: int(next(row)) for key in ("now", "then", "rising", "falling", "to_mql")}
        | {"line": card.threshold, "line_now": line_now(card)},
        "maximum": card.maximum(),
        "histogram": [{"from": start, "now": int(next(row)), "then": int(next(row))} for start in bars(card)],
    }
    found["rules"] = by_rule(card, row, found["leads"])
    return found | {"crossing": with_names(crossing)}


def with_names(crossing: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """The examples of each list, with what the leads are called."""
    ids = {one["id"] for listed in crossing.values() for one in listed or ()}
    rows = Lead.objects.filter(pk__in=ids).values_list("pk", "name", "company__name")
    names = {str(pk): name or company or _("No name") for pk, name, company in rows}
    return {
        key: [one | {"name": names.get(one["id"], "")} for one in crossing.get(key) or ()] for key in LISTS
    }


def sample_of(most: int) -> int:
    """Every how many-th lead: a power of two, so that the share is exact."""
    many, sample = Lead.objects.count(), 1
    while many // sample > most:
        sample *= 2
    return sample


def line_now(card: ReadCard) -> int:
    """The threshold in force for the leads the card would score."""
    cards = in_force()
    mine = next((one for one in cards if one.team == card.team), None)
    found = mine or next((one for one in cards if one.team is None), None)
    return found.threshold if found else card.threshold


def whole_statement(engine: Engine, card: ReadCard, sample: int) -> Sql:
    """The scores once, kept for all that is asked of them: the figures as one array, the examples as one object."""
    was, will = f"(was_score >= {line_now(card)})", f"(score >= {int(card.threshold)} AND NOT disqualified)"
    figures = ", ".join(figure_columns(engine, card))
    examples = ", ".join(f"'{name}', ({example_list(where)})" for name, where in LISTS.items())
    return put(
        f"WITH scored AS MATERIALIZED (SELECT *, {was} AS was, {will} AS will FROM ({{}}) f)"
        f" SELECT (SELECT ARRAY[{figures}]::double precision[] FROM scored), json_build_object({examples})",
        engine.scored(None, rules=True, sample=sample),
    )


def figure_columns(engine: Engine, card: ReadCard) -> list[str]:
    columns = ["count(*)", "count(*) FILTER (WHERE score <> was_score OR grade <> was_grade)"]
    for grade in ALL_GRADES:
        columns += [f"count(*) FILTER (WHERE {name} = '{grade}')" for name in ("was_grade", "grade")]
    columns += [
        f"count(*) FILTER (WHERE was_grade = '{before}' AND grade = '{after}')"
        for before in ALL_GRADES
        for after in ALL_GRADES
        if before != after
    ]
    columns += [
        f"count(*) FILTER (WHERE {one})"
        for one in ("was", "will", LISTS["rising"], LISTS["falling"], f"will AND stage = '{Stage.LEAD}'")
    ]
    starts = bars(card)
    for start in starts:
        end = f" AND {{0}} < {start + STEP}" if start != starts[-1] else ""
        columns += [
            f"count(*) FILTER (WHERE {score} >= {start}{end.format(score)})"
            for score in ("was_score", "score")
        ]
    for rule in card.rules:
        columns += rule_columns(engine, rule)
    return columns


def rule_columns(engine: Engine, rule: ReadRule) -> list[str]:
    """How many it matches, the points it gives them, and how many grades hang on it alone."""
    column = f"p{rule.position}"
    matched = f"d{rule.position}" if rule.disqualifies else f"{column} <> 0"
    without = engine.grade(f"GREATEST(0, {engine.total(rule)})", rule)
    return [
        f"count(*) FILTER (WHERE {matched})",
        f"COALESCE(avg({column}) FILTER (WHERE {matched}), 0)",
        f"count(*) FILTER (WHERE CASE WHEN {matched} THEN grade <> ({without}) END)",
    ]


def example_list(where: str) -> str:
    """The leads that move furthest."""
    return (
        "SELECT json_agg(json_build_object('id', s.id, 'was', s.was_score, 'was_grade', s.was_grade,"
        " 'score', s.score, 'grade', s.grade)) FROM (SELECT id, was_score, was_grade, score, grade FROM scored"
        f" WHERE {where} ORDER BY abs(score - was_score) DESC, id LIMIT {EXAMPLES}) s"
    )


def bars(card: ReadCard) -> list[int]:
    return list(range(0, max(card.maximum() or 100, 100) + 1, STEP))[:200]


def pairs(row: Iterator[float]) -> dict[str, dict[str, int]]:
    found = {grade: (int(next(row)), int(next(row))) for grade in ALL_GRADES}
    return {
        "now": {grade: now for grade, (now, _then) in found.items()},
        "then": {grade: then for grade, (_now, then) in found.items()},
    }


def moves(row: Iterator[float]) -> list[dict[str, Any]]:
    every = [(before, after) for before in ALL_GRADES for after in ALL_GRADES if before != after]
    found = [{"from": before, "to": after, "leads": int(next(row))} for before, after in every]
    return [one for one in found if one["leads"]]


def by_rule(card: ReadCard, row: Iterator[float], leads: int) -> list[dict[str, Any]]:
    names = names_of([rule.condition for rule in card.rules])
    found = []
    for rule in card.rules:
        matches, average, decided = next(row), next(row), next(row)
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
                "average": round(average, 2),
                "decided": int(decided),
            }
        )
    return found
