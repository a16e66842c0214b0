"""The database itself keeps workspaces apart, whatever the program asks: as the program's role."""

from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from leads.actions import capture, record_touches
from leads.incoming import Incoming, Source
from leads.models import Lead
from leads.queries import matching
from tests.cast import NOW
from tests.tenancy.catalogue import APPEND_ONLY, tenant_models, tenant_tables
from tests.tenancy.world import Rows, populate, seal
from workspaces.refusals import NotThere
from workspaces.tenancy import TenantForeignKey, current_workspace, enter


@pytest.fixture
def theirs(elsewhere: Any) -> Rows:
    with enter(elsewhere):
        return populate()


@pytest.fixture
def ours(workspace: Any) -> Rows:
    return populate()


def test_plain_sql_reads_the_open_workspace_only(ours: Rows, theirs: Rows) -> None:
    for table in tenant_tables():
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT DISTINCT workspace_id FROM {table}")
            assert cursor.fetchall() == [(current_workspace().pk,)], table


def test_plain_sql_changes_the_open_workspace_only(ours: Rows, theirs: Rows, elsewhere: Any) -> None:
    before = seal(elsewhere)
    for table in set(tenant_tables()) - APPEND_ONLY:
        with connection.cursor() as cursor:
            cursor.execute(f"UPDATE {table} SET updated_at = now() WHERE workspace_id = %s", [elsewhere.pk])
            assert cursor.rowcount == 0, table
            cursor.execute(f"DELETE FROM {table} WHERE workspace_id = %s", [elsewhere.pk])
            assert cursor.rowcount == 0, table
            with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
                cursor.execute(f"UPDATE {table} SET workspace_id = %s", [elsewhere.pk])
    assert seal(elsewhere) == before


def test_history_is_never_edited(ours: Rows) -> None:
    for table in APPEND_ONLY:
        for statement in (f"UPDATE {table} SET at = now()", f"DELETE FROM {table}", f"TRUNCATE {table}"):
            with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
                connection.cursor().execute(statement)


def links() -> list[tuple[Any, TenantForeignKey]]:
    return [
        (model, field)
        for model in tenant_models()
        for field in model._meta.local_fields
        if isinstance(field, TenantForeignKey)
    ]


def test_a_row_never_points_into_another_workspace(ours: Rows, theirs: Rows) -> None:
    for model, field in links():
        row, parent = ours[model], theirs[field.remote_field.model]
        if model._meta.db_table in APPEND_ONLY:
            continue
        refused = pytest.raises(DatabaseError, match=r"foreign key|check constraint")
        with connection.cursor() as cursor, refused, transaction.atomic():
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            model.objects.filter(pk=row.pk).update(**{field.attname: parent.pk})


def test_substring_search_looks_at_the_open_workspace_only(workspace: Any, elsewhere: Any) -> None:
    for place in (workspace, elsewhere):
        with enter(place):
            item = Incoming(facts={"name": "Wang Wei", "email": "w@b.example", "email_key": "w@b.example"})
            capture([item], source=Source("api"), as_of=NOW, actor=None)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM leads_matching(ARRAY['%%wang%%'], 10)")
        assert cursor.fetchone() == (1,)
    assert [lead.workspace_id for lead in Lead.objects.filter(matching("wang", None))] == [workspace.pk]


def test_actions_know_no_lead_of_another_workspace(ours: Rows, theirs: Rows, elsewhere: Any) -> None:
    before = seal(elsewhere)
    with pytest.raises(NotThere):
        record_touches([(theirs[Lead].pk, "page_view", None, {})], as_of=NOW, actor=None)
    assert seal(elsewhere) == before
