"""What can be wrong with a file, said so that its owner can mend it."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

LARGEST_TEXT_FILE = 1 << 30
LARGEST_WORKBOOK = 100 << 20
MOST_COLUMNS = 500


class UnreadableList(Exception):
    """The file as a whole cannot be read: `code` for programs, `message` for people, `row` if known."""

    def __init__(self, code: str, message: str, row: int | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.row = row


@dataclass(frozen=True, slots=True)
class RowProblem:
    """One row that cannot be taken as it stands; the rows around it can."""

    row_number: int
    cells: list[str]
    code: str
    message: str


def empty() -> UnreadableList:
    return UnreadableList(
        "empty",
        _(
            "The file is empty. Save the list with the names of its columns in the first row, "
            "then upload it again."
        ),
    )


def not_a_list(kind: str) -> UnreadableList:
    return UnreadableList(
        "binary",
        _("This is not a list but another kind of file (%(kind)s). Upload a CSV, TSV, XLSX, XLS or ODS file.")
        % {"kind": kind},
    )


def archive() -> UnreadableList:
    return UnreadableList(
        "archive", _("This is a packed archive. Unpack it and upload the list that is inside.")
    )


def too_large(megabytes: int) -> UnreadableList:
    return UnreadableList(
        "too_large",
        _("The file is larger than %(megabytes)d MB. Split it into several files and upload them one by one.")
        % {"megabytes": megabytes},
    )


def workbook_too_large() -> UnreadableList:
    return UnreadableList(
        "too_large",
        _(
            "This workbook is too large to be opened safely. "
            "Save the sheet as CSV and upload that: it may be much longer."
        ),
    )


def bomb() -> UnreadableList:
    return UnreadableList(
        "bomb",
        _(
            "This workbook claims far more cells or text than a list has, and was not unpacked. "
            "Copy the rows into a new sheet, save it as CSV and upload that."
        ),
    )


def damaged() -> UnreadableList:
    return UnreadableList(
        "damaged",
        _(
            "The workbook is damaged and cannot be opened. "
            "Open it in your spreadsheet program and save it again."
        ),
    )


def password() -> UnreadableList:
    return UnreadableList(
        "password", _("The workbook is protected by a password. Save a copy without it and upload that.")
    )


def no_header(row: int) -> UnreadableList:
    return UnreadableList(
        "no_header",
        _(
            "Row %(row)d already holds data, so the columns have no names. "
            "Insert a row of column names above it."
        )
        % {"row": row},
        row,
    )


def too_many_columns(count: int) -> UnreadableList:
    return UnreadableList(
        "too_many_columns",
        _(
            "The list has %(count)d columns, and at most %(most)d can be read. "
            "Remove the columns you do not need."
        )
        % {"count": count, "most": MOST_COLUMNS},
    )


def unclosed_quote(row: int) -> UnreadableList:
    return UnreadableList(
        "unclosed_quote",
        _(
            'A quotation mark (") opens in row %(row)d and is never closed. '
            "Close or remove it, then upload again."
        )
        % {"row": row},
        row,
    )


def line_too_long(row: int) -> UnreadableList:
    return UnreadableList(
        "line_too_long",
        _(
            "Row %(row)d is too long for one lead: the line breaks seem to be missing. "
            "Save the list as CSV again."
        )
        % {"row": row},
        row,
    )


def nul_bytes(row: int) -> UnreadableList:
    return UnreadableList(
        "nul_bytes",
        _(
            "Near row %(row)d the file holds NUL bytes, which no text has. "
            "Save the list as CSV in UTF-8 again."
        )
        % {"row": row},
        row,
    )


def too_many_cells(row: int, cells: list[str], columns: int) -> RowProblem:
    return RowProblem(
        row,
        cells,
        "too_many_cells",
        _(
            "The row has %(cells)d cells, but there are %(columns)d columns. "
            "Remove the others, or put a text that contains the separator in quotes."
        )
        % {"cells": len(cells), "columns": columns},
    )


def undecodable(row: int, cells: list[str]) -> RowProblem:
    return RowProblem(
        row,
        cells,
        "undecodable",
        _("Some letters of this row could not be read. Type them again and save as UTF-8."),
    )
