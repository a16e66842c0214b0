"""Real processes in tests: ``manage.py`` on this test's own database and broker."""

import contextlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import psutil
import pytest
from django.conf import settings
from django.db import connections

MANAGE = Path(settings.BASE_DIR) / "manage.py"
WAIT_S = 240.0  # the machine may be busy with other tests; nothing here takes long by itself
Manage = Callable[..., "subprocess.CompletedProcess[str]"]


def clean_environment() -> dict[str, str]:
    """The shell's environment without what would point a program at other servers."""
    ours = ("DATABASE_URL", "OWNER_DATABASE_URL", "REDIS_URL", "SECRET_KEY", "LEADCRM_DATA_DIR", "DEBUG")
    return {key: value for key, value in os.environ.items() if key not in ours}


class Up:
    """One running ``manage.py up``."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self.output = tempfile.TemporaryFile("w+")  # noqa: SIM115 - closed in ``end``
        self.process = psutil.Popen(
            [sys.executable, str(MANAGE), "up", "--port", "0", "--data-dir", str(data_dir)],
            stdout=self.output,
            stderr=subprocess.STDOUT,
            env=clean_environment(),
        )

    @classmethod
    @contextlib.contextmanager
    def somewhere(cls) -> Iterator["Up"]:
        """One in a data directory of its own, ended and cleared away."""
        folder = tempfile.mkdtemp(prefix="leadcrm-up-")
        os.chmod(folder, 0o755)  # as root the servers run as somebody else
        up = cls(Path(folder) / "data")
        try:
            yield up
        finally:
            up.end()
            shutil.rmtree(folder, ignore_errors=True)

    def said(self) -> str:
        self.output.seek(0)
        return self.output.read()

    def ready(self) -> str:
        """Wait for its address."""
        wait_for(lambda: "\nready " in self.said() or self.process.poll() is not None, self.said)
        found = re.search(r"^ready (http://\S+)$", self.said(), re.MULTILINE)
        assert found, self.said()
        return found[1]

    def family(self) -> list[psutil.Process]:
        return [self.process, *self.process.children(recursive=True)]

    def program(self, name: str) -> int:
        """Pid of the real process below a guard; 0 while there is none."""
        try:
            return int((self.data_dir / "run" / f"{name}.pid").read_text().split()[0])
        except FileNotFoundError:
            return 0

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(WAIT_S)
        self.output.close()


def wait_for(true: Callable[[], bool], told: Callable[[], str] = str) -> None:
    until = time.monotonic() + WAIT_S
    while not true():
        assert time.monotonic() < until, told()
        time.sleep(0.05)


@pytest.fixture
def program_environment(django_db_setup: None) -> dict[str, str]:
    """Environment for a process that shall work on this test's database (the test: transaction=True)."""
    parameters = connections["owner"].get_connection_params()
    login = quote(parameters.get("user") or "postgres")
    if parameters.get("password"):
        login += ":" + quote(parameters["password"], safe="")
    url = f"postgresql://{login}@/{parameters['dbname']}?host={quote(str(parameters.get('host', '')))}"
    return clean_environment() | {
        "DATABASE_URL": f"{url}&port={parameters.get('port') or 5432}",
        "REDIS_URL": settings.REDIS_URL,
        "SECRET_KEY": "only-for-tests-0123456789-abcdefghijklmnop",
    }


@pytest.fixture
def manage(program_environment: dict[str, str]) -> Manage:
    """``manage("run_due", "--json")``: run a command to its end on this test's database."""

    def run(*arguments: str, **options: object) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(  # type: ignore[call-overload, no-any-return]
            [sys.executable, str(MANAGE), *arguments],
            env=program_environment,
            capture_output=True,
            text=True,
            timeout=options.pop("timeout", 60),
            **options,
        )

    return run
