"""Numbers as SQL: columns, custom fields, amounts, elapsed days, counts of touches and follow-ups."""

from datetime import timedelta
from math import ceil, floor
from zoneinfo import ZoneInfo

from leads.conditions.attributes import value_of
from leads.conditions.fields import Field, Kind
from leads.conditions.fragments import FALSE, Scope, Sql, both, comma, compare, either, known, put, surely
from leads.conditions.moments import AsOf, moment
from leads.conditions.sources import Sources, count_key, count_sql, present
from leads.conditions.tree import Leaf, Money
from leads.money import THOUSANDTHS, WITHOUT_MINOR, per_unit


def number_holds(leaf: Leaf, scope: Scope) -> Sql:
    field = leaf.field
    column = value_of(field, scope)
    if leaf.op == "is_set":
        return put("{} IS NOT NULL", column)
    holds = compare(leaf.op, leaf.value, column)
    return surely(holds) if field.in_json or field.expression else known(field, column, holds)


def money_holds(leaf: Leaf, scope: Scope) -> Sql:
    column = scope.column(leaf.field.column)
    if leaf.op == "is_set":
        return put("{} IS NOT NULL", column)
    if leaf.op == "in":
        holds = either(*(amount_matches("eq", one, column, scope) for one in leaf.value))
    elif leaf.op == "between":
        low, high = leaf.value
        holds = both(amount_matches("gte", low, column, scope), amount_matches("lte", high, column, scope))
    else:
        holds = amount_matches(leaf.op, leaf.value, column, scope)
    return known(leaf.field, column, holds)


def amount_matches(op: str, wanted: Money, column: Sql, scope: Scope) -> Sql:
    """An amount in a currency meets only amounts in that currency; one without, any, unit by unit."""
    currency = scope.column("budget_currency")
    if wanted.currency:
        minor = wanted.amount * per_unit(wanted.currency)
        return both(put("{} = {}", currency, wanted.currency), compare(op, minor, column))
    return compare(op, put("({} * {})", wanted.amount, minor_per_unit(currency)), column)


def minor_per_unit(currency: Sql) -> Sql:
    return put(
        "CASE WHEN {} IN ({}) THEN 1 WHEN {} IN ({}) THEN 1000 ELSE 100 END",
        currency,
        comma(WITHOUT_MINOR),
        currency,
        comma(THOUSANDTHS),
    )


def days_hold(leaf: Leaf, scope: Scope) -> Sql:
    """Whole elapsed days, asked as a range of the time itself, so that an index can answer."""
    column = scope.column(leaf.field.column)
    if leaf.op == "is_set":
        return put("{} IS NOT NULL", column)
    if leaf.op == "in":
        ranges = [elapsed(Leaf(leaf.field, "eq", one), column, scope) for one in leaf.value]
        return known(leaf.field, column, either(*ranges))
    return known(leaf.field, column, elapsed(leaf, column, scope))


def elapsed(leaf: Leaf, column: Sql, scope: Scope) -> Sql:
    fewest, most = whole_range(leaf)
    if fewest is not None and most is not None and fewest > most:
        return FALSE
    pieces = []
    if fewest is not None:
        pieces.append(put("{} <= {}", column, moment(scope.lead, scope.as_of) - timedelta(days=fewest)))
    if most is not None:
        pieces.append(put("{} > {}", column, moment(scope.lead, scope.as_of) - timedelta(days=most + 1)))
    return both(*pieces)


def whole_range(leaf: Leaf) -> tuple[int | None, int | None]:
    """The whole numbers for which the leaf holds, from and to; None is unbounded."""
    wanted = leaf.value
    match leaf.op:
        case "gt":
            return floor(wanted) + 1, None
        case "gte":
            return ceil(wanted), None
        case "lt":
            return None, ceil(wanted) - 1
        case "lte":
            return None, floor(wanted)
        case "between":
            return ceil(wanted[0]), floor(wanted[1])
    return ceil(wanted), floor(wanted)


def count_holds(leaf: Leaf, scope: Scope) -> Sql:
    if leaf.op == "is_set" or (leaf.op, leaf.value) in (("gte", 1), ("gt", 0)):
        return present(count_key(leaf.field, leaf.days), scope)
    return compare(leaf.op, leaf.value, count_sql(leaf.field, leaf.days, scope))


def number_sql(
    field: Field,
    *,
    as_of: AsOf,
    days: int | None = None,
    lead: str = "leads_lead",
    sources: Sources | None = None,
) -> Sql:
    """The field's number for each lead: a count, an amount in units, whole days. Null when unset.

    For fields of the kinds number, money, days and count; ValueError for others.
    """
    scope = Scope(lead, as_of, ZoneInfo("UTC"), sources)
    match field.kind:
        case Kind.COUNT:
            return count_sql(field, days, scope)
        case Kind.NUMBER:
            return value_of(field, scope)
        case Kind.DAYS:
            since = scope.column(field.column)
            return put(
                "floor(extract(epoch FROM {}::timestamptz - {}) / 86400)::integer", moment(lead, as_of), since
            )
        case Kind.MONEY:
            currency = scope.column("budget_currency")
            return put("({} / {}::numeric)", scope.column(field.column), minor_per_unit(currency))
    raise ValueError(f"{field.name} is not a number")
