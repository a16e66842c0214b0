"""A workspace with a row of every kind, whatever kinds there are, and a seal over all its rows."""

from typing import Any
from uuid import UUID

from django.db import connection, models

from tests.cast import NOW
from tests.tenancy.catalogue import tenant_models, tenant_tables
from workspaces.models import Member, User
from workspaces.tenancy import TenantForeignKey, TenantModel, current_workspace, enter

Rows = dict[type[TenantModel], TenantModel]
UNKNOWN = UUID("01890000-0000-7000-8000-000000000000")

# Where a row of minimal values would contradict another.
SENSIBLE: dict[str, dict[str, Any]] = {
    "pools_assignment": {"ended_at": NOW},
    "leads_merge": {"absorbed": UUID(int=1), "undone_at": NOW},
    "intake_import": {
        "status": "done",
        "settings": {"region": "US", "date_order": {}, "currency": "USD", "header_row": 0},
    },
}


def populate() -> Rows:
    """One row of every tenant model in the open workspace: what is there already, or a new one."""
    rows: Rows = {}
    for model in tenant_models():
        one_of(model, rows)
    return rows


def one_of(model: type[TenantModel], rows: Rows) -> TenantModel:
    if model not in rows:
        rows[model] = model._default_manager.order_by("created_at").first() or model._default_manager.create(
            **{column.name: value_of(column, rows) for column in columns_to_fill(model)}
            | SENSIBLE.get(model._meta.db_table, {}),
        )
    return rows[model]


def columns_to_fill(model: type[TenantModel]) -> list[models.Field]:
    return [
        column
        for column in model._meta.local_concrete_fields
        if column.name not in ("id", "workspace", "created_at", "updated_at")
        and not column.has_default()
        and not column.null
    ]


def value_of(column: models.Field, rows: Rows) -> Any:
    """Something this column takes."""
    mark = current_workspace().slug
    if isinstance(column, TenantForeignKey):
        return one_of(column.remote_field.model, rows)
    if isinstance(column, models.ForeignKey):
        return User.objects.create_user(f"{column.model.__name__.lower()}@{mark}.test")
    if column.choices:
        return next(value for value, _label in column.flatchoices if value)
    if isinstance(column, models.DateTimeField):
        return NOW
    if isinstance(column, models.DateField):
        return NOW.date()
    if isinstance(column, models.UUIDField):
        return UNKNOWN
    if isinstance(column, models.JSONField):
        return {}
    if isinstance(column, models.BinaryField):
        return mark.encode()
    if isinstance(column, models.BooleanField):
        return False
    if isinstance(column, models.IntegerField | models.FloatField):
        return 1
    return f"{mark}-{column.name}"[: column.max_length]


def seal(workspace: Any) -> str:
    """A digest of every row of a workspace: equal before and after means nothing was changed."""
    parts = [
        f"SELECT '{table}' AS name, count(*) AS rows, md5(coalesce(string_agg(md5(t::text), '' ORDER BY id), ''))"
        f" AS sum FROM {table} t WHERE workspace_id = %s"
        for table in tenant_tables()
    ]
    with enter(workspace), connection.cursor() as cursor:
        cursor.execute(
            f"SELECT md5(string_agg(name || rows || sum, ',' ORDER BY name)) FROM ({' UNION ALL '.join(parts)}) s",
            [workspace.pk] * len(parts),
        )
        return str(cursor.fetchone()[0])


def member_of(rows: Rows) -> Member:
    found = rows[Member]
    assert isinstance(found, Member)
    return found
