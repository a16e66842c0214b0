"""Many at once, in real processes: nothing twice, nothing lost, nobody waits for ever."""

import json
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from leads.actions import log_follow_up
from leads.models import FollowUp, Lead, TimelineEntry
from pools.actions import claim, hand_over, reclaim_due
from pools.models import Assignment, ClaimPolicy
from tests.cast import NOW, PASSWORD
from tests.pools.cast import a_manager, a_rep, held_truly, later, some_leads
from workspaces.actions import create_workspace
from workspaces.models import Member, Workspace
from workspaces.refusals import NotAllowed
from workspaces.tenancy import enter

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
Start = Callable[..., "subprocess.Popen[str]"]
LATE = later(days=2)


@pytest.fixture
def acme(transactional_db: None) -> Workspace:
    """A committed workspace, which other processes see."""
    return create_workspace("Acme", slug="acme", email="alice@acme.test", password=PASSWORD).workspace


@pytest.fixture
def start(acme: Workspace, program_environment: dict[str, str]) -> Iterator[Start]:
    """Start a process of ``tests.pools.crowd`` and wait until it is ready."""
    running = []

    def run(what: str, as_of: datetime, *arguments: Any) -> "subprocess.Popen[str]":
        given = [json.dumps(one) if isinstance(one, list) else str(one) for one in arguments]
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.pools.crowd", what, str(acme.pk), as_of.isoformat(), *given],
            env=program_environment,
            cwd=settings.BASE_DIR,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        running.append(process)
        return process

    yield run
    for process in running:
        process.kill()
        process.communicate()


def go(*processes: "subprocess.Popen[str]") -> None:
    """All begin together, when all are ready."""
    for process in processes:
        assert process.stdout.readline() == "ready\n"  # type: ignore[union-attr]
    for process in processes:
        process.stdin.write("go\n")  # type: ignore[union-attr]
        process.stdin.flush()  # type: ignore[union-attr]


def ends(*processes: "subprocess.Popen[str]") -> list[Any]:
    return [json.loads(process.communicate(timeout=60)[0]) for process in processes]


def held_leads(count: int) -> Member:
    """A rep who holds that many leads, due at LATE."""
    ClaimPolicy.objects.update(daily_quota=count, holding_capacity=count)
    rep = a_rep("Ming", capacity=count)
    assert len(claim(rep, some_leads(count), as_of=NOW).claimed) == count
    return rep


def reclaimed_once(count: int) -> None:
    told = TimelineEntry.objects.filter(kind="reclaimed").values_list("lead_id", flat=True)
    assert len(told) == len(set(told)) == count
    assert Lead.objects.filter(pool="recycle", owner=None).count() == count
    assert Assignment.objects.filter(ended="reclaimed").count() == count
    held_truly()


def test_fifty_claimers_on_twenty_leads(acme: Workspace, start: Start) -> None:
    """25 reps, each claiming in two places at once, with a quota of 1 (so that 20 of them are served)."""
    with enter(acme):
        ClaimPolicy.objects.update(daily_quota=1)
        leads = some_leads(20)
        reps = [str(a_rep(f"Rep{n}").pk) for n in range(25)]
    crowd = [start("claimers", NOW, (reps * 2)[at : at + 10]) for at in range(0, 50, 10)]
    go(*crowd)
    assert ends(*crowd) == [[]] * 5
    with enter(acme):
        assert Lead.objects.filter(pk__in=leads, pool="sales").count() == 20
        claims = Counter(Assignment.objects.values_list("member_id", flat=True))
        assert sum(claims.values()) == 20
        assert max(claims.values()) == 1
        held_truly()


def test_two_reclaimers_share_the_work(acme: Workspace, start: Start) -> None:
    with enter(acme):
        held_leads(300)
    both = [start("reclaim", LATE, 20), start("reclaim", LATE, 20)]
    go(*both)
    assert sum(ends(*both)) == 300
    with enter(acme):
        reclaimed_once(300)


def test_a_kill_in_the_middle_loses_nothing_and_does_nothing_twice(acme: Workspace, start: Start) -> None:
    with enter(acme):
        held_leads(500)
    stalled, working = start("stall", LATE, 50), start("reclaim", LATE, 10)
    go(stalled)
    assert stalled.stdout.readline() == "holding 50\n"  # type: ignore[union-attr]
    go(working)
    while done_so_far(acme) < 30:
        assert working.poll() is None
    for process in (working, stalled):
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert 30 <= done_so_far(acme) < 450
    last = start("reclaim", LATE, 100)
    go(last)
    ends(last)
    with enter(acme):  # what the killed ones had locked is free as soon as their connections are gone
        for _ in range(100):
            if not Lead.objects.filter(reclaim_at__lte=LATE).exists():
                break
            reclaim_due(LATE)
        reclaimed_once(500)


def done_so_far(acme: Workspace) -> int:
    with enter(acme):
        return Lead.objects.filter(pool="recycle").count()


def test_follow_ups_that_land_while_the_reclaim_runs_keep_their_leads(acme: Workspace, start: Start) -> None:
    with enter(acme):
        rep = held_leads(300)
    racing = [start("follow_up", LATE, rep.pk), start("reclaim", LATE, 5), start("reclaim", LATE, 5)]
    go(*racing)
    kept, *taken = ends(*racing)
    with enter(acme):
        assert len(kept) + sum(taken) == 300
        assert {str(pk) for pk in Lead.objects.filter(owner=rep).values_list("pk", flat=True)} == set(kept)
        assert FollowUp.objects.count() == len(kept)
        reclaimed_once(sum(taken))


def test_a_follow_up_being_written_keeps_the_lead(acme: Workspace) -> None:
    """The follow-up has the lead; the reclaim passes it by, and later finds it with a new period."""
    with enter(acme):
        rep = held_leads(2)
        mine, other = Lead.objects.values_list("pk", flat=True)
    with enter(acme):
        log_follow_up(mine, channel="call", outcome="reached", as_of=LATE, actor=rep)
        assert elsewhere(lambda: in_(acme, lambda: reclaim_due(LATE))) == 1
    with enter(acme):
        assert reclaim_due(LATE) == 0
        assert Lead.objects.get(pk=mine).owner_id == rep.pk
        assert Lead.objects.get(pk=other).owner_id is None
        with pytest.raises(NotAllowed):
            log_follow_up(other, channel="call", outcome="reached", as_of=LATE, actor=rep)


def test_assigners_at_once_are_fair(acme: Workspace, start: Start) -> None:
    with enter(acme):
        for name in ("Ann", "Bo", "Cai", "Di"):
            a_rep(name)
        leads = [str(lead) for lead in some_leads(60, stage="mql")]
    crowd = [start("assigner", NOW, part) for part in (leads[:30], leads[30:], leads[::-1])]
    go(*crowd)
    assert sum(ends(*crowd)) == 60
    with enter(acme):
        shares = Counter(Assignment.objects.values_list("member_id", flat=True))
        assert sorted(shares.values()) == [15, 15, 15, 15]
        held_truly()


def in_(workspace: Workspace, act: Callable[[], Any]) -> Any:
    with enter(workspace):
        return act()


def elsewhere(act: Callable[[], Any]) -> Any:
    """Do it on another connection, in another thread, while ours waits for it."""
    found: list[Any] = []

    def work() -> None:
        try:
            found.append(act())
        finally:
            connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    thread.join(20)
    assert not thread.is_alive(), "it waits for us"
    return found[0]


def test_two_who_hand_over_by_rule_at_once_stand_in_line(acme: Workspace) -> None:
    """Else both would count the same last room."""
    with enter(acme):
        hong, leaving, leads = a_manager(), [a_rep("Xu"), a_rep("Yu")], some_leads(4, stage="sql")
        for at, member in enumerate(leaving):
            claim(member, leads[2 * at : 2 * at + 2], as_of=NOW)
        Member.objects.filter(pk__in=[one.pk for one in leaving]).update(takes_leads=False)
        ann = a_rep("Ann", capacity=2)
    both, faults = threading.Barrier(2), []

    def leave(member: Member) -> None:
        try:
            both.wait(10)
            with enter(acme):
                hand_over(member, [], "on leave", by_rule=True, as_of=LATE, actor=hong)
        except Exception as fault:
            faults.append(fault)
        finally:
            connection.close()

    threads = [threading.Thread(target=leave, args=[one]) for one in leaving]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert faults == []
    with enter(acme):
        assert Lead.objects.filter(owner=ann).count() == 2
        held_truly()
