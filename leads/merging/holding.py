"""How long one member has had two leads that become one: since they had either, not counting time put aside."""

from datetime import datetime

from leads.merging.facts import Row
from leads.models import Stage
from workspaces.calendar import working_time


def in_hand(this: Row, other: Row, stage: str, as_of: datetime) -> Row:
    """``held_since`` and what was used before it, of a lead at ``stage`` that unites two of one holder."""
    rows = (this, other)
    running = [row for row in rows if row["stage"] != Stage.DEFERRED]
    if running == list(rows) and not any(row["held_before"] for row in rows):
        return {"held_since": min(row["held_since"] for row in rows)}
    used = [used_by(row, as_of) for row in rows]
    clock, worked = max(one for one, _days in used), max(days for _one, days in used)
    if stage == Stage.DEFERRED:
        return {"held_before": clock, "worked_before": worked}
    since = min(row["held_since"] for row in running)
    ran, days = elapsed(since, as_of)
    return {"held_since": since, "held_before": max(0, clock - ran), "worked_before": max(0, worked - days)}


def used_by(row: Row, as_of: datetime) -> tuple[int, int]:
    """Seconds that its holder has had a lead, by the clock and in working days; what is put aside stands still."""
    if row["stage"] == Stage.DEFERRED:
        return row["held_before"], row["worked_before"]
    ran, days = elapsed(row["held_since"], as_of)
    return row["held_before"] + ran, row["worked_before"] + days


def elapsed(since: str, as_of: datetime) -> tuple[int, int]:
    began = datetime.fromisoformat(since)
    worked = working_time().between(began, as_of, True)
    return round((as_of - began).total_seconds()), round(worked.total_seconds())
