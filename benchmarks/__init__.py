"""``make bench``: every promise about speed, measured against hand-written SQL on the same rows in the same run.

A benchmark is a function in a module of this package that takes the Ground and yields Figures::

    @benchmark
    def rescoring(ground: Ground) -> Iterator[Figure]:
        yield Figure("rescore one workspace", work="100,000 leads", ours_s=1.2, limit_s=1.0, allowed=1.5)

It leaves the rows as it found them (``Ground.undone``). docs/benchmarks.md says how to read the results.
"""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from benchmarks.ground import Ground

HAND_WRITTEN = "hand-written SQL"
Benchmark = Callable[["Ground"], Iterator["Figure"]]
registered: dict[str, Benchmark] = {}


@dataclass
class Figure:
    """One measured promise: our time, the limit's time, and how many times the limit is allowed.

    ``limit``: what ``limit_s`` is, the hand-written SQL or a stated time. ``unit``: what is measured where
    it is not seconds (``queries``, ``MB``). ``more``: further figures for the JSON file (spread, bytes).
    """

    name: str
    work: str
    ours_s: float
    limit_s: float
    allowed: float = 1.0
    limit: str = HAND_WRITTEN
    unit: str = "s"
    more: dict[str, Any] = field(default_factory=dict)

    @property
    def ratio(self) -> float:
        return self.ours_s / self.limit_s

    @property
    def met(self) -> bool:
        return self.ratio <= self.allowed

    def as_json(self) -> dict[str, Any]:
        known = asdict(self)
        more = known.pop("more")
        return known | {"ratio": round(self.ratio, 3), "met": self.met} | more


def benchmark(function: Benchmark) -> Benchmark:
    """Register a benchmark under its function's name."""
    registered[function.__name__] = function
    return function
