"""Facts about leads, written once and never edited."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from leads.models import TimelineEntry
from workspaces.models import Member

BATCH = 5000


def tell(
    kind: str,
    leads: Iterable[tuple[UUID, dict[str, Any]]],
    *,
    as_of: datetime,
    actor: Member | None,
) -> None:
    """Write one entry for each ``(lead id, data)``."""
    actor_id = actor.pk if actor else None
    TimelineEntry.objects.bulk_create(
        [
            TimelineEntry(lead_id=lead, at=as_of, kind=kind, actor_id=actor_id, data=data)
            for lead, data in leads
        ],
        batch_size=BATCH,
    )
