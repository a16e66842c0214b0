#!/usr/bin/env python
"""The command line of the program: ``./manage.py help`` lists what it can do.

Every command takes ``--data-dir DIR``. Where no ``DATABASE_URL`` / ``REDIS_URL`` is set, commands
that need the servers use the embedded ones of that directory, running or not.
"""

import os
import sys
from contextlib import nullcontext

NEED_NO_SERVER = {
    "check",
    "collectstatic",
    "compilemessages",
    "diffsettings",
    "findstatic",
    "help",
    "makemigrations",
    "messages",
    "spectacular",
    "up",
    "version",
}


def main() -> None:
    data_dir = take_option(sys.argv, "--data-dir")
    if data_dir:  # settings are read before a command parses its own options
        os.environ["LEADCRM_DATA_DIR"] = data_dir
    from django.core.management import execute_from_command_line

    from leadcrm.start import configure

    configure()
    with nullcontext() if needs_no_server(sys.argv) else servers():
        execute_from_command_line(sys.argv)


def take_option(arguments: list[str], name: str) -> str | None:
    """Remove ``--name VALUE`` or ``--name=VALUE`` from the arguments; its value."""
    for place, argument in enumerate(arguments[1:], start=1):
        if argument == name and place + 1 < len(arguments):
            value = arguments[place + 1]
            del arguments[place : place + 2]
            return value
        if argument.startswith(name + "="):
            return arguments.pop(place).split("=", 1)[1]
    return None


def needs_no_server(arguments: list[str]) -> bool:
    command = arguments[1] if len(arguments) > 1 else "help"
    return command.startswith("-") or command in NEED_NO_SERVER or {"--help", "-h"} & set(arguments) != set()


def servers():  # type: ignore[no-untyped-def]
    """The embedded servers for the length of one command; a new database is migrated first."""
    from leadcrm.at_hand import for_a_command

    return for_a_command(migrated=sys.argv[1] != "migrate")


if __name__ == "__main__":
    main()
