"""Learning: a scorecard trained from outcomes, as ordinary rules with points."""

from collections.abc import Callable
from typing import Any

after_repeat: list[Callable[..., Any]] = []  # written by leadcrm/flow.py, which must not load what learns
