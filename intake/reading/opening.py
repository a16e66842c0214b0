"""What kind of file was handed in, told by its first bytes: names lie."""

import io
import os
import zipfile
from pathlib import Path
from typing import BinaryIO, cast

from intake.reading import faults
from intake.reading.delimited import DelimitedText
from intake.reading.sheet import Sheet, Source
from intake.reading.workbooks import Workbook

ZIP = (b"PK\x03\x04", b"PK\x05\x06")
OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
OTHERS = (
    (b"%PDF", "PDF"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"\x7fELF", "ELF"),
    (b"MZ", "EXE"),
    (b"SQLite format 3", "SQLite"),
    (b"PAR1", "Parquet"),
    (b"{\\rtf", "RTF"),
)
PACKED = (b"\x1f\x8b", b"BZh", b"7z\xbc\xaf", b"\xfd7zXZ", b"Rar!", b"\x28\xb5\x2f\xfd")
PAGES = (b"<!doctype html", b"<html", b"<?xml", b"<table")


def open_list(file: BinaryIO | str | os.PathLike[str], filename: str = "") -> Sheet:
    """The list in a file (a path, or an open binary file that can seek).

    Raises UnreadableList, saying what is wrong and how to mend it. Close the sheet, or use it in a `with`.
    """
    if isinstance(file, str | os.PathLike):
        return _opened(Path(file).open("rb"), filename or Path(file).name, ours=True)
    return _opened(_plain(file), filename, ours=False)


def _opened(file: BinaryIO, filename: str, *, ours: bool) -> Sheet:
    try:
        return Sheet(_source(file if ours else cast(BinaryIO, _Borrowed(file)), filename))
    except BaseException:
        if ours:
            file.close()
        raise


def _plain(file: BinaryIO) -> BinaryIO:
    """The file inside Django's wrappers, which cannot be decoded as they are."""
    while not isinstance(file, io.IOBase) and hasattr(file, "file"):
        file = file.file
    return file


class _Borrowed(io.RawIOBase):
    """A caller's file: ours to read, not to close."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def read(self, size: int = -1) -> bytes:
        return self._file.read(size)

    read1 = read

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        data = self._file.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


def _source(file: BinaryIO, filename: str) -> Source:
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    head = file.read(4096)
    if not head.strip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n"):
        raise faults.empty()
    if head.startswith(ZIP):
        return Workbook(file, _zipped_format(file), size)
    if head.startswith(OLD_OFFICE):
        return Workbook(file, "xls", size)
    if size > faults.LARGEST_TEXT_FILE:
        raise faults.too_large(faults.LARGEST_TEXT_FILE >> 20)
    _refuse_others(head)
    return DelimitedText(file, filename)


def _zipped_format(file: BinaryIO) -> str:
    try:
        with zipfile.ZipFile(file) as packed:
            names = set(packed.namelist())
    except (zipfile.BadZipFile, ValueError, OSError, EOFError, NotImplementedError):
        raise faults.damaged() from None
    if "xl/workbook.bin" in names:
        raise faults.not_a_list("XLSB")
    if "[Content_Types].xml" in names and any(name.lower().startswith("xl/") for name in names):
        return "xlsx"
    if "content.xml" in names and "mimetype" in names:
        return "ods"
    raise faults.archive()


def _refuse_others(head: bytes) -> None:
    if head.startswith(PACKED):
        raise faults.archive()
    for magic, kind in OTHERS:
        if head.startswith(magic) and (len(magic) > 2 or b"\0" in head):
            raise faults.not_a_list(kind)
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if start.startswith(PAGES):
        raise faults.not_a_list("HTML / XML")
    controls = sum(byte < 9 or 13 < byte < 27 for byte in head)
    wide = head.startswith((b"\xff\xfe", b"\xfe\xff")) or head[:200].count(0) in range(60, 101)
    if not wide and controls > max(3, len(head) // 50):
        raise faults.not_a_list("binary")
