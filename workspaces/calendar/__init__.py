"""When the workspace and its members work: days, hours, holidays and absences.

``working_time()`` reads the open workspace's calendar once; what it returns calculates in memory, and
``Timeline`` brings the same arithmetic into SQL, for any number of rows in one statement.
"""

from workspaces.calendar.reading import (
    Attendance,
    absent_on,
    attendance,
    away_until,
    member_times,
    working_time,
)
from workspaces.calendar.time import Timeline, WorkingTime, at_wall

__all__ = [
    "Attendance",
    "Timeline",
    "WorkingTime",
    "absent_on",
    "at_wall",
    "attendance",
    "away_until",
    "member_times",
    "working_time",
]
