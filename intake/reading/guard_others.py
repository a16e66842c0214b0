"""The same question for XLS and ODS: how far apart are the filled cells?"""

import re
import zlib
from typing import BinaryIO
from xml.parsers import expat

from intake.reading import faults
from intake.reading.guard import MOST_CELLS, MOST_MERGED
from intake.reading.unpacking import CHUNK, MOST_UNPACKED, members_of, unpacked

# The records of cells with a value in them: kind, length, row, column (at most 255, so its high byte is 0).
XLS_CELL = re.compile(
    rb"(?:\x03\x02\x0e\0|\x7e\x02\x0a\0|\xfd\0\x0a\0|\x05\x02\x08\0|\x04\x02..|\x06\0..|\xbd\0..)(..)(.)\0",
    re.DOTALL,
)

CELLS = ("table:table-cell", "table:covered-table-cell")
Span = tuple[tuple[int, int], tuple[int, int]]  # ((top, left), (bottom, right)), from 0


def check_xls(file: BinaryIO) -> None:
    """Refuses an XLS whose filled cells reach too far apart. (Its format packs nothing.)"""
    file.seek(0)
    rows, columns, tail = 0, 0, b""
    while chunk := file.read(CHUNK):
        data = tail + chunk
        places = {(int.from_bytes(row, "little"), column[0]) for row, column in XLS_CELL.findall(data)}
        rows = max(rows, max((row + 1 for row, _column in places), default=0))
        columns = max(columns, max((column + 1 for _row, column in places), default=0))
        tail = data[-16:]
    if rows * columns > MOST_CELLS:
        raise faults.workbook_too_large()


def check_ods(file: BinaryIO) -> list[list[Span]]:
    """The merged cells of each sheet of an ODS, which calamine does not tell.

    Refuses one whose repeated rows and columns would spread over more cells than a list has.
    """
    room = MOST_UNPACKED
    spread = _Spread()
    try:
        for member in members_of(file):
            for chunk in unpacked(file, member, room):
                room -= len(chunk)
                if member.filename == "content.xml":
                    spread.parser.Parse(chunk, False)
    except (zlib.error, expat.ExpatError):
        raise faults.damaged() from None
    return spread.merged


class _Spread:
    """How far the filled cells of an ODS reach, and which are merged: its format writes a cell once, and how often."""

    def __init__(self) -> None:
        self.parser = expat.ParserCreate()
        self.parser.EntityDeclHandler = _refuse
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.merged: list[list[Span]] = []
        self.count = 0  # of merged cells, in all sheets
        self._new_table()

    def _new_table(self) -> None:
        self.rows = self.pending = self.columns = self.row_repeat = self.width = self.filled = 0

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "table:table":
            self._new_table()
            self.merged.append([])
        elif name == "table:table-row":
            self.row_repeat = _times(attributes, "table:number-rows-repeated")
            self.width = self.filled = 0
        elif name in CELLS and self.merged:
            self._cell(attributes)
        elif name == "text:p":
            self.filled = self.width

    def _cell(self, attributes: dict[str, str]) -> None:
        left, top = self.width, self.rows + self.pending
        self.width += _times(attributes, "table:number-columns-repeated")
        if "office:value-type" in attributes or "table:formula" in attributes:
            self.filled = self.width
        across = _times(attributes, "table:number-columns-spanned")
        down = _times(attributes, "table:number-rows-spanned")
        if across > 1 or down > 1:
            self._merge(((top, left), (top + max(down, 1) - 1, left + max(across, 1) - 1)))

    def _merge(self, span: Span) -> None:
        self.count += 1
        if self.count > MOST_MERGED:
            raise faults.bomb()
        self.merged[-1].append(span)

    def _end(self, name: str) -> None:
        if name != "table:table-row":
            return
        self.pending += self.row_repeat
        if self.filled:
            self.rows += self.pending
            self.pending = 0
            self.columns = max(self.columns, self.filled)
        if self.rows * self.columns > MOST_CELLS:
            raise faults.bomb()


def _refuse(*_declared: object) -> None:
    """No program that writes lists declares entities; whoever would unpack something by them does."""
    raise faults.bomb()


def _times(attributes: dict[str, str], name: str) -> int:
    value = attributes.get(name, "1")
    return int(value) if value.isdigit() and len(value) < 10 else 1
