"""Moments in the words of a reader: how long ago, how long still. Exact times stand beside them."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from functools import cache, lru_cache

from django.utils import timezone
from django.utils.formats import date_format, time_format
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

MINUTE, HOUR, DAY = 60, 3600, 86400
MONTH, YEAR = 30 * DAY, 365 * DAY

# One set of words for the server and for the browser, which counts on from where the server stopped.
WORDS = {
    "now": _("just now"),
    "in": _("in %(amount)s"),
    "ago": _("%(amount)s ago"),
    "min": _("%(count)d min"),
    "h": _("%(count)d h"),
    "d": _("%(count)d d"),
    "mo": _("%(count)d mo"),
    "y": _("%(count)d y"),
    "under": _("under 1 min"),
}


@cache
def _in(language: str | None) -> dict[str, str]:
    """The words in the reader's language: a page asks for them a hundred times."""
    return {key: str(word) for key, word in WORDS.items()}


UNITS = (("min", MINUTE, HOUR), ("h", HOUR, DAY), ("d", DAY, MONTH), ("mo", MONTH, YEAR))


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads a page and when: found once, for a page tells a hundred moments."""

    now: datetime
    language: str | None
    zone: tzinfo
    words: dict[str, str]


def reader(now: datetime) -> Reader:
    language = get_language()
    return Reader(now, language, timezone.get_current_timezone(), _in(language))


def words() -> dict[str, str]:
    return _in(get_language())


def relative(moment: datetime, now: datetime, said: dict[str, str] | None = None) -> str:
    """Such as "5 min ago", "in 3 d", "just now"."""
    said = said or words()
    seconds = (moment - now).total_seconds()
    size = abs(seconds)
    if size < MINUTE:
        return said["now"]
    return said["in" if seconds > 0 else "ago"] % {"amount": in_units(size, said)}


def in_units(seconds: float, said: dict[str, str] | None = None) -> str:
    """A length of time in its largest unit."""
    unit, size = next(((unit, size) for unit, size, limit in UNITS if seconds < limit), ("y", YEAR))
    return (said or words())[unit] % {"count": seconds // size}


def remaining(seconds: float, said: dict[str, str] | None = None) -> str:
    """A countdown in two units at most, such as "6 d 4 h"."""
    seconds = max(0, int(seconds))
    days, hours, minutes = seconds // DAY, seconds % DAY // HOUR, seconds % HOUR // MINUTE
    if days:
        parts = [("d", days), ("h", hours)]
    elif hours:
        parts = [("h", hours), ("min", minutes)]
    else:
        parts = [("min", minutes)]
    said = said or words()
    return " ".join(said[unit] % {"count": n} for unit, n in parts if n) or said["under"]


def clock_state(until: datetime, warn_at: datetime | None, now: datetime) -> str:
    """``calm``, then ``warning`` (from ``warn_at``, else in the last quarter day), then ``late``."""
    if now >= until:
        return "late"
    return "warning" if now >= (warn_at or until - timedelta(hours=6)) else "calm"


def exact(moment: datetime, by: Reader | None = None) -> str:
    """A moment as the reader's language and place write it: the day, then the minute."""
    by = by or reader(moment)
    local = moment.astimezone(by.zone)
    return f"{_day(local.date(), by.language)} {_minute(time(local.hour, local.minute), by.language)}"


@lru_cache(maxsize=4000)
def _day(day: date, language: str | None) -> str:
    return date_format(day, "DATE_FORMAT")


@lru_cache(maxsize=4000)
def _minute(minute: time, language: str | None) -> str:
    return time_format(minute, "TIME_FORMAT")
