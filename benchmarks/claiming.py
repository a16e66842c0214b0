"""200 claimers at once for half a minute on a pool of 5,000, against the bare statements of two lines of SQL.

Ours is the whole claim: room, rules, cool-down, record, clock, timeline, notice. The bare one takes a free row
with FOR UPDATE SKIP LOCKED and writes the owner. Both in as many processes with as many threads.
"""

import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from multiprocessing import get_context
from typing import Any

from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from benchmarks import Figure, benchmark
from benchmarks.assigning import TOUCHED, wait
from benchmarks.ground import Ground
from benchmarks.traces import a_workspace, owner_in
from pools.actions import claim_best
from pools.models import ClaimPolicy
from workspaces.models import Member, Role, Workspace
from workspaces.refusals import Refused
from workspaces.tenancy import enter

POOL, CLAIMERS, PROCESSES = 5_000, 200, 8
AT_ONCE = 10  # connections a process has, as the web server's threads have: its claimers share them
SECONDS = float(os.environ.get("BENCH_CLAIM_SECONDS", "30"))
SHARE = 0.7
MOST_STATEMENTS = 12
BARE = (
    """
SELECT id FROM leads_lead WHERE workspace_id = %(workspace)s AND pool = 'lead'
ORDER BY score DESC, id DESC LIMIT 1 FOR UPDATE SKIP LOCKED""",
    """
UPDATE leads_lead SET owner_id = %(member)s, pool = 'sales', pool_since = now(), held_since = now()
WHERE workspace_id = %(workspace)s AND id = %(lead)s""",
)
FREE_AGAIN = (
    "UPDATE leads_lead SET pool = 'lead', owner_id = NULL, held_since = NULL, reclaim_at = NULL, warn_at = NULL "
    "WHERE workspace_id = %(workspace)s",
    "DELETE FROM pools_assignment WHERE workspace_id = %(workspace)s",
    "DELETE FROM leads_timelineentry WHERE workspace_id = %(workspace)s",
    "DELETE FROM leads_task WHERE workspace_id = %(workspace)s",
)
DOUBLE = """
SELECT count(*) - count(DISTINCT lead_id), count(*) FROM pools_assignment
WHERE workspace_id = %(workspace)s AND ended_at IS NULL"""
Claim = Callable[[Workspace, Member], bool]


@benchmark
def claiming(ground: Ground) -> Iterator[Figure]:
    with a_workspace("claiming", reps=CLAIMERS) as workspace:
        wait(ground, workspace, many=POOL)
        with enter(workspace):
            ClaimPolicy.objects.update(daily_quota=POOL, holding_capacity=POOL)
        statements = counted(lambda: our_claim(workspace, reps(workspace)[0]))
        free_again(ground, workspace)
        bare, _refused = crowd(workspace, bare_claim)
        free_again(ground, workspace)
        ours, refused = crowd(workspace, our_claim)
        with owner_in(workspace) as cursor:
            cursor.execute(DOUBLE, {"workspace": str(workspace.pk)})
            double, held = cursor.fetchone()
        faults = refused.pop("fault", 0)
    work = f"{CLAIMERS} claimers, {SECONDS:g} s, {POOL:,} leads"
    more = {"ours_per_s": round(ours, 1), "bare_per_s": round(bare, 1), "held": held, "refused": refused}
    more["statements"] = statements
    yield Figure("claim, seconds each", work, 1 / ours, 1 / bare, 1 / SHARE, more=more)
    yield Figure(
        "claim, statements",
        "1 lead",
        statements,
        MOST_STATEMENTS,
        1,
        limit=f"{MOST_STATEMENTS}",
        unit="queries",
    )
    yield Figure(
        "claims that are double, or failed", work, double + faults + 1, 1, 1, limit="none", unit="and none"
    )


def crowd(workspace: Workspace, claim: Claim) -> tuple[float, Counter[str]]:
    """All claim at once; (claims a second, until the time is over or the pool is empty; what was refused)."""
    connections.close_all()
    context = get_context("fork")
    answers: Any = context.Queue()
    crowd = [
        context.Process(target=some_claimers, args=(workspace, claim, n, answers)) for n in range(PROCESSES)
    ]
    for process in crowd:
        process.start()
    told = [answers.get() for _process in crowd]
    for process in crowd:
        process.join()
    spent = max(seconds for _claimed, seconds, _refused in told)
    refused = sum((Counter(one) for _claimed, _seconds, one in told), Counter[str]())
    return sum(claimed for claimed, _seconds, _refused in told) / spent, refused


def reps(workspace: Workspace) -> list[Member]:
    with enter(workspace):
        return list(Member.objects.filter(role=Role.REP).order_by("id"))


def counted(work: Callable[[], object]) -> int:
    """How many statements it takes, once the settings are known: the second time."""
    work()
    with CaptureQueriesContext(connection) as made:
        work()
    return len(made)


def some_claimers(workspace: Workspace, claim: Claim, number: int, answers: Any) -> None:
    members = reps(workspace)[number::PROCESSES]
    claimed, refused, last = Counter[str](), Counter[str](), [0.0]
    began = time.monotonic()

    def work(mine: list[Member]) -> None:
        at = 0
        while time.monotonic() - began < SECONDS:
            at += 1
            try:
                if not claim(workspace, mine[at % len(mine)]):
                    break  # the pool is empty
                claimed["all"] += 1
            except Refused as no:
                refused[no.code] += 1
            except Exception:
                refused["fault"] += 1
        last[0] = max(last[0], time.monotonic() - began)
        connection.close()

    threads = [threading.Thread(target=work, args=(members[n::AT_ONCE],)) for n in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    answers.put((claimed["all"], last[0], dict(refused)))


def our_claim(workspace: Workspace, member: Member) -> bool:
    from django.utils import timezone

    with enter(workspace):
        return bool(claim_best(member, 1, as_of=timezone.now()).claimed)


def bare_claim(workspace: Workspace, member: Member) -> bool:
    places = {"workspace": str(workspace.pk), "member": str(member.pk)}
    with enter(workspace), connection.cursor() as cursor:
        cursor.execute(BARE[0], places)
        found = cursor.fetchone()
        if found:
            cursor.execute(BARE[1], places | {"lead": str(found[0])})
        return bool(found)


def free_again(ground: Ground, workspace: Workspace) -> None:
    with owner_in(workspace) as cursor:
        for statement in FREE_AGAIN:
            cursor.execute(statement, {"workspace": str(workspace.pk)})
    ground.tidy(*TOUCHED)
