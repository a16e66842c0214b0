"""Reclaiming what nobody followed up, against one statement written by hand that does the same writes.

Ours is called as ``flow.run_due`` calls it: a batch, a commit, the next batch, until nothing is due. The
statement by hand does all of it in one transaction.
"""

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from statistics import median

from django.db import connection

from benchmarks import Figure, benchmark
from benchmarks.ground import Ground, timed
from benchmarks.rows import without_indexes
from benchmarks.traces import a_workspace, owner_in
from pools.actions import reclaim_due
from workspaces.models import Workspace
from workspaces.tenancy import current_workspace_id, enter

ROUNDS = 3
TIMES = 10
WRITTEN = ("leads_lead", "pools_assignment", "leads_timelineentry")

BY_HAND = """
WITH due AS MATERIALIZED (
    SELECT id, owner_id, reclaim_at, reclaim_reason FROM leads_lead
    WHERE workspace_id = %(workspace)s AND reclaim_at <= %(now)s FOR NO KEY UPDATE
), freed AS (
    UPDATE leads_lead l SET pool = 'recycle', pool_since = %(now)s, owner_id = NULL, team_id = NULL,
        held_since = NULL, reclaim_at = NULL, reclaim_reason = '', warn_at = NULL,
        version = l.version + 1, updated_at = %(now)s
    FROM due WHERE l.workspace_id = %(workspace)s AND l.id = due.id
), ended AS (
    UPDATE pools_assignment a SET ended_at = %(now)s, ended = 'reclaimed', end_reason = due.reclaim_reason,
        updated_at = %(now)s
    FROM due WHERE a.workspace_id = %(workspace)s AND a.lead_id = due.id AND a.ended_at IS NULL
)
INSERT INTO leads_timelineentry (id, workspace_id, created_at, updated_at, lead_id, at, kind, actor_id, data)
SELECT leadcrm_uuid7(), %(workspace)s, %(now)s, %(now)s, id, %(now)s, 'reclaimed', NULL, jsonb_build_object(
    'former_owner', owner_id::text, 'reason', reclaim_reason, 'due', reclaim_at, 'pool', 'recycle')
FROM due"""

# The leads of another workspace once more, all of them held: of each ten the first is due.
COLUMNS = """
SELECT column_name FROM information_schema.columns
WHERE table_schema = 'public' AND table_name = 'leads_lead' AND is_generated = 'NEVER'"""
HELD = {
    "id": "leadcrm_uuid7()",
    "workspace_id": "%(workspace)s::uuid",
    "company_id": "NULL",
    "channel_id": "NULL",
    "team_id": "NULL",
    "stage": "'lead'",
    "pool": "'sales'",
    "owner_id": "r.id",
    "held_since": "%(now)s - interval '10 days'",
    "last_follow_up_at": "NULL",
    "warn_at": "NULL",
    "reclaim_reason": "'first_contact'",
    "reclaim_at": "%(now)s + CASE WHEN l.n %% 10 = 0 THEN -1 ELSE 1 END * make_interval(secs => 1 + l.n)",
}
REPS = """(SELECT id, row_number() OVER (ORDER BY id) - 1 AS place FROM workspaces_member
    WHERE workspace_id = %(workspace)s::uuid AND role = 'rep') r"""
ASSIGNED = """
INSERT INTO pools_assignment (id, workspace_id, created_at, updated_at, lead_id, member_id, began_at, began,
    why, ended, end_reason)
SELECT leadcrm_uuid7(), workspace_id, held_since, held_since, id, owner_id, held_since, 'claimed', '{}', '', ''
FROM leads_lead l WHERE workspace_id = %(workspace)s AND NOT EXISTS (SELECT FROM pools_assignment a
    WHERE a.workspace_id = l.workspace_id AND a.lead_id = l.id)"""
AS_BEFORE = (
    """
    UPDATE leads_lead l SET pool = 'sales', owner_id = a.member_id, held_since = a.began_at, version = 1,
        reclaim_at = (t.data ->> 'due')::timestamptz, reclaim_reason = t.data ->> 'reason'
    FROM pools_assignment a, leads_timelineentry t
    WHERE l.workspace_id = %(workspace)s AND a.workspace_id = %(workspace)s AND t.workspace_id = %(workspace)s
      AND a.lead_id = l.id AND t.lead_id = l.id AND t.kind = 'reclaimed'""",
    """
    UPDATE pools_assignment SET ended_at = NULL, ended = '', end_reason = ''
    WHERE workspace_id = %(workspace)s AND ended_at IS NOT NULL""",
    "DELETE FROM leads_timelineentry WHERE workspace_id = %(workspace)s",
)
STATE = """
SELECT count(*), sum(version), (SELECT count(*) FROM pools_assignment a
    WHERE a.workspace_id = %(workspace)s AND a.ended = 'reclaimed' AND a.end_reason = 'first_contact'),
    (SELECT count(DISTINCT (lead_id, data)) FROM leads_timelineentry t
     WHERE t.workspace_id = %(workspace)s AND t.kind = 'reclaimed')
FROM leads_lead WHERE workspace_id = %(workspace)s AND pool = 'recycle' AND owner_id IS NULL"""


@benchmark
def reclaiming(ground: Ground) -> Iterator[Figure]:
    with a_workspace("reclaiming", reps=10) as workspace:
        hold(ground, workspace)
        due = ground.each // 10
        ours: list[float] = []
        limit: list[float] = []
        for number in range(ROUNDS):
            pair: list[tuple[list[float], Callable[[Ground, Workspace], None]]] = [
                (ours, by_us),
                (limit, by_hand),
            ]
            for times, work in pair if number % 2 else reversed(pair):
                times.append(once(ground, workspace, work, due))
        spread = {"ours_each_s": [round(t, 3) for t in ours], "limit_each_s": [round(t, 3) for t in limit]}
        work_done = f"{due:,} due of {ground.each:,} held"
        yield Figure("reclaim what is due", work_done, median(ours), median(limit), 1.5, more=spread)
        hold(ground, workspace, more=TIMES - 1)
        crowded = [once(ground, workspace, by_us, due) for _round in range(ROUNDS)]
        held = due + (ground.each - due) * TIMES
        yield Figure(
            "reclaim, ten times as many not due",
            f"{due:,} due of {held:,} held",
            median(crowded),
            median(ours),
            1.2,
            limit=f"with {ground.each - due:,} not due",
            more={"ours_each_s": [round(t, 3) for t in crowded]},
        )
    ground.tidy(*WRITTEN)


def hold(ground: Ground, workspace: Workspace, more: int = 0) -> None:
    """Fill the workspace with held leads: one of ten due, or ``more`` times the others, none of them due."""
    facts = {"workspace": str(workspace.pk), "now": ground.as_of, "from": str(ground.workspaces[0].pk)}
    with owner_in(workspace) as cursor:
        cursor.execute(COLUMNS)
        columns = [name for (name,) in cursor.fetchall()]
        # What is not due is only in the way: it needs no text to be searched.
        picked = [HELD.get(c, "''" if more and c == "search" else f"l.{c}") for c in columns]
        others = f"CROSS JOIN generate_series(1, {more}) WHERE l.n %% 10 <> 0" if more else ""
        cursor.execute("SELECT set_config('app.workspace_id', %(from)s, false)", facts)
        cursor.execute(
            "CREATE TEMP TABLE source AS SELECT *, row_number() OVER () AS n FROM leads_lead "
            "WHERE workspace_id = %(from)s",
            facts,
        )
        cursor.execute("SELECT set_config('app.workspace_id', %(workspace)s, false)", facts)
        load = (
            f"INSERT INTO leads_lead ({', '.join(columns)}) SELECT {', '.join(picked)} "
            f"FROM source l JOIN {REPS} ON r.place = l.n %% 7 {others}"
        )
        # Many are loaded without indexes; that of the search stays, since they have nothing in it.
        with without_indexes(cursor, ("leads_lead",), "btree") if more else nullcontext():
            cursor.execute(load, facts)
        # Without knowing how many there are, the planner looks through all of them for each.
        cursor.execute("ANALYZE leads_lead, pools_assignment")
        cursor.execute("SET enable_nestloop = off")
        cursor.execute(ASSIGNED, facts)
    ground.tidy(*WRITTEN)


def once(ground: Ground, workspace: Workspace, work: Callable[[Ground, Workspace], None], due: int) -> float:
    """Reclaim once, with its commits; look whether all of it was done; put everything back."""
    seconds = timed(lambda: work(ground, workspace))
    facts = {"workspace": str(workspace.pk)}
    with owner_in(workspace) as cursor:
        cursor.execute(STATE, facts)
        found = cursor.fetchone()
        assert found == (due, 2 * due, due, due), f"not everything due was reclaimed and told: {found}"
        for statement in AS_BEFORE:
            cursor.execute(statement, facts)
    ground.tidy(*WRITTEN)
    return seconds


def by_us(ground: Ground, workspace: Workspace) -> None:
    while True:
        with enter(workspace):
            if not reclaim_due(ground.as_of):
                return


def by_hand(ground: Ground, workspace: Workspace) -> None:
    with enter(workspace), connection.cursor() as cursor:
        cursor.execute(BY_HAND, {"workspace": current_workspace_id(), "now": ground.as_of})
