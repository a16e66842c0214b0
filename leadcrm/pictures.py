"""Small pictures as numbers: templates turn them into inline SVG.

Inline SVG needs no script, prints, follows the theme, and passes a policy that forbids style attributes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, pi, sin

Point = tuple[float, float]


@dataclass(frozen=True)
class Axis:
    """One spoke of a radar: where it ends, where its value sits, and where its letter stands."""

    label: str
    value: float | None
    end: Point
    at: Point
    text: Point

    @property
    def anchor(self) -> str:
        """A label beside the picture grows away from it."""
        return "middle" if abs(self.text[0]) < 45 else "start" if self.text[0] > 0 else "end"

    @property
    def known(self) -> bool:
        return self.value is not None


def radar(labels: Sequence[str], values: Sequence[float | None], radius: float = 50) -> dict:
    """Spokes, rings and outline for values of 0 to 1; None means unknown and sits in the centre.

    Coordinates are around (0, 0), the first spoke points up, the rest follow clockwise.
    """

    def on(spoke: int, share: float) -> Point:
        angle = 2 * pi * spoke / len(values) - pi / 2
        return round(radius * share * cos(angle), 2), round(radius * share * sin(angle), 2)

    def clipped(value: float | None) -> float:
        return 0.0 if value is None else min(1.0, max(0.0, value))

    axes = [
        Axis(label, value, on(i, 1), on(i, max(0.06, clipped(value))), on(i, 1.15))
        for i, (label, value) in enumerate(zip(labels, values, strict=True))
    ]
    rings = [as_points([on(i, share) for i in range(len(values))]) for share in (1 / 3, 2 / 3, 1)]
    return {"axes": axes, "rings": rings, "outline": as_points([axis.at for axis in axes])}


def as_points(points: Sequence[Point]) -> str:
    """The value of an SVG ``points`` attribute."""
    return " ".join(f"{x:g},{y:g}" for x, y in points)


def sparkline(values: Sequence[float], width: float = 96, height: float = 24) -> dict:
    """A line through the values and the area under it, as SVG path data; empty when there is no line."""
    if len(values) < 2:
        return {"line": "", "area": "", "last": None}
    low, high = min(values), max(values)
    spread = (high - low) or 1
    step = (width - 4) / (len(values) - 1)
    points = [
        (round(2 + i * step, 2), round(height - 3 - (value - low) / spread * (height - 6), 2))
        for i, value in enumerate(values)
    ]
    line = "M" + "L".join(f"{x:g} {y:g}" for x, y in points)
    return {"line": line, "area": f"{line}L{points[-1][0]:g} {height:g}L2 {height:g}Z", "last": points[-1]}


def share(part: float | None, whole: float | None) -> float:
    """``part`` of ``whole`` between 0 and 1; nothing of nothing is 0."""
    if not part or not whole:
        return 0.0
    return min(1.0, max(0.0, float(part) / float(whole)))
