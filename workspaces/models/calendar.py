from typing import Any

from django.db import models

from workspaces.models.member import Member
from workspaces.tenancy import TenantForeignKey, TenantModel

NINE_TO_SIX = ["09:00", "18:00"]


def office_week() -> list[list[list[str]]]:
    """Monday to Friday, nine to six; free on Saturday and Sunday."""
    return [[NINE_TO_SIX[:]] if weekday < 5 else [] for weekday in range(7)]


class WorkCalendar(TenantModel):
    """When the workspace works: its week, and the country whose holidays it keeps. One only.

    ``hours``: seven lists, Monday first, of ["09:00", "12:00"] on the workspace's wall clock.
    """

    country = models.CharField(max_length=2, blank=True, default="")  # '' keeps nobody's holidays
    subdivision = models.CharField(max_length=10, blank=True, default="")
    hours: Any = models.JSONField(default=office_week)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["workspace"], name="calendar_once")]


class CalendarDay(TenantModel):
    """A day of the workspace's own: free although it would be worked on, or worked on although free."""

    day = models.DateField()
    works = models.BooleanField(default=False)
    name = models.CharField(max_length=200, blank=True, default="")

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["workspace", "day"], name="calendar_day_once")]


class MemberHours(TenantModel):
    """A member's own week, where it differs from the workspace's; a weekday without hours is a day off."""

    member = TenantForeignKey(Member, cascade=True, related_name="own_hours")
    hours: Any = models.JSONField(default=office_week)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["workspace", "member"], name="member_hours_once")]


class Absence(TenantModel):
    """Days on which a member is away, the first and the last included."""

    member = TenantForeignKey(Member, cascade=True, related_name="absences")
    starts_on = models.DateField()
    ends_on = models.DateField()
    reason = models.CharField(max_length=200, blank=True, default="")

    class Meta(TenantModel.Meta):
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_on__gte=models.F("starts_on")), name="absence_ends_after_start"
            )
        ]
        indexes = [models.Index(fields=["workspace", "ends_on"], name="absence_by_end")]
