"""What machine the figures come from: a yardstick in plain Python, and how much of it was free for us.

Ratios stand by themselves; a stated time (60 ms) means little without knowing how fast the machine was at that moment.
"""

import statistics
import sys
import time
from pathlib import Path

STAT = Path("/proc/stat")
STEPS = 200_000
ROUNDS = 9
IDLE, WAITING, STOLEN = 3, 4, 7  # columns of /proc/stat, in proc(5)


def yardstick() -> float:
    """Seconds of wall time that 200,000 additions take, the median of nine."""
    times = []
    for _round in range(ROUNDS):
        began, total = time.perf_counter(), 0
        for number in range(STEPS):
            total += number
        times.append(time.perf_counter() - began)
    return statistics.median(times)


def ticks() -> list[int]:
    """The processor's time since the machine started, by what it was spent on; empty where nobody counts it."""
    if not STAT.exists():
        return []
    return [int(part) for part in STAT.read_text().splitlines()[0].split()[1:]]


class Watch:
    """Between two looks: how much of the processors' time the host gave to other machines."""

    def __init__(self) -> None:
        self.before = ticks()

    def stolen(self) -> float | None:
        """The share since the look before this one, 0 to 1; None where it isn't known."""
        now = ticks()
        passed = [late - early for late, early in zip(now, self.before, strict=True)]
        self.before = now
        if len(passed) <= STOLEN or not sum(passed):
            return None
        return passed[STOLEN] / sum(passed)


def described() -> str:
    return f"Python {sys.version.split()[0]}, {STEPS:,} additions in {yardstick() * 1000:.1f} ms"
