"""Scorecards as they are read: a card, its rules in order, each with its parsed condition."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils.translation import get_language

from leads.conditions import EVERYONE, Condition, Field, Kind, Vocabulary, leaves, parse, vocabulary
from scoring.bands import Band, bands_of
from scoring.formula import NUMERIC, Part, readings
from scoring.formula import parse as parse_formula
from scoring.models import CardStatus, Rule, RuleKind, Scorecard
from workspaces.once import once
from workspaces.tenancy import current_workspace

GRADES = ("A", "B", "C")  # below C is D
NORMAL = 100  # the weight of a dimension, in hundredths
MOST_BY_FORMULA = 1000

MOST_KEPT = 500
_kept: dict[tuple, "ReadCard"] = {}
MARK = """
SELECT c.id, c.updated_at, count(r.id), max(r.updated_at), (
    SELECT string_agg(concat_ws(':', f.key, f.kind, f.choices), ',' ORDER BY f.key)
    FROM leads_customfield f WHERE f.workspace_id = c.workspace_id
), (
    SELECT string_agg(o.team_id::text, ',' ORDER BY o.team_id) FROM scoring_scorecard o
    WHERE c.team_id IS NULL AND o.workspace_id = c.workspace_id AND o.status = c.status AND o.team_id IS NOT NULL
)
FROM scoring_scorecard c
LEFT JOIN scoring_rule r ON r.workspace_id = c.workspace_id AND r.scorecard_id = c.id
WHERE c.workspace_id = %s AND c.status = %s
GROUP BY c.workspace_id, c.id
ORDER BY c.team_id NULLS FIRST
"""

Measure = tuple[Field, int | None]  # what is counted or compared, and in how many days


@dataclass(frozen=True)
class ReadRule:
    """A rule ready to be compiled. ``position`` is its name inside ``Lead.score_parts``."""

    position: int
    dimension: str
    points: int
    condition: Condition = EVERYONE
    label: Any = ""
    kind: str = RuleKind.POINTS
    cap: int | None = None
    half_life: int | None = None
    measure: Measure | None = None
    bands: tuple[Band, ...] = ()
    formula: Part | None = None
    written: str = ""  # the formula's text
    id: Any = None

    @property
    def counted(self) -> Measure | None:
        """What a rule per unit, or one that fades, counts: its measure, else the condition's first count."""
        if self.kind != RuleKind.PER_UNIT and not self.half_life:
            return None
        if self.measure is not None:
            return self.measure
        for leaf in leaves(self.condition):
            if leaf.field.kind == Kind.COUNT:
                return leaf.field, leaf.days
        return None

    @property
    def fading(self) -> tuple[Field, int | None, int] | None:
        """(field, days, half-life) of a rule whose touches fade."""
        counted = self.counted
        return (*counted, self.half_life) if counted and self.half_life else None

    @property
    def limit(self) -> int | None:
        """How far its points go, in either direction; None when nothing bounds them."""
        match self.kind:
            case RuleKind.BANDS:
                return max((abs(band.points) for band in self.bands), default=0)
            case RuleKind.FORMULA:
                return MOST_BY_FORMULA if self.cap is None else abs(self.cap)
            case RuleKind.PER_UNIT:
                return None if self.cap is None else abs(self.cap)
        return abs(self.points)

    @property
    def most(self) -> int | None:
        """The most points this rule can give; None when nothing bounds them."""
        if self.kind == RuleKind.BANDS:
            return max((band.points for band in self.bands), default=0)
        if self.kind == RuleKind.FORMULA:
            return self.limit
        return self.limit if self.points > 0 else 0

    @property
    def disqualifies(self) -> bool:
        return self.kind == RuleKind.DISQUALIFIER

    @property
    def numbers(self) -> list[Measure]:
        """The numbers it reads beside its condition."""
        read = [(one.field, one.days) for one in readings(self.formula)] if self.formula else []
        return [one for one in (self.counted or self.measure, *read) if one]


@dataclass(frozen=True)
class ReadCard:
    """A card with its rules. ``caps``: the most points of each dimension, None for no limit.

    ``weights``: of each dimension, in hundredths. ``team``: whose leads it scores, None for all but those of
    ``others``, the teams that have a card of their own.
    """

    id: Any
    name: str
    version: int
    caps: Mapping[str, int | None]
    grades: Mapping[str, int]
    threshold: int
    rules: tuple[ReadRule, ...]
    labels: Mapping[str, Any] = field(default_factory=dict)
    weights: Mapping[str, int] = field(default_factory=dict)
    team: UUID | None = None
    others: tuple[UUID, ...] = ()
    kept: dict[Any, Any] = field(
        init=False, default_factory=dict, compare=False, repr=False
    )  # see scoring.kept

    def weight(self, dimension: str) -> int:
        return self.weights.get(dimension, NORMAL)

    def maximum(self) -> int | None:
        """The highest score anybody can reach; None when nothing bounds it."""
        total = 0
        for key, cap in self.caps.items():
            most = [rule.most for rule in self.rules if rule.dimension == key]
            reach = None if None in most else weighed(sum(one for one in most if one), self.weight(key))
            bounds = [one for one in (reach, cap) if one is not None]
            if not bounds:
                return None
            total += min(bounds)
        return max(total, 0)

    def of(self, dimension: str) -> list[ReadRule]:
        return [rule for rule in self.rules if rule.dimension == dimension]

    def grade(self, score: int, disqualified: bool = False) -> str:
        reached = (grade for grade, least in self.grades.items() if score >= least)
        return "D" if disqualified else next(reached, "D")


def weighed(points: int, weight: int) -> int:
    """Points times a weight in hundredths; a half is rounded away from zero."""
    found = (abs(points) * weight + 50) // 100
    return found if points >= 0 else -found


def active() -> ReadCard | None:
    """The active card of the open workspace (not of a team), or None."""
    return next((card for card in in_force() if card.team is None), None)


def scoring_for(team: UUID | None) -> ReadCard | None:
    """The card that scores a team's leads: its own, or the workspace's; None when none is active."""
    return next((card for card in in_force() if team is not None and card.team == team), None) or active()


def in_force() -> list[ReadCard]:
    """All active cards: the workspace's first, then those of teams that have their own."""
    return once("scorecards", read_in_force)


def read_in_force() -> list[ReadCard]:
    """The active cards as they are now.

    Read once and kept by what they were read from: a card in force never changes, but one query makes sure,
    and a custom field may come or go.
    """
    workspace = current_workspace()
    with connection.cursor() as cursor:
        cursor.execute(MARK, [workspace.pk, CardStatus.ACTIVE])
        marks = cursor.fetchall()
    found = []
    for mark in marks:
        key = (*mark, workspace.region)
        if key not in _kept:
            if len(_kept) >= MOST_KEPT:
                _kept.pop(next(iter(_kept)), None)
            _kept[key] = read(Scorecard.objects.get(pk=mark[0]), others=teams_in(mark[5]))
        found.append(_kept[key])
    return found


def teams_in(listed: str | None) -> tuple[UUID, ...]:
    return tuple(UUID(one) for one in (listed or "").split(",") if one)


def read(
    card: Scorecard, words: Vocabulary | None = None, *, others: Iterable[UUID] | None = None
) -> ReadCard:
    """A stored card. A question about a custom field that is no more is answered as for an unset value."""
    words = words or vocabulary(current_workspace())
    rows = Rule.objects.filter(scorecard=card).order_by("position", "id")
    if others is None:
        others = other_teams() if card.team_id is None else ()
    return assemble(card, rows, words, others)


def other_teams() -> list[UUID]:
    """The teams that have a card of their own in force."""
    cards = Scorecard.objects.filter(status=CardStatus.ACTIVE, team__isnull=False)
    return list(cards.order_by("team_id").values_list("team_id", flat=True))


def assemble(
    card: Scorecard, rows: Iterable[Rule], words: Vocabulary, others: Iterable[UUID] = ()
) -> ReadCard:
    rules = tuple(read_rule(row, position, words) for position, row in enumerate(rows))
    return ReadCard(
        id=card.pk,
        name=card.name,
        version=card.version,
        caps={one["key"]: one.get("cap") for one in card.dimensions},
        grades={grade: card.grades[grade] for grade in GRADES if grade in card.grades},
        threshold=card.threshold,
        rules=rules,
        labels={one["key"]: one.get("label") or one["key"] for one in card.dimensions},
        weights={one["key"]: round(100 * one.get("weight", 1)) for one in card.dimensions},
        team=card.team_id,
        others=tuple(others),
    )


def read_rule(row: Rule, position: int, words: Vocabulary) -> ReadRule:
    return ReadRule(
        position=position,
        dimension=row.dimension,
        points=row.points,
        condition=parse(row.condition, words, stored=True),
        label=row.label,
        kind=row.kind,
        cap=row.cap,
        half_life=row.half_life,
        measure=measure_of(row.measure, words),
        bands=bands_of(row.bands),
        formula=parse_formula(row.formula, words, stored=True) if row.kind == RuleKind.FORMULA else None,
        written=row.formula,
        id=row.pk,
    )


def measure_of(stored: Any, words: Vocabulary) -> Measure | None:
    """The field that is measured; None for a custom field that is no more: its number is never known."""
    found = words.find(str(stored.get("field"))) if stored else None
    return None if found is None or found.kind not in NUMERIC else (found, stored.get("days"))


def said(label: Any, language: str | None = None) -> str:
    """A label in the reader's language: {"en": …, "zh-hans": …}, or one text for all."""
    if not isinstance(label, dict):
        return str(label or "")
    wanted = (language or get_language() or "en").lower()
    return str(label.get(wanted) or label.get("en") or next(iter(label.values()), ""))
