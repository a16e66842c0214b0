"""The tenant seam: which workspace is open, and models whose every row belongs to one.

Row-level security compares each row's ``workspace_id`` with the transaction's
``app.workspace_id``. Only this file writes that setting, and always for the transaction alone:
a session-level setting would leak through a connection pool.
"""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db import connection, models, transaction
from django.db.models.lookups import Exact
from django.db.models.sql.where import AND

from workspaces.ids import uuid7

_current: ContextVar[Any] = ContextVar("workspace", default=None)


class NoWorkspace(RuntimeError):
    """Code asked for a tenant's rows without saying whose."""


def current_workspace() -> Any:
    """The open Workspace; NoWorkspace when none is."""
    workspace = _current.get()
    if workspace is None:
        raise NoWorkspace("No workspace is open: wrap this in enter(workspace).")
    return workspace


def current_workspace_id() -> uuid.UUID:
    return current_workspace().pk


def _tell_database(workspace: Any) -> None:
    with connection.cursor() as cursor:
        value = "" if workspace is None else str(workspace.pk)
        cursor.execute("SELECT set_config('app.workspace_id', %s, true)", [value])


def step_in(workspace: Any) -> None:
    """Open a workspace for the rest of the surrounding transaction (a request's)."""
    if not connection.in_atomic_block:
        raise NoWorkspace("A workspace is opened inside a transaction.")
    _current.set(workspace)
    _tell_database(workspace)


def current_or_none() -> Any:
    return _current.get()


@contextmanager
def enter(workspace: Any) -> Iterator[Any]:
    """Open ``workspace`` for a block, in a transaction of its own (or a savepoint of the outer one)."""
    before = _current.get()
    try:
        with transaction.atomic():
            step_in(workspace)
            yield workspace
    finally:
        leave(before)


def leave(before: Any = None) -> None:
    """Close the open workspace and go back to ``before``."""
    _current.set(before)
    if connection.in_atomic_block and not connection.needs_rollback:
        _tell_database(before)


class TenantManager(models.Manager):
    """Always adds ``WHERE workspace_id = …``: the planner's estimates are exact, and forgetting raises."""

    def get_queryset(self) -> models.QuerySet:
        """As ``filter(workspace_id=…)``, without resolving that name anew for each of a request's queries."""
        rows = super().get_queryset()
        workspace: Any = self.model._meta.get_field("workspace")
        column = workspace.get_col(rows.query.get_initial_alias())
        rows.query.where.add(Exact(column, current_workspace_id()), AND)
        return rows


class WorkspaceKey(models.ForeignKey):
    """The workspace of a row: the open one, unless said otherwise. A plain foreign key to migrations."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            **kwargs
            | {
                "to": "workspaces.Workspace",
                "on_delete": models.DO_NOTHING,
                "related_name": "+",
                "db_index": False,
                "db_constraint": False,
                "editable": False,
            }
        )

    def get_default(self) -> uuid.UUID:
        return current_workspace_id()

    def deconstruct(self) -> tuple:
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.ForeignKey", args, kwargs


class TenantModel(models.Model):
    """A row of one workspace. In the database its key is (workspace_id, id), see TenantTable."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    workspace = WorkspaceKey()
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = TenantManager()

    class Meta:
        abstract = True
        base_manager_name = "objects"


class TenantForeignKey(models.ForeignKey):
    """A foreign key inside one workspace: joins carry the tenant, and so does the constraint.

    ``cascade=True`` deletes the row with its parent, in the database.
    """

    def __init__(self, to: Any, *, cascade: bool = False, **kwargs: Any) -> None:
        self.cascade = cascade
        kwargs["on_delete"] = models.DO_NOTHING
        kwargs["db_constraint"] = False
        kwargs.setdefault("db_index", False)
        super().__init__(to, **kwargs)

    def deconstruct(self) -> tuple:
        name, path, args, kwargs = super().deconstruct()
        for implied in ("on_delete", "db_constraint"):
            kwargs.pop(implied, None)
        if self.cascade:
            kwargs["cascade"] = True
        return name, path, args, kwargs

    def get_extra_restriction(self, alias: str | None, related_alias: str | None) -> Any:
        if alias is None or related_alias is None:
            return None  # a trimmed join: the manager's filter and the policy remain
        theirs: Any = self.remote_field.model._meta.get_field("workspace")
        ours: Any = self.model._meta.get_field("workspace")
        return Exact(theirs.get_col(alias), ours.get_col(related_alias))


class OwnerMigrates:
    """Database router: the schema belongs to the owner; the program reads and writes as its role."""

    def db_for_read(self, model: type[models.Model], **hints: Any) -> str:
        return "default"

    def db_for_write(self, model: type[models.Model], **hints: Any) -> str:
        return "default"

    def allow_relation(self, a: models.Model, b: models.Model, **hints: Any) -> bool:
        return True

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        return db == "owner"
