"""A list with named columns, whichever kind of file it lies in."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from types import TracebackType
from typing import Protocol

from django.utils.translation import gettext as _

from intake.reading import faults
from intake.reading.faults import MOST_COLUMNS, RowProblem
from workspaces.texts import clean_text

ROWS_TO_JUDGE = 60
# Cells that no column is named by: addresses, sites, telephone numbers, points in time.
DATA = re.compile(
    r"[^@\s]+@[^@\s]+\.[^@\s.]+|https?://\S+"
    r"|(?:p:)?\+?[0-9][0-9 ().\-]{6,}[0-9]|\d{4}-\d\d-\d\d[ T]\d\d:\d\d.*"
)
NUMBER = re.compile(r"[\d.,\s]+")
Merged = Mapping[int, Sequence[tuple[int, int]]]
UNDECODED = re.compile("[\udc80-\udcff]")
SPACES = re.compile(r"\s+")


class Source(Protocol):
    """What a kind of file provides."""

    format: str
    encoding: str
    delimiter: str
    sheet_name: str
    total_rows: int
    since_1904: bool  # a day written as a number counts from 1904, not from 1900
    may_be_spoilt: bool  # undecodable bytes stand in the text as lone surrogates

    @property
    def across(self) -> Merged:
        """Merged cells, {row: [(first column, last column)]}."""

    def records(self) -> Iterator[tuple[int, list[str]]]: ...

    def close(self) -> None: ...


class Sheet:
    """columns: the header names, unique; header_row: its number; total: rows below it (for text files an
    estimate: quoted line breaks and empty rows are counted too); format: csv, tsv, xlsx, xls or ods."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self.format = source.format
        self.encoding = source.encoding
        self.delimiter = source.delimiter
        self.sheet_name = source.sheet_name
        self.since_1904 = source.since_1904
        first = list(islice(source.records(), ROWS_TO_JUDGE))
        self.header_row, names = _find_header(first, source.across)
        self.columns = _unique(names)
        self.total = max(0, source.total_rows - self.header_row)

    def rows(self) -> Iterator[tuple[int, list[str]] | RowProblem]:
        """Every row that is not empty, from the start: (row number, a cell per column), or its problem.

        A short row is filled up (spreadsheets leave out trailing empty cells); a long one is a problem.
        """
        width = len(self.columns)
        checked = self._source.may_be_spoilt
        for number, cells in self._source.records():
            if number <= self.header_row or not any(cells):
                continue
            if len(cells) != width:
                if any(cell.strip() for cell in cells[width:]):
                    yield faults.too_many_cells(number, cells, width)
                    continue
                cells = cells[:width] + [""] * (width - len(cells))
            if checked and any(map(UNDECODED.search, cells)):
                yield faults.undecodable(number, [UNDECODED.sub("\ufffd", cell) for cell in cells])
            elif any(cell and not cell.isspace() for cell in cells):
                yield number, cells

    def sample(self, count: int = 200) -> list[list[str]]:
        """The first rows without a problem: what columns are recognised by."""
        good = (found[1] for found in self.rows() if not isinstance(found, RowProblem))
        return list(islice(good, count))

    def close(self) -> None:
        self._source.close()

    def __enter__(self) -> "Sheet":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _find_header(first: list[tuple[int, list[str]]], across: Merged) -> tuple[int, list[str]]:
    """The first row that is about as full as the rows below it: what stands above are titles and notes.

    Of a header in two tiers ("Contact" over "Name" and "Email") the lower one names the columns.
    """
    filled = [(number, [clean_text(cell) for cell in cells]) for number, cells in first]
    filled = [(number, cells) for number, cells in filled if any(cells)]
    if not filled:
        raise faults.empty()
    widest = max(_width(cells) for _number, cells in filled)
    counts = Counter(sum(map(bool, cells)) for _number, cells in filled)
    usual = max(counts, key=lambda count: (counts[count], count))
    at = next(at for at, row in enumerate(filled) if sum(map(bool, row[1])) >= usual * 0.6)
    while at + 1 < len(filled) and _names_below(across.get(filled[at][0], ()), filled[at + 1][1]):
        at += 1
    number, cells = filled[at]
    if widest > MOST_COLUMNS:
        raise faults.too_many_columns(widest)
    if any(DATA.fullmatch(cell) for cell in cells):
        raise faults.no_header(number)
    return number, cells[: _width(cells)]


def _names_below(spans: Sequence[tuple[int, int]], cells: list[str]) -> bool:
    """Whether a row gives each column a name that cells of the row above span together."""
    named = all(all(cells[first : last + 1]) for first, last in spans)
    filled = [cell for cell in cells if cell]
    return bool(spans) and named and not any(DATA.fullmatch(one) or NUMBER.fullmatch(one) for one in filled)


def _width(cells: list[str]) -> int:
    return max((at for at, cell in enumerate(cells, 1) if cell), default=0)


def _unique(names: list[str]) -> list[str]:
    """Each column by a name of its own: an empty one by its place, a repeated one with a number."""
    seen: dict[str, int] = {}
    unique = []
    for place, name in enumerate(names, 1):
        name = SPACES.sub(" ", name) or _("Column %(number)d") % {"number": place}
        seen[name] = seen.get(name, 0) + 1
        while seen[name] > 1:
            name = f"{name} ({seen[name]})"
            seen[name] = seen.get(name, 0) + 1
        unique.append(name)
    return unique
