"""Quiet hours and digests on a wall clock that is put forward and back."""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from notices.models import Hours
from notices.quiet import due, is_quiet, next_at

BERLIN = ZoneInfo("Europe/Berlin")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "quiet"),
    [
        ("2026-03-02T19:59", False),
        ("2026-03-02T20:00", True),
        ("2026-03-03T06:59", True),
        ("2026-03-03T07:00", False),
    ],
)
def test_over_midnight(now: str, quiet: bool) -> None:
    hours = Hours(member_id=None, quiet_from=time(20), quiet_to=time(7), workspace_id=None)
    assert is_quiet(hours, at(now), ZoneInfo("UTC")) is quiet


def test_a_time_that_the_spring_night_skips() -> None:
    """On 2026-03-29 Berlin's clock goes from 02:00 to 03:00."""
    assert next_at(time(2, 30), at("2026-03-28T23:00"), BERLIN).astimezone(UTC) == at("2026-03-29T01:30")


def test_the_autumn_night_has_an_hour_more() -> None:
    hours = Hours(member_id=None, quiet_from=time(20), quiet_to=time(7), workspace_id=None)
    assert due(hours, at("2026-10-24T20:00"), BERLIN, digest=False).astimezone(UTC) == at("2026-10-25T06:00")


def test_a_digest_in_the_quiet_hours_waits_for_their_end() -> None:
    hours = Hours(
        member_id=None, workspace_id=None, quiet_from=time(6), quiet_to=time(9), digest_at=time(8, 30)
    )
    assert due(hours, at("2026-03-02T10:00"), ZoneInfo("UTC"), digest=True) == at("2026-03-03T09:00")
