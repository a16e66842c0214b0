"""Leads going out: a file written as due work, batch by batch, in flat memory."""

import logging
import tempfile
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, BinaryIO
from uuid import UUID

from django.db.models import Prefetch
from django.utils import timezone
from django.utils.translation import gettext as _

from intake.cells_out import BOM, cell, check_columns, csv_lines
from intake.files import pieces, store
from intake.models import Export, ExportStatus, StoredFile
from leads.conditions import parse, vocabulary
from leads.models import Lead, LeadTag
from leads.queries import meeting
from workspaces.actions import audit
from workspaces.bell import ring
from workspaces.due import MAX_ATTEMPTS, LeaseLost, claim_due, finish, ours, renew
from workspaces.models import Member, Workspace
from workspaces.permissions import require
from workspaces.refusals import NotThere, Refusal
from workspaces.tenancy import current_workspace, enter

log = logging.getLogger(__name__)
BATCH = 2000
AGAIN_S = 10


def start_export(
    where: dict[str, Any] | None, columns: list[str] | None, *, as_of: datetime, actor: Member
) -> Export:
    """Make a file due with the leads that meet a condition (all without one). Who took what is audited."""
    require(actor, "export")
    if where:
        parse(where, vocabulary(current_workspace()), path="filter")
    export = Export.objects.create(
        member=actor, where=where or {}, columns=check_columns(columns or []), due_at=as_of
    )
    audit(
        "export_started", export, {"filter": where or {}, "columns": export.columns}, actor=actor, as_of=as_of
    )
    ring()
    return export


def export_due(workspace: Workspace, as_of: datetime, *, seconds: float | None = None) -> int:
    """Write the due exports of a workspace; how many. It opens its own transactions."""
    until = None if seconds is None else time.monotonic() + seconds
    done = 0
    while until is None or time.monotonic() < until:
        with enter(workspace):
            clock = timezone.now()
            found = claim_due(Export, as_of, clock)
            parked = Export.objects.filter(parked_at__isnull=False, status=ExportStatus.QUEUED)
            parked.update(status=ExportStatus.FAILED, due_at=None)
        if not found:
            break
        done += write(workspace, found[0], as_of)
    return done


def write(workspace: Workspace, export: Export, as_of: datetime) -> int:
    """Write one leased export from its first row to its last; 1 when it is done."""
    try:
        with tempfile.TemporaryFile() as file:
            rows = write_rows(workspace, export, file, as_of)
            with enter(workspace):
                finish(export, lambda: complete(export, file, rows))
        return 1
    except LeaseLost:
        log.info("Export %s is another worker's now", export.pk)
    except Refusal as refusal:  # a field of its condition is gone meanwhile
        end(workspace, export, status=ExportStatus.FAILED, due_at=None, last_error=refusal.message)
    except Exception as fault:
        log.exception("Export %s met a fault", export.pk)
        spent = {"status": ExportStatus.FAILED, "due_at": None} if export.attempts >= MAX_ATTEMPTS else {}
        again = timezone.now() + timedelta(seconds=AGAIN_S)
        end(workspace, export, **spent, leased_until=again, last_error=repr(fault)[:2000])
    return 0


def write_rows(workspace: Workspace, export: Export, file: BinaryIO, as_of: datetime) -> int:
    file.write(BOM.encode() + csv_lines([export.columns]))
    rows = 0
    for leads in sets_of(workspace, export, as_of):
        file.write(leads[1])
        rows += leads[0]
    return rows


def sets_of(workspace: Workspace, export: Export, as_of: datetime) -> Iterator[tuple[int, bytes]]:
    """(how many leads, their lines), in the order of their ids, a transaction for each set."""
    last: UUID | None = None
    while True:
        with enter(workspace):
            renew(export, timezone.now())
            tags = Prefetch("lead_tags", LeadTag.objects.select_related("tag"))
            rows = Lead.objects.select_related("company", "channel", "owner", "team").prefetch_related(tags)
            rows = rows.filter(meeting(export.where, as_of=as_of)) if export.where else rows
            rows = rows.filter(pk__gt=last) if last else rows
            leads = list(rows.order_by("pk")[:BATCH])
            lines = csv_lines([[cell(lead, column) for column in export.columns] for lead in leads])
        if leads:
            yield len(leads), lines
        if len(leads) < BATCH:
            return
        last = leads[-1].pk


def complete(export: Export, file: BinaryIO, rows: int) -> None:
    name = f"leads-{export.created_at:%Y-%m-%d}.csv"
    stored = store(pieces(file), name)
    Export.objects.filter(pk=export.pk).update(file=stored, rows=rows, status=ExportStatus.DONE)


def end(workspace: Workspace, export: Export, **values: Any) -> None:
    with enter(workspace):
        ours(export).update(**values)


def drop_export(export: Export, *, as_of: datetime, actor: Member | None) -> None:
    """Delete an export and its file, also one that is not written yet: who writes it finds its lease gone."""
    require(actor, "export")
    told = {"filter": export.where, "rows": export.rows}
    audit("export_deleted", export, told, actor=actor, as_of=as_of)
    # Locked first: a worker that is completing it has stored its file when we read which one that is.
    locked = Export.objects.select_for_update().filter(pk=export.pk)
    files = list(locked.values_list("file_id", flat=True))
    Export.objects.filter(pk=export.pk).delete()
    StoredFile.objects.filter(pk__in=[one for one in files if one]).delete()


def find_export(pk: Any) -> Export:
    found: Export | None = Export.objects.select_related("file", "member").filter(pk=pk).first()
    if found is None:
        raise NotThere(_("There is no such export."))
    return found
