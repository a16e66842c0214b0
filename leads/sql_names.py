"""Searching companies, people and leads by what was meant: as leads/sql.py, in functions of the search role.

``named_matching``: companies or people whose search text fits all patterns. ``nearly_matching``: those in which the
words stand nearly, with their search text, for the caller to compare: the thousand best (of companies and people the
newest), and up to 200 others whose words share most of their trigrams. So much is read and no more, however many
rows there are.
"""

NAMES = """
GRANT SELECT ON leads_company, leads_contact TO leadcrm_search;
CREATE POLICY search ON leads_company FOR SELECT TO leadcrm_search USING (true);
CREATE POLICY search ON leads_contact FOR SELECT TO leadcrm_search USING (true);
GRANT CREATE ON SCHEMA public TO leadcrm_search;

CREATE FUNCTION named_matching(kind text, patterns text[], most integer) RETURNS SETOF uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    source text := CASE kind WHEN 'company' THEN 'leads_company' WHEN 'person' THEN 'leads_contact' END;
    pattern text;
    fits text := 'true';
BEGIN
    FOREACH pattern IN ARRAY patterns LOOP
        fits := fits || format(' AND search LIKE %L', pattern);
    END LOOP;
    RETURN QUERY EXECUTE format(
        'SELECT id FROM (SELECT id, length(search) AS long FROM %I WHERE workspace_id = $1 AND %s LIMIT 500) found '
        'ORDER BY long, id LIMIT $2', source, fits)
        USING current_setting('app.workspace_id')::uuid, most;
END $$;
REVOKE ALL ON FUNCTION named_matching(text, text[], integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION named_matching(text, text[], integer) TO leadcrm_app;
ALTER FUNCTION named_matching(text, text[], integer) OWNER TO leadcrm_search;

CREATE FUNCTION nearly_matching(kind text, words text[], patterns text[]) RETURNS TABLE (found uuid, said text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    source text := CASE kind
        WHEN 'company' THEN 'leads_company' WHEN 'person' THEN 'leads_contact' WHEN 'lead' THEN 'leads_lead' END;
    best text := CASE kind WHEN 'lead' THEN 'score DESC, id DESC' ELSE 'id DESC' END;
    part text;
    fits text := 'true';
    near text := 'true';
BEGIN
    PERFORM set_config('pg_trgm.word_similarity_threshold', '0.6', true);
    FOREACH part IN ARRAY patterns LOOP
        fits := fits || format(' AND search LIKE %L', part);
    END LOOP;
    FOREACH part IN ARRAY words LOOP
        near := near || format(' AND %L <%% search', part);
    END LOOP;
    RETURN QUERY EXECUTE format(
        'SELECT id, search FROM (SELECT id, search FROM %1$I WHERE workspace_id = $1 ORDER BY %2$s LIMIT 1000) best '
        'WHERE %3$s UNION ALL '
        '(SELECT id, search FROM %1$I WHERE workspace_id = $1 AND %3$s AND %4$s LIMIT 200)',
        source, best, fits, near)
        USING current_setting('app.workspace_id')::uuid;
END $$;
REVOKE ALL ON FUNCTION nearly_matching(text, text[], text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION nearly_matching(text, text[], text[]) TO leadcrm_app;
ALTER FUNCTION nearly_matching(text, text[], text[]) OWNER TO leadcrm_search;

REVOKE CREATE ON SCHEMA public FROM leadcrm_search;
"""

# The rest is read only where the best say nothing: a name that many have costs no look through all of them.
BEYOND = """
DROP FUNCTION nearly_matching(text, text[], text[]);
GRANT CREATE ON SCHEMA public TO leadcrm_search;
CREATE FUNCTION nearly_matching(kind text, words text[], patterns text[], beyond boolean)
RETURNS TABLE (found uuid, said text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    source text := CASE kind
        WHEN 'company' THEN 'leads_company' WHEN 'person' THEN 'leads_contact' WHEN 'lead' THEN 'leads_lead' END;
    best text := CASE kind WHEN 'lead' THEN 'score DESC, id DESC' ELSE 'id DESC' END;
    part text;
    fits text := 'true';
    near text := 'true';
BEGIN
    FOREACH part IN ARRAY patterns LOOP
        fits := fits || format(' AND search LIKE %L', part);
    END LOOP;
    IF NOT beyond THEN
        RETURN QUERY EXECUTE format(
            'SELECT id, search FROM (SELECT id, search FROM %I WHERE workspace_id = $1 ORDER BY %s LIMIT 600) best '
            'WHERE %s', source, best, fits)
            USING current_setting('app.workspace_id')::uuid;
        RETURN;
    END IF;
    PERFORM set_config('pg_trgm.word_similarity_threshold', '0.6', true);
    FOREACH part IN ARRAY words LOOP
        near := near || format(' AND %L <%% search', part);
    END LOOP;
    RETURN QUERY EXECUTE format(
        'SELECT id, search FROM %I WHERE workspace_id = $1 AND %s AND %s LIMIT 200', source, fits, near)
        USING current_setting('app.workspace_id')::uuid;
END $$;
REVOKE ALL ON FUNCTION nearly_matching(text, text[], text[], boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION nearly_matching(text, text[], text[], boolean) TO leadcrm_app;
ALTER FUNCTION nearly_matching(text, text[], text[], boolean) OWNER TO leadcrm_search;
REVOKE CREATE ON SCHEMA public FROM leadcrm_search;
"""
