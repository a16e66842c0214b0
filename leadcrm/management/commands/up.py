"""``manage.py up``: the whole program in one command, embedded servers included."""

import contextlib
import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections

from leadcrm import embedded
from leadcrm.guarded import Guarded, sweep
from leadcrm.supervise import Crew, plain, say

READY_S = 120.0
ROOT_IS_NO_NEWS = "ignore:You're running the worker with superuser"
EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}


class Command(BaseCommand):
    help = "Run everything: web server, Celery worker and beat, and the embedded servers unless URLs are set."
    requires_system_checks: list[str] = []
    ending = False
    waiting = True  # for something long, which a signal interrupts at once

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--demo", action="store_true", help="load demo data and print its logins")
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=int(os.environ.get("PORT", "8000")), help="0: any")
        parser.add_argument("--data-dir", help="where the embedded servers keep their files (default .data/)")
        parser.add_argument("--stop-with-parent", action="store_true", help="end when our starter does")

    def handle(self, *args: Any, **options: Any) -> None:
        host, port = options["host"], free_port(options["host"], options["port"])
        self.parent = os.getppid() if options["stop_with_parent"] else None
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self.end)
        with contextlib.suppress(Ended), data_dir_taken() as run_dir, embedded_servers() as servers:
            logins = self.prepare(options["demo"])
            crew = Crew(programs(run_dir, host, port))
            try:
                self.waiting = False
                self.check_ending()
                crew.start()
                self.serve(crew, servers, host, port, logins)
            finally:
                say("leadcrm", "stopping")
                crew.stop()
        say("leadcrm", "stopped")

    def end(self, *_: object) -> None:
        """A signal: what is being waited for is given up in good order; a second one changes nothing."""
        first, self.ending = not self.ending, True
        if first and self.waiting:
            raise Ended

    def check_ending(self) -> bool:
        if self.parent is not None and os.getppid() != self.parent:
            self.ending = True
        if self.ending:
            raise Ended
        return False

    def prepare(self, demo: bool) -> str:
        """Everything that must be true before the first request; the demo's logins, if any."""
        refresh_files()
        say("leadcrm", "migrating the database")
        call_command("migrate", verbosity=0, interactive=False)
        self.check_ending()
        logins = load_demo() if demo else ""
        connections.close_all()
        return logins

    def serve(self, crew: Crew, servers: embedded.Servers | None, host: str, port: int, logins: str) -> None:
        given_up_at = time.monotonic() + READY_S
        ready = False

        def look() -> None:
            nonlocal ready
            for name in servers.restart_dead() if servers else []:
                say("leadcrm", f"{name} ended, started again")
            if not ready and answers(host, port):
                ready = True
                shown = f"[{host}]" if ":" in host else host
                plain(f"ready http://{shown}:{port}")
                if logins:
                    plain(logins.rstrip())
            if not ready and time.monotonic() > given_up_at:
                raise CommandError(f"The web server did not answer within {READY_S:.0f} s.")

        crew.run(self.check_ending, also=look)


class Ended(Exception):
    """Somebody asked us to stop."""


# --- before -------------------------------------------------------------------------------------


def free_port(host: str, port: int) -> int:
    """The port, or any free one for 0; refuses a port that somebody else serves on."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as attempt:
        attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            attempt.bind((host, port))
        except OSError as error:
            reason = error.strerror or error
            raise CommandError(f"Cannot serve on {host}:{port}: {reason}. Choose another --port.") from None
        return int(attempt.getsockname()[1])


@contextlib.contextmanager
def data_dir_taken() -> Iterator[Path]:
    """Hold the data directory for ourselves; yields where pid files go. A second ``up`` is refused."""
    until = time.monotonic() + embedded.START_S
    while (lock := embedded.take(settings.DATA_DIR, "up")) is None:
        holder = embedded.holder(settings.DATA_DIR)
        if not holder.endswith("command") or time.monotonic() > until:
            raise CommandError(
                f"{settings.DATA_DIR} is in use by another LeadCRM (process {holder.split(' ')[0]}). "
                "Stop that one first, or choose another --data-dir."
            )
        time.sleep(0.2)  # a command is using the servers for a moment
    with lock:
        run_dir = settings.DATA_DIR / "run"
        run_dir.mkdir(mode=0o700, exist_ok=True)
        for name in ("web", "worker", "beat"):
            sweep(run_dir / f"{name}.pid")
        yield run_dir


@contextlib.contextmanager
def embedded_servers() -> Iterator[embedded.Servers | None]:
    """PostgreSQL and Valkey of our own where no URL names others."""
    postgres, valkey = not os.environ.get("DATABASE_URL"), not os.environ.get("REDIS_URL")
    if not postgres and not valkey:
        yield None
        return
    servers = embedded.Servers(settings.DATA_DIR, postgres=postgres, valkey=valkey)
    say("leadcrm", f"starting {' and '.join(servers.wanted)} in {settings.DATA_DIR}")
    try:
        servers.start()
    except embedded.CannotStart as problem:
        raise CommandError(str(problem)) from None
    try:
        yield servers
    finally:
        servers.stop()


def refresh_files() -> None:
    """Translations, front-end and static files, where something is missing or stale."""
    prepare = settings.BASE_DIR / "bin" / "prepare.py"
    if prepare.exists():
        if subprocess.run([sys.executable, str(prepare), "files"]).returncode:
            raise CommandError("The static files could not be made.")
    elif not (settings.STATIC_ROOT / "staticfiles.json").exists():
        call_command("collectstatic", interactive=False, verbosity=0)


def load_demo() -> str:
    if "demo_data" not in get_commands():
        return ""
    say("leadcrm", "loading demo data")
    told = StringIO()
    call_command("demo_data", stdout=told)
    return told.getvalue()


# --- the programs -------------------------------------------------------------------------------


def programs(run_dir: Path, host: str, port: int) -> list[Guarded]:
    """The real processes: a production web server, a Celery worker, Celery beat."""
    python, celery = sys.executable, ["-m", "celery", "--quiet", "--app", "leadcrm.celery"]
    count = os.environ.get("WEB_PROCESSES", "2")
    web = ["-m", "granian", "--interface", "wsgi", "--host", host, "--port", str(port), "--workers", count]
    web += ["--blocking-threads", os.environ.get("WEB_THREADS", "4"), "--respawn-failed-workers"]
    web += ["--workers-kill-timeout", "3s", "--log-level", "warning", "--no-ws", "leadcrm.wsgi:application"]
    worker = [*celery, "worker", "--concurrency", os.environ.get("WORKER_PROCESSES", "2")]
    worker += ["--loglevel", "WARNING", "--without-gossip", "--without-mingle", "-n", f"worker@{port}"]
    beat = [*celery, "beat", "--loglevel", "WARNING", "--pidfile", ""]
    environment = environment_for(host) | public_address(host, port)
    return [
        Guarded(name, [python, *command], run_dir, way_down, env=environment, cwd=settings.BASE_DIR)
        for name, command, way_down in (
            ("web", web, "TERM:5"),
            ("worker", worker, "TERM:4,QUIT:1"),
            ("beat", beat, "TERM:3"),
        )
    ]


def environment_for(host: str) -> dict[str, str]:
    figures = settings.DATA_DIR / "metrics"
    shutil.rmtree(figures, ignore_errors=True)
    figures.mkdir()
    environment = {
        "DJANGO_SETTINGS_MODULE": "leadcrm.settings",
        "LEADCRM_DATA_DIR": str(settings.DATA_DIR),
        "PROMETHEUS_MULTIPROC_DIR": str(figures),
        "PYTHONUNBUFFERED": "1",
        "PYTHONWARNINGS": os.environ.get("PYTHONWARNINGS") or ROOT_IS_NO_NEWS,
    }
    if "ALLOWED_HOSTS" not in os.environ:
        environment["ALLOWED_HOSTS"] = ",".join([*settings.ALLOWED_HOSTS, *own_names(host)])
    return environment


def public_address(host: str, port: int) -> dict[str, str]:
    """What links in e-mails begin with, unless somebody said."""
    name = "localhost" if host in EVERYWHERE else f"[{host}]" if ":" in host else host
    return {} if "PUBLIC_URL" in os.environ else {"PUBLIC_URL": f"http://{name}:{port}"}


def own_names(host: str) -> list[str]:
    """The names under which this machine is reached when it serves on ``host``."""
    if host not in EVERYWHERE:
        return [f"[{host}]" if ":" in host else host]
    names = {socket.gethostname()}
    with contextlib.suppress(OSError):
        found = socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)
        names |= {str(address[4][0]) for address in found}
    return sorted(names)


def answers(host: str, port: int) -> bool:
    connection = http.client.HTTPConnection(EVERYWHERE.get(host, host), port, timeout=5)
    with contextlib.closing(connection), contextlib.suppress(OSError, http.client.HTTPException):
        connection.request("GET", "/healthz", headers={"Host": "localhost"})
        return connection.getresponse().status == 200
    return False
