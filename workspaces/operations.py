"""Migration operations that put law 4 into the database: the tenant is part of every key."""

from typing import Any

from django.apps.registry import Apps
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation

from workspaces.tenancy import TenantForeignKey

APP_ROLE = "leadcrm_app"
STAMPS = "stamps_settings"  # the trigger of a settings table
POLICY = "workspace_id = current_setting('app.workspace_id')::uuid"


class TenantTable(Operation):
    """Composite primary key, composite foreign keys, forced row-level security, grants.

    ``append_only``: the program may read and add, never change (audit, timeline).
    """

    reduces_to_sql = True
    reversible = True

    def __init__(self, name: str, append_only: bool = False) -> None:
        self.name = name
        self.append_only = append_only

    def deconstruct(self) -> tuple:
        return (
            type(self).__qualname__,
            [self.name],
            {"append_only": True} if self.append_only else {},
        )

    def state_forwards(self, app_label: str, state: Any) -> None:
        """The state of the models does not change."""

    def describe(self) -> str:
        return f"Put the workspace into every key of {self.name}"

    def database_forwards(
        self,
        app_label: str,
        editor: BaseDatabaseSchemaEditor,
        from_state: Any,
        to_state: Any,
    ) -> None:
        apps: Apps = to_state.apps
        model = apps.get_model(app_label, self.name)
        table = model._meta.db_table
        for statement in tenant_sql(table, self.append_only):
            editor.execute(statement)
        for field in model._meta.local_fields:
            if isinstance(field, TenantForeignKey):
                editor.execute(foreign_key_sql(table, field))

    def database_backwards(
        self,
        app_label: str,
        editor: BaseDatabaseSchemaEditor,
        from_state: Any,
        to_state: Any,
    ) -> None:
        table = from_state.apps.get_model(app_label, self.name)._meta.db_table
        editor.execute(f"DROP POLICY tenant ON {table}")
        editor.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY")


class TenantReference(Operation):
    """The composite constraint of a tenant foreign key that was added to an existing table."""

    reduces_to_sql = True
    reversible = True

    def __init__(self, name: str, field: str) -> None:
        self.name, self.field = name, field

    def state_forwards(self, app_label: str, state: Any) -> None:
        """The state of the models does not change."""

    def describe(self) -> str:
        return f"Constrain {self.name}.{self.field} to its own workspace"

    def database_forwards(
        self,
        app_label: str,
        editor: BaseDatabaseSchemaEditor,
        from_state: Any,
        to_state: Any,
    ) -> None:
        model = to_state.apps.get_model(app_label, self.name)
        editor.execute(foreign_key_sql(model._meta.db_table, model._meta.get_field(self.field)))

    def database_backwards(
        self,
        app_label: str,
        editor: BaseDatabaseSchemaEditor,
        from_state: Any,
        to_state: Any,
    ) -> None:
        model = from_state.apps.get_model(app_label, self.name)
        table, column = model._meta.db_table, model._meta.get_field(self.field).column
        editor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {constraint_name(table, column)}")


class SettingsTable(Operation):
    """A table that few people change and every action reads: a change writes the workspace's stamp anew.

    Processes keep what they read of such tables for as long as the stamp stands (workspaces/once.py).
    """

    reduces_to_sql = True
    reversible = True

    def __init__(self, name: str) -> None:
        self.name = name

    def state_forwards(self, app_label: str, state: Any) -> None:
        """The state of the models does not change."""

    def describe(self) -> str:
        return f"Stamp the workspace when {self.name} changes"

    def database_forwards(
        self,
        app_label: str,
        editor: BaseDatabaseSchemaEditor,
        from_state: Any,
        to_state: Any,
    ) -> None:
        table = to_state.apps.get_model(app_label, self.name)._meta.db_table
        editor.execute(
            f"CREATE TRIGGER {STAMPS} AFTER INSERT OR UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION leadcrm_stamp_settings()"
        )

    def database_backwards(
        self,
        app_label: str,
        editor: BaseDatabaseSchemaEditor,
        from_state: Any,
        to_state: Any,
    ) -> None:
        table = from_state.apps.get_model(app_label, self.name)._meta.db_table
        editor.execute(f"DROP TRIGGER {STAMPS} ON {table}")


def tenant_sql(table: str, append_only: bool = False) -> list[str]:
    grants = "SELECT, INSERT" if append_only else "SELECT, INSERT, UPDATE, DELETE"
    return [
        f"ALTER TABLE {table} DROP CONSTRAINT {table}_pkey",
        f"ALTER TABLE {table} ADD PRIMARY KEY (workspace_id, id)",
        f"ALTER TABLE {table} ADD CONSTRAINT {table}_workspace FOREIGN KEY (workspace_id) "
        "REFERENCES workspaces_workspace (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED",
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
        f"CREATE POLICY tenant ON {table} USING ({POLICY}) WITH CHECK ({POLICY})",
        f"REVOKE ALL ON {table} FROM {APP_ROLE}",
        f"GRANT {grants} ON {table} TO {APP_ROLE}",
    ]


def constraint_name(table: str, column: str) -> str:
    return f"{table}_{column}_same_workspace"[:63]


def foreign_key_sql(table: str, field: TenantForeignKey) -> str:
    parent = field.remote_field.model._meta.db_table
    action = " ON DELETE CASCADE" if field.cascade else ""
    return (
        f"ALTER TABLE {table} ADD CONSTRAINT {constraint_name(table, field.column)} "
        f"FOREIGN KEY (workspace_id, {field.column}) REFERENCES {parent} (workspace_id, id)"
        f"{action} DEFERRABLE INITIALLY DEFERRED"
    )
