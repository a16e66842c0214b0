"""Halting an import between two sets of rows, and going on with it where it stopped."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from intake.models import Import, ImportStatus
from workspaces.actions import audit
from workspaces.bell import ring
from workspaces.models import Member
from workspaces.permissions import require
from workspaces.refusals import Refused

HALTED = "paused_at"  # in the import's settings, while it stands still


def pause(batch: Import, *, as_of: datetime, actor: Member | None) -> Import:
    """Halt an import that waits or runs. Refused when it does neither.

    Whoever is at work on it finishes the rows at hand (their transaction holds the import's row), and finds
    the lease gone with the next.
    """
    require(actor, "import")
    batch = Import.objects.select_for_update().get(pk=batch.pk)
    if batch.status not in (ImportStatus.QUEUED, ImportStatus.RUNNING):
        raise Refused("not_running", _("Only an import that waits or runs can be paused."))
    halted(batch, ImportStatus.PAUSED, due_at=None)
    batch.settings = batch.settings | {HALTED: timezone.now().isoformat()}
    batch.save()
    audit("import_paused", batch, {"file": batch.settings.get("file", "")}, actor=actor, as_of=as_of)
    return batch


def resume(batch: Import, *, as_of: datetime, actor: Member | None) -> Import:
    """Go on after the last row taken in. Refused when the import is not paused."""
    require(actor, "import")
    batch = Import.objects.select_for_update().get(pk=batch.pk)
    if batch.status != ImportStatus.PAUSED:
        raise Refused("not_paused", _("This import is not paused."))
    stood_still = still_for(batch.settings)
    batch.settings = {name: value for name, value in batch.settings.items() if name != HALTED}
    if batch.started_at is not None:  # its pace is that of the time it was at work
        batch.started_at += stood_still
    halted(batch, ImportStatus.QUEUED, due_at=as_of)
    batch.save()
    audit("import_resumed", batch, {"file": batch.settings.get("file", "")}, actor=actor, as_of=as_of)
    ring()
    return batch


def halted(batch: Import, status: ImportStatus, due_at: datetime | None) -> None:
    """Nobody has it, and it counts no attempt."""
    batch.status, batch.due_at, batch.attempts = status, due_at, 0
    batch.lease_token = batch.leased_until = None


def still_for(settings: dict[str, Any]) -> timedelta:
    since = settings.get(HALTED)
    return timezone.now() - datetime.fromisoformat(since) if since else timedelta()
