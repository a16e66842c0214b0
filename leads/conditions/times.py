"""Days and moments as SQL. A date without a time is the whole local day of the workspace."""

from datetime import UTC, date, datetime, time, timedelta

from leads.conditions.attributes import attribute
from leads.conditions.fragments import Scope, Sql, both, compare, known, put, surely
from leads.conditions.moments import day_of, moment
from leads.conditions.tree import Leaf

SAME_AS = {"before": "lt", "after": "gt"}


def date_holds(leaf: Leaf, scope: Scope) -> Sql:
    field = leaf.field
    column = attribute(field, scope) if field.in_json else scope.column(field.column)
    if leaf.op == "is_set":
        return put("{} IS NOT NULL", column)
    if leaf.op == "in_last_days":
        days = [day_of(scope.lead, scope.as_of, scope.zone, before) for before in (leaf.value, 0)]
        holds = compare("between", days, column)
    else:
        holds = compare(SAME_AS.get(leaf.op, leaf.op), leaf.value, column)
    return surely(holds) if field.custom else known(field, column, holds)


def time_holds(leaf: Leaf, scope: Scope) -> Sql:
    column = scope.column(leaf.field.column)
    if leaf.op == "is_set":
        return put("{} IS NOT NULL", column)
    return known(leaf.field, column, moment_matches(leaf, column, scope))


def moment_matches(leaf: Leaf, column: Sql, scope: Scope) -> Sql:
    wanted = leaf.value
    match SAME_AS.get(leaf.op, leaf.op):
        case "in_last_days":
            now = moment(scope.lead, scope.as_of)
            return compare("between", (now - timedelta(days=wanted), now), column)
        case "between":
            return both(since(wanted[0], column, scope), until(wanted[1], column, scope))
        case "eq":
            return both(since(wanted, column, scope), until(wanted, column, scope))
        case "gte":
            return since(wanted, column, scope)
        case "lte":
            return until(wanted, column, scope)
        case "lt":
            return put("{} < {}", column, start(wanted, scope))
    if isinstance(wanted, datetime):
        return put("{} > {}", column, start(wanted, scope))
    return put("{} >= {}", column, start(wanted + timedelta(days=1), scope))


def since(wanted: date, column: Sql, scope: Scope) -> Sql:
    return put("{} >= {}", column, start(wanted, scope))


def until(wanted: date, column: Sql, scope: Scope) -> Sql:
    """Up to and including that moment, or that whole day."""
    if isinstance(wanted, datetime):
        return put("{} <= {}", column, start(wanted, scope))
    return put("{} < {}", column, start(wanted + timedelta(days=1), scope))


def start(wanted: date, scope: Scope) -> datetime:
    """The moment itself, or the first moment of that day in the workspace's zone.

    Where the clock skips midnight, ``zoneinfo`` answers the moment of the jump, which is that day's first.
    """
    if isinstance(wanted, datetime):
        return wanted.astimezone(UTC)
    return datetime.combine(wanted, time(), tzinfo=scope.zone).astimezone(UTC)
