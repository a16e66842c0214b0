"""The catalogue says law 4, and taking one thing away is noticed (as the owner, rolled back each time)."""

import pytest
from django.db import DatabaseError, connection, connections, transaction

from tests.tenancy.catalogue import findings, tenant_tables
from tests.tenancy.managers import answering_without_workspace, unfiltered
from workspaces.tenancy import TenantManager

AS_OWNER = pytest.mark.django_db(databases=["owner"])


@AS_OWNER
def test_every_table_is_a_tenants_or_on_the_short_list() -> None:
    with connections["owner"].cursor() as cursor:
        assert findings(cursor) == []


def test_the_program_connects_as_the_role_that_owns_nothing(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == ("leadcrm_app",)


# What a careless migration might do to a table; each must be found.
MUTATIONS = [
    "DROP POLICY tenant ON {table}",
    "ALTER TABLE {table} DISABLE ROW LEVEL SECURITY",
    "ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY",
    "GRANT TRUNCATE ON {table} TO leadcrm_app",
    "CREATE POLICY open ON {table} USING (true)",
    "ALTER TABLE {table} DROP CONSTRAINT {table}_pkey CASCADE",
    "ALTER TABLE {table} DROP CONSTRAINT {table}_workspace",
    "CREATE UNIQUE INDEX ON {table} (id)",
]


@AS_OWNER
@pytest.mark.parametrize("mutation", MUTATIONS)
def test_what_is_taken_away_is_found(mutation: str) -> None:
    missed = []
    for table in tenant_tables():
        with connections["owner"].cursor() as cursor, transaction.atomic("owner"):
            cursor.execute(mutation.format(table=table))
            if not any(found.startswith(f"{table}:") for found in findings(cursor)):
                missed.append(table)
            transaction.set_rollback(True, "owner")
    assert missed == []


@AS_OWNER
@pytest.mark.parametrize(
    "mutation",
    [
        "CREATE TABLE stray (id uuid)",
        "ALTER TABLE leads_lead OWNER TO leadcrm_app",
        "ALTER ROLE leadcrm_app BYPASSRLS",
        "GRANT pg_read_all_data TO leadcrm_app",
        "GRANT UPDATE ON leads_timelineentry TO leadcrm_app",
        "CREATE VIEW every_lead AS SELECT * FROM leads_lead",
        "CREATE FUNCTION all_leads() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS 'SELECT 1::bigint'",
        "ALTER TABLE leads_lead DROP CONSTRAINT leads_lead_company_id_same_workspace",
    ],
)
def test_other_ways_around_are_found(mutation: str) -> None:
    with connections["owner"].cursor() as cursor, transaction.atomic("owner"):
        cursor.execute(mutation)
        assert findings(cursor) != []
        transaction.set_rollback(True, "owner")


def test_every_manager_asks_for_the_open_workspace_only(workspace) -> None:
    assert unfiltered() == []


def test_a_manager_without_its_filter_is_found(workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(TenantManager, "get_queryset")
    assert len(unfiltered()) >= len(tenant_tables())


def test_without_a_workspace_there_is_an_error_never_rows(db: None) -> None:
    assert answering_without_workspace() == []
    for table in tenant_tables():
        refused = pytest.raises(DatabaseError, match=r"app\.workspace_id|uuid")
        with connection.cursor() as cursor, refused, transaction.atomic():
            cursor.execute(f"SELECT * FROM {table}")
