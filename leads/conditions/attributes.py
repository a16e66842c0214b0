"""Values of custom fields, read out of ``attributes`` without ever raising: what is malformed is unset."""

from leads.conditions.fields import Field, Kind
from leads.conditions.fragments import Scope, Sql, put


def value_of(field: Field, scope: Scope) -> Sql:
    """The field as a piece of SQL: its column, its place in JSON, or what it is made from."""
    if field.expression is not None:
        return field.expression(scope)  # type: ignore[no-any-return]
    return attribute(field, scope) if field.in_json else scope.column(field.column)


def attribute(field: Field, scope: Scope) -> Sql:
    """The value in its own type; null when there is none of that type."""
    column = scope.column(field.column)
    raw = put("{} -> {}::text", column, field.key)
    text = put("{} ->> {}::text", column, field.key)
    if field.kind == Kind.NUMBER:
        return put("(CASE WHEN jsonb_typeof({}) = 'number' THEN ({})::numeric END)", raw, text)
    if field.kind == Kind.YES_NO:
        return put("(CASE WHEN jsonb_typeof({}) = 'boolean' THEN ({})::boolean END)", raw, text)
    if field.kind == Kind.DATE:
        return put(
            "(CASE WHEN {} ~ '^[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}$' AND pg_input_is_valid({}, 'date')"
            " THEN ({})::date END)",
            text,
            text,
            text,
        )
    return put("(CASE WHEN jsonb_typeof({}) = 'string' THEN nullif({}, '') END)", raw, text)
