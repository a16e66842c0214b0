"""Leads as JSON rows: read under lock, written, taken out and put back. Stage and holder are part of a row,
so merging and parting move them whole; nothing else writes them here."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.db import connection

from leads.inserting import as_json
from leads.merging.belongings import as_dict
from leads.merging.facts import WRITTEN, Row
from leads.models import Lead
from workspaces.tenancy import current_workspace_id


def lock_rows(ids: Iterable[UUID]) -> dict[UUID, Row]:
    """The leads of the open workspace, locked in the order of their ids."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, to_jsonb(l) FROM leads_lead l WHERE workspace_id = %s AND id = ANY(%s::uuid[]) "
            "ORDER BY id FOR UPDATE",
            [current_workspace_id(), [str(pk) for pk in ids]],
        )
        return {pk: as_dict(row) for pk, row in cursor.fetchall()}


def write_rows(news: Mapping[UUID, Row]) -> None:
    """Write changed columns of locked leads, all in one statement."""
    if not news:
        return
    columns = ", ".join(WRITTEN)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            UPDATE leads_lead l SET ({columns}) =
                (SELECT {", ".join(f"r.{one}" for one in WRITTEN)} FROM jsonb_populate_record(l, n.changes) r)
            FROM unnest(%s::uuid[], %s::text[]::jsonb[]) AS n (id, changes)
            WHERE l.workspace_id = %s AND l.id = n.id
            """,
            [[str(pk) for pk in news], [as_json(row) for row in news.values()], current_workspace_id()],
        )


def take_out(ids: Iterable[UUID]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM leads_lead WHERE workspace_id = %s AND id = ANY(%s::uuid[])",
            [current_workspace_id(), [str(pk) for pk in ids]],
        )


def put_back(row: Row, like: UUID) -> None:
    """The row stands in the table again. A column that is newer than the row has the value of ``like``."""
    names = ", ".join(str(field.column) for field in Lead._meta.local_fields)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO leads_lead ({names})
            SELECT {", ".join(f"r.{one.strip()}" for one in names.split(","))}
            FROM leads_lead l, jsonb_populate_record(l, %s::jsonb) r WHERE l.workspace_id = %s AND l.id = %s
            """,
            [as_json(row), current_workspace_id(), like],
        )


def differing(before: Row, news: Row) -> dict[str, list[Any]]:
    """{column: [before, after]} of what changes."""
    return {name: [before[name], value] for name, value in news.items()}
