"""A condition as SQL: one boolean expression over the rows of leads, never null.

Every value is a parameter; names of tables and columns come from the vocabulary only. Plain columns meet
plain operators (`=`, ranges, IN), because under row-level security only those use an index.
"""

from zoneinfo import ZoneInfo

from leads.conditions.fields import POSITIVE, Kind
from leads.conditions.fragments import FALSE, TRUE, Scope, Sql, both, either, no
from leads.conditions.moments import AsOf
from leads.conditions.numbers import count_holds, days_hold, money_holds, number_holds
from leads.conditions.related import link_holds, role_holds, tags_hold
from leads.conditions.sources import Sources
from leads.conditions.texts import choice_holds, text_holds, yes_no_holds
from leads.conditions.times import date_holds, time_holds
from leads.conditions.tree import All, Any_, Condition, Leaf, Not

HOLDS = {
    Kind.TEXT: text_holds,
    Kind.CHOICE: choice_holds,
    Kind.RANKED: choice_holds,
    Kind.NUMBER: number_holds,
    Kind.MONEY: money_holds,
    Kind.DATE: date_holds,
    Kind.TIME: time_holds,
    Kind.DAYS: days_hold,
    Kind.YES_NO: yes_no_holds,
    Kind.COUNT: count_holds,
    Kind.ROLE: role_holds,
    Kind.TAGS: tags_hold,
    Kind.LINK: link_holds,
}


def compile_sql(
    condition: Condition,
    *,
    as_of: AsOf,
    time_zone: str | ZoneInfo,
    lead: str = "leads_lead",
    sources: Sources | None = None,
) -> Sql:
    """``Sql(text, params)``: true or false (never null) for each row of ``leads_lead`` called ``lead``.

    as_of: the moment "now" means (EACH: every row brings its own, see ``leads.past``).
    time_zone: whose days a date without a time means (the workspace's).
    sources: aggregates that the statement already joins; without it counts are correlated subqueries.
    """
    return written(condition, Scope(lead, as_of, time_zone, sources))


def written(condition: Condition, scope: Scope) -> Sql:
    match condition:
        case All(inner):
            return both(*(written(part, scope) for part in inner)) if inner else TRUE
        case Any_(inner):
            return either(*(written(part, scope) for part in inner))
        case Not(part):
            return no(written(part, scope))
    return leaf_sql(condition, scope)


def leaf_sql(leaf: Leaf, scope: Scope) -> Sql:
    """The positive operators are written out; each negative one is exactly the opposite of its positive."""
    positive = Leaf(leaf.field, POSITIVE.get(leaf.op, leaf.op), leaf.value, leaf.days)
    holds = FALSE if leaf.gone else HOLDS[leaf.field.kind](positive, scope)
    return no(holds) if leaf.op in POSITIVE else holds
