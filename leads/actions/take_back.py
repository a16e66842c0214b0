"""Taking back what a list brought: leads it made, and blanks it filled."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection

from leads.actions.arrivals import TYPES, refresh_search
from leads.happened import happened
from leads.incoming import ALL_KEYS, COLUMNS, KEYED, Incoming, Key
from leads.inserting import as_json, plain
from leads.locking import changed, lock
from leads.models import Lead, Tag
from leads.models.identity import IdentityKind
from leads.timeline import tell
from workspaces.models import Member
from workspaces.tenancy import current_workspace_id

Fills = dict[str, list[Any]]  # {field: [value before, value after]}, attributes as "attributes.<key>"


def withdraw(ids: Sequence[UUID], *, as_of: datetime, actor: Member | None, **why: Any) -> list[UUID]:
    """Delete leads that should never have come in; their timelines stay and say so. Those that were there."""
    found = [lead.pk for lead in lock(ids)]
    tell("withdrawn", [(pk, why) for pk in found], as_of=as_of, actor=actor)
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM leads_lead WHERE workspace_id = %s AND id = ANY(%s)",
            [current_workspace_id(), found],
        )
    return found


def unfill(
    fills: dict[UUID, Fills],
    given: Mapping[UUID, set[Key]],
    *,
    as_of: datetime,
    actor: Member | None,
    **why: Any,
) -> dict[UUID, list[str]]:
    """Make blanks blank again that still hold what filled them; {lead: fields left as they are by now}.

    ``given``: the identities that came with them. A lead is known no longer by those that its facts do not say.
    """
    left: dict[UUID, list[str]] = {}
    news: list[Lead] = []
    gone: list[tuple[UUID, str, str]] = []
    taken: list[tuple[UUID, dict[str, Any]]] = []
    for lead in lock(fills):
        before = identities(lead)
        back, left[lead.pk] = take_back(lead, fills[lead.pk])
        gone += strange(lead, before | given.get(lead.pk, set()), fills[lead.pk])
        if not back:
            continue
        lead.version += 1
        lead.updated_at = as_of
        news.append(lead)
        unfilled = {name: [fills[lead.pk][name][1], fills[lead.pk][name][0]] for name in back}
        taken.append((lead.pk, {"fields": sorted(back), "changes": unfilled, **why}))
    forget_identities(gone)
    if news:
        refresh_search(news)
        columns = [*COLUMNS, "company_id", "attributes", "search", "version", "updated_at"]
        Lead.objects.bulk_update(news, columns, batch_size=1000)
        tell("unfilled", taken, as_of=as_of, actor=actor)
        ids = [lead.pk for lead in news]
        happened("facts_changed", ids, as_of=as_of, actor=actor, fields=[])
    return left


def retract(
    tags: Mapping[UUID, Sequence[str]], touch: str, *, as_of: datetime, actor: Member | None, **why: Any
) -> list[UUID]:
    """Leads came by a list that should not have been: the tags it put on them come off, the touches it left go.

    ``tags``: ids by lead, a key for each lead that came; ``touch``: their kind; ``why``: what the touches say.
    Which leads had any. A tag that a rule holds by now, or that a person has put on as well, stays.
    """
    pairs = [(pk, tag) for pk, ids in tags.items() for tag in ids]
    workspace = current_workspace_id()
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM leads_touch WHERE workspace_id = %s AND lead_id = ANY(%s) AND kind = %s AND data @> %s"
            " RETURNING lead_id",
            [workspace, list(tags), touch, as_json(why)],
        )
        touched = {row[0] for row in cursor.fetchall()}
        cursor.execute(
            """
            DELETE FROM leads_leadtag t USING unnest(%s::uuid[], %s::uuid[]) AS g (lead_id, tag_id)
            WHERE t.workspace_id = %s AND t.lead_id = g.lead_id AND t.tag_id = g.tag_id AND t.rule_id IS NULL
                AND NOT t.by_hand
            RETURNING t.lead_id, t.tag_id
            """,
            [[str(pk) for pk, _tag in pairs], [tag for _pk, tag in pairs], workspace],
        )
        taken = cursor.fetchall()
    names = dict(Tag.objects.filter(pk__in={tag for _lead, tag in taken}).values_list("pk", "name"))
    off: dict[UUID, list[str]] = {pk: [] for pk in sorted(touched | {lead for lead, _tag in taken})}
    for lead, tag in taken:
        off[lead].append(names[tag])
    if off:
        changed([pk for pk in off if off[pk]], as_of)
        tell("retracted", [(pk, why | {"tags": sorted(off[pk])}) for pk in off], as_of=as_of, actor=actor)
        happened("facts_changed", list(off), as_of=as_of, actor=actor, fields=[])
    return list(off)


def take_back(lead: Lead, fills: Fills) -> tuple[list[str], list[str]]:
    """Restore (in memory) what still holds the filled value. (fields restored, fields left)."""
    back, left = [], []
    was = {name: getattr(lead, name) for name in COLUMNS}
    for name, (before, after) in fills.items():
        if current(lead, name) != after:
            left.append(name)
            continue
        put(lead, name, before)
        back.append(name)
    if not Incoming({name: getattr(lead, name) for name in COLUMNS}).reachable:
        for name in [*KEYED, *ALL_KEYS, "wechat", "external_id"]:
            setattr(lead, name, was[name])  # its own address is gone since: it keeps a way to be reached
    return back, left


def current(lead: Lead, name: str) -> Any:
    """A field's value as it stands in JSON."""
    if name.startswith("attributes."):
        return lead.attributes.get(name.removeprefix("attributes."))
    value = getattr(lead, name)
    return plain(value) if isinstance(value, date | UUID) else value


def put(lead: Lead, name: str, value: Any) -> None:
    if not name.startswith("attributes."):
        setattr(lead, name, value if value is not None or name in TYPES or name == "company_id" else "")
        return
    key = name.removeprefix("attributes.")
    lead.attributes = {k: v for k, v in lead.attributes.items() if k != key}
    if value is not None:
        lead.attributes[key] = value


def identities(lead: Lead) -> set[Key]:
    facts = {name: getattr(lead, name) for name in COLUMNS}
    return set(Incoming(facts).identities(lead.channel_id))


def strange(lead: Lead, keys: set[Key], fills: Fills) -> list[tuple[UUID, str, str]]:
    """Of these identities, those of which the lead's facts say nothing (any more)."""
    found = keys - identities(lead)
    if lead.external_id and fills.get("external_id", [None, None])[1] == lead.external_id:
        # It was filled in and stays, and is known by the channel that filled it in.
        found = {(kind, value) for kind, value in found if kind != IdentityKind.EXTERNAL_ID}
    return [(lead.pk, kind, value) for kind, value in sorted(found)]


def forget_identities(gone: list[tuple[UUID, str, str]]) -> None:
    if not gone:
        return
    ids, kinds, values = (list(column) for column in zip(*gone, strict=True))
    with connection.cursor() as cursor:
        cursor.execute(
            """
            DELETE FROM leads_identity i
            USING unnest(%s::uuid[], %s::text[], %s::text[]) AS g (lead_id, kind, value)
            WHERE i.workspace_id = %s AND i.lead_id = g.lead_id AND i.kind = g.kind AND i.value = g.value
            """,
            [ids, kinds, values, current_workspace_id()],
        )
