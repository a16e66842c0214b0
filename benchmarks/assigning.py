"""Assigning 10,000 MQLs among 200 reps by 20 rules, and changing a policy over every held lead.

The statements by hand do the same writes: the lead with its clock and its next thing to do, the record, the
timeline entry, the tasks of its playbook and the response that is awaited. They decide nothing: every rep in turn.
"""

from collections.abc import Iterator
from statistics import median

from django.db import connection
from django.test.utils import CaptureQueriesContext

from benchmarks import Figure, benchmark
from benchmarks.ground import Ground, timed
from benchmarks.reclaiming import COLUMNS, WRITTEN, hold
from benchmarks.traces import a_workspace, owner_in
from pools.actions import assign, set_clocks
from pools.models import AssignmentRule, PoolPolicy, Strategy
from workspaces.models import Workspace
from workspaces.tenancy import enter

ROUNDS = 3
TIMES = 12  # that many copies of a workspace's leads that are not due are held where a policy changes
TOUCHED = (*WRITTEN, "leads_task", "pools_responseclock", "notices_notice")
LEADS, REPS, RULES = 10_000, 200, 20
MOST_STATEMENTS, MOST_SECONDS = 40, 10.0

WAITING = {
    "id": "leadcrm_uuid7()",
    "workspace_id": "%(workspace)s::uuid",
    "company_id": "NULL",
    "channel_id": "NULL",
    "team_id": "NULL",
    "stage": "'mql'",
    "pool": "'lead'",
    "owner_id": "NULL",
    "held_since": "NULL",
    "reclaim_at": "NULL",
    "warn_at": "NULL",
    "reclaim_reason": "''",
    "search": "''",
}
BY_HAND = """
WITH reps AS (
    SELECT id, row_number() OVER (ORDER BY id) - 1 AS place FROM workspaces_member
    WHERE workspace_id = %(workspace)s AND role = 'rep'
), waiting AS (
    SELECT id, row_number() OVER (ORDER BY score DESC, id) AS n FROM leads_lead
    WHERE workspace_id = %(workspace)s AND stage = 'mql' AND pool = 'lead' AND owner_id IS NULL
), turn AS MATERIALIZED (
    SELECT w.id AS lead, r.id AS member FROM waiting w JOIN reps r ON r.place = w.n %% %(reps)s
), held AS (
    UPDATE leads_lead l SET pool = 'sales', pool_since = %(now)s, owner_id = t.member, held_since = %(now)s,
        reclaim_at = %(now)s + interval '24 hours', reclaim_reason = 'first_contact',
        warn_at = %(now)s + interval '18 hours', next_action_at = %(now)s + interval '24 hours',
        version = version + 1, updated_at = %(now)s
    FROM turn t WHERE l.workspace_id = %(workspace)s AND l.id = t.lead
), told AS (
    INSERT INTO leads_timelineentry
        (id, workspace_id, created_at, updated_at, lead_id, at, kind, actor_id, data)
    SELECT leadcrm_uuid7(), %(workspace)s, %(now)s, %(now)s, lead, %(now)s, 'assigned', NULL,
        jsonb_build_object('reason', 'in_turn', 'owner', member::text) FROM turn
), tasks AS (
    INSERT INTO leads_task (id, workspace_id, created_at, updated_at, lead_id, member_id, title, due_at, origin,
        action_id, skipped)
    SELECT leadcrm_uuid7(), %(workspace)s, %(now)s, %(now)s, lead, member, a.title,
        %(now)s + make_interval(hours => a.due_hours), 'playbook', a.id, false
    FROM turn CROSS JOIN leads_playbook b
    JOIN leads_playbookaction a ON a.workspace_id = b.workspace_id AND a.playbook_id = b.id
    WHERE b.workspace_id = %(workspace)s AND b.stage = 'mql'
), awaited AS (
    INSERT INTO pools_responseclock (id, workspace_id, created_at, updated_at, lead_id, member_id, policy_id,
        began_at, target_at, due_at)
    SELECT leadcrm_uuid7(), %(workspace)s, %(now)s, %(now)s, lead, member, p.id, %(now)s,
        %(now)s + interval '24 hours', %(now)s + interval '12 hours'
    FROM turn CROSS JOIN pools_responsepolicy p WHERE p.workspace_id = %(workspace)s
)
INSERT INTO pools_assignment (id, workspace_id, created_at, updated_at, lead_id, member_id, began_at, began,
    why, ended, end_reason)
SELECT leadcrm_uuid7(), %(workspace)s, %(now)s, %(now)s, lead, member, %(now)s, 'assigned',
    '{"reason": "in_turn"}', '', '' FROM turn"""
CLOCKS_BY_HAND = """
UPDATE leads_lead SET reclaim_at = held_since + interval '48 hours', reclaim_reason = 'first_contact',
    warn_at = held_since + interval '36 hours'
WHERE workspace_id = %(workspace)s AND pool = 'sales'"""


@benchmark
def assigning(ground: Ground) -> Iterator[Figure]:
    with a_workspace("assigning", reps=REPS) as workspace:
        wait(ground, workspace)
        with enter(workspace):
            AssignmentRule.objects.all().delete()
            for n in range(RULES):
                condition = {"field": "score", "op": "gte", "value": 100 - 5 * n} if n < RULES - 1 else {}
                strategy = Strategy.values[n % len(Strategy.values)]
                AssignmentRule.objects.create(
                    name=f"Rule {n}", position=n, condition=condition, strategy=strategy
                )
        ours, by_hand, statements = [], [], 0
        for _round in range(ROUNDS):
            with ground.undone(workspace):
                with CaptureQueriesContext(connection) as made:
                    ours.append(timed(lambda: assign(None, as_of=ground.as_of)))
                statements = len(made)
            ground.tidy(*TOUCHED)
            with ground.undone(workspace), connection.cursor() as cursor:
                facts = {"workspace": str(workspace.pk), "now": ground.as_of, "reps": REPS}
                by_hand.append(timed(lambda: cursor.execute(BY_HAND, facts)))  # noqa: B023
            ground.tidy(*TOUCHED)
    work = f"{LEADS:,} leads, {REPS} reps, {RULES} rules"
    yield Figure("assign by rules", work, median(ours), median(by_hand), 2, more={"statements": statements})
    yield Figure("assign by rules, in all", work, median(ours), MOST_SECONDS, 1, limit="10 s")
    yield Figure(
        "assign by rules, statements", work, statements, MOST_STATEMENTS, 1, limit="40", unit="queries"
    )


def wait(ground: Ground, workspace: Workspace, many: int = LEADS) -> None:
    """The leads of another workspace once more, as many as are wanted: MQLs that nobody holds."""
    facts = {"workspace": str(workspace.pk), "from": str(ground.workspaces[0].pk), "many": many}
    with owner_in(workspace) as cursor:
        cursor.execute(COLUMNS)
        columns = [name for (name,) in cursor.fetchall()]
        picked = [WAITING.get(column, f"l.{column}") for column in columns]
        cursor.execute("SELECT set_config('app.workspace_id', %(from)s, false)", facts)
        cursor.execute(
            "CREATE TEMP TABLE waiting AS SELECT l.* FROM leads_lead l CROSS JOIN generate_series(1, 100) "
            "WHERE workspace_id = %(from)s LIMIT %(many)s",
            facts,
        )
        cursor.execute("SELECT set_config('app.workspace_id', %(workspace)s, false)", facts)
        cursor.execute(
            f"INSERT INTO leads_lead ({', '.join(columns)}) SELECT {', '.join(picked)} FROM waiting l", facts
        )
    ground.tidy(*WRITTEN)


@benchmark
def changing_a_policy(ground: Ground) -> Iterator[Figure]:
    """Every held lead gets another clock: at least as many as the ground has in all, in one workspace."""
    with a_workspace("policies", reps=10) as workspace:
        hold(ground, workspace, more=TIMES)
        ours, by_hand = [], []
        for _round in range(ROUNDS):
            with ground.undone(workspace):
                PoolPolicy.objects.update(first_contact_hours=48)
                ours.append(timed(lambda: set_clocks(None, as_of=ground.as_of)))
            ground.tidy(*WRITTEN)
            with ground.undone(workspace), connection.cursor() as cursor:
                facts = {"workspace": str(workspace.pk)}
                by_hand.append(timed(lambda: cursor.execute(CLOCKS_BY_HAND, facts)))  # noqa: B023
            ground.tidy(*WRITTEN)
    held = (ground.each - ground.each // 10) * TIMES
    yield Figure("change a policy", f"{held:,} held leads", median(ours), median(by_hand), 1.5)
