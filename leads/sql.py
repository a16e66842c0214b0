"""Substring search under row-level security.

``LIKE`` is not leakproof, so under a policy it never uses the trigram index. This one function runs
as a role whose policy lets the index be used, and itself looks at the open workspace only.
"""

SEARCH = """
GRANT SELECT ON leads_lead TO leadcrm_search;
CREATE POLICY search ON leads_lead FOR SELECT TO leadcrm_search USING (true);
CREATE FUNCTION leads_matching(patterns text[], most integer) RETURNS SETOF uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    pattern text;
    query text := 'SELECT id FROM leads_lead WHERE workspace_id = $1';
BEGIN
    FOREACH pattern IN ARRAY patterns LOOP
        query := query || format(' AND search LIKE %L', pattern);
    END LOOP;
    RETURN QUERY EXECUTE query || ' LIMIT $2' USING current_setting('app.workspace_id')::uuid, most;
END $$;
REVOKE ALL ON FUNCTION leads_matching(text[], integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION leads_matching(text[], integer) TO leadcrm_app;
GRANT CREATE ON SCHEMA public TO leadcrm_search;
ALTER FUNCTION leads_matching(text[], integer) OWNER TO leadcrm_search;
REVOKE CREATE ON SCHEMA public FROM leadcrm_search;
"""

# The best by score first, so that "most" cuts off the least: the planner then walks the scores where a text
# is common, and the trigrams where it is rare.
SEARCH_BEST = """
CREATE OR REPLACE FUNCTION leads_matching(patterns text[], most integer) RETURNS SETOF uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    pattern text;
    query text := 'SELECT id FROM leads_lead WHERE workspace_id = $1';
BEGIN
    FOREACH pattern IN ARRAY patterns LOOP
        query := query || format(' AND search LIKE %L', pattern);
    END LOOP;
    RETURN QUERY EXECUTE query || ' ORDER BY score DESC, id DESC LIMIT $2'
        USING current_setting('app.workspace_id')::uuid, most;
END $$;
"""
