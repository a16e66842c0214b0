"""Work that is measured with its commits: afterwards what it left behind is deleted.

Keys are made in the order of time (UUIDv7), so what came into a workspace since a moment is known by its id.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.utils import timezone

from benchmarks import database
from workspaces.actions import add_member, create_workspace
from workspaces.ids import first_id
from workspaces.models import Role, Workspace
from workspaces.tenancy import enter

TABLES = """
SELECT c.table_name FROM information_schema.columns c
JOIN information_schema.tables t USING (table_schema, table_name)
WHERE c.table_schema = 'public' AND c.column_name = 'workspace_id' AND t.table_type = 'BASE TABLE'
  AND EXISTS (SELECT FROM information_schema.columns i WHERE i.table_schema = 'public'
              AND i.table_name = c.table_name AND i.column_name = 'id' AND i.data_type = 'uuid')
ORDER BY 1"""


@contextmanager
def cleared(workspace: Workspace) -> Iterator[None]:
    """What comes into the workspace within the block is gone after it; rows from before are not restored."""
    since = first_id(timezone.now())
    try:
        yield
    finally:
        with owner_in(workspace) as cursor:
            forget(cursor, workspace, since)


@contextmanager
def a_workspace(slug: str, reps: int) -> Iterator[Workspace]:
    """A workspace of the benchmark's own, with its defaults and that many reps, gone after the block."""
    before = Workspace.objects.filter(slug=slug).first()
    if before is not None:  # an interrupted run's
        drop(before)
    made = create_workspace(slug.title(), slug=slug, email=f"{slug}@bench.test", password="fast lane 2000")
    try:
        with enter(made.workspace):
            for rep in range(reps):
                add_member(
                    email=f"rep{rep}.{slug}@bench.test",
                    name=f"Rep {rep}",
                    role=Role.REP,
                    capacity=1_000_000,
                    actor=None,
                    as_of=made.workspace.created_at,
                )
        yield made.workspace
    finally:
        drop(made.workspace)


def drop(workspace: Workspace) -> None:
    with owner_in(workspace) as cursor:
        forget(cursor, workspace, UUID(int=0))
        cursor.execute("DELETE FROM workspaces_access WHERE workspace_id = %s", [str(workspace.pk)])
        cursor.execute(
            "DELETE FROM workspaces_user WHERE email LIKE %s OR email LIKE %s",
            [f"{workspace.slug}@bench.test", f"rep%.{workspace.slug}@bench.test"],
        )
        cursor.execute("DELETE FROM workspaces_workspace WHERE id = %s", [str(workspace.pk)])


def forget(cursor: Any, workspace: Workspace, since: UUID) -> None:
    cursor.execute(TABLES)
    for (table,) in cursor.fetchall():
        cursor.execute(
            f"DELETE FROM {table} WHERE workspace_id = %s AND id >= %s", [str(workspace.pk), str(since)]
        )


@contextmanager
def owner_in(workspace: Workspace) -> Iterator[Any]:
    """A cursor of the owner with the workspace open; (as a superuser) without checking foreign keys."""
    with database.as_owner() as cursor:
        cursor.execute("SELECT current_setting('is_superuser') = 'on'")
        if cursor.fetchone()[0]:
            cursor.execute("SET session_replication_role = replica")
        cursor.execute("SELECT set_config('app.workspace_id', %s, false)", [str(workspace.pk)])
        yield cursor
