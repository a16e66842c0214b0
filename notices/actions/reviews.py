"""Managers hear that the month's review of the scorecard is written."""

from datetime import datetime
from typing import Any
from uuid import UUID

from notices.actions.notify import News, notify
from notices.models import Kind
from workspaces.models import Member, Role


def tell_reviewed(source: UUID, data: dict[str, Any], *, as_of: datetime) -> None:
    """data: month, and how many grades, rules and changes there are to look at. Told once for each review."""
    managers = Member.objects.filter(is_active=True, role__in=(Role.ADMIN, Role.MANAGER))
    news = [
        News(pk, Kind.SCORECARD_REVIEW, source, data=data) for pk in managers.values_list("pk", flat=True)
    ]
    notify(news, as_of=as_of)
