"""SQL of the ground: the program's role, what it may do to global tables, and time-ordered keys."""

ROLES = """
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'leadcrm_app') THEN
        CREATE ROLE leadcrm_app NOLOGIN NOSUPERUSER NOBYPASSRLS;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'leadcrm_search') THEN
        CREATE ROLE leadcrm_search NOLOGIN NOSUPERUSER NOBYPASSRLS;
    END IF;
    EXECUTE format('GRANT leadcrm_app, leadcrm_search TO %I', current_user);
EXCEPTION WHEN duplicate_object OR unique_violation THEN
    NULL;  -- another database of the same cluster is being migrated at this moment
END $$;
GRANT USAGE ON SCHEMA public TO leadcrm_app, leadcrm_search;
"""

# The short list of global tables: who may sign in, and which workspaces there are.
GLOBAL_TABLES = {
    "workspaces_user": "SELECT, INSERT, UPDATE",
    "workspaces_workspace": "SELECT, INSERT, UPDATE",
    "workspaces_access": "SELECT, INSERT, DELETE",
    "django_session": "SELECT, INSERT, UPDATE, DELETE",
    "django_content_type": "SELECT",
    "django_migrations": "SELECT",
    "auth_permission": "",
    "auth_group": "",
    "auth_group_permissions": "",
}

GRANTS = "\n".join(
    f"GRANT {rights} ON {table} TO leadcrm_app;" for table, rights in GLOBAL_TABLES.items() if rights
)

# RFC 9562 version 7: 48 bits of Unix milliseconds, then random bits with version and variant set.
# PostgreSQL 18 brings its own; older servers get the same from gen_random_uuid().
UUID7 = """
DO $$ BEGIN
    IF current_setting('server_version_num')::int >= 180000 THEN
        CREATE FUNCTION leadcrm_uuid7() RETURNS uuid LANGUAGE sql VOLATILE PARALLEL SAFE
            AS 'SELECT uuidv7()';
    ELSE
        CREATE FUNCTION leadcrm_uuid7() RETURNS uuid LANGUAGE sql VOLATILE PARALLEL SAFE AS
            $f$ SELECT (lpad(to_hex((extract(epoch FROM clock_timestamp()) * 1000)::bigint), 12, '0')
                || '7' || substr(replace(gen_random_uuid()::text, '-', ''), 14))::uuid $f$;
    END IF;
END $$;
"""


# A row of a settings table came, changed or went (SettingsTable): the workspace's settings are in another state.
# A workspace that is being deleted takes its settings with it, and is stamped no more.
STAMP_SETTINGS = """
CREATE FUNCTION leadcrm_stamp_settings() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO workspaces_settingsstamp (id, workspace_id, created_at, updated_at, stamp)
    SELECT leadcrm_uuid7(), w.id, now(), now(), gen_random_uuid()
    FROM workspaces_workspace w WHERE w.id = COALESCE(NEW.workspace_id, OLD.workspace_id)
    ON CONFLICT (workspace_id) DO UPDATE SET stamp = EXCLUDED.stamp, updated_at = EXCLUDED.updated_at;
    RETURN NULL;
END $$
"""
