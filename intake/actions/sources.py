"""Sources of facts as somebody sets them up: a web service, a table, the phone number, the mail check."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, BinaryIO

from django.utils.translation import gettext as _
from django.utils.translation import override

from intake.actions.enrich import queue_all
from intake.columns import guess
from intake.enriching.http import BY, KEY
from intake.enriching.models import FactSource, KnownFacts, SourceKind
from intake.enriching.sources import kinds
from intake.looking import ROWS, Unreadable
from intake.reading import RowProblem, UnreadableList, open_list
from intake.rows import Reading, reader
from leads.actions.fill_in import FILLED
from leads.incoming import Incoming, core_of
from leads.inserting import as_json, insert_rows
from workspaces.actions import audit
from workspaces.models import Member, Workspace
from workspaces.outgoing import check_address
from workspaces.permissions import require
from workspaces.refusals import Invalid, Refused
from workspaces.tenancy import current_workspace

SETTINGS = ("url", "by", "fields", "header")
MOST_ROWS = 200_000
AT_ONCE = 5000
KEYS = ("domain", "credit_code", "company")  # what a row of a table may be found by, the best first


def add_source(kind: str, name: str, *, as_of: datetime, actor: Member | None, **settings: Any) -> FactSource:
    """A new source of facts. Invalid with what is wrong; Refused when there is one of that name."""
    require(actor, "enrichment")
    if kind not in kinds():
        known = ", ".join(kinds())
        raise Invalid.field("kind", _("Known values: %(known)s.") % {"known": known}, "unknown_value")
    row = FactSource(kind=kind, name=name.strip()[:200], position=FactSource.objects.count())
    row = write(row, settings, "source_added", as_of, actor)
    if row.is_active:
        queue_all(row, as_of=as_of)
    return row


def change_source(
    row: FactSource, changes: dict[str, Any], *, as_of: datetime, actor: Member | None
) -> FactSource:
    """Its name, settings, secret (left as it is when none is given), or whether it is in force."""
    require(actor, "enrichment")
    was = row.is_active
    row = write(row, changes, "source_changed", as_of, actor)
    if row.is_active and (not was or set(changes) & {"url", "by", "fields", "secret"}):
        KnownFacts.objects.filter(source=row).exclude(source__kind=SourceKind.FILE).delete()
        queue_all(row, as_of=as_of)
    return row


def write(
    row: FactSource, changes: dict[str, Any], did: str, as_of: datetime, actor: Member | None
) -> FactSource:
    if row.kind == SourceKind.HTTP:
        require(actor, "webhooks")  # it speaks to addresses outside
    row.name = str(changes.get("name") or row.name).strip()[:200]
    row.is_active = bool(changes.get("is_active", row.is_active))
    row.secret = changes.get("secret") or row.secret
    row.settings = row.settings | {key: changes[key] for key in SETTINGS if key in changes}
    check(row)
    if FactSource.objects.filter(name=row.name).exclude(pk=row.pk).exists():
        raise Refused("source_exists", _("There is a source of this name already."))
    row.save()
    told = {key: value for key, value in changes.items() if key != "secret"}
    audit(did, row, {"name": row.name, "kind": row.kind, **told}, actor=actor, as_of=as_of)
    return row


def check(row: FactSource) -> None:
    """Invalid with all that is wrong with the settings of a web service."""
    if not row.name:
        raise Invalid.field("name", _("Name the source."), "required")
    if row.kind != SourceKind.HTTP:
        return
    url, by, fields = (row.settings.get(name) or "" for name in ("url", "by", "fields"))
    check_address("url", str(url).replace(KEY, "key"))
    if KEY not in str(url).partition("://")[2].partition("/")[2]:
        raise Invalid.field("url", _("Write {key} into the address where the domain goes."), "no_key")
    if by and by not in BY:
        raise Invalid.field("by", _("Known values: %(known)s.") % {"known": ", ".join(BY)}, "unknown_value")
    if not isinstance(fields, dict) or not fields or not set(fields) <= set(FILLED):
        known = ", ".join(FILLED)
        message = _("Say where each field stands in the answer. Fields: %(known)s.") % {"known": known}
        raise Invalid.field("fields", message, "unknown_field")


def drop_source(row: FactSource, *, as_of: datetime, actor: Member | None) -> None:
    """The source goes; what it has filled in stays, and so does where it came from."""
    require(actor, "enrichment")
    audit("source_dropped", row, {"name": row.name}, actor=actor, as_of=as_of)
    row.delete()


def load_table(
    row: FactSource, file: BinaryIO, filename: str, *, as_of: datetime, actor: Member | None
) -> int:
    """The rows of a table anew, from a list of any kind that imports read; how many. Unreadable says what is wrong."""
    require(actor, "enrichment")
    try:
        with open_list(file, filename) as sheet:
            sample = sheet.sample(ROWS)
            guesses = guess(sheet.columns, sample, ())
            targets = {name: one.target if one.target in TAKEN else None for name, one in guesses.items()}
            read = reader(Reading(tuple(sheet.columns), targets, current_workspace().region))
            items = [read(cells) for cells in plain_rows(sheet.rows())]
    except UnreadableList as fault:
        raise Unreadable(fault) from fault
    by = max(KEYS, key=lambda name: sum(bool(key_by(name, item)) for item in items))
    rows = {key: told for item in items if (key := key_by(by, item)) and (told := facts_of(item, by))}
    if not rows:
        message = _(
            "The table needs a column with domains, credit codes or company names, and one with industry, employees "
            "or region."
        )
        raise Invalid.field("file", message, "no_facts")
    KnownFacts.objects.filter(source=row).delete()
    keys = list(rows)
    for begin in range(0, len(keys), AT_ONCE):
        some = keys[begin : begin + AT_ONCE]
        facts = [as_json(rows[key]) for key in some]
        insert_rows(KnownFacts, len(some), as_of=as_of, source_id=row.pk, key=some, facts=facts, at=as_of)
    columns = sorted({name for told in rows.values() for name in told})
    row.settings = row.settings | {"by": by, "file": filename[:200], "rows": len(rows), "columns": columns}
    row.save(update_fields=["settings", "updated_at"])
    queue_all(row, as_of=as_of)
    audit("source_loaded", row, {"file": filename[:200], "rows": len(rows)}, actor=actor, as_of=as_of)
    return len(rows)


TAKEN = {*FILLED, "email"}


def plain_rows(rows: Iterator[Any]) -> Iterator[list[str]]:
    for at, row in enumerate(rows):
        if at >= MOST_ROWS:
            message = _("A table has at most %(most)d rows.") % {"most": MOST_ROWS}
            raise UnreadableList("too_many_rows", message)
        if not isinstance(row, RowProblem):
            yield row[1]


def key_by(name: str, item: Incoming) -> str:
    if name == "company":
        return core_of(item.company)
    return str(item.facts.get(name) or "").lower()[:300]


def facts_of(item: Incoming, by: str) -> dict[str, Any]:
    """What a row says, beside what it is found by."""
    told = {name: item.facts.get(name) for name in FILLED if name not in (by, "company", "title")}
    if by != "company" and item.company:
        told["company"] = item.company
    if by == "domain":
        told.pop("website")
    return {name: value for name, value in told.items() if value not in (None, "")}


def first_sources(workspace: Workspace, as_of: datetime) -> None:
    """What a new workspace begins with: the region by the phone number. Asking outside is switched on by somebody."""
    with override(workspace.locale):
        FactSource.objects.create(kind=SourceKind.PLACE, name=_("Phone number and address"))
        name = _("Does the e-mail domain take mail?")
        FactSource.objects.create(kind=SourceKind.MAIL, name=name, is_active=False, position=1)
