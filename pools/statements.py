"""Statements with named places: a piece of SQL or a value may stand in several of them."""

from collections.abc import Iterable
from string import Formatter
from typing import Any

from django.db import connection

from leads.conditions.fragments import Sql
from leads.inserting import id_array, text_array
from workspaces.tenancy import current_workspace_id


def fill(template: str, **pieces: Any) -> Sql:
    """``template`` with each ``{name}`` replaced by that piece of SQL, or by a place for that value.

    ``{workspace}`` is always known: the open one.
    """
    pieces.setdefault("workspace", Sql("%s::uuid", (str(current_workspace_id()),)))
    text, params = "", ()
    for literal, name, _spec, _conversion in Formatter().parse(template):
        text += literal
        if name is not None:
            piece = pieces[name] if isinstance(pieces[name], Sql) else Sql("%s", (pieces[name],))
            text, params = text + piece.text, params + piece.params
    return Sql(text, params)


def fetch(statement: Sql) -> list[tuple]:
    """Run it; the rows it returns."""
    with connection.cursor() as cursor:
        cursor.execute(statement.text, statement.params)
        return cursor.fetchall()


def execute(statement: Sql) -> int:
    """Run it; how many rows it changed."""
    with connection.cursor() as cursor:
        cursor.execute(statement.text, statement.params)
        return cursor.rowcount


def uuids(ids: Iterable[Any]) -> Sql:
    """A set of ids as an array."""
    return Sql("%s::uuid[]", (id_array(ids),))


def texts(values: Iterable[str]) -> Sql:
    """A list of texts as an array."""
    return Sql("%s::text[]", (text_array(values),))
