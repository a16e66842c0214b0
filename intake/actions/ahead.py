"""Reading ahead: the next rows are read and understood while the database takes in those before them."""

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.utils.translation import get_language, override

from intake.reading import RowProblem
from leads.incoming import Incoming

Row = tuple[int, list[str]]
Interpret = Callable[[list[str], int], Incoming]


@dataclass(frozen=True)
class Rows:
    """The rows of one transaction. ``items``: what each of the ``good`` ones says."""

    good: list[Row]
    items: list[Incoming]
    broken: list[RowProblem]

    def __len__(self) -> int:
        return len(self.good) + len(self.broken)


def in_batches(rows: Iterable[Row | RowProblem], position: int, most: int, read: Interpret) -> Iterator[Rows]:
    """The rows after ``position`` in sets of at most so many, understood."""
    rest = islice(rows, position, None)
    while found := list(islice(rest, most)):
        yield understood(found, read)


def understood(rows: Sequence[Row | RowProblem], read: Interpret) -> Rows:
    good = [row for row in rows if not isinstance(row, RowProblem)]
    broken = [row for row in rows if isinstance(row, RowProblem)]
    return Rows(good, [read(cells, number) for number, cells in good], broken)


def ahead[Item](items: Iterator[Item]) -> Generator[Item]:
    """The same items, one made in a thread while the one before it is worked on. Close it when you stop early."""
    end: Any = object()
    around, language = copy_context(), get_language()

    def following() -> Item:
        with override(language):  # the context alone does not bring it along: each thread has its own
            return next(items, end)

    with ThreadPoolExecutor(1, "reading") as pool:
        coming = pool.submit(lambda: around.run(following))
        while (item := coming.result()) is not end:
            coming = pool.submit(lambda: around.run(following))
            yield item
