"""What belongs to a lead in any room goes over with it, and comes back with it.

Read from the models: a table that is added later and points at a lead moves too, without being named here.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from uuid import UUID

from django.db import connection, models

from leads.inserting import as_json
from leads.models import Duplicate, Lead, TagSpan
from workspaces.tenancy import TenantForeignKey, current_workspace_id

Pairs = Sequence[tuple[UUID, UUID]]  # absorbed, survivor
ByLead = dict[UUID, dict[str, list[Any]]]
# Of these each lead has its own, worked out anew after a merge: they go with the row.
STAYS = {"leads_duplicate", "leads_matchkey"}


def kinds() -> Iterator[tuple[type[models.Model], str]]:
    """Every model that points at a lead, with the column that does."""
    for relation in Lead._meta.get_fields(include_hidden=True):
        if relation.one_to_many and isinstance(relation.field, TenantForeignKey):  # type: ignore[union-attr]
            model = relation.related_model
            if model._meta.db_table not in STAYS:  # type: ignore[union-attr]
                yield model, str(relation.field.column)  # type: ignore[misc, union-attr]


def hand_over(pairs: Pairs) -> tuple[ByLead, ByLead]:
    """Everything of the absorbed leads now belongs to the survivors.

    Returns, by absorbed lead and table: the ids of rows that moved, and the rows that both had (which a
    unique constraint allows once); of those the survivor's stays. No survivor twice in ``pairs``.
    """
    moved: ByLead = defaultdict(dict)
    aside: ByLead = defaultdict(dict)
    for model, column in kinds():
        table = model._meta.db_table
        for lead, row in set_aside(model, column, pairs):
            aside[lead].setdefault(table, []).append(row)
        for lead, pk in move(table, column, pairs):
            moved[lead].setdefault(table, []).append(str(pk))
    for lead, row in suggestions(list(pairs)):
        aside[lead].setdefault("leads_duplicate", []).append(row)
    return moved, aside


def suggestions(pairs: Pairs) -> list[tuple[UUID, dict[str, Any]]]:
    """Take out the absorbed leads' pairs; what was found not to be the same as them is not the survivor either."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH p AS (SELECT * FROM unnest(%s::uuid[], %s::uuid[]) AS p (absorbed, survivor)),
            d AS (
                SELECT p.absorbed, p.survivor, d.id, CASE WHEN d.a_id = p.absorbed THEN d.b_id ELSE d.a_id END AS third
                FROM p JOIN leads_duplicate d ON d.workspace_id = %s
                    AND (d.a_id = p.absorbed OR d.b_id = p.absorbed)
            ),
            gone AS (
                DELETE FROM leads_duplicate x USING d WHERE x.workspace_id = %s AND x.id = d.id
                RETURNING d.absorbed, d.survivor, d.third, x AS row, x.status, x.decided_at, x.decided_by
            ),
            kept AS (
                INSERT INTO leads_duplicate (id, workspace_id, created_at, updated_at, a_id, b_id, strength,
                    reasons, status, decided_at, decided_by)
                SELECT leadcrm_uuid7(), %s, decided_at, decided_at, least(survivor, other),
                    greatest(survivor, other), 0, '[]'::jsonb, status, decided_at, decided_by
                FROM gone LEFT JOIN (SELECT absorbed AS third, survivor AS taker FROM p) q USING (third),
                    LATERAL (SELECT coalesce(taker, third) AS other) o
                WHERE status = 'dismissed' AND survivor <> other
                ON CONFLICT DO NOTHING
            )
            SELECT absorbed, to_jsonb(row) FROM gone
            """,
            [*columns(pairs), *[current_workspace_id()] * 3],
        )
        return [(lead, as_dict(row)) for lead, row in cursor.fetchall()]


def move(table: str, column: str, pairs: Pairs) -> list[tuple[UUID, UUID]]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            UPDATE {table} t SET {column} = p.survivor
            FROM unnest(%s::uuid[], %s::uuid[]) AS p (absorbed, survivor)
            WHERE t.workspace_id = %s AND t.{column} = p.absorbed RETURNING p.absorbed, t.id
            """,
            [*columns(pairs), current_workspace_id()],
        )
        return cursor.fetchall()


def columns(pairs: Pairs) -> list[list[str]]:
    return [[str(pair[side]) for pair in pairs] for side in (0, 1)]


def set_aside(model: type[models.Model], column: str, pairs: Pairs) -> list[tuple[UUID, dict[str, Any]]]:
    """Take out the rows of the absorbed leads that would stand twice; (lead, the row)."""
    taken: list[tuple[UUID, dict[str, Any]]] = []
    field = next(one.name for one in model._meta.local_fields if one.column == column)
    for constraint in model._meta.constraints:
        if isinstance(constraint, models.UniqueConstraint) and field in constraint.fields:
            taken += rows_of_both(model, column, constraint, pairs)
    return taken


def rows_of_both(
    model: type[models.Model], column: str, constraint: models.UniqueConstraint, pairs: Pairs
) -> list[tuple[UUID, dict[str, Any]]]:
    table = model._meta.db_table
    others = [model._meta.get_field(name).column for name in constraint.fields]  # type: ignore[union-attr]
    same = "".join(f" AND a.{one} = b.{one}" for one in others if one not in (column, "workspace_id"))
    counted = model._default_manager.filter(constraint.condition or models.Q()).values("pk")
    among, params = counted.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            DELETE FROM {table} a USING unnest(%s::uuid[], %s::uuid[]) AS p (absorbed, survivor), {table} b
            WHERE a.workspace_id = %s AND b.workspace_id = %s AND a.{column} = p.absorbed
                AND b.{column} = p.survivor{same} AND a.id IN ({among}) AND b.id IN ({among})
            RETURNING p.absorbed, to_jsonb(a)
            """,
            [*columns(pairs), *[current_workspace_id()] * 2, *params, *params],
        )
        return [(lead, as_dict(row)) for lead, row in cursor.fetchall()]


def as_dict(value: Any) -> dict[str, Any]:
    """A jsonb value as the driver gives it: read already, or text."""
    import json

    return json.loads(value) if isinstance(value, str) else value


def give_back(survivor: UUID, absorbed: UUID, moved: dict[str, list[str]], aside: dict[str, list]) -> None:
    """What came with the absorbed lead and is still the survivor's belongs to it again."""
    for model, column in kinds():
        table = model._meta.db_table
        if moved.get(table):
            with connection.cursor() as cursor:
                cursor.execute(
                    f"UPDATE {table} SET {column} = %s WHERE workspace_id = %s AND {column} = %s "
                    "AND id = ANY(%s::uuid[])",
                    [absorbed, current_workspace_id(), survivor, moved[table]],
                )
        if aside.get(table):
            put_back(model, aside[table])
    if aside.get("leads_duplicate"):
        put_back(Duplicate, aside["leads_duplicate"])


def put_back(model: type[models.Model], rows: Iterable[dict[str, Any]]) -> None:
    """Write rows again that were set aside, unless what they point at is gone by now."""
    table = model._meta.db_table
    parents = "".join(
        f" AND (r.{one.column} IS NULL OR EXISTS (SELECT 1 FROM {one.remote_field.model._meta.db_table} f"
        f" WHERE f.workspace_id = r.workspace_id AND f.id = r.{one.column}))"
        for one in model._meta.local_fields
        if isinstance(one, TenantForeignKey)
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} SELECT r.* FROM jsonb_populate_recordset(NULL::{table}, %s::jsonb) r "
            f"WHERE r.workspace_id = %s{parents} ON CONFLICT DO NOTHING",
            [as_json(list(rows)), current_workspace_id()],
        )


def added_since(survivor: UUID, merge: UUID) -> dict[str, int]:
    """How many rows of each table the survivor got after a merge: they stay where they are.

    Ids tell the order in which rows were made. What a rule put there is not counted: it comes and goes.
    """
    found = {}
    for model, column in kinds():
        if model is TagSpan:
            continue
        rows = model._default_manager.filter(**{column: survivor}, pk__gt=merge)
        if any(one.name == "rule" and one.is_relation for one in model._meta.local_fields):
            rows = rows.filter(rule=None)
        if count := rows.count():
            found[model._meta.db_table] = count
    return found
