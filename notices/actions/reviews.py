"""Managers hear that the month's review of the scorecard is written, and that a card was learned anew."""

from datetime import datetime
from typing import Any
from uuid import UUID

from notices.actions.notify import News, notify
from notices.models import Kind
from workspaces.models import Member, Role


def tell_reviewed(source: UUID, data: dict[str, Any], *, as_of: datetime) -> None:
    """data: month, the id of the team whose card it is and what it is called, and how many grades, rules and changes
    there are to look at. Told once for each review.
    """
    tell_managers(Kind.SCORECARD_REVIEW, source, data, as_of)


def tell_learned(source: UUID, data: dict[str, Any], *, as_of: datetime) -> None:
    """data: card, the name of the draft, and its auc. Told once for each training that was repeated by itself."""
    tell_managers(Kind.SCORECARD_LEARNED, source, data, as_of)


def tell_managers(kind: Kind, source: UUID, data: dict[str, Any], as_of: datetime) -> None:
    managers = Member.objects.filter(is_active=True, role__in=(Role.ADMIN, Role.MANAGER))
    notify([News(pk, kind, source, data=data) for pk in managers.values_list("pk", flat=True)], as_of=as_of)
