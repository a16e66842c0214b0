"""Many rows into a temporary table by COPY: for thousands it takes a fifth of what arrays take."""

import re
from collections.abc import Iterable, Mapping, Sequence
from io import StringIO
from typing import Any

from django.db import connection

SPECIAL = re.compile(r"[\\\t\n\r]")
ESCAPED = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def copy_in(name: str, types: Mapping[str, str], given: Mapping[str, Any]) -> None:
    """Make a temporary table of these columns and fill it. It is gone with the transaction at the latest.

    ``given``: by column either a list with a value for each row, or one value for all of them (None for null).
    """
    described, constants = [], []
    for column, value in given.items():
        described.append(f"{column} {types[column]}")
        if not isinstance(value, list) and value is not None:
            described[-1] += " DEFAULT %s"
            constants.append(value)
    arrays = {column: value for column, value in given.items() if isinstance(value, list)}
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE {name} ({', '.join(described)}) ON COMMIT DROP", constants)
        cursor.copy_expert(f"COPY {name} ({', '.join(arrays)}) FROM STDIN", StringIO(copied(arrays.values())))


def copied(columns: Iterable[Sequence[Any]]) -> str:
    """Columns as the text that COPY reads."""
    rows = zip(*map(texts, columns), strict=True)
    return "".join(["\t".join(row) + "\n" for row in rows])


def texts(column: Sequence[Any]) -> list[str]:
    return [
        "\\N"
        if value is None
        else str(value)
        if not isinstance(value, str)
        else value.translate(ESCAPED)
        if SPECIAL.search(value)
        else value
        for value in column
    ]
