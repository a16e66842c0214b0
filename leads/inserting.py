"""Many rows into one table by one statement: columns as arrays, which is several times faster than VALUES."""

import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db import connection, models

from leads.conditions.fragments import Sql
from workspaces.tenancy import TenantModel, current_workspace_id


def insert_rows(
    model: type[TenantModel],
    count: int,
    *,
    as_of: datetime,
    unless_there: Any = False,
    returning: Sequence[str] = (),
    **columns: Any,
) -> list[tuple[Any, ...]]:
    """Insert ``count`` rows of the open workspace.

    ``columns``: by column name (``lead_id``) either a list with a value for each row, or one value for
    all. JSON is passed as text (as_json). ``id`` is made by the database unless given. What is not named
    takes the default of its field. ``unless_there``: rows that break a unique constraint are left out.
    ``returning``: these columns of the rows that were written.
    """
    if not count:
        return []
    names, rows = rows_of(model, as_of=as_of, **columns)
    conflict = " ON CONFLICT DO NOTHING" if unless_there else ""
    told = f" RETURNING {', '.join(returning)}" if returning else ""
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {model._meta.db_table} ({', '.join(names)}) {rows.text}{conflict}{told}",
            rows.params,
        )
        return cursor.fetchall() if returning else []


def insert_all(rows: Sequence[TenantModel], *, as_of: datetime) -> None:
    """New rows of one table as they were written down at ``as_of``: their ``created_at`` says when they became
    known here, whatever the clock of the machine says."""
    model = type(rows[0])
    types = column_types(model)
    columns: dict[str, Any] = {}
    for field in model._meta.local_fields:
        values = [getattr(row, field.attname) for row in rows]
        columns[str(field.column)] = (
            [as_json(value) for value in values] if types[str(field.column)] == "jsonb" else values
        )
    insert_rows(model, len(rows), as_of=as_of, **columns)
    for row in rows:
        row.created_at = row.updated_at = as_of
        row._state.adding = False


def rows_of(model: type[TenantModel], *, as_of: datetime, **columns: Any) -> tuple[list[str], Sql]:
    """Rows that are not written yet: (names of their columns, a SELECT that gives them). As ``insert_rows``."""
    types = column_types(model)
    given = given_to(model, as_of=as_of, **columns)
    arrays = {name: value for name, value in given.items() if isinstance(value, list)}
    picked, values = [], []
    for name, value in given.items():
        if isinstance(value, list):
            picked.append(f"r.{name}::jsonb" if types[name] == "jsonb" else f"r.{name}")
        else:
            picked.append(f"%s::{types[name]} AS {name}")
            values.append(value)
    casts = ", ".join(f"%s::{array_type(types[name])}[]" for name in arrays)
    names = list(given)
    if "id" not in given:
        names.append("id")
        picked.append("leadcrm_uuid7() AS id")
    statement = f"SELECT {', '.join(picked)} FROM unnest({casts}) AS r ({', '.join(arrays)})"
    return names, Sql(statement, (*values, *map(sendable, arrays.values())))


def given_to(model: type[TenantModel], *, as_of: datetime, **columns: Any) -> dict[str, Any]:
    """The columns with what every row of the open workspace has: its defaults and its moments."""
    given = defaults(model) | columns | {"workspace_id": current_workspace_id()}
    return given | {"created_at": as_of, "updated_at": as_of}


@lru_cache
def column_types(model: type[models.Model]) -> dict[str, str]:
    return {
        str(field.column): (field.db_type(connection) or "").split("(")[0]
        for field in model._meta.local_fields
    }


def array_type(kind: str) -> str:
    return "text" if kind in ("jsonb", "varchar") else kind


@lru_cache
def defaults(model: type[models.Model]) -> dict[str, Any]:
    """What a row has where nothing is said."""
    found: dict[str, Any] = {}
    for field in model._meta.local_fields:
        if field.column in ("id", "workspace_id", "created_at", "updated_at") or not field.has_default():
            continue
        value = field.get_default()
        found[str(field.column)] = json.dumps(value) if isinstance(value, dict | list) else value
    return found


def sendable(values: Sequence[Any]) -> list[Any]:
    """UUIDs as text: the driver writes texts several times faster."""
    return [str(value) if isinstance(value, UUID) else value for value in values]


def id_array(ids: Iterable[Any]) -> str:
    """UUIDs as one literal of an array (None: null). The server reads it at once; an ``ARRAY[…]`` of ten
    thousand values it parses as ten thousand expressions."""
    return "{" + ",".join("NULL" if one is None else str(one) for one in ids) + "}"


def text_array(texts: Iterable[str]) -> str:
    """The same for texts."""
    escaped = (one.replace("\\", "\\\\").replace('"', '\\"') for one in texts)
    return "{" + ",".join(f'"{one}"' for one in escaped) + "}"


def plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def as_json(value: Any) -> str:
    """JSON for a jsonb column; days and moments in ISO 8601."""
    return json.dumps(value, ensure_ascii=False, default=plain)
