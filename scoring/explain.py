"""Why a lead has its score, in the reader's language: which rule, how many points, on what evidence."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from leads.conditions import Field, Kind, Leaf, Sql, compile_sql, leaves, number_sql, say
from leads.conditions.fragments import Scope, put
from leads.conditions.sources import LINKED
from leads.conditions.words import counted
from leads.masking import CONTACT_DATA
from leads.models import Lead
from scoring.cards import ReadCard, ReadRule, read, said, weighed
from scoring.models import RuleKind, Scorecard
from workspaces.tenancy import current_workspace

NUMBERS = (Kind.COUNT, Kind.NUMBER, Kind.MONEY, Kind.DAYS)
LONGEST_VALUE = 80
MOST_RAISES = 5


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
        """As if the rule gave what it can give next: one more unit, its best band, its points."""
        now = self.points.get(rule.position, 0)
        if rule.kind == RuleKind.BANDS:
            more = max(now, rule.most or 0)
        elif rule.kind == RuleKind.PER_UNIT or rule.fading:
            more = now + rule.points
            more = more if rule.limit is None else max(-rule.limit, min(rule.limit, more))
        else:
            more = rule.points
        return Tally(self.card, self.points | {rule.position: more})

    def without(self, rule: ReadRule) -> "Tally":
        return Tally(self.card, {at: got for at, got in self.points.items() if at != rule.position})


def explain(lead: Lead) -> dict[str, Any]:
    """The score and its parts, which add up to it; by dimension; and what would raise it most.

    parts: [{"rule", "label", "points", "evidence", "dimension"}]; "rule" is None where a cap cuts points off.
    dimensions: [{"key", "label", "points", "cap"}]. raises: [{"rule", "label", "points", "how"}].
    A lead that was never scored has no parts.
    """
    card = card_of(lead)
    about = {"score": lead.score, "grade": lead.grade, "scored_at": lead.scored_at}
    if card is None or lead.scored_at is None:
        return about | {
            "scorecard": None, "name": "", "version": None, "parts": [], "dimensions": [], "raises": []
        }  # fmt: skip
    tally = Tally(card, points_by_rule(lead.score_parts))
    return about | {
        "scorecard": card.id,
        "name": card.name,
        "version": card.version,
        "parts": [*given(lead, tally), *cut(tally)],
        "dimensions": dimensions(tally),
        "raises": raises(tally),
    }


def card_of(lead: Lead) -> ReadCard | None:
    found = Scorecard.objects.filter(pk=lead.scorecard_id).first() if lead.scorecard_id else None
    return read(found, others=()) if found else None


def given(lead: Lead, tally: Tally) -> list[dict[str, Any]]:
    """The rules that gave or took points, with the facts that made them."""
    rules = [rule for rule in tally.card.rules if tally.points.get(rule.position)]
    facts = facts_of(lead, [leaf for rule in rules for leaf in leaves(rule.condition)])
    return [
        {
            "rule": rule.id,
            "label": said(rule.label) or say(rule.condition),
            "points": tally.points[rule.position],
            "evidence": evidence(rule, facts),
            "dimension": rule.dimension,
        }
        for rule in rules
    ]


def cut(tally: Tally) -> list[dict[str, Any]]:
    """What the caps take away, and what lifts a sum below zero to zero."""
    found = []
    for key, cap in tally.card.caps.items():
        weight, raw = tally.card.weight(key), tally.raw(key)
        if more := weighed(raw, weight) - raw:
            label = _("Weight of “%(dimension)s”") % {"dimension": said(tally.card.labels[key])}
            why = _("Its points count %(weight)s times") % {"weight": f"{weight / 100:g}"}
            found.append({"rule": None, "label": label, "points": more, "evidence": why, "dimension": key})
        over = weighed(raw, weight) - tally.capped(key)
        if over:
            label = _("Limit of “%(dimension)s”") % {"dimension": said(tally.card.labels[key])}
            why = ngettext("At most %(cap)d point", "At most %(cap)d points", cap or 0) % {"cap": cap}
            found.append({"rule": None, "label": label, "points": -over, "evidence": why, "dimension": key})
    below = tally.total() - sum(tally.capped(key) for key in tally.card.caps)
    if below:
        label, why = _("Not below zero"), _("A score is never negative")
        found.append({"rule": None, "label": label, "points": below, "evidence": why, "dimension": ""})
    return found


def dimensions(tally: Tally) -> list[dict[str, Any]]:
    """The points of each dimension that can give any, for the picture."""
    return [
        {"key": key, "label": said(tally.card.labels[key]), "points": max(tally.capped(key), 0), "cap": cap}
        for key, cap in tally.card.caps.items()
        if cap is None or cap > 0
    ]


def raises(tally: Tally, most: int = MOST_RAISES) -> list[dict[str, Any]]:
    """What would raise the score most: rules not met yet, with the points they would add under the caps."""
    found = []
    for rule in tally.card.rules:
        if rule.kind == RuleKind.FORMULA or rule.disqualifies:
            continue
        gain = tally.with_more(rule).total() - tally.total()
        if gain > 0:
            found.append((gain, rule))
    found.sort(key=lambda one: (-one[0], one[1].position))
    return [
        {
            "rule": rule.id,
            "label": said(rule.label) or say(rule.condition),
            "points": gain,
            "how": say(rule.condition),
        }
        for gain, rule in found[:most]
    ]


# --- evidence ------------------------------------------------------------------------------------


def facts_of(lead: Lead, asked: list[Leaf]) -> dict[Leaf, tuple[bool, Any]]:
    """For each question: does it hold, and what is the value? As of the scoring, in one statement."""
    asked = list(dict.fromkeys(asked))
    as_of = lead.scored_at
    if not asked or as_of is None:
        return {}
    tz = current_workspace().tz
    columns = [
        put(
            "{}, {}",
            compile_sql(leaf, as_of=as_of, time_zone=tz, lead="l"),
            value_sql(leaf, Scope("l", as_of, tz)),
        )
        for leaf in asked
    ]
    statement = put(
        "SELECT "
        + ", ".join("{}" for _one in columns)
        + " FROM leads_lead l WHERE l.workspace_id = {}::uuid AND l.id = {}::uuid",
        *columns,
        str(lead.workspace_id),
        str(lead.pk),
    )
    with connection.cursor() as cursor:
        cursor.execute(statement.text, statement.params)
        row = cursor.fetchone()
    if row is None:
        return {}
    return {leaf: (row[2 * at], row[2 * at + 1]) for at, leaf in enumerate(asked)}


def value_sql(leaf: Leaf, scope: Scope) -> Sql:
    field = leaf.field
    if leaf.gone or field.kind in (Kind.ROLE, Kind.TAGS):
        return Sql("NULL")
    if field.in_json:
        return put("{} ->> {}::text", scope.column(field.column), field.key)
    if field.kind in NUMBERS:
        return number_sql(field, as_of=scope.as_of, days=leaf.days, lead=scope.lead)
    if field.kind == Kind.LINK:
        return put(
            "(SELECT y.name FROM " + LINKED[field.name] + " y WHERE y.workspace_id = {} AND y.id = {})",
            scope.column("workspace_id"),
            scope.column(field.column),
        )
    return field.expression(scope) if field.expression else scope.column(field.column)


def evidence(rule: ReadRule, facts: dict[Leaf, tuple[bool, Any]]) -> str:
    """ "Industry: Manufacturing": the facts that made the rule hold, else the rule itself in words."""
    texts = [fact(leaf, facts[leaf][1]) for leaf in leaves(rule.condition) if facts.get(leaf, (False,))[0]]
    return capfirst("; ".join(dict.fromkeys(texts))) or say(rule.condition)


def fact(leaf: Leaf, value: Any) -> str:
    field = leaf.field
    if value in (None, "") or field.name in CONTACT_DATA:  # not everybody may read those
        return say(leaf)
    if field.kind == Kind.COUNT:
        return count_of(leaf, value)
    return _("%(field)s: %(value)s") % {"field": field.label, "value": shown(field, value)}


def count_of(leaf: Leaf, many: int) -> str:
    what = {"count": f"{many:,}", "what": counted(leaf.field, many), "days": leaf.days}
    if leaf.days is None:
        return _("%(count)s %(what)s") % what
    phrase = ngettext(
        "%(count)s %(what)s in the last %(days)d day",
        "%(count)s %(what)s in the last %(days)d days",
        leaf.days,
    )
    return phrase % what


def shown(field: Field, value: Any) -> str:
    """A stored value as people write it, short."""
    if isinstance(value, Decimal):
        value = int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, date):
        return date_format(value)
    if field.kind == Kind.DAYS:
        return ngettext("%(days)d day", "%(days)d days", int(value)) % {"days": value}
    if not isinstance(value, str):
        return f"{value:,}"
    text = str(dict(field.choices).get(value) or value)
    return text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 1] + "…"
