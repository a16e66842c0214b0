"""Quiet hours and the hour of the day's e-mail, on the workspace's wall clock."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from notices.models import Hours


def next_at(moment: time, after: datetime, zone: ZoneInfo) -> datetime:
    """The next time the wall clock shows ``moment``. A time that a spring day skips comes an hour later."""
    local = after.astimezone(zone)
    found = local.replace(hour=moment.hour, minute=moment.minute, second=0, microsecond=0, fold=0)
    # Days are added on the wall clock; compared is what really passes, so that no clock change confuses.
    while found.timestamp() <= after.timestamp():
        found += timedelta(days=1)
    return datetime.fromtimestamp(found.timestamp(), tz=zone)


def is_quiet(hours: Hours, at: datetime, zone: ZoneInfo) -> bool:
    begins, ends = hours.quiet_from, hours.quiet_to
    if begins is None or ends is None or begins == ends:
        return False
    now = at.astimezone(zone).time().replace(tzinfo=None)
    return begins <= now < ends if begins < ends else now >= begins or now < ends


def due(hours: Hours, at: datetime, zone: ZoneInfo, *, digest: bool) -> datetime:
    """When an e-mail of this moment goes out: at once, after the quiet hours, or with the day's e-mail."""
    moment = next_at(hours.digest_at, at, zone) if digest else at
    if hours.quiet_to is not None and is_quiet(hours, moment, zone):
        return next_at(hours.quiet_to, moment, zone)
    return moment
