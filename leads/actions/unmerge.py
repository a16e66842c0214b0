"""A merge is undone: both leads stand again, and what has changed since stays and is listed."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from leads.actions.duplicates import apart_for_good
from leads.actions.merge import require_own
from leads.actions.tag_spans import spans_go_back
from leads.happened import happened
from leads.incoming import COLUMNS, Incoming
from leads.inserting import insert_rows
from leads.merging import belongings
from leads.merging.facts import searchable
from leads.merging.parting import as_before, merges_of
from leads.merging.rows import Row, lock_rows, put_back, write_rows
from leads.merging.verdicts import latest_verdicts, united_verdicts
from leads.models import Channel, Company, Identity, Lead, Merge
from leads.timeline import tell
from workspaces.actions import audit_many
from workspaces.models import Member, Team
from workspaces.permissions import require
from workspaces.refusals import NotThere, Refused


def undo_merge(pk: UUID, *, as_of: datetime, actor: Member | None) -> Merge:
    """The absorbed lead stands again with all that came with it; ``kept`` lists what stays as it is by now.

    Raises NotThere, NotAllowed, and Refused: ``undone`` already, ``merged_again`` while the survivor is
    itself part of another lead (that merge is undone first).
    """
    require(actor, "edit_leads")
    found = Merge.objects.filter(pk=pk).first()
    if found is None:
        raise NotThere(_("There is no such merge."))
    rows = lock_rows([found.survivor_id])
    found = Merge.objects.select_for_update().get(pk=pk)
    check_apart(found)
    this = rows[found.survivor_id]
    require_own(actor, this, found.row)
    news, left = as_before(this, found, merges_of(found))
    news |= {"version": this["version"] + 1, "updated_at": as_of.isoformat()}
    row = stands_again(found, keeps_holder=not left or left[-1]["what"] != "pursuit", as_of=as_of)
    put_back(row, like=found.survivor_id)
    added = belongings.added_since(found.survivor_id, found.pk)
    belongings.give_back(found.survivor_id, found.absorbed, found.moved, found.aside)
    spans_go_back(found.survivor_id, found.absorbed, found.moved.get("leads_leadtag", []))
    left += [{"what": table, "count": count} for table, count in sorted(added.items())]
    left += know_again(row, as_of)
    if "assessment" in found.changes:
        asked = latest_verdicts([found.survivor_id]).get(found.survivor_id, {})
        news["assessment"] = united_verdicts({}, {}, asked, asked)
    write_rows({found.survivor_id: news | {"search": searchable(this | news)}})
    finish(found, left, as_of=as_of, actor=actor)
    return found


def check_apart(found: Merge) -> None:
    if found.undone_at:
        raise Refused("undone", _("This merge is undone already."))
    if found.survivor_id != found.taker:
        later = Merge.objects.filter(absorbed=found.taker, undone_at=None).order_by("-at").first()
        message = _("The merged lead is part of another one by now. Undo that merge first.")
        raise Refused("merged_again", message, merge=str(later.pk) if later else None)


def stands_again(found: Merge, *, keeps_holder: bool, as_of: datetime) -> Row:
    """The absorbed row, without what it points at that is gone, and without a holder who can't hold it."""
    row = found.row | {"version": found.row["version"] + 1, "updated_at": as_of.isoformat()}
    for column, model in (("company_id", Company), ("channel_id", Channel), ("team_id", Team)):
        if row[column] and not model._default_manager.filter(pk=row[column]).exists():
            row[column] = None
    if row["owner_id"] and not (
        keeps_holder and Member.objects.filter(pk=row["owner_id"], is_active=True).exists()
    ):
        row |= {"owner_id": None, "team_id": None, "held_since": None, "reclaim_at": None, "warn_at": None}
        row |= {"held_before": 0, "worked_before": 0}
        row |= {"pool": "lead", "pool_since": as_of.isoformat(), "reclaim_reason": ""}
    return row


def know_again(row: Row, as_of: datetime) -> list[dict[str, Any]]:
    """The lead is known by its own addresses again; those that another lead has by now are listed."""
    lead = UUID(row["id"])
    channel = UUID(row["channel_id"]) if row["channel_id"] else None
    keys = Incoming({name: row[name] for name in COLUMNS}).identities(channel)
    insert_rows(
        Identity,
        len(keys),
        as_of=as_of,
        unless_there=True,
        lead_id=lead,
        kind=[kind for kind, _value in keys],
        value=[value for _kind, value in keys],
    )
    mine = set(Identity.objects.filter(lead_id=lead).values_list("kind", "value"))
    return [{"what": f"identity.{kind}"} for kind, value in keys if (kind, value) not in mine]


def finish(found: Merge, left: list[dict[str, Any]], *, as_of: datetime, actor: Member | None) -> None:
    found.undone_at, found.undone_by, found.kept = as_of, actor.pk if actor else None, left
    found.save(update_fields=["undone_at", "undone_by", "kept", "updated_at"])
    both = [found.survivor_id, found.absorbed]
    data = {"merge": str(found.pk), "kept": left}
    tell("parted", [(pk, data) for pk in both], as_of=as_of, actor=actor)
    audit_many("merge_undone", "lead", [(found.survivor_id, data)], actor=actor, as_of=as_of)
    apart_for_good(*both, as_of=as_of, actor=actor)
    happened("unmerged", both, as_of=as_of, actor=actor, merged_at=found.at)


def survivor_of(pk: UUID) -> Lead | None:
    """The lead that took up a lead which is no longer there by itself."""
    merged = Merge.objects.filter(absorbed=pk, undone_at=None).order_by("-at")
    return Lead.objects.filter(pk__in=merged.values("survivor")[:1]).first()
