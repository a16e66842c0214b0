"""Leads and reps for tests of the pools."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from leads.models import Lead, TimelineEntry
from pools.models import Assignment
from tests.cast import NOW, a_lead, join
from workspaces.models import Member, Role

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def some_leads(count: int, **fields: Any) -> list[UUID]:
    """Leads of the lead pool, the first with the highest score."""
    return [a_lead(name=f"Lead {n}", score=1000 - n, **fields).pk for n in range(count)]


def a_rep(name: str, **fields: Any) -> Member:
    member = join(f"{name.lower()}@acme.test", name, Role.REP)
    Member.objects.filter(pk=member.pk).update(**fields)
    member.refresh_from_db()
    return member


def a_manager() -> Member:
    return join("hong@acme.test", "Hong", Role.MANAGER)


def kinds(lead: UUID) -> list[str]:
    """What the lead's timeline says, the oldest first."""
    return list(
        TimelineEntry.objects.filter(lead_id=lead).order_by("at", "id").values_list("kind", flat=True)
    )


def held_truly() -> None:
    """Every held lead has exactly one open assignment, of its holder; every free one has none."""
    open_ = dict(Assignment.objects.filter(ended_at=None).values_list("lead_id", "member_id"))
    assert open_ == dict(Lead.objects.filter(pool="sales").values_list("pk", "owner_id"))
    assert not Lead.objects.exclude(pool="sales").exclude(owner=None, reclaim_at=None, warn_at=None).exists()


def later(**by: float) -> datetime:
    return NOW + timedelta(**by)
