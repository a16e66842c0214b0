"""A lead falls due: how long until it is acted on, by the whole program as it is run: web server, worker, beat.

Then the same while the worker is killed, and while the broker is. The program is ``manage.py up`` on embedded
servers of its own; another process lays the leads and watches the table.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from benchmarks import Figure, benchmark
from benchmarks.ground import Ground

MANAGE = Path(settings.BASE_DIR) / "manage.py"
CALM, ROUGH = (60.0, 300), (20.0, 100)  # seconds, leads that fall due in them
P99_S, LOST_S = 5.0, 30.0
START_S = 180.0


@benchmark
def acting(ground: Ground) -> Iterator[Figure]:
    with a_program() as data_dir:
        calm = watched(data_dir, *CALM)
        yield figure("a due lead is acted on, p99", *CALM, calm, at(calm, 0.99), P99_S)
        for name, lost in (("worker killed", "worker"), ("broker lost", "valkey")):
            found = watched(data_dir, *ROUGH, then=lambda lost=lost: kill(data_dir, lost))  # type: ignore[misc]
            yield figure(f"a due lead is acted on, {name}, slowest", *ROUGH, found, max(found), LOST_S)


def figure(name: str, seconds: float, many: int, late: list[float], slowest: float, limit: float) -> Figure:
    more = {
        "median_s": round(at(late, 0.5), 2),
        "p99_s": round(at(late, 0.99), 2),
        "max_s": round(max(late), 2),
    }
    work = f"{many} leads in {seconds:g} s"
    return Figure(name, work, slowest, limit, 1, limit=f"{limit:g} s", more=more)


def at(late: list[float], share: float) -> float:
    return sorted(late)[min(len(late) - 1, int(len(late) * share))]


@contextmanager
def a_program() -> Iterator[Path]:
    """``manage.py up`` on servers of its own; ended and cleared away."""
    folder = tempfile.mkdtemp(prefix="leadcrm-acting-")
    os.chmod(folder, 0o755)  # as root the servers run as somebody else
    data_dir, output = Path(folder) / "data", Path(folder) / "said"
    command = [sys.executable, str(MANAGE), "up", "--port", "0", "--data-dir", str(data_dir)]
    with output.open("w") as said:
        program = subprocess.Popen(command, stdout=said, stderr=subprocess.STDOUT, env=alone())
    try:
        until = time.monotonic() + START_S
        while not re.search(r"^ready http", output.read_text(), re.MULTILINE):
            assert time.monotonic() < until and program.poll() is None, output.read_text()[-2000:]
            time.sleep(0.1)
        yield data_dir
    finally:
        program.terminate()
        program.wait(60)
        shutil.rmtree(folder, ignore_errors=True)


def alone() -> dict[str, str]:
    """The environment without what would point the program at other servers."""
    others = ("DATABASE_URL", "OWNER_DATABASE_URL", "REDIS_URL", "SECRET_KEY", "LEADCRM_DATA_DIR")
    return {key: value for key, value in os.environ.items() if key not in others}


def watched(data_dir: Path, seconds: float, many: int, then: Callable[[], None] | None = None) -> list[float]:
    """How late each lead was. ``then``: done when a quarter of them have fallen due."""
    watcher = subprocess.Popen(
        [sys.executable, "-m", "benchmarks._acting", str(seconds), str(many)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=settings.BASE_DIR,
        env=alone() | {"LEADCRM_DATA_DIR": str(data_dir)},
    )
    assert watcher.stdout is not None and watcher.stdout.readline().strip() == "laid"
    if then is not None:
        threading.Timer(seconds / 4, then).start()
    told = json.loads(watcher.stdout.readline())
    assert watcher.wait() == 0 and not told["never"], f"{told['never']} leads were never acted on"
    late: list[float] = told["late"]
    return late


def kill(data_dir: Path, name: str) -> None:
    """kill -9 of the real process below a guard."""
    os.kill(int((data_dir / "run" / f"{name}.pid").read_text().split()[0]), signal.SIGKILL)
