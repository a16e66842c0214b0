"""How an import begins: the file is looked at and kept, its columns are settled, and it is due."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, BinaryIO

from django.utils.translation import gettext as _
from phonenumbers import SUPPORTED_REGIONS

from intake import mapping as columns_to_facts
from intake.columns import as_targets
from intake.day_orders import apart, refuse, told, undecided
from intake.files import pieces, store
from intake.looking import look_at, mark_of, names_people, reading
from intake.models import Import, ImportStatus
from intake.reading import Sheet
from intake.rows import reader
from leads.actions.channels import resolve_channels
from leads.incoming import Incoming
from leads.models import Channel
from leads.models.source import ChannelKind
from workspaces.bell import ring
from workspaces.models import Member
from workspaces.permissions import require
from workspaces.refusals import Invalid, NotThere, Refused
from workspaces.tenancy import current_workspace


def start_import(
    file: BinaryIO,
    filename: str,
    *,
    channel: str = "",
    mapping: dict[str, str | None] | None = None,
    date_order: Any = None,
    with_tests: bool = False,
    confirm: bool = False,
    as_of: datetime,
    actor: Member | None,
) -> Import:
    """Keep a file and make its rows due; with ``confirm`` it waits until its columns are confirmed.

    ``channel``: by name, made when it is new. Without a mapping the columns are guessed, and every column
    nobody knows becomes a custom field. ``date_order``: of columns of days that do not tell themselves whether
    the day or the month comes first, {column: order} or one for all. Where nobody says it, such days stay blank,
    and the import says what it asks (settings["undecided"]); a mapping has to say it. ``with_tests``: vendors'
    test rows become leads, too. Unreadable when the file is no list; Invalid when the mapping is wrong or leaves
    something open.
    """
    require(actor, "import")
    look = look_at(file, filename, current_workspace())
    mapping, orders = apart(mapping)
    if mapping is not None:
        columns_to_facts.check(mapping, look.columns)
    targets = as_targets(look.guesses) if mapping is None else mapping
    look.settings |= settled_orders(targets, look.columns, look.sample, look.settings, orders, date_order)
    look.settings["with_tests"] = with_tests
    if mapping is not None and not confirm:
        refuse(look.settings["undecided"])
    batch = Import.objects.create(
        file=store(pieces(file), filename),
        member=actor,
        channel=resolve_channels([channel])[channel] if channel.strip() else None,
        columns=look.columns,
        settings=look.settings,
        total=look.total,
        sample=look.sample,
    )
    if confirm:
        return batch
    settled = columns_to_facts.by_default(look.guesses) if mapping is None else chosen(batch, mapping)
    return make_due(batch, settled, as_of)


def confirm_columns(
    batch: Import,
    mapping: dict[str, str | None],
    *,
    settings: dict[str, Any] | None = None,
    channel: str = "",
    as_of: datetime,
    actor: Member | None,
) -> Import:
    """The columns are as somebody has checked them: the import is due."""
    require(actor, "import")
    batch = Import.objects.select_for_update().get(pk=batch.pk)
    if batch.status != ImportStatus.UPLOADED:
        raise Refused("started", _("This import has started already."))
    mapping, orders = apart(mapping)
    columns_to_facts.check(mapping, batch.columns)
    said = settings or {}
    batch.settings |= check_region(said.get("region")) | settled_orders(
        mapping, batch.columns, batch.sample, batch.settings, orders, said.get("date_order")
    )
    refuse(batch.settings["undecided"])
    if said.get("with_tests") is not None:
        batch.settings["with_tests"] = said["with_tests"]
    if channel.strip():
        batch.channel = resolve_channels([channel])[channel]
    return make_due(batch, chosen(batch, mapping), as_of)


def chosen(batch: Import, mapping: dict[str, str | None]) -> dict[str, str | None]:
    """The mapping settled, and remembered for the next list: of columns with anything in them."""
    settled = columns_to_facts.settle(mapping, batch.columns, batch.sample)
    told = {
        name: settled[name]
        for at, name in enumerate(batch.columns)
        if any(row[at].strip() for row in batch.sample)
    }
    batch.settings = batch.settings | {"chosen": told}
    return settled


def check_region(given: Any) -> dict[str, Any]:
    region = str(given or "").upper()
    if region and region not in SUPPORTED_REGIONS:
        raise Invalid.field("region", _("A country is two letters, such as CN or US."), "unknown_region")
    return {"region": region} if region else {}


def settled_orders(
    targets: dict[str, str | None],
    columns: Sequence[str],
    sample: Sequence[Sequence[str]],
    settings: dict[str, Any],
    orders: dict[str, Any],
    given: Any,
) -> dict[str, Any]:
    """The settings of columns of days: what they say themselves, what somebody says, and what nobody does."""
    said = (told(given, settings["date_order"]) if given else {}) | orders
    found = settings["date_order"] | said
    left = [name for name in undecided(targets, columns, sample, found) if name not in said]
    return {"date_order": found, "undecided": left}


def make_due(batch: Import, mapping: dict[str, str | None], as_of: datetime) -> Import:
    batch.mapping = mapping
    batch.status = ImportStatus.QUEUED
    batch.due_at = as_of
    batch.save()
    ring()
    return batch


def discard(batch: Import, *, actor: Member | None) -> None:
    """An import that was never started: its file goes, and nothing is left of it."""
    require(actor, "import")
    batch = Import.objects.select_for_update().select_related("file").get(pk=batch.pk)
    if batch.status != ImportStatus.UPLOADED:
        raise Refused("started", _("This import has started already."))
    file = batch.file
    batch.delete()
    file.delete()


def find_import(pk: Any) -> Import:
    """One import of the workspace, without its sample; NotThere when there is none."""
    rows = Import.objects.select_related("file", "channel", "member").defer("sample")
    found: Import | None = rows.filter(pk=pk).first()
    if found is None:
        raise NotThere(_("There is no such import."))
    return found


def import_channel() -> Channel | None:
    """The channel of leads whose list names none, if there was such a list before."""
    found: Channel | None = Channel.objects.filter(kind=ChannelKind.IMPORT).order_by("created_at").first()
    return found


def default_channel() -> Channel:
    """The channel of leads whose list names none."""
    name, found = _("Import"), import_channel()
    if found is None:
        found = resolve_channels([name])[name]
        Channel.objects.filter(pk=found.pk).update(kind=ChannelKind.IMPORT)
    return found


def interpreter(batch: Import, sheet: Sheet | None = None) -> Callable[..., Incoming]:
    """How the rows of an import are read; where they name nobody, the list is read through once for its mark."""
    settled = batch.columns, batch.mapping, batch.settings
    if sheet is None or names_people(batch.mapping):
        return reader(reading(*settled))
    return reader(reading(*settled, mark=mark_of(sheet)))
