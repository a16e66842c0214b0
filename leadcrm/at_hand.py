"""The servers a command needs: those of the URLs, those already running, or embedded ones for a while."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from leadcrm import embedded


@contextmanager
def for_a_command(migrated: bool = True) -> Iterator[None]:
    """Servers for one command; if they were started for it, the database is brought up to date first."""
    postgres, valkey = not os.environ.get("DATABASE_URL"), not os.environ.get("REDIS_URL")
    if not postgres and not valkey:
        yield
        return
    from django.conf import settings

    try:
        with embedded.at_hand(settings.DATA_DIR, postgres=postgres, valkey=valkey) as started:
            if started and postgres and migrated:
                _migrate()
            yield
    except embedded.CannotStart as problem:
        sys.exit(f"leadcrm: {problem}")


def _migrate() -> None:
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0, interactive=False)
