"""Taking back what was just done with a lead, whatever it was: its rows as they were before.

Before and after an action from a page the rows that belong to the lead are read, in any room; what differs is kept for
as long as it may be taken back. Taking it back is refused as soon as anything of it has changed since. The timeline
keeps both: what was done, and that it was taken back.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _

from leads.inserting import as_json
from leads.locking import lock_one
from leads.merging.belongings import as_dict, kinds
from leads.models import Contact, Lead, Tag, TimelineEntry, Undo
from leads.timeline import tell
from workspaces.models import Member
from workspaces.refusals import NotThere, Refused
from workspaces.tenancy import current_workspace_id

WITHIN = timedelta(seconds=60)  # ten seconds to decide, and a slow line
APART = {
    "leads_touch",
    "leads_merge",
    "leads_deferral",
}  # what they did; what has an undo of its own; due work
ROOMS = {"leads", "pools", "scoring"}
UNSEEN = ("updated_at", "version", "content")
TABLE = Lead._meta.db_table
Rows = dict[tuple[str, str], dict[str, Any]]
Changes = list[dict[str, Any]]  # {table, id, before, after}: a row as it was and as it became, or null
# What has counted stays: filled by leadcrm/flow.py. Each ends what it keeps of the changes, and names those rows.
keepers: list[Callable[..., set[UUID]]] = []


def belongings(lead: UUID) -> Rows:
    """Every row that belongs to the lead, itself among them: {(table, id): columns}. One statement."""
    workspace = current_workspace_id()
    each = "SELECT '{0}', id, to_jsonb(t) - 'content' FROM {0} t WHERE workspace_id = %s AND {1} = %s"
    tables = [(TABLE, "id")] + [
        (model._meta.db_table, column)
        for model, column in kinds()
        if model._meta.app_label in ROOMS and model._meta.db_table not in APART
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            " UNION ALL ".join(each.format(table, column) for table, column in tables),
            [part for _table in tables for part in (workspace, lead)],
        )
        return {(table, str(pk)): as_dict(row) for table, pk, row in cursor.fetchall()}


def keep_undo(lead: UUID, before: Rows, *, as_of: datetime, actor: Member) -> Undo | None:
    """What has changed since ``before`` was read, to be taken back for a while; None when nothing has."""
    changes = differences(before, belongings(lead))
    if not changes:
        return None
    newest = TimelineEntry.objects.filter(lead_id=lead, actor_id=actor.pk).order_by("-at", "-id").first()
    entry = {"kind": newest.kind, "data": newest.data} if newest is not None else {}
    return Undo.objects.create(lead_id=lead, member_id=actor.pk, at=as_of, changes=changes, entry=entry)


def differences(before: Rows, after: Rows) -> Changes:
    found = []
    for key in dict.fromkeys([*before, *after]):
        was, now = before.get(key), after.get(key)
        if was is not None and now is not None:
            names = [name for name in now if was.get(name) != now[name] and name not in UNSEEN]
            was, now = ({name: row.get(name) for name in names} for row in (was, now))
            if not names:
                continue
        found.append({"table": key[0], "id": key[1], "before": was, "after": now})
    return found


@transaction.atomic
def take_back(pk: UUID, *, as_of: datetime, actor: Member) -> Lead:
    """Everything as it was before the action, but for what has counted: a claim is ended, not forgotten.

    Refused ``too_late``; ``changed`` when something happened since.
    """
    undo = Undo.objects.select_for_update().filter(pk=pk, member_id=actor.pk).first()
    if undo is None:
        raise NotThere(_("There is nothing to take back."))
    if as_of - undo.at > WITHIN:
        raise Refused("too_late", _("It is too late to take this back."))
    lock_one(undo.lead_id)
    now = belongings(undo.lead_id)
    for change in undo.changes:
        row = now.get((change["table"], change["id"]))
        if not stands(row, change["after"]):
            raise Refused("changed", _("Somebody changed this lead meanwhile; nothing was taken back."))
    # What it added goes first: a lead has one open assignment, and one clock.
    changes = sorted(undo.changes, key=lambda one: one["before"] is not None)
    kept = {pk for keeper in keepers for pk in keeper(changes, as_of=as_of, actor=actor)}
    for change in changes:
        if UUID(change["id"]) not in kept:
            restore(change)
    lead = Lead.objects.get(pk=undo.lead_id)
    Lead.objects.filter(pk=lead.pk).update(version=lead.version + 1, updated_at=as_of)
    told = {"of": undo.entry} | tags_again(undo.changes) | people_again(undo.changes)
    tell("taken_back", [(lead.pk, told)], as_of=as_of, actor=actor)
    undo.delete()
    return lead


def tags_again(changes: Changes) -> dict[str, list[str]]:
    """Which tags of people's came back and which went, by name; those of rules come and go with their rules."""
    came, went = came_and_went(changes, "leads_leadtag")
    of = {"tagged": came, "untagged": went}
    ids = {kind: [row["tag_id"] for row in rows if row["rule_id"] is None] for kind, rows in of.items()}
    names = dict(Tag.objects.filter(pk__in=[*ids["tagged"], *ids["untagged"]]).values_list("pk", "name"))
    return {kind: [names[UUID(pk)] for pk in some] for kind, some in ids.items() if some}


def people_again(changes: Changes) -> dict[str, list[dict[str, str]]]:
    """Which people take part again and which no longer, by name and role."""
    came, went = came_and_went(changes, "leads_leadcontact")
    some = Contact.objects.filter(pk__in=[row["contact_id"] for row in (*came, *went)])
    names = dict(some.values_list("pk", "name"))
    of = {"added": came, "dropped": went}
    return {
        kind: [{"role": row["role"], "name": names[UUID(row["contact_id"])]} for row in rows]
        for kind, rows in of.items()
        if rows
    }


def came_and_went(changes: Changes, table: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The rows of a table that taking back puts there again, and those it takes away."""
    rows = [one for one in changes if one["table"] == table]
    return (
        [one["before"] for one in rows if one["after"] is None],
        [one["after"] for one in rows if one["before"] is None],
    )


def stands(row: dict[str, Any] | None, after: dict[str, Any] | None) -> bool:
    """Whether a row is still as the action left it."""
    if row is None or after is None:
        return row is None and after is None
    return all(row.get(name) == value for name, value in after.items() if name not in UNSEEN)


def restore(change: dict[str, Any]) -> None:
    table, before, after = change["table"], change["before"], change["after"]
    here: list[Any] = [current_workspace_id(), change["id"]]
    with connection.cursor() as cursor:
        if before is None:
            cursor.execute(f"DELETE FROM {table} WHERE workspace_id = %s AND id = %s", here)
        elif after is None:
            cursor.execute(
                f"INSERT INTO {table} SELECT * FROM jsonb_populate_record(NULL::{table}, %s::jsonb)",
                [as_json(before)],
            )
        else:
            names = ", ".join(before)
            then = f"SELECT {names} FROM jsonb_populate_record(NULL::{table}, %s::jsonb)"
            cursor.execute(
                f"UPDATE {table} t SET ({names}) = ({then}) WHERE t.workspace_id = %s AND t.id = %s",
                [as_json(before), *here],
            )


def forget_undo(as_of: datetime) -> int:
    """What can no longer be taken back is forgotten: it holds facts about people."""
    gone, _each = Undo.objects.filter(at__lt=as_of - 2 * WITHIN).delete()
    return gone
