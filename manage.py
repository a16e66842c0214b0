#!/usr/bin/env python
"""The command line of the program: ``./manage.py help`` lists what it can do."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "leadcrm.settings")
    data_dir = _option("--data-dir")
    if data_dir:  # settings are read before a command parses its own options
        os.environ["LEADCRM_DATA_DIR"] = data_dir
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


def _option(name: str) -> str | None:
    for here, following in zip(sys.argv[1:], [*sys.argv[2:], ""], strict=True):
        if here == name:
            return following
        if here.startswith(name + "="):
            return here.split("=", 1)[1]
    return None


if __name__ == "__main__":
    main()
