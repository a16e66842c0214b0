"""One batch of an import's rows: taken in by one transaction, with everything that says so."""

from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import F

from intake.actions.ahead import Rows
from intake.models import Import, ImportedLead, RejectedRow
from intake.reading import RowProblem
from leads.actions import capture
from leads.actions.capture import Captured
from leads.incoming import Source
from leads.inserting import as_json, insert_rows, plain
from leads.models import Channel
from workspaces.due import renew
from workspaces.models import Member


def take_in(
    batch: Import,
    rows: Rows,
    *,
    channel: Channel,
    as_of: datetime,
    clock: datetime,
    actor: Member | None,
) -> None:
    """Capture the next rows of an import and move its position, all or nothing.

    LeaseLost when another worker has taken the import over: then nothing of this is kept.
    """
    renew(batch, clock)
    source = Source("import", channel, data={"import": str(batch.pk), "file": batch.settings["file"]})
    captured = capture(rows.items, source=source, as_of=as_of, actor=actor, checked=True)
    refused = [
        (number, cells, found.errors, found.status != "rejected")
        for (number, cells), found in zip(rows.good, captured, strict=True)
        if found.errors
    ]
    incomplete = sum(taken for *_row, taken in refused)
    refused += [(row.row_number, row.cells, [reason(row)], False) for row in rows.broken]
    keep_rejected(batch, refused, as_of)
    keep_leads(batch, captured, as_of)
    count(batch, captured, len(rows.broken), incomplete, len(rows))


def reason(row: RowProblem) -> dict[str, Any]:
    return {"field": None, "code": row.code, "message": row.message}


def count(batch: Import, captured: list[Captured], broken: int, incomplete: int, rows: int) -> None:
    """The import's own figures, and where to go on."""
    found = [one.status for one in captured]
    Import.objects.filter(pk=batch.pk).update(
        created=F("created") + found.count("created"),
        merged=F("merged") + found.count("merged"),
        rejected=F("rejected") + found.count("rejected") + broken,
        incomplete=F("incomplete") + incomplete,
        position=F("position") + rows,
    )


def keep_rejected(
    batch: Import, refused: list[tuple[int, list[str], list[dict], bool]], as_of: datetime
) -> None:
    """The rows that were not taken in, and those that were without what is wrong in them, as they stood."""
    numbers, cells, reasons, taken = (
        (list(column) for column in zip(*refused, strict=True)) if refused else [[]] * 4
    )
    insert_rows(
        RejectedRow,
        len(refused),
        as_of=as_of,
        batch_id=batch.pk,
        row=numbers,
        cells=[as_json(row) for row in cells],
        reasons=[as_json(row) for row in reasons],
        taken=taken,
    )


def keep_leads(batch: Import, captured: list[Captured], as_of: datetime) -> None:
    """What was done to which lead: the ground of undoing."""
    created = {one.lead_id for one in captured if one.lead_id and one.status == "created"}
    known = {one.lead_id: one for one in captured if one.lead_id and one.lead_id not in created}
    filled = {pk: as_json(changes(one)) for pk, one in known.items() if one.filled}
    tags = {pk: as_json([str(tag) for tag in one.tagged]) for pk, one in known.items() if one.tagged}
    given = {pk: as_json(one.given) for pk, one in known.items() if one.given}
    touched = [*created, *known]
    insert_rows(
        ImportedLead,
        len(touched),
        as_of=as_of,
        batch_id=batch.pk,
        lead_id=touched,
        was_created=[pk in created for pk in touched],
        filled=[filled.get(pk, "{}") for pk in touched],
        tags=[tags.get(pk, "[]") for pk in touched],
        identities=[given.get(pk, "[]") for pk in touched],
    )


def changes(one: Captured) -> dict[str, list[Any]]:
    """The blanks that were filled, as JSON: {field: [value before, value after]}; attributes by key."""
    found: dict[str, list[Any]] = {}
    for name, (before, after) in one.filled.items():
        if name == "attributes":
            found |= {f"attributes.{k}": [before.get(k), v] for k, v in after.items() if before.get(k) != v}
        else:
            found[name] = [before, after if isinstance(after, int | str | None) else plain(after)]
    return found


def patience() -> None:
    """Two imports may wait for each other's identities: longer than a page does, not for ever."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '60s'")
