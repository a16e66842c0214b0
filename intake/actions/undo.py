"""Undoing an import: what it made goes, what it filled is blank again, its identities, tags and touches are off
again; what others touched since stays."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from intake.files import forget
from intake.models import Import, ImportedLead, ImportStatus
from leads.actions.take_back import retract, unfill, withdraw
from leads.incoming import ALL_KEYS, Key
from leads.models import TimelineEntry
from workspaces.actions import audit
from workspaces.bell import ring
from workspaces.models import Member
from workspaces.permissions import require
from workspaces.refusals import Refused
from workspaces.tenancy import current_workspace_id

BATCH = 1000
AT_ONCE = 5000  # leads taken back in the request itself; more is due work
LEFT: dict[str, Any] = {
    "worked_on": gettext_lazy("Somebody has worked on it since."),
    "came_again": gettext_lazy("It has come again by another way since."),
    "merged": gettext_lazy("It is one with a lead that did not come by this list."),
    "changed": gettext_lazy("Some of what was filled in has been changed since."),
    "revived": gettext_lazy("It came back to life by this list and stays so."),
}

# What a person did to a lead, or the lead itself did, after the import had left it. Keys are ordered by time.
# Merges, by a rule too, make one lead of several: it is the import's own only when each of them was.
SINCE = """
SELECT i.id, CASE
    WHEN EXISTS (
        SELECT FROM leads_timelineentry e
        WHERE e.workspace_id = i.workspace_id AND e.lead_id = ANY(one.ids) AND e.id > i.id
            AND (e.kind = 'touched' OR e.actor_id IS NOT NULL
                AND e.kind NOT IN ('captured', 'came_again', 'unfilled', 'retracted'))
    ) OR EXISTS (
        SELECT FROM leads_followup f WHERE f.workspace_id = i.workspace_id AND f.lead_id = i.lead_id
    ) THEN 'worked_on'
    WHEN EXISTS (
        SELECT FROM leads_timelineentry e
        WHERE e.workspace_id = i.workspace_id AND e.lead_id = ANY(one.ids) AND e.id > i.id
            AND e.kind = 'came_again' AND e.data ->> 'import' IS DISTINCT FROM i.batch_id::text
            AND NOT EXISTS (
                SELECT FROM intake_import x WHERE x.workspace_id = i.workspace_id
                    AND x.id::text = e.data ->> 'import' AND x.status IN ('undoing', 'undone')
            )
    ) THEN 'came_again'
    WHEN one.merges >= (
        SELECT count(*) FROM intake_importedlead o
        WHERE o.workspace_id = i.workspace_id AND o.lead_id = i.lead_id AND o.batch_id = i.batch_id
            AND o.was_created
    ) THEN 'merged'
END
FROM intake_importedlead i JOIN leads_lead l ON l.workspace_id = i.workspace_id AND l.id = i.lead_id
CROSS JOIN LATERAL (
    SELECT array_prepend(i.lead_id, coalesce(array_agg(m.absorbed), '{}'::uuid[])) AS ids, count(m.id) AS merges
    FROM leads_merge m
    WHERE m.workspace_id = i.workspace_id AND m.survivor_id = i.lead_id AND m.undone_at IS NULL
) one
WHERE i.workspace_id = %s AND i.id = ANY(%s)
"""


def undo(batch: Import, *, as_of: datetime, actor: Member | None) -> Import:
    """Undo an import: at once when it is short, as due work when it is long. Refused while it runs."""
    require(actor, "import")
    batch = Import.objects.select_for_update().get(pk=batch.pk)
    if batch.status not in (ImportStatus.DONE, ImportStatus.FAILED, ImportStatus.PAUSED):
        raise Refused("not_finished", _("Only an import that has ended or is paused can be undone."))
    if batch.status == ImportStatus.PAUSED:
        forget(batch.file)
    batch.status, batch.undone = ImportStatus.UNDOING, {"deleted": 0, "restored": 0, "left": 0}
    batch.parked_at = batch.lease_token = batch.leased_until = None
    batch.due_at, batch.attempts = as_of, 0
    batch.save()
    audit("import_undone", batch, {"file": batch.settings.get("file", "")}, actor=actor, as_of=as_of)
    if ImportedLead.objects.filter(batch=batch).count() <= AT_ONCE:
        while undo_batch(batch, as_of=as_of, actor=actor):
            pass
        Import.objects.filter(pk=batch.pk).update(due_at=None)
    else:
        ring()
    return Import.objects.select_related("file", "channel", "member").get(pk=batch.pk)


def undo_batch(batch: Import, *, as_of: datetime, actor: Member | None) -> bool:
    """Take back the next set of leads; False when nothing is left to do and the import is undone."""
    rows = list(ImportedLead.objects.filter(batch=batch, kept="").order_by("id")[:BATCH])
    if not rows:
        Import.objects.filter(pk=batch.pk).update(status=ImportStatus.UNDONE, finished_at=timezone.now())
        return False
    why = touched_since(rows)
    free = [row for row in rows if not why.get(row.pk)]
    made = [row.lead_id for row in free if row.was_created]
    deleted = withdraw(made, as_of=as_of, actor=actor, **{"import": str(batch.pk)})
    known = [row for row in free if not row.was_created and row.lead_id not in set(deleted)]
    restored = restore(known, why, batch, as_of, actor)
    ImportedLead.objects.filter(pk__in=[row.pk for row in rows if not why.get(row.pk)]).delete()
    for reason in LEFT:
        left = [pk for pk, found in why.items() if found == reason]
        ImportedLead.objects.filter(pk__in=left).update(kept=reason)
    batch.undone = {
        "deleted": batch.undone.get("deleted", 0) + len(deleted),
        "restored": batch.undone.get("restored", 0) + restored,
        "left": batch.undone.get("left", 0) + sum(1 for found in why.values() if found),
    }
    Import.objects.filter(pk=batch.pk).update(undone=batch.undone)
    return True


def left_by(batch: Import) -> QuerySet[ImportedLead]:
    """The leads that undoing did not take back, or not wholly: ``kept`` says why, ``filled`` which facts stayed."""
    return ImportedLead.objects.filter(batch=batch).exclude(kept="")


def changed_facts(row: ImportedLead) -> list[str]:
    """The facts it filled that have been changed since, in order; of custom fields ``attributes.<key>``."""
    return sorted(set(row.filled) - ALL_KEYS) if row.kept == "changed" else []


def touched_since(rows: Sequence[ImportedLead]) -> dict[UUID, str | None]:
    """Why a lead is to be left as it is: {imported lead: reason or None}."""
    with connection.cursor() as cursor:
        cursor.execute(SINCE, [current_workspace_id(), [row.pk for row in rows]])
        found: dict[UUID, str | None] = dict(cursor.fetchall())
    made = {row.pk for row in rows if row.was_created}
    # A lead that was there before keeps what people did with it; only the filled blanks are looked at.
    return {pk: why for pk, why in found.items() if pk in made}


def restore(
    rows: list[ImportedLead],
    why: dict[UUID, str | None],
    batch: Import,
    as_of: datetime,
    actor: Member | None,
) -> int:
    """Make blanks blank again, take off identities, tags and touches; notes in ``why`` what stays. How many leads."""
    if not rows:
        return 0
    fills: dict[UUID, dict[str, list[Any]]] = {}
    tags: dict[UUID, list[str]] = {}
    given: dict[UUID, set[Key]] = {}
    for row in rows:
        fills[row.lead_id] = fills.get(row.lead_id, {}) | row.filled
        tags[row.lead_id] = tags.get(row.lead_id, []) + row.tags
        given.setdefault(row.lead_id, set()).update((kind, value) for kind, value in row.identities)
    told = {"import": str(batch.pk)}
    left = unfill(fills, given, as_of=as_of, actor=actor, **told)
    changed = {pk for pk in fills if fills[pk]} | set(
        retract(tags, "import", as_of=as_of, actor=actor, **told)
    )
    back = revived(fills, batch)
    why.update({row.pk: "revived" for row in rows if row.lead_id in back})
    why.update({row.pk: "changed" for row in rows if left.get(row.lead_id)})
    for row in rows:
        row.filled = {name: row.filled[name] for name in left.get(row.lead_id, ()) if name in row.filled}
    ImportedLead.objects.bulk_update([row for row in rows if why.get(row.pk)], ["filled"], batch_size=1000)
    return sum(1 for row in rows if row.lead_id in changed and not why.get(row.pk))


def revived(leads: Iterable[UUID], batch: Import) -> set[UUID]:
    """Who was lost, put aside or in the recycle pool and began again by this import: people work with them by now."""
    rows = TimelineEntry.objects.filter(lead_id__in=list(leads), kind__in=("resumed", "brought_back"))
    return set(rows.filter(data__import=str(batch.pk)).values_list("lead_id", flat=True))
