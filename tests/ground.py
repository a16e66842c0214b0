"""Databases for tests: migrated once into a template, copied for every test process."""

import contextlib
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2
from django.conf import settings
from django.core.management import call_command
from django.db import connections

from leadcrm import embedded
from leadcrm.settings import broker_url

MAKING = 7_204_331  # advisory lock: one process makes the template, the others wait for it
KEPT = ("django_migrations", "django_content_type", "auth_permission")  # made by migrating


def servers_at_hand() -> contextlib.AbstractContextManager[object]:
    postgres, valkey = not os.environ.get("DATABASE_URL"), not os.environ.get("REDIS_URL")
    if not postgres and not valkey:
        return contextlib.nullcontext()
    return embedded.at_hand(settings.DATA_DIR, durable=False, postgres=postgres, valkey=valkey)


def use_own_broker_database(worker: str) -> None:
    """Each parallel test process has its own numbered database in the Redis-compatible server."""
    number = int(worker.removeprefix("gw")) + 1 if worker.startswith("gw") else 0
    if number:
        address = urlsplit(settings.REDIS_URL)
        if address.scheme == "unix":
            settings.REDIS_URL = f"{settings.REDIS_URL.split('?')[0]}?db={number}"
        else:
            settings.REDIS_URL = address._replace(path=f"/{number}").geturl()
    settings.CACHES["default"]["LOCATION"] = settings.REDIS_URL
    settings.CELERY_BROKER_URL = broker_url(settings.REDIS_URL)


def make_database(worker: str) -> str:
    """A copy of the migrated template; returns its name, and both aliases now point at it."""
    name = f"test_leadcrm_{os.getpid()}_{worker}"
    with _maintenance() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [MAKING])
        template = _template(cursor)
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    _point_at(name)
    return name


def drop_database(name: str) -> None:
    connections.close_all()
    with _maintenance() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def empty_tables() -> None:
    """Empty every table as the owner, except what migrating itself wrote."""
    with _owner(connections["owner"].settings_dict["NAME"]) as cursor:
        cursor.execute(
            "SELECT quote_ident(tablename) FROM pg_tables "
            "WHERE schemaname = 'public' AND NOT tablename = ANY(%s)",
            [list(KEPT)],
        )
        tables = ", ".join(row[0] for row in cursor.fetchall())
        cursor.execute("SET lock_timeout = '10s'")
        cursor.execute(f"TRUNCATE {tables} RESTART IDENTITY CASCADE")


def _template(cursor) -> str:  # type: ignore[no-untyped-def]
    """The name of the migrated template, made now unless these very migrations made it before."""
    name = f"leadcrm_template_{_fingerprint()}"
    cursor.execute(
        "SELECT datname, shobj_description(oid, 'pg_database') FROM pg_database "
        "WHERE datname ~ '^(leadcrm_template|test_leadcrm)_'"
    )
    for found, mark in cursor.fetchall():
        if found == name and mark == "migrated":
            return name
        if found.startswith("leadcrm_template") or not _running(int(found.split("_")[2])):
            cursor.execute(f'DROP DATABASE "{found}" WITH (FORCE)')
    cursor.execute(f'CREATE DATABASE "{name}"')
    _point_at(name)
    call_command("migrate", database="owner", verbosity=0, interactive=False)
    connections.close_all()
    cursor.execute(f"COMMENT ON DATABASE \"{name}\" IS 'migrated'")
    return name


def _fingerprint() -> str:
    """Changes with any migration, and with the code that migrations call."""
    digest = hashlib.sha256((settings.BASE_DIR / "uv.lock").read_bytes())
    files: list[Path] = []
    for room in ("workspaces", "leads", "scoring", "pools", "intake", "notices", "insights", "leadcrm"):
        files += (settings.BASE_DIR / room).glob("migrations/*")
        files += (settings.BASE_DIR / room).glob("sql*.py")
    files += (settings.BASE_DIR / "workspaces").glob("*.py")
    for file in sorted(file for file in files if file.is_file()):
        digest.update(str(file).encode() + file.read_bytes())
    return digest.hexdigest()[:16]


def _point_at(name: str) -> None:
    for alias in ("default", "owner"):
        connections[alias].close()
        connections[alias].settings_dict["NAME"] = name
        settings.DATABASES[alias]["NAME"] = name


def _running(pid: int) -> bool:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, 0)
        return True
    return False


@contextlib.contextmanager
def _owner(database: str) -> Iterator:  # type: ignore[type-arg]
    parameters = connections["owner"].get_connection_params()
    keys = ("host", "port", "user", "password")
    given = {key: parameters[key] for key in keys if parameters.get(key)}
    connection = psycopg2.connect(dbname=database, **given)
    connection.autocommit = True
    with contextlib.closing(connection), connection.cursor() as cursor:
        yield cursor


def _maintenance() -> contextlib.AbstractContextManager:  # type: ignore[type-arg]
    return _owner("postgres")
