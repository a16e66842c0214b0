from workspaces.models.audit import AuditEntry, RepeatedRequest
from workspaces.models.member import ApiKey, Member, Role, Team
from workspaces.models.user import User
from workspaces.models.workspace import Access, Workspace

__all__ = [
    "Access",
    "ApiKey",
    "AuditEntry",
    "Member",
    "RepeatedRequest",
    "Role",
    "Team",
    "User",
    "Workspace",
]
