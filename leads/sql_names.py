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

# As SEARCH_SHOWN in leads/sql.py. ``whole``: people are found by what is shown of them, or by one of these addresses,
# each told in full. ``shown``: leads and people are compared by what is shown of them.
NAMES_SHOWN = r"""
DROP FUNCTION IF EXISTS named_matching(text, text[], integer);
DROP FUNCTION IF EXISTS nearly_matching(text, text[], text[], boolean);
GRANT CREATE ON SCHEMA public TO leadcrm_search;

CREATE OR REPLACE FUNCTION named_matching(kind text, patterns text[], most integer, whole text[]) RETURNS SETOF uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    people boolean := kind = 'person';
    line text := CASE WHEN people THEN 'split_part(search, E''\n'', 1)' ELSE 'search' END;
    hidden text := 'split_part(search, E''\n'', 2)';
    shown text[] := ARRAY(SELECT format('%s LIKE %L', line, one) FROM unnest(patterns) one);
    fits text := array_to_string(shown, ' AND ');
    part text;
BEGIN
    IF people AND whole IS NULL THEN
        fits := in_either_line(shown, ARRAY(SELECT format('%s LIKE %L', hidden, one) FROM unnest(patterns) one));
    ELSIF people THEN
        FOREACH part IN ARRAY whole LOOP
            fits := fits || format(' OR %1$s LIKE %2$L AND (lower(email) = %3$L OR lower(wechat) = %3$L '
                'OR regexp_replace(phone, ''[^0-9]'', '''', ''g'') = %3$L)',
                hidden, '%' || regexp_replace(part, '([\\%_])', '\\\1', 'g') || ' %', part);
        END LOOP;
    END IF;
    RETURN QUERY EXECUTE format(
        'SELECT id FROM (SELECT id, length(search) AS long FROM %I WHERE workspace_id = $1 AND (%s) LIMIT 500) found '
        'ORDER BY long, id LIMIT $2', CASE WHEN people THEN 'leads_contact' ELSE 'leads_company' END, fits)
        USING current_setting('app.workspace_id')::uuid, most;
END $$;
REVOKE ALL ON FUNCTION named_matching(text, text[], integer, text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION named_matching(text, text[], integer, text[]) TO leadcrm_app;
ALTER FUNCTION named_matching(text, text[], integer, text[]) OWNER TO leadcrm_search;

CREATE OR REPLACE FUNCTION nearly_matching(kind text, words text[], patterns text[], beyond boolean, shown boolean)
RETURNS TABLE (found uuid, said text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    source text := CASE kind
        WHEN 'company' THEN 'leads_company' WHEN 'person' THEN 'leads_contact' WHEN 'lead' THEN 'leads_lead' END;
    best text := CASE kind WHEN 'lead' THEN 'score DESC, id DESC' ELSE 'id DESC' END;
    line text := CASE kind WHEN 'company' THEN 'search' ELSE 'split_part(search, E''\n'', 1)' END;
    hidden text := 'split_part(search, E''\n'', 2)';
    one_line boolean := shown OR kind = 'company';
    told text := CASE WHEN shown THEN line ELSE 'search' END;
    fits text := CASE WHEN one_line
        THEN (SELECT COALESCE(string_agg(format('%s LIKE %L', line, one), ' AND '), 'true') FROM unnest(patterns) one)
        ELSE in_either_line(ARRAY(SELECT format('%s LIKE %L', line, one) FROM unnest(patterns) one),
                            ARRAY(SELECT format('%s LIKE %L', hidden, one) FROM unnest(patterns) one)) END;
    near text := CASE WHEN one_line
        THEN (SELECT string_agg(format('%L <%% %s', one, line), ' AND ') FROM unnest(words) one)
        ELSE in_either_line(ARRAY(SELECT format('%L <%% %s', one, line) FROM unnest(words) one),
                            ARRAY(SELECT format('%L <%% %s', one, hidden) FROM unnest(words) one)) END;
BEGIN
    IF NOT beyond THEN
        RETURN QUERY EXECUTE format(
            'SELECT id, %s FROM (SELECT id, search FROM %I WHERE workspace_id = $1 ORDER BY %s LIMIT 600) best '
            'WHERE %s', told, source, best, fits)
            USING current_setting('app.workspace_id')::uuid;
        RETURN;
    END IF;
    PERFORM set_config('pg_trgm.word_similarity_threshold', '0.6', true);
    RETURN QUERY EXECUTE format(
        'SELECT id, %s FROM %I WHERE workspace_id = $1 AND %s AND %s LIMIT 200', told, source, fits, near)
        USING current_setting('app.workspace_id')::uuid;
END $$;
REVOKE ALL ON FUNCTION nearly_matching(text, text[], text[], boolean, boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION nearly_matching(text, text[], text[], boolean, boolean) TO leadcrm_app;
ALTER FUNCTION nearly_matching(text, text[], text[], boolean, boolean) OWNER TO leadcrm_search;
REVOKE CREATE ON SCHEMA public FROM leadcrm_search;
"""
