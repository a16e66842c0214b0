"""Bands of a number: where each begins, what it gives, and what an unknown number gives."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any


@dataclass(frozen=True)
class Band:
    """``start``: from this number on; None: from below everything. ``end``: up to this one, None: no end.

    A whole ``end`` is included with its fractions (to 49 means below 50), another is where the band stops.
    ``unset``: the band of leads whose number is not known.
    """

    points: int
    start: Decimal | None = None
    end: Decimal | None = None
    unset: bool = False

    @property
    def stop(self) -> Decimal | None:
        """The first number above the band."""
        if self.end is None:
            return None
        return self.end + 1 if self.end == self.end.to_integral_value() else self.end


def bands_of(stored: Any) -> tuple[Band, ...]:
    return tuple(
        Band(
            points=one["points"],
            start=exact(one.get("from")),
            end=exact(one.get("to")),
            unset=bool(one.get("unset")),
        )
        for one in stored or ()
    )


def exact(number: Any) -> Decimal | None:
    return None if number is None else Decimal(str(number))


def steps(bands: tuple[Band, ...]) -> tuple[int, list[tuple[Decimal, int]], int]:
    """(points below the first step, [(from this number on, points)], points of an unknown number).

    What lies in no band gives nothing.
    """
    below, found, unknown = 0, [], 0
    for at, band in enumerate(one for one in bands if not one.unset):
        if band.start is None:
            below = band.points
        else:
            found.append((band.start, band.points))
        after = [one for one in bands if not one.unset][at + 1 :]
        if band.stop is not None and not (after and after[0].start == band.stop):
            found.append((band.stop, 0))
    for band in bands:
        if band.unset:
            unknown = band.points
    return below, found, unknown
