"""Moments in the words of a reader: how long ago, how long still. Exact times stand beside them."""

from datetime import datetime, timedelta

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


def relative(moment: datetime, now: datetime) -> str:
    """Such as "5 min ago", "in 3 d", "just now"."""
    seconds = (moment - now).total_seconds()
    size = abs(seconds)
    if size < MINUTE:
        return str(WORDS["now"])
    return str(WORDS["in" if seconds > 0 else "ago"]) % {"amount": in_units(size)}


def in_units(seconds: float) -> str:
    """A length of time in its largest unit."""
    steps = (("min", MINUTE, HOUR), ("h", HOUR, DAY), ("d", DAY, MONTH), ("mo", MONTH, YEAR))
    unit, size = next(((unit, size) for unit, size, limit in steps if seconds < limit), ("y", YEAR))
    return str(WORDS[unit]) % {"count": seconds // size}


def remaining(seconds: float) -> str:
    """A countdown in two units at most, such as "6 d 4 h"."""
    seconds = max(0, int(seconds))
    days, hours, minutes = seconds // DAY, seconds % DAY // HOUR, seconds % HOUR // MINUTE
    if days:
        parts = [("d", days), ("h", hours)]
    elif hours:
        parts = [("h", hours), ("min", minutes)]
    else:
        parts = [("min", minutes)]
    return " ".join(str(WORDS[unit]) % {"count": n} for unit, n in parts if n) or str(WORDS["under"])


def clock_state(until: datetime, warn_at: datetime | None, now: datetime) -> str:
    """``calm``, then ``warning`` (from ``warn_at``, else in the last quarter day), then ``late``."""
    if now >= until:
        return "late"
    return "warning" if now >= (warn_at or until - timedelta(hours=6)) else "calm"
