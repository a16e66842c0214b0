"""Scorecards as they are read: a card, its rules in order, each with its parsed condition."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.utils.translation import get_language

from leads.conditions import Condition, Field, Kind, Vocabulary, leaves, parse, vocabulary
from scoring.models import CardStatus, Rule, Scorecard
from workspaces.tenancy import current_workspace

GRADES = ("A", "B", "C")  # below C is D

MOST_KEPT = 500
_kept: dict[tuple, "ReadCard"] = {}
MARK = """
SELECT c.id, c.updated_at, count(r.id), max(r.updated_at), (
    SELECT string_agg(concat_ws(':', f.key, f.kind, f.choices), ',' ORDER BY f.key)
    FROM leads_customfield f WHERE f.workspace_id = c.workspace_id
)
FROM scoring_scorecard c
LEFT JOIN scoring_rule r ON r.workspace_id = c.workspace_id AND r.scorecard_id = c.id
WHERE c.workspace_id = %s AND c.status = %s
GROUP BY c.workspace_id, c.id
"""


@dataclass(frozen=True)
class ReadRule:
    """A rule ready to be compiled. ``position`` is its name inside ``Lead.score_parts``."""

    position: int
    dimension: str
    points: int
    condition: Condition
    label: Any = ""
    per_unit: bool = False
    cap: int | None = None
    id: Any = None

    @property
    def counted(self) -> tuple[Field, int | None] | None:
        """What a rule with points per unit counts: the first count its condition asks for."""
        if not self.per_unit:
            return None
        for leaf in leaves(self.condition):
            if leaf.field.kind == Kind.COUNT:
                return leaf.field, leaf.days
        return None

    @property
    def most(self) -> int | None:
        """The most points this rule can give; None when nothing bounds them."""
        return self.cap if self.per_unit and self.points > 0 else max(self.points, 0)


@dataclass(frozen=True)
class ReadCard:
    """A card with its rules. ``caps``: the most points of each dimension, None for no limit."""

    id: Any
    name: str
    version: int
    caps: Mapping[str, int | None]
    grades: Mapping[str, int]
    threshold: int
    rules: tuple[ReadRule, ...]
    labels: Mapping[str, Any] = field(default_factory=dict)

    def maximum(self) -> int | None:
        """The highest score anybody can reach; None when nothing bounds it."""
        total = 0
        for key, cap in self.caps.items():
            most = [rule.most for rule in self.rules if rule.dimension == key]
            reach = None if None in most else sum(one for one in most if one)
            bounds = [one for one in (reach, cap) if one is not None]
            if not bounds:
                return None
            total += min(bounds)
        return max(total, 0)

    def of(self, dimension: str) -> list[ReadRule]:
        return [rule for rule in self.rules if rule.dimension == dimension]


def active() -> ReadCard | None:
    """The active card of the open workspace, or None.

    Read once and kept by what it was read from: a card in force never changes, but one query makes sure,
    and a custom field may come or go.
    """
    workspace = current_workspace()
    with connection.cursor() as cursor:
        cursor.execute(MARK, [workspace.pk, CardStatus.ACTIVE])
        found = cursor.fetchone()
    if found is None:
        return None
    key = (*found, workspace.region)
    if key not in _kept:
        if len(_kept) >= MOST_KEPT:
            _kept.pop(next(iter(_kept)), None)
        _kept[key] = read(Scorecard.objects.get(pk=found[0]))
    return _kept[key]


def read(card: Scorecard, words: Vocabulary | None = None) -> ReadCard:
    """A stored card. A question about a custom field that is no more is answered as for an unset value."""
    words = words or vocabulary(current_workspace())
    rows = Rule.objects.filter(scorecard=card).order_by("position", "id")
    return assemble(card, rows, words)


def assemble(card: Scorecard, rows: Iterable[Rule], words: Vocabulary) -> ReadCard:
    rules = tuple(
        ReadRule(
            position=position,
            dimension=row.dimension,
            points=row.points,
            condition=parse(row.condition, words, stored=True),
            label=row.label,
            per_unit=row.per_unit,
            cap=row.cap,
            id=row.pk,
        )
        for position, row in enumerate(rows)
    )
    return ReadCard(
        id=card.pk,
        name=card.name,
        version=card.version,
        caps={one["key"]: one.get("cap") for one in card.dimensions},
        grades={grade: card.grades[grade] for grade in GRADES if grade in card.grades},
        threshold=card.threshold,
        rules=rules,
        labels={one["key"]: one.get("label") or one["key"] for one in card.dimensions},
    )


def said(label: Any, language: str | None = None) -> str:
    """A label in the reader's language: {"en": …, "zh-hans": …}, or one text for all."""
    if not isinstance(label, dict):
        return str(label or "")
    wanted = (language or get_language() or "en").lower()
    return str(label.get(wanted) or label.get("en") or next(iter(label.values()), ""))
