"""Round after round something dies in the middle of claiming, assigning and taking back: nothing is lost,
nothing is done twice.

Two beats and three workers run at once on servers of the test's own. ``STORM_ROUNDS=200`` for a long storm;
``STORM_SEED`` repeats one.
"""

import contextlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
import redis
from django.conf import settings

from leadcrm.embedded import Servers, database_url, redis_url
from tests.notices.post import Receiver, http_receiver
from tests.pools.storm import STATED
from tests.programs import clean_environment

pytestmark = pytest.mark.slow
ROUNDS = int(os.environ.get("STORM_ROUNDS", "3"))
SEED = int(os.environ.get("STORM_SEED", "0")) or random.randrange(1, 1_000_000)
EACH, WORKERS, BEATS, WAIT_S = 25, 3, 2, 120.0
LEAST = ["--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "ERROR"]


class Floor:
    """Servers, beats and workers, any of which may be struck."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir, self.servers = data_dir, Servers(data_dir, durable=True)
        self.environment = clean_environment() | {
            "DATABASE_URL": database_url(data_dir),
            "REDIS_URL": redis_url(data_dir),
            "SECRET_KEY": "only-for-tests-0123456789-abcdefghijklmnop",
        }
        self.workers: list[subprocess.Popen[bytes]] = []
        self.beats: list[subprocess.Popen[bytes]] = []

    def open(self) -> None:
        self.servers.start()
        self.manage("migrate", "--verbosity", "0")
        self.beats = [self.celery("beat", "--pidfile", "", "--loglevel", "ERROR") for _ in range(BEATS)]
        self.workers = [self.worker() for _ in range(WORKERS)]

    def close(self) -> None:
        self.kill(*self.beats, *self.workers)
        self.servers.stop()

    def manage(self, *arguments: str) -> None:
        command = [sys.executable, "manage.py", *arguments]
        subprocess.run(command, env=self.environment, cwd=settings.BASE_DIR, check=True, timeout=WAIT_S)

    def celery(self, *arguments: str) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "celery", "--quiet", "--app", "leadcrm.celery", *arguments]
        return subprocess.Popen(
            command, env=self.environment, cwd=settings.BASE_DIR, stderr=subprocess.DEVNULL
        )

    def worker(self) -> "subprocess.Popen[bytes]":
        name = f"storm-{time.monotonic_ns()}@here"
        return self.celery("worker", "--pool", "solo", "--hostname", name, *LEAST)

    def kill(self, *processes: "subprocess.Popen[bytes]") -> None:
        for process in processes:
            process.kill()
        for process in processes:
            process.wait()

    def storm(self, what: str, *given: Any) -> "subprocess.Popen[str]":
        command = [sys.executable, "-m", "tests.pools.storm", what, *map(str, given)]
        return subprocess.Popen(
            command, env=self.environment, cwd=settings.BASE_DIR, stdout=subprocess.PIPE, text=True
        )

    def ask(self, what: str, *given: Any) -> Any:
        return answer(self.storm(what, *given))

    # --- what may happen ---
    def kill_a_worker(self) -> None:
        at = random.randrange(len(self.workers))
        self.kill(self.workers[at])
        self.workers[at] = self.worker()

    def flush_the_broker(self) -> None:
        redis.Redis.from_url(redis_url(self.data_dir)).flushall()

    def restart_the_database(self) -> None:
        """As after a crash: every connection is cut, what was not committed is gone, the log is replayed."""
        pid = int((self.data_dir / "postgres" / "postmaster.pid").read_text().splitlines()[0])
        psutil.Process(pid).send_signal(signal.SIGQUIT)
        wait_for(lambda: bool(self.servers.restart_dead()))
        wait_for(self.servers.answering)


def answer(process: "subprocess.Popen[str]") -> Any:
    told = process.communicate(timeout=WAIT_S)[0]
    assert process.returncode == 0
    return json.loads(told.splitlines()[-1])


def wait_for(true: Any) -> None:
    until = time.monotonic() + WAIT_S
    while not true():
        assert time.monotonic() < until
        time.sleep(0.05)


@pytest.fixture
def floor() -> Iterator[Floor]:
    folder = tempfile.mkdtemp(prefix="leadcrm-storm-")
    os.chmod(folder, 0o755)  # as root the servers run as somebody else
    made = Floor(Path(folder) / "data")
    try:
        made.open()
        yield made
    finally:
        with contextlib.suppress(Exception):
            made.close()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with http_receiver() as found:
        yield found


def test_whatever_dies_nothing_is_lost_and_nothing_done_twice(floor: Floor, receiver: Receiver) -> None:
    sys.stdout.write(f"STORM_SEED={SEED}\n")  # shown when it fails
    random.seed(SEED)
    strikes = [floor.kill_a_worker, floor.flush_the_broker, floor.restart_the_database]
    random.shuffle(strikes)
    workspace, leads = floor.ask("lay", receiver.url), 0
    for number in range(ROUNDS):
        leads = floor.ask("more", workspace, EACH)
        claimers = floor.storm("claim", workspace, 4)
        time.sleep(random.uniform(1.0, 3.0))
        strikes[number % len(strikes)]() if number < len(strikes) else random.choice(strikes)()
        said = answer(claimers)
        assert not set(said) - STATED - {"claimed", "gone"}, said
    wait_for(lambda: not any(floor.ask("left", workspace).values()))  # by the workers that are left
    floor.kill(*floor.beats, *floor.workers)
    found = floor.ask("look", workspace)
    assert found["wrong"] == []
    assert found["leads"] == leads == ROUNDS * EACH * 3
    heard = {headers["webhook-id"] for headers, _body in receiver.got}
    assert heard == set(found["sendings"]), "each is sent at least once, and known by one name"
