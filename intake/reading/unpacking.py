"""The parts of a zipped workbook, unpacked with a limit: what its directory declares is not believed."""

import zipfile
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from intake.reading import faults

MOST_UNPACKED = 256 << 20
# Up to this size any ratio is harmless; beyond it, lists shrink to a tenth or so, bombs to a thousandth.
RATIO_FROM = 20 << 20
MOST_RATIO = 250
CHUNK = 1 << 20


def unpacked(file: BinaryIO, member: zipfile.ZipInfo, room: int) -> Iterator[bytes]:
    """A member's true content in chunks, whatever the directory declares; stops a bomb at `room` bytes."""
    file.seek(member.header_offset)
    header = file.read(30)
    if len(header) < 30 or member.flag_bits & 0x1:
        raise faults.damaged() if len(header) < 30 else faults.password()
    file.seek(int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little"), 1)
    if member.compress_type == zipfile.ZIP_STORED:
        decoder = None
    elif member.compress_type == zipfile.ZIP_DEFLATED:
        decoder = zlib.decompressobj(-15)
    else:
        raise faults.damaged()
    left, total = member.compress_size, 0
    while left > 0:
        packed = file.read(min(left, CHUNK))
        left -= len(packed)
        if not packed:
            return
        while packed:
            data = packed if decoder is None else decoder.decompress(packed, CHUNK)
            packed = b"" if decoder is None else decoder.unconsumed_tail
            total += len(data)
            if total > room or (total > RATIO_FROM and total > MOST_RATIO * max(1, member.compress_size)):
                raise faults.bomb()
            if data:
                yield data


def members_of(file: BinaryIO) -> list[zipfile.ZipInfo]:
    try:
        with zipfile.ZipFile(file) as packed:
            members = packed.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, EOFError, NotImplementedError):
        raise faults.damaged() from None
    if sum(member.file_size for member in members) > MOST_UNPACKED:
        raise faults.bomb() if _is_dense(members) else faults.workbook_too_large()
    return members


def _is_dense(members: list[zipfile.ZipInfo]) -> bool:
    packed = sum(member.compress_size for member in members)
    return sum(member.file_size for member in members) > MOST_RATIO * max(1, packed)
