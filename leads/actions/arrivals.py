"""The set-based writes of a capture: each a fixed number of statements for one lead or for thousands."""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import connection

from leads.actions.channels import resolve_channels
from leads.actions.tagging import tag_rows
from leads.incoming import CHOICES, COLUMNS, Incoming, Source, as_json, document, key_of
from leads.models import Company, Lead, Touch
from leads.timeline import tell
from workspaces.models import Member
from workspaces.tenancy import current_workspace_id

if TYPE_CHECKING:
    from leads.actions.capture import Group

TYPES = {"employees": "int", "budget_amount": "bigint", "timeline_date": "date"}
BLANK: tuple[Any, ...] = (None, "", "unknown")
KEYED = {"email": "email_key", "phone": "phone_e164", "website": "domain"}
Known = dict[UUID, list[int]]


def channels(items: list[Incoming], source: Source, as_of: datetime) -> list[UUID | None]:
    """The channel of each arrival: the one it names (made when it is new), or the source's."""
    default = source.channel.pk if source.channel else None
    named = resolve_channels({item.channel for item in items if item.channel and not item.rejected})
    return [named[item.channel].pk if item.channel in named else default for item in items]


def by_target(groups: Iterable["Group"]) -> Known:
    """Known leads, each with the arrivals that met it."""
    known: Known = {}
    for found in groups:
        assert found.target is not None
        known.setdefault(found.target, []).extend(found.items)
    return known


def lock_known(known: Known) -> dict[UUID, Lead]:
    """The known leads, locked in the order of their ids."""
    if not known:
        return {}
    return {lead.pk: lead for lead in Lead.objects.select_for_update().filter(pk__in=known).order_by("pk")}


def companies(items: list[Incoming], as_of: datetime) -> dict[str, UUID]:
    """The company of each key that is named, made where it is new. {name_key: id}."""
    first: dict[str, Incoming] = {}
    for item in items:
        if item.company and not item.rejected:
            first.setdefault(key_of(item.company), item)
    first.pop("", None)
    if not first:
        return {}
    found = dict(Company.objects.filter(name_key__in=first).values_list("name_key", "id"))
    missing = sorted(set(first) - set(found))
    if missing:
        Company.objects.bulk_create(
            [new_company(key, first[key]) for key in missing], ignore_conflicts=True, batch_size=5000
        )
        found |= dict(Company.objects.filter(name_key__in=missing).values_list("name_key", "id"))
    return found


def new_company(key: str, item: Incoming) -> Company:
    facts = item.facts
    return Company(
        name=item.company[:300],
        name_key=key,
        website=facts.get("website") or "",
        domain=facts.get("domain") or "",
        industry=facts.get("industry") or "",
        region=facts.get("region") or "",
        employees=facts.get("employees"),
    )


def insert_leads(
    new: list["Group"],
    items: list[Incoming],
    channels: list[UUID | None],
    companies: dict[str, UUID],
    as_of: datetime,
) -> None:
    """One INSERT for all new leads; several arrivals of one lead fill each other's blanks."""
    if not new:
        return
    rows = [lead_row([items[i] for i in found.items]) for found in new]
    names = [*COLUMNS, "attributes", "search"]
    columns: list[list[Any]] = [[row[name] for row in rows] for name in names]
    casts = [f"%s::{TYPES.get(name, 'text')}[]" for name in names]
    ids = [found.candidate for found in new]
    company_ids = [companies.get(key_of(row["company"])) for row in rows]
    channel_ids = [next((channels[i] for i in found.items if channels[i]), None) for found in new]
    listed = ", ".join(names)
    picked = ", ".join(f"r.{name}::jsonb" if name == "attributes" else f"r.{name}" for name in names)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO leads_lead (id, workspace_id, company_id, channel_id, {listed},
                created_at, updated_at, captured_at, stage_since, pool_since,
                stage, pool, score, grade, score_parts, reclaim_reason, deferral, version)
            SELECT r.id, %s, r.company_id, r.channel_id, {picked}, %s, %s, %s, %s, %s,
                'lead', 'lead', 0, 'D', '[]', '', '{{}}', 1
            FROM unnest(%s::uuid[], %s::uuid[], %s::uuid[], {", ".join(casts)})
                AS r (id, company_id, channel_id, {listed})
            """,
            [current_workspace_id(), *[as_of] * 5, ids, company_ids, channel_ids, *columns],
        )


def lead_row(items: list[Incoming]) -> dict[str, Any]:
    """The columns of one new lead, from all arrivals that are it; the first that says a fact wins."""
    row: dict[str, Any] = {}
    for name in COLUMNS:
        value = next((v for item in items if (v := item.facts.get(name)) not in BLANK), None)
        if value is None and name not in TYPES:
            value = "unknown" if name in CHOICES else ""
        row[name] = value
    row["company"] = next((item.company for item in items if item.company), "")
    attributes: dict[str, Any] = {}
    for item in reversed(items):
        attributes |= item.attributes
    row["attributes"] = as_json(attributes)
    row["search"] = document(row, row["company"])
    return row


def fill_blanks(
    known: Known,
    before: dict[UUID, Lead],
    items: list[Incoming],
    companies: dict[str, UUID],
    as_of: datetime,
) -> dict[UUID, dict[str, Any]]:
    """Fill what a known lead does not say yet, overwrite nothing. {lead: {column: value written}}."""
    filled: dict[UUID, dict[str, Any]] = {}
    for pk, indexes in known.items():
        news = blanks_filled(before[pk], [items[i] for i in indexes], companies)
        if news:
            filled[pk] = news
    if filled:
        changed = []
        for pk, news in filled.items():
            lead = before[pk]
            for name, value in news.items():
                setattr(lead, name, value)
            lead.version += 1
            lead.updated_at = as_of
            changed.append(lead)
        refresh_search(changed)
        columns = {name for news in filled.values() for name in news} | {"version", "updated_at", "search"}
        Lead.objects.bulk_update(changed, sorted(columns), batch_size=1000)
    return filled


def blanks_filled(lead: Lead, items: list[Incoming], companies: dict[str, UUID]) -> dict[str, Any]:
    arrived = lead_row(items)
    news = {
        name: arrived[name]
        for name in COLUMNS
        if name not in KEYED.values() and arrived[name] not in BLANK and getattr(lead, name) in BLANK
    }
    news |= {KEYED[name]: arrived[KEYED[name]] for name in KEYED if name in news}
    if lead.company_id is None and arrived["company"]:
        news["company_id"] = companies.get(key_of(arrived["company"]))
    attributes: dict[str, Any] = {}
    for item in reversed(items):
        attributes |= item.attributes
    added = {k: v for k, v in attributes.items() if v not in BLANK and lead.attributes.get(k) in BLANK}
    if added:
        news["attributes"] = {**lead.attributes, **added}
    return news


def refresh_search(leads: list[Lead]) -> None:
    """Write the search document of changed leads anew (in memory)."""
    ids = {lead.company_id for lead in leads if lead.company_id}
    names = dict(Company.objects.filter(pk__in=ids).values_list("id", "name")) if ids else {}
    for lead in leads:
        lead.search = document({n: getattr(lead, n) for n in COLUMNS}, names.get(lead.company_id, ""))


def leave_traces(
    new: list["Group"],
    known: Known,
    filled: dict[UUID, dict],
    items: list[Incoming],
    channels: list[UUID | None],
    source: Source,
    as_of: datetime,
    actor: Member | None,
) -> None:
    """Touches, tags and the timeline: where it came from, and what it changed."""
    data = dict(source.data)
    touches = [
        Touch(lead_id=pk, kind=source.touch or source.kind, at=as_of, data=data, channel_id=channels[index])
        for pk, indexes in known.items()
        for index in indexes
    ]
    if source.touch:
        touches += [
            Touch(
                lead_id=g.candidate, kind=source.touch, at=as_of, data=data, channel_id=channels[g.items[0]]
            )
            for g in new
        ]
    Touch.objects.bulk_create(touches, batch_size=5000)
    begun = {"source": source.kind, **data}
    tell("captured", [(g.candidate, begun) for g in new], as_of=as_of, actor=actor)
    again = [(pk, begun | {"filled": sorted(filled.get(pk, {}))}) for pk in known]
    tell("came_again", again, as_of=as_of, actor=actor)
    default = list(source.channel.tags) if source.channel else []
    pairs = [(g.candidate, i) for g in new for i in g.items]
    pairs += [(pk, i) for pk, indexes in known.items() for i in indexes]
    tag_rows({(lead, name) for lead, i in pairs for name in [*items[i].tags, *default]})
