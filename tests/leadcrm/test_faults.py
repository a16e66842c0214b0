"""The database is the truth and the broker only a bell: kill the worker, empty the broker, lose nothing."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
import redis
from django.conf import settings
from django.core.cache import cache
from django.utils import timezone

from leads.models import Lead, TimelineEntry
from pools.actions import claim
from pools.models import Assignment, ClaimPolicy
from tests.cast import PASSWORD
from tests.pools.cast import a_rep, held_truly, some_leads
from workspaces.actions import create_workspace
from workspaces.models import Workspace
from workspaces.tenancy import enter

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
WORKER = ["worker", "--concurrency", "2", "--without-gossip", "--without-mingle", "--loglevel", "WARNING"]
BEAT = ["beat", "--pidfile", "", "--loglevel", "WARNING"]
WAIT_S = 90.0
WORKSPACES, LEADS = 10, 50

Celery = Callable[[list[str]], "subprocess.Popen[bytes]"]


@pytest.fixture
def celery(program_environment: dict[str, str]) -> Iterator[Celery]:
    """Start real Celery processes on this test's database and broker, each a process group of its own."""
    running = []

    def start(arguments: list[str]) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "celery", "--quiet", "--app", "leadcrm.celery", *arguments]
        process = subprocess.Popen(
            command, env=program_environment, cwd=settings.BASE_DIR, start_new_session=True
        )
        running.append(process)
        return process

    yield start
    for process in running:
        kill(process)


def kill(process: "subprocess.Popen[bytes]") -> None:
    """kill -9 it, and its children with it."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@pytest.fixture
def companies(transactional_db: None) -> list[Workspace]:
    """Ten workspaces, in each a rep with fifty leads that are due to be taken back now."""
    made = []
    for n in range(WORKSPACES):
        workspace = create_workspace(
            f"Company {n}", slug=f"c{n}", email=f"a@c{n}.test", password=PASSWORD
        ).workspace
        with enter(workspace):
            ClaimPolicy.objects.update(daily_quota=LEADS)
            as_of = timezone.now() - timedelta(hours=25)
            assert len(claim(a_rep(f"Rep{n}"), some_leads(LEADS), as_of=as_of).claimed) == LEADS
        made.append(workspace)
    return made


def reclaimed(companies: list[Workspace]) -> int:
    found = 0
    for workspace in companies:
        with enter(workspace):
            found += Lead.objects.filter(pool="recycle").count()
    return found


def wait_for(true: Callable[[], bool]) -> None:
    until = time.monotonic() + WAIT_S
    while not true():
        assert time.monotonic() < until
        time.sleep(0.03)


def test_a_killed_worker_and_an_empty_broker_lose_nothing(companies: list[Workspace], celery: Celery) -> None:
    celery(BEAT)
    worker = celery(WORKER)
    wait_for(lambda: reclaimed(companies) > 0)
    kill(worker)
    cache.clear()
    flush_broker()
    done = reclaimed(companies)
    assert done < WORKSPACES * LEADS, "it was over before it could be disturbed"
    celery(WORKER)
    celery([*WORKER, "--hostname", "second@%h"])
    wait_for(lambda: reclaimed(companies) == WORKSPACES * LEADS)
    for workspace in companies:
        with enter(workspace):
            told = TimelineEntry.objects.filter(kind="reclaimed").values_list("lead_id", flat=True)
            assert len(told) == len(set(told)) == LEADS
            assert Assignment.objects.filter(ended="reclaimed").count() == LEADS
            held_truly()


def flush_broker() -> None:
    redis.Redis.from_url(settings.REDIS_URL).flushdb()
