"""Imports as due work: batch after batch until the file's end, by whichever worker has the lease.

A killed worker loses at most the batch it was in, and that leaves no trace: its rows, its figures and its
position are one transaction. The next worker goes on from the position.
"""

import logging
import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import OperationalError
from django.db.models import F, Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from intake.actions.ahead import Rows, ahead, in_batches
from intake.actions.batches import patience, take_in
from intake.actions.start import default_channel, interpreter
from intake.actions.undo import undo_batch
from intake.files import forget, opened
from intake.models import Import, ImportStatus
from intake.reading import UnreadableList, open_list
from workspaces.bell import ring
from workspaces.due import FREE, MAX_ATTEMPTS, LeaseLost, claim_due, finish, ours, renew
from workspaces.models import Workspace
from workspaces.tenancy import enter

log = logging.getLogger(__name__)
BATCH = 2500
AGAIN_S = 10  # after a batch that failed
TRIES = 3  # of a batch that met a deadlock
Tell = Callable[[Import], None]
AT_WORK = (ImportStatus.QUEUED, ImportStatus.RUNNING, ImportStatus.UNDOING)


def silent(batch: Import) -> None:
    """Nobody is watching."""


def import_due(
    workspace: Workspace,
    as_of: datetime,
    *,
    seconds: float | None = None,
    only: UUID | None = None,
    tell: Tell = silent,
) -> int:
    """Do the due imports of a workspace, one after the other; how many rows were taken in.

    It opens its own transactions. ``seconds``: after so long it hands back what is not finished, so that
    a long list does not keep a worker from everything else; None: to the end. ``only``: this import;
    ``tell`` is called with it after each batch.
    """
    until = None if seconds is None else time.monotonic() + seconds
    rows = 0
    while until is None or time.monotonic() < until:
        batch = take(workspace, as_of, only)
        if batch is None:
            return rows
        before = batch.position
        work_on(workspace, batch, as_of, until, tell)
        rows += max(0, batch.position - before)
    return rows


def take(workspace: Workspace, as_of: datetime, only: UUID | None) -> Import | None:
    """The next due import, leased to us."""
    with enter(workspace):
        clock = timezone.now()
        found = claim_due(Import, as_of, clock, only=Q(pk=only) if only else None)
        parked = Import.objects.filter(parked_at__isnull=False, status__in=AT_WORK)
        parked.update(status=ImportStatus.FAILED, due_at=None, error=given_up(), finished_at=clock)
        if not found:
            return None
        batch: Import = Import.objects.select_related("file", "channel", "member__user").get(pk=found[0].pk)
        if batch.started_at is None:
            batch.started_at = clock
        if batch.status == ImportStatus.QUEUED:
            batch.status = ImportStatus.RUNNING
        batch.save(update_fields=["started_at", "status"])
        return batch


def work_on(workspace: Workspace, batch: Import, as_of: datetime, until: float | None, tell: Tell) -> None:
    """Work on a leased import until it is done, the time is over, or the lease is gone."""
    try:
        with translation.override(language(workspace, batch)):
            if batch.status == ImportStatus.UNDOING:
                done = undo_rows(workspace, batch, as_of, until)
            else:
                done = read_rows(workspace, batch, as_of, until, tell)
        if not done:
            hand_back(workspace, batch, timezone.now())
    except LeaseLost:
        log.info("Import %s is another worker's now", batch.pk)
    except UnreadableList as fault:
        fail(workspace, batch, {"code": fault.code, "message": fault.message, "row": fault.row})
    except Exception as fault:
        log.exception("Import %s met a fault after row %s", batch.pk, batch.position)
        stumble(workspace, batch, fault)


def language(workspace: Workspace, batch: Import) -> str:
    return (batch.member.user.language if batch.member else "") or workspace.locale


def read_rows(workspace: Workspace, batch: Import, as_of: datetime, until: float | None, tell: Tell) -> bool:
    """Take rows in from where the import stands; True at the end of the file."""
    with ExitStack() as stack:
        with enter(workspace):
            copied = stack.enter_context(opened(batch.file))
            channel = batch.channel or default_channel()
        sheet = stack.enter_context(open_list(copied, batch.file.name))
        with enter(workspace):
            interpret = interpreter(batch, sheet)
        coming = stack.enter_context(
            closing(ahead(in_batches(sheet.rows(), batch.position, BATCH, interpret)))
        )
        for rows in coming:
            if until is not None and time.monotonic() > until:
                return False
            take_rows(workspace, batch, rows, channel=channel, as_of=as_of)
            tell(batch)
    with enter(workspace):
        finish(batch, lambda: complete(batch))
    return True


def take_rows(workspace: Workspace, batch: Import, rows: Rows, **how: Any) -> None:
    """One transaction; tried again when it met another import's in a deadlock."""
    for attempt in range(TRIES):
        try:
            with enter(workspace):
                patience()
                take_in(batch, rows, clock=timezone.now(), actor=batch.member, **how)
            break
        except OperationalError:
            if attempt + 1 == TRIES:
                raise
            time.sleep(0.2 * (attempt + 1))
    batch.position += len(rows)


def complete(batch: Import) -> None:
    """The end of the file: its rows are leads or rejected rows now, its bytes are needed no longer."""
    done = Import.objects.filter(pk=batch.pk)
    done.update(status=ImportStatus.DONE, finished_at=timezone.now(), total=F("position"))
    forget(batch.file)


def undo_rows(workspace: Workspace, batch: Import, as_of: datetime, until: float | None) -> bool:
    """Take back what the import did, set by set; True when all is done."""
    more = True
    while more:
        if until is not None and time.monotonic() > until:
            return False
        with enter(workspace):
            patience()
            renew(batch, timezone.now())
            more = undo_batch(batch, as_of=as_of, actor=batch.member)
    with enter(workspace):
        finish(batch, lambda: None)
    return True


def hand_back(workspace: Workspace, batch: Import, clock: datetime) -> None:
    """Others are waiting too: whoever looks next goes on."""
    with enter(workspace):
        ours(batch).update(attempts=0, **FREE)
        ring()


def fail(workspace: Workspace, batch: Import, error: dict[str, Any]) -> None:
    """The file can't be read (further). What was taken in stays, and can be undone."""
    with enter(workspace):
        failed = {"status": ImportStatus.FAILED, "error": error, "finished_at": timezone.now()}
        ours(batch).update(**failed, due_at=None, attempts=0, **FREE)


def stumble(workspace: Workspace, batch: Import, fault: Exception) -> None:
    """A fault of ours or of the database: tried again soon, given up after the last attempt."""
    if batch.attempts >= MAX_ATTEMPTS:
        fail(workspace, batch, given_up())
        return
    with enter(workspace):
        again = timezone.now() + timedelta(seconds=AGAIN_S)
        ours(batch).update(leased_until=again, last_error=repr(fault)[:2000])


def given_up() -> dict[str, Any]:
    message = _("Something went wrong on our side, several times. What was taken in so far stays.")
    return {"code": "gave_up", "message": message, "row": None}
