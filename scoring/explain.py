"""Why a lead has its score, in the reader's language: which rule, how many points, on what evidence."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from leads.conditions import EVERYONE, All, Condition, Kind, Leaf, leaves, say
from leads.models import Lead
from leads.past import Ground
from scoring.bands import Band
from scoring.cards import ReadCard, ReadRule, read, said, weighed
from scoring.engine import NOW
from scoring.evidence import Facts, measured_as
from scoring.models import RuleKind, Scorecard
from scoring.together import lacking, opposite, together

MOST_RAISES = 5
NOT_OURS_TO_CHANGE = frozenset(
    ("channel", "campaign", "external_id", "stage", "pool", "owner", "team", "attributes.source_status")
)


def points_by_rule(parts: Any) -> dict[int, int]:
    """``Lead.score_parts`` as {position of the rule: points}."""
    if not isinstance(parts, str):
        return {}
    pairs = (part.split(":") for part in parts.split())
    return {int(position): int(points) for position, points in pairs}


@dataclass
class Tally:
    """The points of one lead under one card, by rule and by dimension."""

    card: ReadCard
    points: dict[int, int]

    def raw(self, dimension: str) -> int:
        return sum(self.points.get(rule.position, 0) for rule in self.card.of(dimension))

    def capped(self, dimension: str) -> int:
        cap, raw = self.card.caps[dimension], weighed(self.raw(dimension), self.card.weight(dimension))
        return raw if cap is None else min(raw, cap)

    def total(self) -> int:
        return max(0, sum(self.capped(key) for key in self.card.caps))

    @property
    def disqualified(self) -> bool:
        """A rule that disqualifies stands among the parts whatever it gives."""
        return any(rule.disqualifies and rule.position in self.points for rule in self.card.rules)

    def with_more(self, rule: ReadRule) -> "Tally":
        """As if the rule gave what it can give next: one more unit, its best band, its points.

        What can't be true beside it gives nothing any more: a need that becomes urgent was clear before.
        """
        wanted, now = wanted_by(rule), self.points.get(rule.position, 0)
        if rule.kind == RuleKind.BANDS:
            best = best_band(rule)
            more = now if best is None else max(now, best.points)
        elif rule.kind == RuleKind.PER_UNIT or rule.fading:
            more = now + rule.points
            more = more if rule.limit is None else max(-rule.limit, min(rule.limit, more))
        else:
            more = rule.points
        return Tally(self.card, self.beside(wanted) | {rule.position: more})

    def beside(self, wanted: Condition) -> dict[int, int]:
        """The points that stay when ``wanted`` becomes true."""
        rules = {rule.position: rule for rule in self.card.rules}
        given = ((at, left(rules[at], points, wanted)) for at, points in self.points.items() if at in rules)
        return {at: points for at, points in given if points is not None}

    def raised_by(self, rule: ReadRule) -> "Raise | None":
        """By making a rule true; or no longer true, when it takes points for what is missing."""
        if rule.kind == RuleKind.FORMULA or rule.disqualifies or beyond_us(rule):
            return None
        if not lacking(rule.condition):
            return Raise(rule, wanted_by(rule), self.with_more(rule))
        if rule.kind == RuleKind.POINTS and rule.position in self.points:
            return Raise(rule, opposite(rule.condition), self.without(rule), undone=True)
        return None

    def without(self, rule: ReadRule) -> "Tally":
        return Tally(self.card, {at: got for at, got in self.points.items() if at != rule.position})


def explain(lead: Lead) -> dict[str, Any]:
    """The score and its parts, which add up to it; by dimension; and what would raise it most.

    parts: [{"rule", "label", "points", "evidence", "at", "dimension", "disqualifies"}]; "rule" is None for what
    a weight adds and a cap cuts off; "at" is when the evidence was last seen. A formula that can't be worked
    out is a part of 0 points that says why.
    dimensions: [{"key", "label", "points", "cap", "weight"}]. raises: [{"rule", "label", "points", "how", "grade"}].
    A lead that was never scored has no parts.
    """
    card = card_of(lead)
    about = {"score": lead.score, "grade": lead.grade, "scored_at": lead.scored_at}
    if card is None or lead.scored_at is None:
        return about | NOTHING
    return about | account(lead.pk, Tally(card, points_by_rule(lead.score_parts)), lead.scored_at)


NOTHING: dict[str, Any] = {
    "scorecard": None,
    "name": "",
    "version": None,
    "disqualified": False,
    "parts": [],
    "dimensions": [],
    "raises": [],
}


def account(lead: UUID, tally: Tally, as_of: datetime, ground: Ground = NOW) -> dict[str, Any]:
    """How a tally came about, with the facts as of a moment; of leads as they were on another ground."""
    card = tally.card
    return {
        "scorecard": card.id,
        "name": card.name,
        "version": card.version,
        "disqualified": tally.disqualified,
        "parts": [*given(lead, tally, as_of, ground), *cut(tally)],
        "dimensions": dimensions(tally),
        "raises": raises(tally),
    }


def card_of(lead: Lead) -> ReadCard | None:
    found = Scorecard.objects.filter(pk=lead.scorecard_id).first() if lead.scorecard_id else None
    return read(found, others=()) if found else None


def given(lead: UUID, tally: Tally, as_of: datetime, ground: Ground) -> list[dict[str, Any]]:
    """The rules that gave or took points or disqualify, with the facts that made them."""
    rules = [rule for rule in tally.card.rules if rule.position in tally.points]
    silent = [rule for rule in tally.card.rules if rule.formula and rule.position not in tally.points]
    facts = Facts(lead, [*rules, *silent], as_of, ground)
    parts = [part(rule, tally.points[rule.position], *facts.evidence(rule)) for rule in rules]
    return parts + [part(rule, 0, why, None) for rule in silent if (why := facts.failure(rule))]


def part(rule: ReadRule, points: int, evidence: str, at: datetime | None) -> dict[str, Any]:
    return {
        "rule": rule.id,
        "label": said(rule.label) or say(rule.condition),
        "points": points,
        "evidence": evidence,
        "at": at,
        "dimension": rule.dimension,
        "disqualifies": rule.disqualifies,
    }


def cut(tally: Tally) -> list[dict[str, Any]]:
    """What the caps take away, and what lifts a sum below zero to zero."""
    found = []
    for key, cap in tally.card.caps.items():
        weight, raw = tally.card.weight(key), tally.raw(key)
        if more := weighed(raw, weight) - raw:
            label = _("Weight of “%(dimension)s”") % {"dimension": said(tally.card.labels[key])}
            why = _("Its points count %(weight)s times") % {"weight": f"{weight / 100:g}"}
            found.append(beside(label, more, why, key))
        over = weighed(raw, weight) - tally.capped(key)
        if over:
            label = _("Limit of “%(dimension)s”") % {"dimension": said(tally.card.labels[key])}
            why = ngettext("At most %(cap)d point", "At most %(cap)d points", cap or 0) % {"cap": cap}
            found.append(beside(label, -over, why, key))
    below = tally.total() - sum(tally.capped(key) for key in tally.card.caps)
    if below:
        label, why = _("Not below zero"), _("A score is never negative")
        found.append(beside(label, below, why, ""))
    return found


def beside(label: str, points: int, why: str, dimension: str) -> dict[str, Any]:
    """A part that is no rule's."""
    about = {"rule": None, "label": label, "points": points, "evidence": why}
    return about | {"at": None, "dimension": dimension, "disqualifies": False}


def dimensions(tally: Tally) -> list[dict[str, Any]]:
    """The points of each dimension that can give any, for the picture."""
    return [
        {
            "key": key,
            "label": said(tally.card.labels[key]),
            "points": max(tally.capped(key), 0),
            "cap": cap,
            "weight": tally.card.weight(key) / 100,
        }
        for key, cap in tally.card.caps.items()
        if cap is None or cap > 0
    ]


def left(rule: ReadRule, points: int, wanted: Condition) -> int | None:
    """What a rule still gives when ``wanted`` becomes true; None when it no longer holds."""
    if rule.kind == RuleKind.BANDS and rule.measure is not None:
        fits = [band.points for band in rule.bands if together(asks(rule, band), wanted)]
        return points if points in fits else max(fits, default=None)
    return points if together(rule.condition, wanted) else None


def beyond_us(rule: ReadRule) -> bool:
    """Whether it asks for what nobody can ask for or do: time, where a lead came from, where it stands with us."""
    asked = [one.field for one in leaves(rule.condition)] + [field for field, _days in rule.numbers]
    return any(one.kind in (Kind.DAYS, Kind.TIME) or one.name in NOT_OURS_TO_CHANGE for one in asked)


def wanted_by(rule: ReadRule) -> Condition:
    """What has to be true for the rule to give what it can give."""
    best = best_band(rule)
    return rule.condition if best is None else All((rule.condition, asks(rule, best)))


def best_band(rule: ReadRule) -> Band | None:
    """The band that gives most, among those of known numbers."""
    known = [band for band in rule.bands if not band.unset] if rule.measure is not None else []
    return max(known, key=lambda band: band.points, default=None)


def asks(rule: ReadRule, band: Band) -> Condition:
    """A band as a question."""
    assert rule.measure is not None
    field, days = rule.measure
    if band.unset:
        return Leaf(field, "is_empty", None, days)
    low = () if band.start is None else (Leaf(field, "gte", band.start, days),)
    high = () if band.stop is None else (Leaf(field, "lt", band.stop, days),)
    return All((*low, *high))


@dataclass
class Raise:
    """What would raise the score: what becomes true, and the points as they are then.

    ``undone``: a rule that takes points for what is missing no longer holds.
    """

    rule: ReadRule
    wanted: Condition
    after: Tally
    undone: bool = False

    def told(self, gain: int) -> dict[str, Any]:
        rule = self.rule
        asked = self.wanted if self.undone else rule.condition
        how = say(asked) if asked != EVERYONE else measured_as(rule)
        label = "" if self.undone else said(rule.label)
        grade = self.after.card.grade(self.after.total(), self.after.disqualified)
        return {"rule": rule.id, "label": label or say(asked), "points": gain, "how": how, "grade": grade}


def raises(tally: Tally, most: int = MOST_RAISES) -> list[dict[str, Any]]:
    """What would raise the score most, with the points that it would really add: under the caps, and less what
    no longer holds then. Rules not met yet, and missing facts that cost points; of one fact only the best.
    """
    found = [
        (one.after.total() - tally.total(), one) for one in map(tally.raised_by, tally.card.rules) if one
    ]
    found.sort(key=lambda one: (-one[0], one[1].rule.position))
    best: list[tuple[int, Raise]] = []
    for gain, one in found:
        if gain > 0 and len(best) < most and all(together(one.wanted, other.wanted) for _g, other in best):
            best.append((gain, one))
    return [one.told(gain) for gain, one in best]
