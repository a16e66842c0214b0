"""The facts behind a score: whether each question of a rule holds, the value, and when it was last seen."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from leads.conditions import (
    EVERYONE,
    Field,
    Kind,
    Leaf,
    Sources,
    Sql,
    compile_sql,
    leaves,
    number_sql,
    phrases,
    say,
)
from leads.conditions.fragments import Scope, put
from leads.conditions.moments import EACH, AsOf, Each, moment
from leads.conditions.sources import LINKED, keys_of, restricted
from leads.conditions.words import counted
from leads.masking import CONTACT_DATA
from leads.past import Ground
from scoring.cards import ReadRule
from scoring.engine import NOW
from scoring.models import RuleKind
from scoring.worth import formula_value
from workspaces.tenancy import current_workspace, current_workspace_id

NUMBERS = (Kind.COUNT, Kind.NUMBER, Kind.MONEY, Kind.DAYS)
LONGEST_VALUE = 80
# The columns by which the timeline tells of fields that have another name.
KEYED = {"email": "email_key", "phone": "phone_e164", "company": "company_id", "channel": "channel_id"}
# Where a lead stands, and since when.
STANDING = {"stage": "stage_since", "owner": "held_since", "team": "held_since", "pool": "pool_since"}
ANSWERS = "answers."
RATED = """(SELECT max(e.at) FROM leads_timelineentry e WHERE e.workspace_id = {} AND e.lead_id = {} AND e.at <= {}
    AND e.kind = 'quality')"""
ANSWERED = """(SELECT max(a.at) FROM leads_answer a WHERE a.workspace_id = {} AND a.lead_id = {} AND a.at <= {}
    AND a.question = {})"""
Fact = tuple[bool, Any, datetime | None]


def asked_by(rule: ReadRule) -> list[Leaf]:
    """The questions of a rule, and the numbers it reads."""
    read = [Leaf(field, "is_set", None, days) for field, days in rule.numbers]
    return [*leaves(rule.condition), *read]


class Facts:
    """What the rules ask about one lead, read in one statement."""

    def __init__(self, lead: UUID, rules: Sequence[ReadRule], as_of: datetime, ground: Ground = NOW) -> None:
        self.lead, self.ground = lead, ground
        self.as_of: AsOf = as_of if ground is NOW else EACH
        asked = list(dict.fromkeys(leaf for rule in rules for leaf in asked_by(rule)))
        formulas = [rule for rule in rules if rule.formula]
        row = self.read(asked, formulas) if asked or formulas else ()
        self.facts: dict[Leaf, Fact] = {
            leaf: (row[3 * at], row[3 * at + 1], row[3 * at + 2]) for at, leaf in enumerate(asked)
        }
        rest = row[3 * len(asked) :]
        self.formulas = {rule.position: (rest[2 * at], rest[2 * at + 1]) for at, rule in enumerate(formulas)}

    def read(self, asked: list[Leaf], formulas: list[ReadRule]) -> tuple[Any, ...]:
        tz = current_workspace().tz
        sources = Sources([], self.as_of, tables=self.ground.tables)
        scope = Scope("l", self.as_of, tz, sources)

        def holds(condition: Any) -> Sql:
            return compile_sql(condition, as_of=self.as_of, time_zone=tz, lead="l", sources=sources)

        columns = [
            put("{}, {}, {}", holds(one), value_sql(one, scope), seen_sql(one, scope)) for one in asked
        ]
        columns += [
            put("{}, {}", holds(one.condition), formula_value(one, self.as_of, sources)) for one in formulas
        ]
        statement = put(
            "SELECT " + ", ".join("{}" for _one in columns) + f" FROM {self.ground.leads} l"
            " WHERE l.workspace_id = {}::uuid AND l.id = {}::uuid",
            *columns,
            str(current_workspace_id()),
            str(self.lead),
        )
        with connection.cursor() as cursor:
            cursor.execute(statement.text, statement.params)
            found = cursor.fetchone()
        return tuple(found or [None] * (3 * len(asked) + 2 * len(formulas)))

    def evidence(self, rule: ReadRule) -> tuple[str, datetime | None]:
        """ "Industry: Manufacturing" and when: the facts that made the rule hold, else the rule in words."""
        held = [leaf for leaf in asked_by(rule) if self.facts[leaf][0]]
        texts = [fact(leaf, self.facts[leaf][1]) for leaf in held]
        dates = [at for leaf in held if (at := self.facts[leaf][2])]
        unknown = [one for one in rule.numbers if not self.facts[Leaf(one[0], "is_set", None, one[1])][0]]
        if rule.kind == RuleKind.BANDS and unknown:
            texts.append(say(Leaf(unknown[0][0], "is_empty")))
        if rule.formula and (value := self.formulas[rule.position][1]) is not None:
            texts.append(f"{rule.written} = {shown(Field('', Kind.NUMBER), round(value, 2))}")
        told = "; ".join(dict.fromkeys(text for text in texts if text))
        return capfirst(told) or say(rule.condition), max(dates, default=None)

    def failure(self, rule: ReadRule) -> str:
        """Why a formula came to nothing although its condition holds; '' when it came to 0."""
        holds, value = self.formulas[rule.position]
        if not holds or value is not None:
            return ""
        unknown = [one[0] for one in rule.numbers if not self.facts[Leaf(one[0], "is_set", None, one[1])][0]]
        if unknown:
            return _("Can't be worked out: %(fact)s") % {"fact": say(Leaf(unknown[0], "is_empty"))}
        return _("Can't be worked out: it divides by zero, or becomes too large")


def measured_as(rule: ReadRule) -> str:
    """What a rule for every lead looks at: the number whose band or amount decides."""
    if rule.formula:
        return rule.written
    labels = [capfirst(str(field.label)) for field, _days in rule.numbers]
    return ", ".join(labels) or say(EVERYONE)


def seen_sql(leaf: Leaf, scope: Scope) -> Sql:
    """When the fact was last seen: the newest touch; when the person, the tag or the value came in."""
    field = leaf.field
    keys = keys_of(leaf)
    tables = scope.sources.tables if scope.sources else {}
    if keys and keys[0][0] in tables:
        if field.kind != Kind.COUNT and isinstance(scope.as_of, Each):
            return Sql("NULL::timestamptz")  # the past knows who was there, not since when
        column = "x.at" if field.kind == Kind.COUNT else "x.created_at"
        pieces = [put("({})", restricted(key, scope.as_of)) for key in keys]
        which = put(" OR ".join("{}" for _one in pieces), *pieces)
        return put(
            f"(SELECT max({column}) FROM {tables[keys[0][0]]}"
            " WHERE x.workspace_id = {} AND x.lead_id = {} AND ({}))",
            scope.column("workspace_id"),
            scope.column("id"),
            which,
        )
    if leaf.gone or field.kind in (Kind.DAYS, Kind.TIME):
        return Sql("NULL::timestamptz")
    if field.name in STANDING:
        return scope.column(STANDING[field.name])
    if field.name == "quality":
        return put(RATED, *at_work(scope))
    if field.name.startswith(ANSWERS):
        return put(ANSWERED, *at_work(scope), field.name.removeprefix(ANSWERS))
    return put(
        "COALESCE(GREATEST((SELECT max(e.at) FROM leads_timelineentry e WHERE e.workspace_id = {} AND e.lead_id = {}"
        " AND e.at <= {} AND e.kind IN ('edited', 'enriched', 'unfilled', 'came_again') AND ({} OR {})),"
        " (SELECT max(e.at) FROM leads_merge e WHERE e.workspace_id = {} AND e.survivor_id = {}"
        " AND e.at <= {} AND e.undone_at IS NULL AND {})), {})",
        *at_work(scope),
        changed_in(Sql("(e.data -> 'changes')"), field),
        filled_in(field),
        *at_work(scope),
        changed_in(Sql("e.changes"), field),
        scope.column("captured_at"),
    )


def at_work(scope: Scope) -> tuple[Sql, Sql, Any]:
    return scope.column("workspace_id"), scope.column("id"), moment("l", scope.as_of)


def changed_in(changes: Sql, field: Field) -> Sql:
    """Whether {column: [before, after]} is about the field."""
    if not field.custom:
        return put("jsonb_exists({}, {})", changes, KEYED.get(field.name, field.name))
    before, after = (
        put("{} #> ARRAY['attributes', {}, {}::text]", changes, at, field.key) for at in ("0", "1")
    )
    return put("{} IS DISTINCT FROM {}", before, after)


def filled_in(field: Field) -> Sql:
    """Whether a blank of the field was filled when the lead came again."""
    if field.custom:
        return put("jsonb_exists(e.data -> 'attributes', {})", field.key)
    return put("jsonb_exists(e.data -> 'filled', {})", KEYED.get(field.name, field.name))


def value_sql(leaf: Leaf, scope: Scope) -> Sql:
    field = leaf.field
    if leaf.gone or field.kind in (Kind.ROLE, Kind.TAGS):
        return Sql("NULL")
    if field.in_json:
        return put("{} ->> {}::text", scope.column(field.column), field.key)
    if field.kind in NUMBERS:
        number = number_sql(field, as_of=scope.as_of, days=leaf.days, lead=scope.lead, sources=scope.sources)
        if field.kind != Kind.MONEY:
            return number
        return put(
            "ARRAY[({})::text, COALESCE(NULLIF({}, ''), {})::text]",
            number,
            scope.column("budget_currency"),
            current_workspace().currency,
        )
    if field.kind == Kind.LINK:
        return put(
            "(SELECT y.name FROM " + LINKED[field.name] + " y WHERE y.workspace_id = {} AND y.id = {})",
            scope.column("workspace_id"),
            scope.column(field.column),
        )
    return field.expression(scope) if field.expression else scope.column(field.column)


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
    """A stored value as people write it, short. Money: [amount, currency]."""
    if isinstance(value, list):
        return f"{value[-1]} {shown(field, Decimal(value[0]))}".strip() if value[0] else ""
    if isinstance(value, Decimal):
        value = int(value) if value == value.to_integral_value() else float(value)
    if field.kind == Kind.YES_NO:
        return str(phrases.YES if value in (True, "true") else phrases.NO)
    if field.kind == Kind.DATE and isinstance(value, str):  # of a custom field
        value = date.fromisoformat(value[:10])
    if isinstance(value, date):
        return date_format(value)
    if field.kind == Kind.DAYS:
        return ngettext("%(days)d day", "%(days)d days", int(value)) % {"days": value}
    if not isinstance(value, str):
        return f"{value:,}"
    text = str(dict(field.choices).get(value) or value)
    return text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 1] + "…"
