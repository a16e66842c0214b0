"""How each kind of notice reaches a member who has said nothing about it."""

from dataclasses import dataclass

from notices.models import Email, Kind
from workspaces.models import Role

SELLS = {Role.ADMIN, Role.MANAGER, Role.REP}
MANAGES = {Role.ADMIN, Role.MANAGER}
EVERYBODY = set(Role)


@dataclass(frozen=True)
class Usual:
    """``who``: roles that can get it at all; ``icon``: in the list."""

    email: str
    who: frozenset[str] | set[Role]
    icon: str


USUAL: dict[str, Usual] = {
    Kind.ASSIGNED: Usual(Email.NOW, SELLS, "user-check"),
    Kind.HANDOVER: Usual(Email.NOW, SELLS, "switch-horizontal"),
    Kind.RECLAIM_WARNING: Usual(Email.NOW, SELLS, "hourglass"),
    Kind.RECLAIMED: Usual(Email.DIGEST, SELLS, "arrow-back-up"),
    Kind.CLAIMED_BY_OTHER: Usual(Email.OFF, SELLS, "hand-grab"),
    Kind.CAME_AGAIN: Usual(Email.NOW, SELLS, "repeat"),
    Kind.RESUMED: Usual(Email.NOW, SELLS, "history"),
    Kind.TASK_DUE: Usual(Email.DIGEST, EVERYBODY, "checkbox"),
    Kind.MENTION: Usual(Email.NOW, EVERYBODY, "message"),
    Kind.APPROVAL_WANTED: Usual(Email.NOW, MANAGES, "checklist"),
    Kind.APPROVAL_DECIDED: Usual(Email.NOW, SELLS, "circle-check"),
    Kind.RESPONSE_DUE: Usual(Email.NOW, SELLS, "clock"),
    Kind.RESPONSE_LATE: Usual(Email.DIGEST, MANAGES, "alert-triangle"),
    Kind.SCORECARD_REVIEW: Usual(Email.DIGEST, MANAGES, "gauge"),
    Kind.SCORECARD_LEARNED: Usual(Email.DIGEST, MANAGES, "gauge"),
    Kind.CHANNEL_FAILING: Usual(Email.OFF, {Role.ADMIN}, "plug"),
}


def kinds_for(role: str) -> list[Kind]:
    """The kinds that a member of this role can get."""
    return [kind for kind in Kind if role in USUAL[kind].who]
