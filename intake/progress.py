"""How far an import is."""

from datetime import datetime

from django.utils import timezone

from intake.models import Import, ImportStatus


def seconds_left(batch: Import, clock: datetime | None = None) -> int | None:
    """How long it will take at the pace it has had so far; None while nobody can know."""
    if batch.status != ImportStatus.RUNNING or not batch.position or batch.started_at is None:
        return None
    spent = ((clock or timezone.now()) - batch.started_at).total_seconds()
    return max(0, round(spent * (batch.total - batch.position) / batch.position))
