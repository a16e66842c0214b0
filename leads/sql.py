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

# The best by score first, so that "most" cuts off the least. Under a policy the planner knows nothing of how
# often a text occurs, so this asks itself: where it stands in enough of the best leads, they are the answer
# already; only a rarer one is looked up by its trigrams (OFFSET 0: the planner would rather walk through all by
# score, in the hope to meet so few soon).
SEARCH_BEST = """
CREATE OR REPLACE FUNCTION leads_matching(patterns text[], most integer) RETURNS SETOF uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    workspace uuid := current_setting('app.workspace_id')::uuid;
    pattern text;
    fits text := 'true';
    found uuid[];
BEGIN
    FOREACH pattern IN ARRAY patterns LOOP
        fits := fits || format(' AND search LIKE %L', pattern);
    END LOOP;
    IF most <= 300 THEN
        EXECUTE 'SELECT array_agg(id) FROM (SELECT id FROM ('
            || 'SELECT id, score, search FROM leads_lead WHERE workspace_id = $1 '
            || 'ORDER BY score DESC, id DESC LIMIT 1500) best WHERE ' || fits || ' LIMIT $2) enough'
            INTO found USING workspace, most;
        IF cardinality(found) >= most THEN
            RETURN QUERY SELECT unnest(found);
            RETURN;
        END IF;
        RETURN QUERY EXECUTE 'SELECT id FROM (SELECT id, score FROM leads_lead WHERE workspace_id = $1 AND '
            || fits || ' OFFSET 0) rare ORDER BY score DESC, id DESC LIMIT $2' USING workspace, most;
        RETURN;
    END IF;
    RETURN QUERY EXECUTE 'SELECT id FROM leads_lead WHERE workspace_id = $1 AND ' || fits
        || ' ORDER BY score DESC, id DESC LIMIT $2' USING workspace, most;
END $$;
"""

# What everybody sees who sees a lead is the first line of its search text, how to reach it the second. ``holder``: who
# asks sees how to reach their own leads only; others are found by what is shown of them, however many a part of an
# address would fit. Null: who asks sees all.
SEARCH_SHOWN = r"""
DROP FUNCTION IF EXISTS leads_matching(text[], integer);

-- Each of the conditions in either line. Of the first three every way to share them is spelled out: each is one look
-- into the index, which the planner does not find by itself.
CREATE OR REPLACE FUNCTION in_either_line(shown text[], hidden text[]) RETURNS text
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, public AS $$
DECLARE
    ways text[] := ARRAY['true'];
    rest text := '';
BEGIN
    FOR n IN 1 .. COALESCE(cardinality(shown), 0) LOOP
        IF n <= 3 THEN
            ways := ARRAY(SELECT way || ' AND ' || one FROM unnest(ways) way, unnest(ARRAY[shown[n], hidden[n]]) one);
        ELSE
            rest := rest || format(' AND (%s OR %s)', shown[n], hidden[n]);
        END IF;
    END LOOP;
    RETURN '((' || array_to_string(ways, ') OR (') || '))' || rest;
END $$;

GRANT CREATE ON SCHEMA public TO leadcrm_search;
CREATE OR REPLACE FUNCTION leads_matching(patterns text[], most integer, holder uuid DEFAULT NULL) RETURNS SETOF uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    workspace uuid := current_setting('app.workspace_id')::uuid;
    on_first text[] := ARRAY(SELECT format('split_part(search, E''\n'', 1) LIKE %L', one) FROM unnest(patterns) one);
    on_second text[] := ARRAY(SELECT format('split_part(search, E''\n'', 2) LIKE %L', one) FROM unnest(patterns) one);
    fits text := in_either_line(on_first, on_second);
    shown text := array_to_string(on_first, ' AND ');
    rare text;
    found uuid[];
BEGIN
    rare := 'SELECT id, score FROM leads_lead WHERE workspace_id = $1 AND ' || fits;
    IF holder IS NOT NULL THEN
        rare := 'SELECT id, score FROM leads_lead WHERE workspace_id = $1 AND ' || shown
            || ' UNION SELECT id, score FROM leads_lead WHERE workspace_id = $1 AND owner_id = $3 AND ' || fits;
        fits := '(' || shown || ' OR owner_id = $3 AND ' || fits || ')';
    END IF;
    IF most <= 300 THEN
        EXECUTE 'SELECT array_agg(id) FROM (SELECT id FROM (SELECT id, score, search, owner_id FROM leads_lead '
            || 'WHERE workspace_id = $1 ORDER BY score DESC, id DESC LIMIT 1500) best WHERE '
            || fits || ' LIMIT $2) enough'
            INTO found USING workspace, most, holder;
        IF cardinality(found) >= most THEN
            RETURN QUERY SELECT unnest(found);
            RETURN;
        END IF;
        RETURN QUERY EXECUTE 'SELECT id FROM (' || rare || ' OFFSET 0) rare ORDER BY score DESC, id DESC LIMIT $2'
            USING workspace, most, holder;
        RETURN;
    END IF;
    RETURN QUERY EXECUTE 'SELECT id FROM (' || rare || ') every ORDER BY score DESC, id DESC LIMIT $2'
        USING workspace, most, holder;
END $$;
REVOKE ALL ON FUNCTION leads_matching(text[], integer, uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION leads_matching(text[], integer, uuid) TO leadcrm_app;
ALTER FUNCTION leads_matching(text[], integer, uuid) OWNER TO leadcrm_search;
REVOKE CREATE ON SCHEMA public FROM leadcrm_search;
"""
