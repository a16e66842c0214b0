"""How the rows of a text file are taken apart: the separator, and whether a space follows it."""

import csv
import math
import re
from collections import Counter
from dataclasses import dataclass

SEPARATORS = ",;\t|"
EXCEL_HINT = re.compile(r'^"?sep=(.)"?\r?\n?$', re.IGNORECASE)
ROWS_TO_JUDGE = 200


@dataclass(frozen=True, slots=True)
class Dialect:
    delimiter: str
    space_follows: bool = False
    hinted: bool = False  # the first line is Excel's "sep=;" and no row


def find_dialect(lines: list[str], filename: str) -> Dialect:
    """lines: the first lines of the file, with their ends. The separator that makes the most even table."""
    hint = EXCEL_HINT.match(lines[0]) if lines else None
    if hint:
        return Dialect(hint[1], hinted=True)
    delimiter = max(SEPARATORS, key=lambda separator: _evenness(lines, separator, filename))
    spaced = re.compile(re.escape(delimiter) + ' +"')
    bare = re.compile(re.escape(delimiter) + '"')
    text = "".join(lines)
    return Dialect(delimiter, space_follows=len(spaced.findall(text)) > len(bare.findall(text)))


def _evenness(lines: list[str], separator: str, filename: str) -> tuple[float, ...]:
    try:
        rows = [row for row in csv.reader(lines[:ROWS_TO_JUDGE], delimiter=separator) if row]
    except csv.Error:
        return (0.0, 0.0)
    if not rows:
        return (0.0, 0.0)
    width, count = Counter(len(row) for row in rows).most_common(1)[0]
    if width == 1:
        # Few rows may have it (a wide list with short rows): better than none at all.
        return (0.0, max(map(len, rows)) - 1.0)
    expected = separator == "\t" and filename.lower().endswith((".tsv", ".tab"))
    return (1.0, count / len(rows) + (0.2 if expected else 0.0), math.log(width))
