"""Answers to a public form against the production web server: how soon each is stored, 200 a second for a minute,
and what is left of them when workers are killed meanwhile.

The web server and the worker are the real programs, each in processes of its own, on a workspace of its own;
the answers come over HTTP from this process, evenly spread over time, on connections that stay open.
``BENCH_FORM_SECONDS`` makes it shorter; it is 10 s where fewer than a million leads are measured.
"""

import contextlib
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import psutil
from django.conf import settings
from django.db import connections
from django.utils import timezone

from benchmarks import Figure, benchmark, database
from benchmarks.ground import Ground, p95
from intake.models import Submission
from leads.actions.sources import add_channel
from leads.models import Lead, Touch
from workspaces.actions import create_workspace
from workspaces.models import Workspace
from workspaces.tenancy import enter

A_SECOND, CONNECTIONS, WARM = 200, 8, 200
LIMIT_S = 0.030
MOST_MB = 256
KILLED_EVERY_S = 20  # a new worker's start alone takes seconds of a processor
SLUG = "bench-answers"
PATIENCE_S = 180


@benchmark
def answering(ground: Ground) -> Iterator[Figure]:
    seconds = int(os.environ.get("BENCH_FORM_SECONDS", "60" if ground.leads >= 1_000_000 else "10"))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # the programs beside this one end with it
    remove()
    workspace = create_workspace(
        "Answers", slug=SLUG, email="a@answers.example", password="bench-2026-x"
    ).workspace
    with enter(workspace):
        channel = add_channel(
            "Web", kind="form", form={"fields": ["name", "email", "company"]}, consent_text="Yes.",
            as_of=timezone.now(), actor=None,
        )  # fmt: skip
    port = free_port()
    try:
        with running(web(port)) as server, workers() as killed:
            until(lambda: answers(port))
            asked = Asking(port, channel.token)
            asked.send(0, WARM, WARM / A_SECOND)
            took, lasted = asked.send(WARM, A_SECOND * seconds, seconds)
            memory = peaks_mb(server.pid)
            total = WARM + A_SECOND * seconds
            until(lambda: entered(workspace) >= total, PATIENCE_S)
            drained = time.monotonic() - asked.ended
        with enter(workspace):
            leads, touches = Lead.objects.count(), Touch.objects.count()
            waiting = Submission.objects.exclude(status="done").count()
    finally:
        remove()
    stored = len([one for one in took if one is not None])
    fine = sorted(one for one in took if one is not None)
    work = f"{A_SECOND}/s for {seconds} s, {len(killed)} workers killed"
    more = {"median_s": round(fine[len(fine) // 2], 4), "slowest_s": round(fine[-1], 4)}
    yield Figure("a form's answer is stored, p95", work, p95(fine), LIMIT_S, limit="30 ms", more=more)
    yield Figure(
        "answers a second (limit over ours)", work, A_SECOND, stored / lasted, 1.02,
        limit=f"{A_SECOND} a second", unit="answers", more={"a_second": round(stored / lasted, 1)},
    )  # fmt: skip
    yield Figure(
        "memory of the web server meanwhile", f"{len(memory)} processes, the largest", max(memory), MOST_MB,
        limit=f"{MOST_MB} MB", unit="MB", more={"each_mb": [round(one) for one in memory]},
    )  # fmt: skip
    lost = WARM + len(took) - leads
    yield Figure(
        "answers lost or entered twice, plus one", work, 1 + abs(lost) + abs(touches - leads) + waiting, 1,
        limit="none", unit="answers", more={"sent": total, "entered_after_s": round(drained, 2)},
    )  # fmt: skip


class Asking:
    """Sends answers evenly spread; a time for each, None where it was not stored."""

    def __init__(self, port: int, token: str) -> None:
        self.port, self.path, self.ended = port, f"/api/v1/capture/{token}/", 0.0

    def send(self, first: int, many: int, seconds: float) -> tuple[list[float | None], float]:
        took: list[float | None] = [None] * many
        began = time.monotonic()

        def one(thread: int) -> None:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
            for at in range(thread, many, CONNECTIONS):
                time.sleep(max(0.0, began + at * seconds / many - time.monotonic()))
                took[at] = self.answer(connection, first + at)
            connection.close()

        threads = [threading.Thread(target=one, args=(number,)) for number in range(CONNECTIONS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.ended = time.monotonic()
        return took, self.ended - began

    def answer(self, connection: http.client.HTTPConnection, number: int) -> float | None:
        body = {"name": f"Visitor {number}", "email": f"v{number}@forms.example", "company": f"Co {number % 50}",
                "consent": True, "utm_source": "bench"}  # fmt: skip
        began = time.perf_counter()
        connection.request("POST", self.path, json.dumps(body), {"Content-Type": "application/json"})
        answer = connection.getresponse()
        answer.read()
        return time.perf_counter() - began if answer.status == 202 else None


def environment() -> dict[str, str]:
    """The benchmarks' own database and broker, for programs that run beside this one; nobody is slowed down."""
    given = connections["owner"].get_connection_params()
    login = quote(given.get("user") or "postgres")
    if given.get("password"):
        login += ":" + quote(given["password"], safe="")
    host, port = quote(str(given.get("host", ""))), given.get("port") or 5432
    many = "100000000/min"
    return os.environ | {
        "DATABASE_URL": f"postgresql://{login}@/{database.NAME}?host={host}&port={port}",
        "REDIS_URL": settings.REDIS_URL,
        "SECRET_KEY": "only-for-benchmarks-0123456789-abcdefghijkl",
        "CAPTURE_RATE": many, "FORM_RATE": many, "FORMS_RATE": many, "LOG_LEVEL": "ERROR",
        "PYTHONWARNINGS": "ignore",
    }  # fmt: skip


def web(port: int) -> list[str]:
    count = os.environ.get("WEB_PROCESSES", "2")
    given = [
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
        "--workers",
        count,
        "--no-ws",
        "--log-level",
        "warning",
    ]
    threads = os.environ.get("WEB_THREADS", "4")
    return [
        "granian",
        "--interface",
        "wsgi",
        *given,
        "--blocking-threads",
        threads,
        "leadcrm.wsgi:application",
    ]


WORKER = ["celery", "--quiet", "--app", "leadcrm.celery", "worker", "--concurrency", "2", "--loglevel", "ERROR",
          "--without-gossip", "--without-mingle"]  # fmt: skip


@contextlib.contextmanager
def running(command: list[str]) -> Iterator[subprocess.Popen[bytes]]:
    """A program of ours with all its children, ended at the end."""
    process = subprocess.Popen(
        [sys.executable, "-m", *command], env=environment(), cwd=settings.BASE_DIR, start_new_session=True
    )
    try:
        yield process
    finally:
        end(process, signal.SIGKILL)


def peaks_mb(pid: int) -> list[float]:
    """The most memory that a program and each of its children ever held, in MB (Linux: VmHWM)."""
    family = [pid, *(child.pid for child in psutil.Process(pid).children(recursive=True))]
    found = []
    for one in family:
        status = Path(f"/proc/{one}/status").read_text()
        found.append(int(re.findall(r"VmHWM:\s+(\d+) kB", status)[0]) / 1024)
    return found


def end(process: "subprocess.Popen[bytes]", number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, number)
    process.wait()


@contextlib.contextmanager
def workers() -> Iterator[list[int]]:
    """A worker that is killed outright three times a minute, and another in its place; a bell as the clock rings it."""
    killed: list[int] = []
    over = threading.Event()

    def again() -> None:
        while not over.is_set():
            with running([*WORKER, "-n", f"bench{len(killed)}@answers"]):
                over.wait(KILLED_EVERY_S if killed else 5)
            if not over.is_set():
                killed.append(1)

    def tick() -> None:
        from leadcrm.tasks import look_at

        while not over.wait(5):
            workspace = Workspace.objects.get(slug=SLUG)
            look_at.apply_async([str(workspace.pk)], expires=30)
        connections.close_all()

    threads = [threading.Thread(target=again), threading.Thread(target=tick)]
    for thread in threads:
        thread.start()
    try:
        yield killed
    finally:
        over.set()
        for thread in threads:
            thread.join()


def busy(cursor) -> bool:  # type: ignore[no-untyped-def]
    cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = %s", [database.NAME])
    return bool(cursor.fetchone()[0])


def entered(workspace: Workspace) -> int:
    with enter(workspace):
        return Submission.objects.filter(status="done").count()


def answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def until(true, patience_s: float = 60) -> None:  # type: ignore[no-untyped-def]
    end_at = time.monotonic() + patience_s
    while not true() and time.monotonic() < end_at:
        time.sleep(0.1)


def free_port() -> int:
    with socket.socket() as attempt:
        attempt.bind(("127.0.0.1", 0))
        return int(attempt.getsockname()[1])


def remove() -> None:
    """Take the workspace away. What a killed program had begun ends first: it may hold rows of it still."""
    connections.close_all()
    with database.as_owner("postgres") as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [database.NAME]
        )
        until(lambda: not busy(cursor))
    with database.as_owner() as cursor:
        cursor.execute(
            "DELETE FROM workspaces_access a USING workspaces_workspace w WHERE w.id = a.workspace_id AND w.slug = %s",
            [SLUG],
        )
        cursor.execute("DELETE FROM workspaces_workspace WHERE slug = %s", [SLUG])
        cursor.execute("DELETE FROM workspaces_user WHERE email = 'a@answers.example'")
