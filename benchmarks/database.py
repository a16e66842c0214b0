"""A database of the benchmarks' own, on whatever server is at hand."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import psycopg2
from django.conf import settings
from django.core.management import call_command
from django.db import connections

NAME = "leadcrm_bench"


def use() -> None:
    """Point both aliases at the benchmarks' database, made and migrated when it is missing."""
    with as_owner("postgres") as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [NAME])
        if not cursor.fetchone():
            cursor.execute(f'CREATE DATABASE "{NAME}"')
    point_at(NAME)
    call_command("migrate", database="owner", verbosity=0, interactive=False)


def again() -> None:
    """Empty: drop it and make it anew."""
    connections.close_all()
    with as_owner("postgres") as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{NAME}" WITH (FORCE)')
    use()


def point_at(name: str) -> None:
    for alias in ("default", "owner"):
        connections[alias].close()
        connections[alias].settings_dict["NAME"] = name
        settings.DATABASES[alias]["NAME"] = name


@contextmanager
def as_owner(name: str = NAME) -> Iterator[Any]:
    """A cursor of the owner, outside any transaction."""
    parameters = connections["owner"].get_connection_params()
    given = {key: parameters[key] for key in ("host", "port", "user", "password") if parameters.get(key)}
    with closing(psycopg2.connect(dbname=name, **given)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            yield cursor
