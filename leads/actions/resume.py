"""Deferred leads come back by themselves on their day, with all that was said when they were put aside."""

from datetime import datetime

from django.db.models import F

from leads.happened import happened
from leads.models import Lead, StageChange
from leads.models.lead import Stage
from leads.timeline import tell

BATCH = 500


def resume_due(as_of: datetime) -> int:
    """Reopen up to BATCH deferred leads whose day has come; how many. Call again until none is left."""
    due = list(
        Lead.objects.select_for_update(skip_locked=True)
        .filter(stage=Stage.DEFERRED, resume_at__lte=as_of)
        .order_by("resume_at", "id")[:BATCH]
    )
    if not due:
        return 0
    ids = [lead.pk for lead in due]
    Lead.objects.filter(pk__in=ids).update(
        stage=Stage.LEAD,
        stage_since=as_of,
        resume_at=None,
        next_action_at=as_of,
        version=F("version") + 1,
        updated_at=as_of,
    )
    StageChange.objects.bulk_create(
        [
            StageChange(
                lead_id=lead.pk,
                transition="reopen",
                source=lead.stage,
                target=Stage.LEAD,
                at=as_of,
                verdict={"met": ["resume_at"]},
                days_in_source=max((as_of - lead.stage_since).days, 0),
            )
            for lead in due
        ]
    )
    tell("resumed", [(lead.pk, dict(lead.deferral)) for lead in due], as_of=as_of, actor=None)
    happened("stage_changed", ids, as_of=as_of, actor=None, transition="reopen")
    return len(due)
