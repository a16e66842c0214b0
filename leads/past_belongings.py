"""Tags and people of leads at past moments: statements of ``leads.past``.

A tag or a person was there when the last thing told of it by then is that it came, when nothing is told by
then and the first thing told later is that it went, or when it is there now and came before the moment.
"""

# The last thing told by the moment, else the first thing told after it.
STATE = """
    SELECT DISTINCT ON (lead_id, {what}) lead_id, {what}, came, known FROM told
    ORDER BY lead_id, {what}, known DESC, CASE WHEN known THEN at END DESC, CASE WHEN known THEN id END DESC, at, id
"""

# An arrival tells by id what it put on. What a rule had put on tells its own time; that a person took it off says
# nothing of before.
TAGS = """
WITH told AS (
    SELECT e.lead_id, t.id AS tag_id, n.came, e.at <= m.moment AS known, e.at, e.id
    FROM past_moment m
    JOIN leads_timelineentry e ON e.workspace_id = {workspace} AND e.lead_id = m.lead_id
    CROSS JOIN LATERAL (
        SELECT x, e.kind = 'tagged' FROM jsonb_array_elements_text(e.data -> 'tags') x WHERE e.kind <> 'taken_back'
        UNION ALL SELECT x, true FROM jsonb_array_elements_text(e.data -> 'tagged') x
        UNION ALL SELECT x, false FROM jsonb_array_elements_text(e.data -> 'untagged') x
    ) n (name, came)
    JOIN leads_tag t ON t.workspace_id = {workspace} AND t.name_key = lower(normalize(btrim(n.name), NFKC))
    LEFT JOIN leads_tagspan s ON s.workspace_id = {workspace} AND s.lead_id = e.lead_id
        AND s.tag_id = t.id AND s.until = e.at AND e.kind = 'untagged'
    WHERE e.kind IN ('tagged', 'untagged', 'retracted', 'taken_back') AND s.id IS NULL
    UNION ALL
    SELECT e.lead_id, n.tag::uuid, true, e.at <= m.moment, e.at, e.id
    FROM past_moment m
    JOIN leads_timelineentry e ON e.workspace_id = {workspace} AND e.lead_id = m.lead_id
    CROSS JOIN LATERAL jsonb_array_elements_text(e.data -> 'tagged') n (tag)
    WHERE e.kind = 'came_again'
), state AS ({state})
SELECT {workspace} AS workspace_id, lead_id, tag_id FROM state WHERE came = known
UNION
SELECT s.workspace_id, s.lead_id, s.tag_id FROM leads_tagspan s
JOIN past_moment m ON m.lead_id = s.lead_id
WHERE s.workspace_id = {workspace} AND s.since <= m.moment AND s.until > m.moment
UNION
SELECT x.workspace_id, x.lead_id, x.tag_id FROM leads_leadtag x
JOIN past_moment m ON m.lead_id = x.lead_id
WHERE x.workspace_id = {workspace} AND x.created_at <= m.moment
""".replace("{state}", STATE.replace("{what}", "tag_id"))

CONTACTS = """
WITH told AS (
    SELECT e.lead_id, n.who ->> 'role' AS role, n.who ->> 'name' AS name, n.came, e.at <= m.moment AS known, e.at, e.id
    FROM past_moment m
    JOIN leads_timelineentry e ON e.workspace_id = {workspace} AND e.lead_id = m.lead_id
    CROSS JOIN LATERAL (
        SELECT e.data, e.kind = 'contact_added' WHERE e.kind <> 'taken_back'
        UNION ALL SELECT x, true FROM jsonb_array_elements(e.data -> 'added') x WHERE e.kind = 'taken_back'
        UNION ALL SELECT x, false FROM jsonb_array_elements(e.data -> 'dropped') x WHERE e.kind = 'taken_back'
    ) n (who, came)
    WHERE e.kind IN ('contact_added', 'contact_dropped', 'taken_back')
), state AS ({state})
SELECT {workspace} AS workspace_id, lead_id, role FROM state WHERE came = known
UNION
SELECT x.workspace_id, x.lead_id, x.role FROM leads_leadcontact x
JOIN past_moment m ON m.lead_id = x.lead_id
WHERE x.workspace_id = {workspace} AND x.created_at <= m.moment
""".replace("{state}", STATE.replace("{what}", "role, name"))
