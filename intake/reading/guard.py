"""What an XLSX would become in memory, found out before it is opened.

A workbook is opened whole: every cell between the first and the last used one takes room, and so does every
repetition of a shared text. A file of a few kilobytes can claim billions of either.
"""

import re
import zlib
from typing import BinaryIO

from intake.reading import faults
from intake.reading.unpacking import MOST_UNPACKED, members_of, unpacked

MOST_CELLS = 2_500_000
MOST_TEXT = 128 << 20
LONGEST_TEXT = 1 << 20
NOTABLE_TEXT = 40
MOST_MERGED = 200_000

# The cell as nearly every program writes it; then any way it can be written; then one without an address.
USUAL_CELL = re.compile(rb'<c r="([A-Z]{1,3})([0-9]{1,7})"')
CELL_START = re.compile(rb"<(?:\w{1,9}:)?c[\s>]")
FILLED_CELL = re.compile(
    rb"<(?:\w{1,9}:)?c\s(?:[^<>]*?\s)?r\s*=\s*[\"']([A-Za-z]{1,3})([0-9]{1,7})[\"'][^<>]*(?<!/)>"
)
ANY_FILLED_CELL = re.compile(rb"<(?:\w{1,9}:)?c(?:\s[^<>]*)?(?<!/)>")
ROW = re.compile(rb"<(?:\w{1,9}:)?row\s(?:[^<>]*?\s)?r\s*=\s*[\"']([0-9]{1,7})[\"']")
SHARED = re.compile(rb"t\s*=\s*[\"']s[\"'][^<>]*>\s*<(?:\w{1,9}:)?v>\s*([0-9]{1,9})\s*<")
STRINGS = re.compile(rb"<(?:\w{1,9}:)?sst[\s>]")
END_OF_STRING = re.compile(rb"</(?:\w{1,9}:)?si>|<(?:\w{1,9}:)?si\s*/>")


def check_xlsx(file: BinaryIO) -> None:
    """Refuses an XLSX whose parts, cells or repeated texts would take more memory than a list needs."""
    room = MOST_UNPACKED
    members = [member for member in members_of(file) if not member.filename.lower().startswith("xl/media/")]
    # The shared texts first: what the cells' references to them weigh is known only then.
    members.sort(key=lambda member: "sharedstrings" not in member.filename.lower())
    weights: dict[int, int] = {}
    try:
        for member in members:
            part = _Part(weights)
            for chunk in unpacked(file, member, room):
                room -= len(chunk)
                part.read(chunk)
            part.finish()
    except zlib.error:
        raise faults.damaged() from None


class _Part:
    """One part of an XLSX, looked through in chunks: its extent, and the text its references repeat."""

    def __init__(self, weights: dict[int, int]) -> None:
        self.weights = weights
        self.rest = b""
        self.strings: bool | None = None
        self.count = self.rows = self.columns = self.text = self.merged = 0

    def read(self, chunk: bytes) -> None:
        if self.strings is None:
            if chunk.startswith((b"\xff\xfe", b"\xfe\xff")):  # no program writes these parts in UTF-16
                raise faults.damaged()
            self.strings = bool(STRINGS.search(chunk[:4096]))
        data = self.rest + chunk
        if self.strings:
            self.rest = self._shared_texts(data)
        else:
            # The last cell may be cut off by the end of the chunk: it waits for the next one.
            cut = max(data.rfind(b"<c"), 0) or max(data.rfind(b"<"), 0)
            self._cells(data[:cut])
            self.rest = data[cut:]
        if len(self.rest) > LONGEST_TEXT:
            raise faults.bomb()

    def finish(self) -> None:
        if not self.strings:
            self._cells(self.rest)

    def _shared_texts(self, data: bytes) -> bytes:
        *texts, rest = END_OF_STRING.split(data)
        for text in texts:
            if len(text) > NOTABLE_TEXT:
                self.weights[self.count] = len(text)
            self.count += 1
        return rest

    def _cells(self, data: bytes) -> None:
        if not self._quick(data):
            self._careful(data)
        if self.weights:
            self.text += sum(self.weights.get(int(number), 0) for number in SHARED.findall(data))
        self.merged += data.count(b"mergeCell ")
        if self.text > MOST_TEXT or self.merged > MOST_MERGED:
            raise faults.bomb()
        if self.rows * self.columns > MOST_CELLS:
            raise faults.bomb() if self.columns > faults.MOST_COLUMNS else faults.workbook_too_large()

    def _quick(self, data: bytes) -> bool:
        """Counts empty cells as well, which take no room: good enough as long as the sum stays small."""
        usual = USUAL_CELL.findall(data)
        if len(usual) != len(CELL_START.findall(data)):
            return False
        return not usual or self._reach(usual)

    def _careful(self, data: bytes) -> None:
        placed = FILLED_CELL.findall(data)
        rows, columns = _extent(placed)
        if len(ANY_FILLED_CELL.findall(data)) > len(
            placed
        ):  # cells may follow one another without an address
            rows = max(rows, max(map(int, ROW.findall(data)), default=0))
            columns = max(columns, faults.MOST_COLUMNS)
        self.rows, self.columns = max(self.rows, rows), max(self.columns, columns)

    def _reach(self, cells: list[tuple[bytes, bytes]]) -> bool:
        rows, columns = _extent(cells)
        rows, columns = max(self.rows, rows), max(self.columns, columns)
        if rows * columns > MOST_CELLS:
            return False
        self.rows, self.columns = rows, columns
        return True


def _extent(cells: list[tuple[bytes, bytes]]) -> tuple[int, int]:
    rows = {row for _column, row in cells}
    columns = {column for column, _row in cells}
    return max(map(int, rows), default=0), max(map(_column_number, columns), default=0)


def _column_number(name: bytes) -> int:
    number = 0
    for letter in name.upper():
        number = number * 26 + letter - 64
    return number
