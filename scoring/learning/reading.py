"""The facts of decided leads as columns of numbers: few statements, flat memory.

Read where ``scoring.proof.outcomes.decided`` has written them. Row i of every column is the lead with n = i + 1.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from leads.conditions import Kind, Leaf, Sources, Sql, compile_sql, number_sql
from leads.conditions.attributes import attribute
from leads.conditions.fragments import Scope, comma, put
from leads.conditions.moments import EACH
from leads.past import PAST
from leads.planner import over
from scoring.learning.candidates import Candidate, Sort
from workspaces.tenancy import current_workspace

AT_ONCE = 20  # columns of one statement
PIECE = 10_000  # rows fetched at once


@dataclass
class Column:
    """One fact of all leads.

    ``numbers``: for numbers, days since a touch, and flags (0 or 1); not a number where unset.
    ``codes``: for categories, an index into ``values``; -1 where unset.
    """

    of: Candidate
    numbers: NDArray[np.float64] | None = None
    codes: NDArray[np.int32] | None = None
    values: list[str] = field(default_factory=list)


@dataclass
class Decided:
    """Who, when, and whether: row i is the lead with n = i + 1. ``moments``: seconds since 1970."""

    ids: list[Any]
    moments: list[Any]
    happened: NDArray[np.bool_]


def decided_rows() -> Decided:
    with connection.cursor() as cursor:
        cursor.execute("SELECT lead_id, moment, happened FROM decided_lead ORDER BY n")
        rows = cursor.fetchall()
    return Decided(
        [row[0] for row in rows], [row[1] for row in rows], np.array([row[2] for row in rows], bool)
    )


def columns(wanted: Sequence[Candidate], many: int) -> list[Column]:
    """A column for each candidate, in their order."""
    recent = [one for one in wanted if one.sort == Sort.RECENCY]
    others = [one for one in wanted if one.sort != Sort.RECENCY]
    found: dict[str, Column] = {}
    for at in range(0, len(others), AT_ONCE):
        for column in plain_columns(others[at : at + AT_ONCE], many):
            found[column.of.name] = column
    if recent:
        found |= {column.of.name: column for column in recency_columns(recent, many)}
    return [found[one.name] for one in wanted]


def leaf_of(one: Candidate) -> Leaf:
    """The question a flag answers."""
    return Leaf(one.field, "has_any", (one.what,)) if one.what else Leaf(one.field, "is_set")


def value_sql(one: Candidate, scope: Scope) -> Sql:
    f = one.field
    if one.sort == Sort.FLAG:
        holds = compile_sql(
            leaf_of(one), as_of=EACH, time_zone=scope.time_zone, lead="l", sources=scope.sources
        )
        return put("({})::int", holds)
    if one.sort == Sort.NUMBER:
        return put("({})::float8", number_sql(f, as_of=EACH, lead="l", sources=scope.sources))
    if f.kind == Kind.YES_NO:
        return put("({})::text", attribute(f, scope))
    if f.custom:
        return attribute(f, scope)
    if f.kind == Kind.LINK:
        return put("({})::text", scope.column(f.column))
    return put("NULLIF({}, {})", scope.column(f.column), f.unset)


def plain_columns(wanted: Sequence[Candidate], many: int) -> list[Column]:
    workspace = current_workspace()
    flags = [leaf_of(one) for one in wanted if one.sort == Sort.FLAG]
    sources = Sources.of(flags, as_of=EACH, tables=PAST.tables)
    scope = Scope("l", EACH, workspace.tz, sources)
    statement = put(
        "SELECT d.n, {} FROM decided_lead d JOIN past_lead l ON l.id = d.lead_id {}",
        comma(value_sql(one, scope) for one in wanted),
        sources.joins("l", "", workspace.pk),
    )
    found = [empty(one, many) for one in wanted]
    keys: list[dict[str, int]] = [{} for _one in wanted]
    with over(None), connection.cursor() as cursor:
        cursor.execute(statement.text, statement.params)
        while rows := cursor.fetchmany(PIECE):
            places, *values = zip(*rows, strict=True)
            for column, known, here in zip(found, keys, values, strict=True):
                put_values(column, known, np.array(places) - 1, here)
    return found


def empty(one: Candidate, many: int) -> Column:
    if one.sort == Sort.CATEGORY:
        return Column(one, codes=np.full(many, -1, np.int32))
    return Column(one, numbers=np.full(many, np.nan))


def put_values(column: Column, known: dict[str, int], places: Any, values: Sequence[Any]) -> None:
    if column.numbers is not None:
        column.numbers[places] = [np.nan if value is None else value for value in values]
        return
    assert column.codes is not None
    for at, value in zip(places, values, strict=True):
        if value is None or value == "":
            continue
        code = known.get(value)
        if code is None:
            key = same(value)
            code = known.get(key, -1)
            if code < 0:
                code = known[key] = len(column.values)
                column.values.append(value)
            known[value] = code
        column.codes[at] = code


def same(value: str) -> str:
    """What a condition takes for the same text: one width, lower case."""
    return "\0" + unicodedata.normalize("NFKC", value).lower()


def recency_columns(wanted: Sequence[Candidate], many: int) -> list[Column]:
    """Days from the last touch of each kind to the moment; not a number when there was none."""
    found = {one.field.key: empty(one, many) for one in wanted}
    with over(None), connection.cursor() as cursor:
        cursor.execute(
            "SELECT d.n, x.kind, extract(epoch FROM min(x.as_of - x.at)) / 86400"
            f" FROM {PAST.tables['touch']} JOIN decided_lead d ON d.lead_id = x.lead_id"
            " WHERE x.kind = ANY(%s) GROUP BY d.n, x.kind",
            [list(found)],
        )
        while rows := cursor.fetchmany(PIECE):
            for n, kind, days in rows:
                numbers = found[kind].numbers
                assert numbers is not None
                numbers[n - 1] = days
    return [found[one.field.key] for one in wanted]
