"""Files kept in the database: written chunk by chunk, read back in flat memory, by whichever worker."""

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import BinaryIO

from intake.models import FileChunk, StoredFile

CHUNK = 1 << 20


def store(parts: Iterable[bytes], name: str) -> StoredFile:
    """Keep a file of any size; ``parts``: its bytes, in pieces of any length."""
    file = StoredFile.objects.create(name=name[:300])
    for position, data in enumerate(in_chunks(parts)):
        FileChunk.objects.create(file=file, position=position, data=data)
        file.size += len(data)
    file.save(update_fields=["size"])
    return file


def in_chunks(parts: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in pieces of one megabyte."""
    kept = bytearray()
    for part in parts:
        kept += part
        while len(kept) >= CHUNK:
            yield bytes(kept[:CHUNK])
            del kept[:CHUNK]
    if kept:
        yield bytes(kept)


def pieces(file: BinaryIO) -> Iterator[bytes]:
    """An open file from its start, in pieces of one megabyte."""
    file.seek(0)
    while data := file.read(CHUNK):
        yield data


def chunks_of(file: StoredFile) -> Iterator[bytes]:
    """A stored file's bytes, one megabyte in memory at a time."""
    rows = FileChunk.objects.filter(file=file).order_by("position").values_list("data", flat=True)
    for position in range((file.size + CHUNK - 1) // CHUNK):
        yield bytes(rows.get(position=position))


@contextmanager
def opened(file: StoredFile) -> Iterator[BinaryIO]:
    """A stored file as a seekable one on this machine's disk, gone again afterwards.

    The copy outlives the transaction in which it is made: an import reads it through many of them.
    """
    with tempfile.TemporaryFile() as copy:
        for data in chunks_of(file):
            copy.write(data)
        copy.seek(0)
        yield copy


def forget(file: StoredFile) -> None:
    """Delete a file's bytes; its name and size stay."""
    FileChunk.objects.filter(file=file).delete()
