"""Workbooks (XLSX, XLS, ODS), read by calamine once the guard has seen what they hold."""

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, BinaryIO

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from intake.reading import faults
from intake.reading.guard import check_xlsx
from intake.reading.guard_others import Span, check_ods, check_xls
from intake.reading.unpacking import CHUNK, MOST_UNPACKED, members_of, unpacked

# In an XLS the record comes between two others that every program writes around it.
OF_1904 = {
    "xlsx": re.compile(rb"date1904\s*=\s*[\"'](?:1|true|on)[\"']"),
    "xls": re.compile(rb"\x8d\0\x02\0..\x22\0\x02\0\x01\0\x0e\0\x02\0", re.DOTALL),
}
BOOK = "xl/workbook.xml"
CHECKS: dict[str, Callable[[BinaryIO], list[list[Span]] | None]] = {
    "xlsx": check_xlsx,
    "ods": check_ods,
    "xls": check_xls,
}

Across = dict[int, list[tuple[int, int]]]  # {row: [(first column, last column)]}
Down = dict[int, list[tuple[int, int]]]  # {row: [(column, last row)]}


class Workbook:
    """The first visible sheet with anything in it, as rows of text."""

    encoding = ""
    delimiter = ""
    may_be_spoilt = False

    def __init__(self, file: BinaryIO, format: str, size: int) -> None:
        self.file = file
        self.format = format
        if size > faults.LARGEST_WORKBOOK:
            raise faults.workbook_too_large()
        told = CHECKS[format](file) or []
        file.seek(0)
        try:
            place, self._sheet = _first_with_rows(CalamineWorkbook.from_filelike(file))
        except PasswordError:
            raise faults.password() from None
        except faults.UnreadableList:
            raise
        # A panic of the Rust library arrives as a BaseException that is not an Exception.
        except (CalamineError, ValueError, OSError, EOFError, OverflowError):
            raise faults.damaged() from None
        except BaseException as error:
            if type(error).__name__ == "PanicException":
                raise faults.damaged() from None
            raise
        self.since_1904 = counts_from_1904(file, format)
        self.sheet_name = self._sheet.name
        self.total_rows = self._sheet.total_height + 1
        spans = told[place] if place < len(told) else self._sheet.merged_cell_ranges or ()
        self.across, self._down = merged_cells(self._sheet, spans)

    def records(self) -> Iterator[tuple[int, list[str]]]:
        """(row number from 1, cells) of every row, empty ones included. What is merged downwards stands in each of
        its rows: one company beside its three people is the company of all three."""
        held: dict[int, tuple[int, str]] = {}  # by column: down to which row which text holds
        for number, cells in enumerate(self._sheet.iter_rows(), 1):
            row = [cell if type(cell) is str else as_shown(cell) for cell in cells]
            if held and any(row):
                held = {column: text for column, text in held.items() if text[0] >= number}
                for column, (_last, text) in held.items():
                    row[column] = row[column] or text
            for column, last in self._down.get(number, ()):
                held[column] = last, row[column]
            yield number, row

    def close(self) -> None:
        self.file.close()


def merged_cells(sheet: CalamineSheet, spans: Iterable[Span]) -> tuple[Across, Down]:
    """The cells that span several columns, and those that span several rows, by the number of their first row.

    Columns count from the first one that is used, as in the rows that are read.
    """
    across: Across = {}
    down: Down = {}
    shift = sheet.start[1] if sheet.start else 0
    for (top, left), (bottom, right) in spans:
        if right > left:
            across.setdefault(top + 1, []).append((left - shift, right - shift))
        if bottom > top and shift <= left < shift + sheet.width:
            down.setdefault(top + 1, []).append((left - shift, bottom + 1))
    return across, down


def counts_from_1904(file: BinaryIO, format: str) -> bool:
    """Whether the book numbers its days from 1904 on, as old Macs did. (An ODS writes its days out.)"""
    parts: Iterable[bytes] = ()
    if format == "xlsx":
        books = [member for member in members_of(file) if member.filename == BOOK]
        parts = (part for book in books for part in unpacked(file, book, MOST_UNPACKED))
    elif format == "xls":
        file.seek(0)
        parts = iter(lambda: file.read(CHUNK), b"")
    tail = b""
    for part in parts:
        if OF_1904[format].search(tail + part):
            return True
        tail = part[-40:]
    return False


def _first_with_rows(workbook: CalamineWorkbook) -> tuple[int, CalamineSheet]:
    """(its place among all sheets, the sheet)."""
    for place, found in enumerate(workbook.sheets_metadata):
        if found.visible == SheetVisibleEnum.Visible and found.typ == SheetTypeEnum.WorkSheet:
            sheet = workbook.get_sheet_by_index(place)
            if sheet.start is not None:
                return place, sheet
    raise faults.empty()


def as_shown(value: Any) -> str:
    """A cell's value as a person reads it: 3 and not 3.0, true, 2021-04-15, never an exponent."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, datetime):
        midnight = value.time() == time()
        return value.date().isoformat() if midnight else value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return value.isoformat(timespec="seconds")
    if isinstance(value, timedelta):
        minutes, seconds = divmod(int(value.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
    return str(value)


def _number(value: float) -> str:
    if value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    # A spreadsheet shows fifteen significant digits: 274.66 where the float says 274.65999999999997.
    shown = f"{value:.15g}"
    return format(Decimal(shown), "f") if "e" in shown else shown
