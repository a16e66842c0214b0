"""When fields of leads were first written after they came in: by hand, a service, an arrival or a merge."""

from collections.abc import Sequence

from leads.conditions import Sql
from leads.conditions.fragments import put
from workspaces.tenancy import current_workspace

KEYED = {"email": "email_key", "phone": "phone_e164", "company": "company_id", "channel": "channel_id"}


def first_writes(names: Sequence[str]) -> Sql:
    """Joins to leads ``l`` that give when each of these fields was first written after the lead came in, by whomever:
    ``written_0.at`` and so on, in their order. One scan for each field."""
    pieces = [
        put(f"LEFT JOIN ({{}}) written_{at} ON written_{at}.lead_id = l.id", first_written(name))
        for at, name in enumerate(names)
    ]
    return put(" ".join("{}" for _name in names), *pieces)


def first_written(name: str) -> Sql:
    workspace = str(current_workspace().pk)
    told = "SELECT e.lead_id, min(e.at) AS at FROM {} e WHERE e.workspace_id = {}::uuid AND {} GROUP BY e.lead_id"
    entries = Sql("leads_timelineentry")
    if name == "quality":
        return put(told, entries, workspace, Sql("e.kind = 'quality'"))
    column = KEYED.get(name, name)
    changed = put("(e.data -> 'changes') ? {}::text", column)
    filled = put("(e.data -> 'filled') ? {}::text", column)
    if name.startswith("attributes."):
        key = name.removeprefix("attributes.")
        changed = put(
            "(e.data #> ARRAY['changes', 'attributes', '0', {}::text]"
            " IS DISTINCT FROM e.data #> ARRAY['changes', 'attributes', '1', {}::text]"
            " OR (e.data -> 'changes') ? {}::text)",
            key,
            key,
            name,
        )
        filled = put("(e.data -> 'attributes') ? {}::text", key)
    by_hand = put("e.kind IN ('edited', 'enriched', 'unfilled') AND {}", changed)
    merges = Sql(
        "(SELECT g.workspace_id, g.taker AS lead_id, g.at, jsonb_build_object('changes', g.changes) AS data"
        " FROM leads_merge g WHERE g.survivor_id = g.taker AND g.undone_at IS NULL)"
    )
    return put(
        "SELECT lead_id, min(at) AS at FROM ({} UNION ALL {}) w GROUP BY lead_id",
        put(told, entries, workspace, put("(({}) OR e.kind = 'came_again' AND {})", by_hand, filled)),
        put(told, merges, workspace, changed),
    )
