"""What each role may do, in one table. Pages, API and actions ask the same question: may(member, what)."""

from collections.abc import Mapping, Set
from typing import Any

from django.utils.translation import gettext as _
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from workspaces.models import Member, Role
from workspaces.refusals import NotAllowed

ADMIN, MANAGER, REP, MARKETER, VIEWER = (
    Role.ADMIN,
    Role.MANAGER,
    Role.REP,
    Role.MARKETER,
    Role.VIEWER,
)
EVERYBODY = {ADMIN, MANAGER, REP, MARKETER, VIEWER}
WORKING = {ADMIN, MANAGER, REP, MARKETER}

ABILITIES: Mapping[str, Set[str]] = {
    "read": EVERYBODY,
    "see_contact_data": {ADMIN, MANAGER, MARKETER},  # reps: of the leads they hold
    "capture": WORKING,
    "edit_leads": WORKING,  # reps: the leads they hold, and unassigned ones they entered
    "delete_leads": {ADMIN},
    "tag": WORKING,
    "claim": {ADMIN, MANAGER, REP},
    "follow_up": WORKING,
    "advance": {ADMIN, MANAGER, REP},
    "assign": {ADMIN, MANAGER},
    "override": {ADMIN, MANAGER},
    "import": {ADMIN, MANAGER, MARKETER},
    "match": {ADMIN, MANAGER, MARKETER},  # search the workspace for duplicates
    "export": {ADMIN, MANAGER, MARKETER},
    "channels": {ADMIN, MANAGER, MARKETER},
    "rules": {ADMIN, MANAGER},  # scorecards, gates, policies, tag and assignment rules
    "enrichment": {ADMIN, MANAGER},  # where blanks are filled from; by HTTP: "webhooks", too
    "fields": {ADMIN, MANAGER, MARKETER},
    "reports": EVERYBODY,
    "members": {ADMIN},
    "workspace": {ADMIN},
    "teams": {ADMIN, MANAGER},
    "api_keys": {ADMIN},
    "webhooks": {ADMIN},  # where notices and events go out to
    "audit": {ADMIN, MANAGER},
}


def may(member: Member | None, ability: str) -> bool:
    """True when the member's role has the ability. No member is the system, which may everything."""
    return member is None or member.role in ABILITIES[ability]


def require(member: Member | None, ability: str) -> None:
    """NotAllowed (403) unless the member may."""
    if not may(member, ability):
        raise NotAllowed(_("Your role does not allow this. Ask an admin of your workspace."))


class RoleAllows(BasePermission):
    """API views say ``needs = {"GET": "read", "POST": "capture"}``; what is not named is refused."""

    def has_permission(self, request: Request, view: Any) -> bool:
        needs = getattr(view, "needs", {})
        if needs == "public":
            return True
        member = getattr(request._request, "member", None)
        if member is None:
            return False
        method = "GET" if request.method in ("HEAD", "OPTIONS") else request.method
        ability = needs.get(method)
        if ability is None:  # a method the view does not have is answered 405 further on, not 403 here
            return not hasattr(view, str(method).lower())
        return may(member, ability)
