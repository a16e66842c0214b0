"""Facts about leads, written once and never edited."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from leads.inserting import as_json, insert_rows
from leads.models import TimelineEntry
from workspaces.models import Member


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
