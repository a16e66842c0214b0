"""What the database itself must say about every table: law 4, read from the catalogue.

``findings`` is a function of the database alone, so that the mutation tests can ask it about a database
in which something was taken away.
"""

from dataclasses import dataclass, field
from typing import Any

from django.apps import apps

from workspaces.sql import GLOBAL_TABLES
from workspaces.tenancy import TenantForeignKey, TenantModel

APP, SEARCH = "leadcrm_app", "leadcrm_search"
APPEND_ONLY = {"leads_timelineentry", "workspaces_auditentry"}
PLAIN = "(workspace_id = (current_setting('app.workspace_id'::text))::uuid)"
TENANT_POLICY = ("tenant", "*", ("public",), True, PLAIN, PLAIN)
# Substring search runs as a role of its own, inside one function that looks at the open workspace only.
SEARCH_POLICY = ("search", "r", (SEARCH,), True, "true", None)
DEFINER_FUNCTIONS = {
    ("leads_matching", SEARCH),
    ("named_matching", SEARCH),
    ("nearly_matching", SEARCH),
}
SEARCHED = {"leads_lead", "leads_company", "leads_contact"}


@dataclass
class Table:
    """One table as the catalogue describes it."""

    name: str
    secured: bool = False
    forced: bool = False
    workspace_column: str = ""  # "uuid not null" when it is right
    keys: list[tuple[str, bool, tuple[str, ...]]] = field(default_factory=list)  # name, primary, columns
    references: list[tuple[str, tuple[str, ...], str, tuple[str, ...], str]] = field(default_factory=list)
    policies: list[tuple] = field(default_factory=list)
    grants: dict[str, set[str]] = field(default_factory=dict)


def tenant_models() -> list[type[TenantModel]]:
    return [model for model in apps.get_models() if issubclass(model, TenantModel)]


def tenant_tables() -> list[str]:
    return sorted(model._meta.db_table for model in tenant_models())


def read(cursor: Any) -> dict[str, Table]:
    """Every table of the schema with its keys, policies and grants."""
    cursor.execute(
        """
        SELECT c.relname, c.relrowsecurity, c.relforcerowsecurity,
            (SELECT format_type(a.atttypid, a.atttypmod)
                || CASE WHEN a.attnotnull THEN ' not null' ELSE '' END
             FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'workspace_id')
        FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
        """
    )
    tables = {row[0]: Table(row[0], row[1], row[2], row[3] or "") for row in cursor.fetchall()}
    columns = "array(SELECT a.attname::text FROM unnest({0}) WITH ORDINALITY k (n, o) JOIN pg_attribute a"
    columns += " ON a.attrelid = {1} AND a.attnum = k.n ORDER BY k.o)"
    cursor.execute(
        f"""
        SELECT c.relname, i.indexrelid::regclass::text, i.indisprimary,
            {columns.format("i.indkey::int2[]", "c.oid")}
        FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
        WHERE i.indisunique AND c.relnamespace = 'public'::regnamespace
        """
    )
    for name, key, primary, names in cursor.fetchall():
        tables[name].keys.append((key, primary, tuple(names)))
    cursor.execute(
        f"""
        SELECT t.conrelid::regclass::text, t.conname, {columns.format("t.conkey", "t.conrelid")},
            t.confrelid::regclass::text, {columns.format("t.confkey", "t.confrelid")}, t.confdeltype
        FROM pg_constraint t WHERE t.contype = 'f' AND t.connamespace = 'public'::regnamespace
        """
    )
    for name, constraint, ours, parent, theirs, on_delete in cursor.fetchall():
        tables[name].references.append((constraint, tuple(ours), parent, tuple(theirs), on_delete))
    cursor.execute(
        """
        SELECT c.relname, p.polname, p.polcmd, p.polpermissive,
            array(SELECT CASE WHEN r = 0 THEN 'public' ELSE pg_get_userbyid(r)::text END
                  FROM unnest(p.polroles) r),
            pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)
        FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid
        """
    )
    for name, policy, command, permissive, roles, using, check in cursor.fetchall():
        tables[name].policies.append((policy, command, tuple(roles), permissive, using, check))
    cursor.execute(
        """
        SELECT c.relname, CASE WHEN x.grantee = 0 THEN 'public' ELSE pg_get_userbyid(x.grantee)::text END,
            x.privilege_type
        FROM pg_class c, aclexplode(c.relacl) x
        WHERE c.relnamespace = 'public'::regnamespace AND x.grantee <> c.relowner
            AND c.relkind IN ('r', 'p')
        """
    )
    for name, role, right in cursor.fetchall():
        tables[name].grants.setdefault(role, set()).add(right)
    return tables


def findings(cursor: Any) -> list[str]:
    """Everything that breaks law 4, as ``"table: what"``. Empty when all is well."""
    tables = read(cursor)
    tenant = set(tenant_tables())
    found = [f"{name}: no such table" for name in sorted(tenant - set(tables))]
    for name, table in sorted(tables.items()):
        if name in tenant:
            found += [f"{name}: {what}" for what in of_tenant(table)]
        elif name in GLOBAL_TABLES:
            found += [f"{name}: {what}" for what in of_global(table)]
        else:
            found.append(f"{name}: neither a tenant's table nor on the short list of global tables")
    return found + unconstrained(tables) + of_roles(cursor)


def of_tenant(table: Table) -> list[str]:
    found = []
    if table.workspace_column != "uuid not null":
        found.append(f"workspace_id is {table.workspace_column or 'missing'}")
    if not (table.secured and table.forced):
        found.append("row-level security is not enabled and forced")
    expected = [TENANT_POLICY] + ([SEARCH_POLICY] if table.name in SEARCHED else [])
    if sorted(table.policies) != sorted(expected):
        found.append(f"policies are {[policy[0] for policy in table.policies]}, not the plain one")
    for key, primary, columns in table.keys:
        if primary and columns != ("workspace_id", "id"):
            found.append(f"primary key is {columns}")
        if "workspace_id" not in columns:
            found.append(f"unique {key} {columns} leaves the workspace out")
    if not any(primary for _key, primary, _columns in table.keys):
        found.append("no primary key")
    for constraint, ours, parent, theirs, on_delete in table.references:
        if (
            parent not in GLOBAL_TABLES
            and dict(zip(ours, theirs, strict=True)).get("workspace_id") != "workspace_id"
        ):
            found.append(f"foreign key {constraint} leaves the workspace out")
        if on_delete in ("n", "d"):
            found.append(f"foreign key {constraint} sets columns on delete, the workspace among them")
    if not any(ours == ("workspace_id",) for _c, ours, _p, _t, _d in table.references):
        found.append("workspace_id references no workspace")
    rights = {"SELECT", "INSERT"} if table.name in APPEND_ONLY else {"SELECT", "INSERT", "UPDATE", "DELETE"}
    expected_grants = {APP: rights} | ({SEARCH: {"SELECT"}} if table.name in SEARCHED else {})
    if table.grants != expected_grants:
        found.append(f"grants are {table.grants}")
    return found


def of_global(table: Table) -> list[str]:
    rights = {right.strip() for right in GLOBAL_TABLES[table.name].split(",") if right.strip()}
    expected = {APP: rights} if rights else {}
    return [] if table.grants == expected else [f"grants are {table.grants}"]


def unconstrained(tables: dict[str, Table]) -> list[str]:
    """Tenant foreign keys of the models that the database does not enforce."""
    found = []
    for model in tenant_models():
        table = tables.get(model._meta.db_table)
        for column in model._meta.local_fields:
            if table is None or not isinstance(column, TenantForeignKey):
                continue
            parent = column.remote_field.model._meta.db_table
            expected = (("workspace_id", column.column), parent, ("workspace_id", "id"))
            if not any((ours, to, theirs) == expected for _n, ours, to, theirs, _d in table.references):
                found.append(f"{table.name}: {column.column} is not held to its own workspace")
    return found


def of_roles(cursor: Any) -> list[str]:
    """The program's roles own nothing, can do nothing special, and nothing goes around the policies."""
    found = []
    for role in (APP, SEARCH):
        cursor.execute(
            "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication FROM pg_roles "
            "WHERE rolname = %s",
            [role],
        )
        if any(cursor.fetchone()):
            found.append(f"{role}: has a power of its own")
        cursor.execute(
            """
            SELECT relname::text FROM pg_class WHERE pg_get_userbyid(relowner) = %s
            UNION ALL SELECT nspname::text FROM pg_namespace WHERE pg_get_userbyid(nspowner) = %s
            UNION ALL SELECT datname::text FROM pg_database WHERE pg_get_userbyid(datdba) = %s
            """,
            [role, role, role],
        )
        found += [f"{role}: owns {name}" for (name,) in cursor.fetchall()]
        cursor.execute("SELECT has_schema_privilege(%s, 'public', 'CREATE')", [role])
        if cursor.fetchone()[0]:
            found.append(f"{role}: may create in the schema")
        cursor.execute(
            "SELECT pg_get_userbyid(roleid)::text FROM pg_auth_members WHERE pg_get_userbyid(member) = %s",
            [role],
        )
        found += [f"{role}: is a member of {name}" for (name,) in cursor.fetchall()]
    cursor.execute(
        "SELECT proname::text, pg_get_userbyid(proowner)::text FROM pg_proc "
        "WHERE pronamespace = 'public'::regnamespace AND prosecdef"
    )
    found += [f"{name}: runs as {owner}" for name, owner in set(cursor.fetchall()) - DEFINER_FUNCTIONS]
    cursor.execute(
        "SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('v', 'm')"
    )
    return found + [f"{name}: a view reads as its owner" for (name,) in cursor.fetchall()]
