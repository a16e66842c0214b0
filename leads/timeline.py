"""Facts about leads, written once and never edited."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from leads.inserting import as_json, insert_rows
from leads.models import Merge, TimelineEntry
from workspaces.models import Member


def entries_of(lead: UUID) -> QuerySet[TimelineEntry]:
    """The story of a lead, and of the leads it took up: their entries stay their own and are read here."""
    absorbed = Merge.objects.filter(survivor_id=lead, undone_at=None).values("absorbed")
    return TimelineEntry.objects.filter(Q(lead_id=lead) | Q(lead_id__in=absorbed))


def tell(
    kind: str,
    leads: Iterable[tuple[UUID, dict[str, Any]]],
    *,
    as_of: datetime,
    actor: Member | None,
) -> None:
    """Write one entry for each ``(lead id, data)``; all of them in one statement."""
    leads = list(leads)
    written: dict[int, str] = {}  # a set of leads often shares one and the same data
    for _lead, data in leads:
        if id(data) not in written:
            written[id(data)] = as_json(data)
    insert_rows(
        TimelineEntry,
        len(leads),
        as_of=as_of,
        lead_id=[lead for lead, _data in leads],
        data=[written[id(data)] for _lead, data in leads],
        at=as_of,
        kind=kind,
        actor_id=actor.pk if actor else None,
    )
