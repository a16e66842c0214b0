"""CSV and its relatives, streamed: one row in memory at a time."""

import csv
import io
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import BinaryIO

from intake.reading import faults
from intake.reading.dialects import find_dialect
from intake.reading.encodings import look_at

LONGEST_LINE = 1 << 20
SAMPLE_LINES = 400
SAMPLE_CHARACTERS = 1 << 18
NAMES = {"utf-8-sig": "utf-8", "utf-16-le": "utf-16", "utf-16-be": "utf-16", "big5hkscs": "big5"}


class DelimitedText:
    """A text file as rows of cells, numbered as a spreadsheet does: a quoted line break starts no row."""

    sheet_name = ""
    since_1904 = False
    across: Mapping[int, list[tuple[int, int]]] = MappingProxyType({})

    def __init__(self, file: BinaryIO, filename: str) -> None:
        self.file = file
        found = look_at(file)
        self._codec = found.encoding
        self.may_be_spoilt = not found.valid
        # UTF-16 cannot carry a spoilt byte along.
        self._errors = "replace" if found.encoding.startswith("utf-16") else "surrogateescape"
        self.encoding = NAMES.get(found.encoding, found.encoding)
        self._dialect = find_dialect(self._first_lines(), filename)
        self.delimiter = self._dialect.delimiter
        self.format = "tsv" if self.delimiter == "\t" else "csv"
        self.total_rows = found.rows

    def records(self) -> Iterator[tuple[int, list[str]]]:
        """(row number from 1, cells) of every row, empty ones included."""
        lines = _Lines(self._text())
        if self._dialect.hinted:
            next(lines, None)
        number = 1 + self._dialect.hinted
        reader = csv.reader(lines, delimiter=self.delimiter, skipinitialspace=self._dialect.space_follows)
        try:
            while True:
                lines.row = number
                try:
                    cells = next(reader, None)
                except csv.Error:  # a cell of more than 128 KB: what follows a quote that is never closed
                    raise faults.unclosed_quote(number) from None
                if cells is None:
                    return
                if lines.ended:  # the row was still open when the file ended
                    raise faults.unclosed_quote(number)
                yield number, cells
                number += 1
        finally:
            lines.text.detach()

    def _text(self) -> io.TextIOWrapper:
        self.file.seek(0)
        return io.TextIOWrapper(self.file, encoding=self._codec, errors=self._errors, newline="")

    def _first_lines(self) -> list[str]:
        lines, size, text = [], 0, self._text()
        try:
            for line in _Lines(text):
                lines.append(line)
                size += len(line)
                if len(lines) >= SAMPLE_LINES or size > SAMPLE_CHARACTERS:
                    break
        finally:
            text.detach()
        return lines

    def close(self) -> None:
        self.file.close()


class _Lines:
    """The lines of a text, refusing one too long for memory; knows when it was asked beyond the last."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self.text = text
        self.row = 1
        self.ended = False

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self.text.readline(LONGEST_LINE)
        if not line:
            self.ended = True
            raise StopIteration
        if len(line) == LONGEST_LINE:
            raise faults.line_too_long(self.row)
        return line
