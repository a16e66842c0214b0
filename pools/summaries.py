"""What a handover moved, lead by lead, with the summary that each new holder needs."""

from datetime import datetime
from typing import Any
from uuid import UUID

from leads.models import Lead
from leads.summaries import Summary, summaries
from pools.models import Assignment, Handover
from pools.words import waiting_reason
from workspaces.models import Member


def of_handover(record: Handover, *, as_of: datetime, holder: Member | None = None) -> list[Summary]:
    """What a handover moved, lead by lead; with ``holder``: what it brought them."""
    rows = Assignment.objects.filter(began="given", began_at=record.at, why__handover=str(record.pk))
    if holder is not None:
        rows = rows.filter(member=holder)
    got = {row.lead_id: row.member for row in rows.select_related("member")}
    told = summaries(list(got), as_of=as_of)
    for one in told:
        one.holder = got[one.lead.pk]
    return told


def left_behind(record: Handover) -> list[dict[str, Any]]:
    """Leads for which the rules found nobody, each with the reason."""
    names = Lead.objects.in_bulk(list(record.left))
    return [
        {"lead": names[UUID(pk)], "why": waiting_reason(why)}
        for pk, why in record.left.items()
        if UUID(pk) in names
    ]
