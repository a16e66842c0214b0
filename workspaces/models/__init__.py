from workspaces.models.audit import AuditEntry, RepeatedRequest
from workspaces.models.calendar import Absence, CalendarDay, MemberHours, WorkCalendar
from workspaces.models.member import ApiKey, Member, Role, Team
from workspaces.models.settings import SettingsStamp
from workspaces.models.user import User
from workspaces.models.workspace import Access, Workspace

__all__ = [
    "Absence",
    "Access",
    "ApiKey",
    "AuditEntry",
    "CalendarDay",
    "Member",
    "MemberHours",
    "RepeatedRequest",
    "Role",
    "SettingsStamp",
    "Team",
    "User",
    "WorkCalendar",
    "Workspace",
]
