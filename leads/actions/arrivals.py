"""The set-based writes of a capture: each a fixed number of statements for one lead or for thousands."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from leads.actions.channels import resolve_channels
from leads.actions.companies import Companies
from leads.actions.tagging import tag_rows
from leads.arriving import arriving
from leads.happened import happened
from leads.incoming import ALL_KEYS, CHOICES, COLUMNS, KEYED, Incoming, Source, document
from leads.inserting import as_json, insert_rows
from leads.models import Company, Lead, Touch
from leads.timeline import tell
from workspaces.models import Member

if TYPE_CHECKING:
    from leads.actions.capture import Group

TYPES = {"employees": "int", "budget_amount": "bigint", "timeline_date": "date"}
BEGAN = frozenset(("campaign",))  # how a lead began: what comes later is told by its own touch
BLANK: tuple[Any, ...] = (None, "", "unknown")
DEFAULTS: dict[str, Any] = {
    name: None if name in TYPES else "unknown" if name in CHOICES else "" for name in COLUMNS
}
Row = dict[str, Any]
Known = dict[UUID, list[int]]
Tags = dict[UUID | None, list[str]]  # by channel
Filled = dict[str, tuple[Any, Any]]  # by column: value before, value after


def channels(items: list[Incoming], source: Source) -> tuple[list[UUID | None], Tags]:
    """The channel of each arrival: the one it names (made when it is new), or the source's; their tags.

    An arrival that names no campaign has its channel's.
    """
    default = source.channel.pk if source.channel else None
    named = resolve_channels({item.channel for item in items if item.channel and not item.rejected})
    tags: Tags = {channel.pk: list(channel.tags) for channel in named.values()}
    if source.channel:
        tags[source.channel.pk] = list(source.channel.tags)
    for item in items:
        channel = named.get(item.channel) or source.channel
        if channel and channel.campaign and not item.facts.get("campaign"):
            item.facts["campaign"] = channel.campaign
    return [named[item.channel].pk if item.channel in named else default for item in items], tags


def by_target(groups: Iterable["Group"]) -> Known:
    """Known leads, each with the arrivals that met it."""
    known: Known = {}
    for found in groups:
        assert found.target is not None
        known.setdefault(found.target, []).extend(found.items)
    return known


def lock_known(known: Known) -> dict[UUID, Row]:
    """The facts of the known leads, which are locked in the order of their ids."""
    if not known:
        return {}
    rows = Lead.objects.select_for_update().filter(pk__in=known).order_by("pk")
    return {row["id"]: row for row in rows.values("id", "company_id", "attributes", *COLUMNS)}


def insert_leads(
    new: list["Group"],
    items: list[Incoming],
    channels: list[UUID | None],
    companies: Companies,
    source: Source,
    as_of: datetime,
    actor: Member | None,
) -> dict[UUID, int]:
    """One INSERT for all new leads, with the tags and scores that rules give them. {id: score}.

    Several arrivals of one lead fill each other's blanks.
    """
    if not new:
        return {}
    rows = [lead_row([items[i] for i in found.items]) for found in new]
    said = {name for found in new for i in found.items for name in items[i].facts}
    names = [name for name in DEFAULTS if name in said]  # what nobody says keeps its default
    ids = [found.candidate for found in new]
    coming = arriving(
        ids,
        as_of=as_of,
        touched=bool(source.touch),
        company_id=[companies.of(row["company"], row) for row in rows],
        channel_id=[next((channels[i] for i in found.items if channels[i]), None) for found in new],
        attributes=[row["attributes"] for row in rows],
        search=[row["search"] for row in rows],
        captured_at=[min((items[i].at or as_of for i in found.items), default=as_of) for found in new],
        stage_since=as_of,
        pool_since=as_of,
        **{name: [row[name] for row in rows] for name in names},
    )
    happened("arriving", ids, as_of=as_of, actor=actor, arriving=coming)
    return coming.write()


def lead_row(items: list[Incoming]) -> Row:
    """The columns of one new lead, from all arrivals that are it."""
    facts, attributes, company = together(items)
    row = DEFAULTS | facts
    row["company"] = company
    row["attributes"] = as_json(attributes) if attributes else "{}"
    row["search"] = document(row, company)
    return row


def together(items: list[Incoming]) -> tuple[Row, dict[str, Any], str]:
    """What several arrivals say together: (facts, attributes, company). The first that says one wins."""
    facts: Row = {}
    attributes: dict[str, Any] = {}
    company = ""
    for item in reversed(items):
        facts.update({name: value for name, value in item.facts.items() if value not in BLANK})
        attributes |= item.attributes
        company = item.company or company
    return facts, attributes, company


def fill_blanks(
    known: Known,
    before: dict[UUID, Row],
    items: list[Incoming],
    companies: Companies,
    as_of: datetime,
) -> dict[UUID, Filled]:
    """Fill what a known lead does not say yet, overwrite nothing. {lead: {column: (before, after)}}."""
    filled: dict[UUID, Filled] = {}
    for pk, indexes in known.items():
        news = blanks_filled(before[pk], [items[i] for i in indexes], companies)
        if news:
            filled[pk] = {name: (before[pk][name], value) for name, value in news.items()}
    if filled:
        changed = list(Lead.objects.filter(pk__in=filled))
        for lead in changed:
            for name, (_blank, value) in filled[lead.pk].items():
                setattr(lead, name, value)
            lead.version += 1
            lead.updated_at = as_of
        refresh_search(changed)
        columns = {name for news in filled.values() for name in news} | {"version", "updated_at", "search"}
        Lead.objects.bulk_update(changed, sorted(columns), batch_size=1000)
    return filled


def blanks_filled(lead: Row, items: list[Incoming], companies: Companies) -> dict[str, Any]:
    """What several arrivals of a known lead say that it does not say itself. {column: value}."""
    arrived, attributes, company = together(items)
    news = {
        name: value for name, value in arrived.items() if name not in ALL_KEYS | BEGAN and lead[name] in BLANK
    }
    news |= {key: arrived.get(key, "") for name in KEYED if name in news for key in KEYED[name]}
    if lead["company_id"] is None and (found := companies.of(company, arrived)):
        news["company_id"] = found
    added = {k: v for k, v in attributes.items() if v not in BLANK and lead["attributes"].get(k) in BLANK}
    if added:
        news["attributes"] = {**lead["attributes"], **added}
    return news


def refresh_search(leads: list[Lead]) -> None:
    """Write the search document of changed leads anew (in memory)."""
    ids = {lead.company_id for lead in leads if lead.company_id}
    names = dict(Company.objects.filter(pk__in=ids).values_list("id", "name")) if ids else {}
    for lead in leads:
        lead.search = document(
            {n: getattr(lead, n) for n in COLUMNS}, names.get(lead.company_id, "") if lead.company_id else ""
        )


def leave_traces(
    new: list["Group"],
    known: Known,
    filled: dict[UUID, Filled],
    tagged: dict[UUID, list[UUID]],
    items: list[Incoming],
    channels: list[UUID | None],
    source: Source,
    as_of: datetime,
    actor: Member | None,
) -> None:
    """Touches and the timeline: where it came from, and what it changed."""
    shared = as_json(dict(source.data))
    pairs = [(pk, index) for pk, indexes in known.items() for index in indexes if not source.replay]
    if source.touch and not source.replay:
        # Of several that are one new lead, those with a story of their own leave it, too.
        pairs += [
            (found.candidate, index)
            for found in new
            for index in found.items
            if index == found.items[0] or items[index].told
        ]
    insert_rows(
        Touch,
        len(pairs),
        as_of=as_of,
        lead_id=[pk for pk, _index in pairs],
        channel_id=[channels[index] for _pk, index in pairs],
        kind=source.touch or source.kind,
        at=[items[index].at or as_of for _pk, index in pairs],
        data=[
            as_json({**source.data, **items[index].told}) if items[index].told else shared
            for _pk, index in pairs
        ],
    )
    begun = source.told

    def told(index: int) -> dict[str, Any]:
        return begun | items[index].told if items[index].told else begun

    first = [(found.candidate, told(found.items[0])) for found in new]
    tell("captured", first, as_of=as_of, actor=actor)
    again = [
        (pk, told(indexes[-1]) | what_filled(filled.get(pk, {})) | what_tagged(tagged.get(pk, ())))
        for pk, indexes in known.items()
    ]
    tell("came_again", again, as_of=as_of, actor=actor)


def what_filled(blanks: Filled) -> dict[str, list[str]]:
    """The blanks that were filled, by column; of custom fields, by key, too."""
    before, after = blanks.get("attributes", ({}, {}))
    keys = {"attributes": sorted(set(after) - {k for k in before if before[k] not in BLANK})} if after else {}
    return {"filled": sorted(blanks)} | keys


def what_tagged(tags: Sequence[UUID]) -> dict[str, list[str]]:
    """The tags that came with it, by id; what was on before is not told."""
    return {"tagged": [str(tag) for tag in tags]} if tags else {}


def put_tags(
    new: list["Group"],
    known: Known,
    items: list[Incoming],
    channels: list[UUID | None],
    given: Tags,
    as_of: datetime,
) -> dict[UUID, list[UUID]]:
    """The tags that each arrival brings, and those of its channel. {known lead: tags that it did not have}."""
    pairs = [(found.candidate, i) for found in new for i in found.items]
    pairs += [(pk, i) for pk, indexes in known.items() for i in indexes]
    wanted = {(lead, name) for lead, i in pairs for name in (*items[i].tags, *given.get(channels[i], ()))}
    tagged: dict[UUID, list[UUID]] = {}
    for lead, tag in tag_rows(wanted, as_of, telling=bool(known)) if wanted else ():
        if lead in known:
            tagged.setdefault(lead, []).append(tag)
    return tagged
