"""Who held leads at past moments, and in which pool they were: statements of ``leads.past``.

The first thing told after the moment says how it was before: a lead that is taken from somebody was theirs, one
that is claimed was nobody's. So what was done and taken back again is not in the way. Where nothing is
told any more, it is as it is now.
"""

# Steps that came with a lead in a merge are not the survivor's: before the merge never, and after it only where
# its pursuit went on.
MOVED = """
SELECT DISTINCT m.lead_id, x.id::uuid AS id
FROM past_moment m
JOIN leads_merge g ON g.workspace_id = {workspace} AND g.survivor_id = m.lead_id AND g.taker = m.lead_id
CROSS JOIN LATERAL jsonb_array_elements_text(g.moved -> 'leads_stagechange') x (id)
WHERE g.pursuit = 'this' OR g.at > m.moment
"""

# was, pool_was: who held it before, and where it was; pool: where it was from then on. A lead that is lost or
# disqualified goes to the recycle pool, one that is sent back to the lead pool, held or not; one that is reopened
# is sorted anew. A merge tells only what it changed.
HOLDERS = """
WITH told AS (
    SELECT e.lead_id, e.at, e.id, e.at > m.moment AS later, e.data ->> 'former_owner' AS was, NULL AS pool_was,
        CASE WHEN e.kind IN ('claimed', 'assigned', 'given') THEN 'sales'
            WHEN e.kind = 'brought_back' THEN 'lead' ELSE e.data ->> 'pool' END AS pool
    FROM past_moment m JOIN leads_timelineentry e ON e.workspace_id = {workspace} AND e.lead_id = m.lead_id
    WHERE e.kind IN ('claimed', 'assigned', 'given', 'released', 'reclaimed', 'brought_back')
    UNION ALL
    SELECT s.lead_id, s.at, s.id, s.at > m.moment, NULL,
        CASE WHEN s.transition = 'reopen' THEN 'recycle' END,
        CASE WHEN s.transition IN ('reopen', 'send_back') THEN 'lead' ELSE 'recycle' END
    FROM past_moment m JOIN leads_stagechange s ON s.workspace_id = {workspace} AND s.lead_id = m.lead_id
    LEFT JOIN past_moved v ON v.id = s.id
    WHERE v.id IS NULL AND (s.transition IN ('lose', 'disqualify', 'send_back')
        OR s.transition = 'reopen' AND s.source IN ('lost', 'disqualified'))
    UNION ALL
    SELECT m.lead_id, c.at, g.id, c.at > m.moment, g.changes -> 'owner_id' ->> c.before,
        COALESCE(g.changes -> 'pool' ->> c.before, 'sales'), COALESCE(g.changes -> 'pool' ->> 1 - c.before, 'sales')
    FROM past_moment m
    JOIN leads_merge g ON g.workspace_id = {workspace} AND g.survivor_id = m.lead_id AND g.taker = m.lead_id
    CROSS JOIN LATERAL (VALUES (g.at, 0), (g.undone_at, 1)) c (at, before)
    WHERE g.changes ?| ARRAY['owner_id', 'pool'] AND c.at IS NOT NULL
        AND (c.before = 0 OR NOT g.kept @> '[{{"what": "pursuit"}}]')
), next AS (
    SELECT DISTINCT ON (lead_id) lead_id, was::uuid AS owner_id, pool_was FROM told WHERE later
    ORDER BY lead_id, at, was IS NULL, id
), last AS (
    SELECT DISTINCT ON (lead_id) lead_id, at, NULLIF(pool, 'sales') AS pool FROM told WHERE NOT later
    ORDER BY lead_id, at DESC, id DESC
), begun AS (
    SELECT lead_id, max(at) AS at FROM told WHERE NOT later AND pool = 'sales' GROUP BY lead_id
)
SELECT n.lead_id, n.owner_id, w.team_id, last.at AS pool_since,
    CASE WHEN n.owner_id IS NULL THEN COALESCE(NULLIF(n.pool_was, 'sales'), last.pool, 'lead') ELSE 'sales' END AS pool,
    CASE WHEN n.owner_id IS NOT NULL THEN begun.at END AS held_since
FROM next n
LEFT JOIN last ON last.lead_id = n.lead_id
LEFT JOIN begun ON begun.lead_id = n.lead_id
LEFT JOIN workspaces_member w ON w.workspace_id = {workspace} AND w.id = n.owner_id
"""
