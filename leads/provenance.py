"""Who or what filled each field of a lead, and when: read from its timeline, where every change stands for good.

A captured lead's facts come from where it came from; blanks that an arrival or an enrichment filled, from there; what
somebody edited, from them; what a merge brought, from the lead it took up.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from leads.actions.arrivals import BLANK
from leads.incoming import CHOICES, TEXTS, TYPED
from leads.models import Lead, TimelineEntry
from leads.telling import way_in
from leads.timeline import entries_of
from workspaces.models import Member

KINDS = ("captured", "came_again", "edited", "enriched", "merged", "unfilled", "taken_back")
FACTS = (*TEXTS, *CHOICES, *TYPED, "company_id", "channel_id")
SILENT = ("budget_currency",)


@dataclass(frozen=True)
class Origin:
    """``source``: api, form, import, hand, webhook; edit, enrichment, rule. ``what``: which form, file or source.

    ``by``: the member's id; ``ref``: the id of the import or of the enrichment; ``merged``: it came with a lead that
    was taken up then.
    """

    source: str
    at: datetime
    what: str = ""
    by: UUID | None = None
    ref: str = ""
    merged: datetime | None = None


Origins = dict[str, Origin]


def origins(lead: Lead) -> Origins:
    """The origin of each field that is filled; custom fields as ``attributes.<key>``. Two statements."""
    entries = list(entries_of(lead.pk).filter(kind__in=KINDS).order_by("at", "id"))
    by_lead: dict[UUID, list[TimelineEntry]] = {}
    for entry in entries:
        by_lead.setdefault(entry.lead_id, []).append(entry)
    told = story(lead.pk, by_lead, set())
    first = told.get("")
    found = {}
    for name in filled(lead):
        origin = told.get(name, first)
        if origin is not None:
            found[name] = origin
    return found


def filled(lead: Lead) -> list[str]:
    names = [name for name in FACTS if name not in SILENT and getattr(lead, name) not in BLANK]
    return names + [f"attributes.{key}" for key, value in lead.attributes.items() if value not in BLANK]


def story(lead: UUID, by_lead: Mapping[UUID, list[TimelineEntry]], seen: set[UUID]) -> Origins:
    """What one lead's entries say, the oldest first; "" is the origin of all that nothing else is said of."""
    past: dict[str, list[Origin]] = {}
    seen.add(lead)
    for entry in by_lead.get(lead, []):
        if entry.kind == "merged":
            take_up(entry, by_lead, seen, past)
            continue
        if entry.kind == "taken_back":
            undo(entry, past)
            continue
        origin = origin_of(entry)
        for name in named(entry):
            if entry.kind == "unfilled":
                past.pop(name, None)
            else:
                past.setdefault(name, []).append(origin)
    return {name: told[-1] for name, told in past.items() if told}


def origin_of(entry: TimelineEntry) -> Origin:
    data = entry.data
    if entry.kind == "edited":
        return Origin("edit", entry.at, by=entry.actor_id)
    if entry.kind == "enriched":
        return Origin("enrichment", entry.at, data.get("name", ""), ref=data.get("by", ""))
    what = data.get("file") or data.get("form") or data.get("provider") or data.get("channel") or ""
    return Origin(data.get("source", ""), entry.at, str(what), entry.actor_id, data.get("import", ""))


def named(entry: TimelineEntry) -> Iterable[str]:
    """The fields an entry says were filled."""
    data = entry.data
    if entry.kind == "captured":
        return [""]
    if entry.kind == "came_again":
        keys = [f"attributes.{key}" for key in data.get("attributes", [])]
        return [*(name for name in data.get("filled", []) if name != "attributes"), *keys]
    return changed(data.get("changes", {}))


def changed(changes: Mapping[str, Any]) -> list[str]:
    names = [name for name in changes if name != "attributes"]
    pair = changes.get("attributes")
    if isinstance(pair, list) and len(pair) == 2:
        before, after = (one if isinstance(one, dict) else {} for one in pair)
        names += [f"attributes.{key}" for key in {**before, **after} if before.get(key) != after.get(key)]
    return names


def take_up(
    entry: TimelineEntry,
    by_lead: Mapping[UUID, list[TimelineEntry]],
    seen: set[UUID],
    past: dict[str, list[Origin]],
) -> None:
    """The facts that a merge brought keep the origin they had with the lead that was taken up."""
    absorbed = UUID(entry.data["absorbed"]) if entry.data.get("absorbed") else None
    theirs = story(absorbed, by_lead, seen) if absorbed and absorbed not in seen else {}
    for name in entry.data.get("facts", []):
        told = theirs.get(name) or theirs.get("")
        if told is not None:
            past.setdefault(name, []).append(replace(told, merged=entry.at))


def undo(entry: TimelineEntry, past: dict[str, list[Origin]]) -> None:
    """An edit that was taken back: what was said before holds again."""
    of = entry.data.get("of") or {}
    if of.get("kind") == "edited":
        for name in changed((of.get("data") or {}).get("changes", {})):
            if past.get(name):
                past[name].pop()


def said(origin: Origin, names: Mapping[str, str]) -> str:
    """An origin in words. ``names``: of members, by id."""
    who = names.get(str(origin.by), "") if origin.by else ""
    if origin.source == "edit":
        return _("entered by %(who)s") % {"who": who or _("somebody")}
    if origin.source == "enrichment":
        return _("enrichment: %(name)s") % {"name": origin.what}
    if origin.source == "hand" and who:
        return _("entered by %(who)s") % {"who": who}
    return way_in({"source": origin.source, "channel": origin.what})


def names_of(found: Iterable[Origin]) -> dict[str, str]:
    """The names of the members who filled something in: one statement, or none."""
    ids = {origin.by for origin in found if origin.by}
    return {str(one.pk): str(one) for one in Member.objects.filter(pk__in=ids)} if ids else {}
