"""Real processes in tests: ``manage.py`` on this test's own database and broker."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connections

MANAGE = Path(settings.BASE_DIR) / "manage.py"
Manage = Callable[..., "subprocess.CompletedProcess[str]"]


def clean_environment() -> dict[str, str]:
    """The shell's environment without what would point a program at other servers."""
    ours = ("DATABASE_URL", "OWNER_DATABASE_URL", "REDIS_URL", "SECRET_KEY", "LEADCRM_DATA_DIR", "DEBUG")
    return {key: value for key, value in os.environ.items() if key not in ours}


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
