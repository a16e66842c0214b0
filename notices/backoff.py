"""How long to wait before trying again: soon at first, then ever more rarely, for 72 hours."""

from datetime import timedelta
from uuid import UUID

PAUSES_S = (5, 30, 120, 600, 1800, 3600, 7200, 14_400, 21_600, 28_800)  # then every eight hours
GIVE_UP = timedelta(hours=72)


def pause(tries: int, of: UUID, asked_s: float | None = None) -> timedelta:
    """The wait after the ``tries``-th failure. ``asked_s``: what the receiver asked for, if longer.

    Spread by up to a tenth, by the item's own id, so that a thousand do not come back at once.
    """
    usual = PAUSES_S[min(tries, len(PAUSES_S)) - 1]
    spread = (of.int % 1000) / 10_000
    return timedelta(seconds=max(usual * (1 + spread), min(asked_s or 0, 86_400)))
