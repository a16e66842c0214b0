"""What a scorecard would change, without changing it: one statement over the whole workspace."""

from datetime import datetime
from typing import Any

from django.db import connection

from leads.conditions.fragments import put
from leads.conditions.words import names_of, say
from leads.models.lead import Stage
from scoring.cards import GRADES, ReadCard, active, said
from scoring.engine import Engine
from workspaces.tenancy import current_workspace

STEP = 10  # width of a bar of the histogram, in points


def preview(card: ReadCard, *, as_of: datetime) -> dict[str, Any]:
    """{"leads", "changed", "grades": {"now", "then"}, "threshold": {"now", "then", "rising", "falling"},
    "histogram": [{"from", "now", "then"}], "rules": [{"rule", "label", "sentence", "matches", "average"}]}.

    ``now`` is what is stored, ``then`` what the card would give as of the moment.
    """
    before = active()
    line = before.threshold if before else card.threshold
    engine = Engine(card, current_workspace(), as_of)
    columns = ["count(*)", "count(*) FILTER (WHERE score <> was_score OR grade <> was_grade)"]
    for grade in (*GRADES, "D"):
        columns += [
            f"count(*) FILTER (WHERE was_grade = '{grade}')",
            f"count(*) FILTER (WHERE grade = '{grade}')",
        ]
    was, will = f"was_score >= {int(line)}", f"score >= {int(card.threshold)}"
    columns += [
        f"count(*) FILTER (WHERE {one})"
        for one in (was, will, f"{will} AND NOT {was}", f"{was} AND NOT {will}")
    ]
    columns.append(f"count(*) FILTER (WHERE {will} AND stage = '{Stage.LEAD}')")
    top = max(card.maximum() or 100, 100)
    bars = list(range(0, top + 1, STEP))
    for start in bars:
        end = f" AND {{0}} < {start + STEP}" if start != bars[-1] else ""
        columns += [
            f"count(*) FILTER (WHERE {score} >= {start}{end.format(score)})"
            for score in ("was_score", "score")
        ]
    for rule in card.rules:
        column = f"p{rule.position}"
        columns += [
            f"count(*) FILTER (WHERE {column} <> 0)",
            f"COALESCE(avg({column}) FILTER (WHERE {column} <> 0), 0)",
        ]
    statement = put("SELECT " + ", ".join(columns) + " FROM ({}) scored", engine.scored(None, rules=True))
    with connection.cursor() as cursor:
        cursor.execute(statement.text, statement.params)
        row = iter(cursor.fetchone())
    names = names_of([rule.condition for rule in card.rules])
    return {
        "leads": next(row),
        "changed": next(row),
        "grades": pairs((*GRADES, "D"), row),
        "threshold": {key: next(row) for key in ("now", "then", "rising", "falling", "to_mql")},
        "histogram": [{"from": start, "now": next(row), "then": next(row)} for start in bars],
        "rules": [
            {
                "rule": rule.id,
                "label": said(rule.label) or say(rule.condition, names=names),
                "sentence": say(rule.condition, names=names),
                "points": rule.points,
                "matches": next(row),
                "average": round(float(next(row)), 2),
            }
            for rule in card.rules
        ],
    }


def pairs(grades: tuple[str, ...], row: Any) -> dict[str, dict[str, int]]:
    found = {grade: (next(row), next(row)) for grade in grades}
    return {
        "now": {grade: now for grade, (now, _then) in found.items()},
        "then": {grade: then for grade, (_now, then) in found.items()},
    }
