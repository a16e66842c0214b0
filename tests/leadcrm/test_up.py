"""``manage.py up`` with real processes: it serves, mends itself, and leaves nothing behind."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from tests.programs import MANAGE, WAIT_S, Up, clean_environment, wait_for


def gone(family: list[psutil.Process]) -> bool:
    return not any(p.is_running() and p.status() != psutil.STATUS_ZOMBIE for p in family if p.is_running())


def get(address: str) -> dict:
    with urllib.request.urlopen(address, timeout=10) as answer:
        return json.load(answer)  # type: ignore[no-any-return]


@pytest.fixture
def start() -> Iterator[Callable[..., Up]]:
    """``start()``: an ``up`` in a new data directory; ``start(data_dir)``: in that one again."""
    started: list[Up] = []
    folders: list[str] = []

    def start_one(data_dir: Path | None = None) -> Up:
        if data_dir is None:
            folders.append(tempfile.mkdtemp(prefix="leadcrm-up-"))
            os.chmod(folders[-1], 0o755)  # as root the servers run as somebody else
            data_dir = Path(folders[-1]) / "data"
        started.append(Up(data_dir))
        return started[-1]

    yield start_one
    for up in started:
        up.end()
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


def test_two_data_directories_side_by_side_and_a_clean_end(start: Callable[..., Up]) -> None:
    one, two = start(), start()
    for up in (one, two):
        assert get(up.ready() + "/readyz") == {
            "ready": True,
            "database": "ok",
            "broker": "ok",
            "migrations": "ok",
        }
    assert one.ready() != two.ready()
    web, worker = (psutil.Process(one.program(name)).nice() for name in ("web", "worker"))
    assert worker > web  # background work gives way to people
    families = {up: up.family() for up in (one, two)}
    one.process.send_signal(signal.SIGTERM)
    assert one.process.wait(WAIT_S) == 0
    assert gone(families[one]), one.said()
    assert one.said().count("ready http") == 1
    assert get(two.ready() + "/readyz")["ready"]
    two.process.send_signal(signal.SIGINT)
    assert two.process.wait(WAIT_S) == 0
    assert gone(families[two]), two.said()


def test_what_dies_is_started_again_and_a_second_up_is_refused(start: Callable[..., Up]) -> None:
    up = start()
    address = up.ready()
    killed = {name: up.program(name) for name in ("worker", "beat", "web", "valkey", "postgres")}
    for pid in killed.values():
        os.kill(pid, signal.SIGKILL)
    for name, pid in killed.items():
        wait_for(lambda name=name, pid=pid: up.program(name) not in {0, pid}, up.said)  # type: ignore[misc]
    wait_for(lambda: ready_again(address), up.said)
    second = start(up.data_dir)
    assert second.process.wait(WAIT_S) == 1
    assert f"in use by another LeadCRM (process {up.process.pid})" in second.said()
    assert "Traceback" not in second.said()


def ready_again(address: str) -> bool:
    try:
        return bool(get(address + "/readyz")["ready"])
    except OSError:
        return False


def test_killed_it_leaves_nothing_and_starts_again(start: Callable[..., Up]) -> None:
    first = start()
    first.ready()
    family = first.family()
    assert len(family) > 10
    first.process.kill()
    wait_for(lambda: gone(family))
    again = start(first.data_dir)
    assert get(again.ready() + "/readyz")["ready"]
    for process in again.family():  # everything at once, guards included: nobody is left to clean up
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    last = start(first.data_dir)
    assert get(last.ready() + "/readyz")["ready"]


@pytest.mark.parametrize("secret", ["short", "a" * 50, "change-me-change-me-change-me-change-me"])
def test_a_weak_secret_is_refused_in_one_line(secret: str) -> None:
    done = subprocess.run(
        [sys.executable, str(MANAGE), "up"],
        env=clean_environment() | {"SECRET_KEY": secret},
        capture_output=True,
        text=True,
        timeout=WAIT_S,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("leadcrm: SECRET_KEY is missing or weak")
    assert done.stderr.count("\n") == 1


def test_a_production_start_without_a_secret_is_refused() -> None:
    done = subprocess.run(
        [sys.executable, str(MANAGE), "check"],
        env=clean_environment() | {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/x"},
        capture_output=True,
        text=True,
        timeout=WAIT_S,
    )
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
