"""Capture: leads come in, one or five thousand at a time, and nobody comes in twice.

The identities are written first, in one sorted statement: their unique key is the lock. A second
arrival of the same person waits for the first one's commit and then finds its lead. The order of
locks is the same for everybody (channels, identities, leads, companies, tags), so nobody deadlocks.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import connection

from leads.actions import arrivals
from leads.actions.companies import resolve_companies
from leads.happened import happened
from leads.incoming import Incoming, Key, Source
from leads.inserting import sendable
from leads.models import Lead, Merge
from leads.sharing import COMPARED, PHONE, two_people
from workspaces.ids import uuid7
from workspaces.models import Member
from workspaces.once import reads_once
from workspaces.permissions import require
from workspaces.tenancy import current_workspace_id


@dataclass
class Captured:
    """What became of one arrival.

    ``filled``: blanks of a known lead that it (or another arrival of the set) filled, by column:
    (value before, value after). ``tagged``: ids of the tags it brought a known lead; ``given``: the identities, as
    (kind, value), by which that lead is known from now on.
    """

    lead_id: UUID | None
    status: str  # created, merged, rejected
    errors: list[dict] = field(default_factory=list)
    filled: arrivals.Filled = field(default_factory=dict)
    tagged: list[UUID] = field(default_factory=list)
    given: list[Key] = field(default_factory=list)


@dataclass
class Group:
    """Arrivals of one set that share an identity: one lead."""

    candidate: UUID
    items: list[int]
    keys: dict[tuple[str, str], None] = field(default_factory=dict)  # in order of strength
    target: UUID | None = None  # the known lead, when it is one
    given: list[Key] = field(default_factory=list)  # of its keys, those that nobody had


@reads_once
def capture(
    items: list[Incoming], *, source: Source, as_of: datetime, actor: Member | None, checked: bool = False
) -> list[Captured]:
    """Take in a set of leads; one answer for each, in order.

    A new identity makes a lead (``created``); a known one fills that lead's blanks, overwrites nothing
    and leaves a touch (``merged``); what can't be reached is ``rejected`` with its errors.
    """
    if not checked:
        require(actor, "capture")
    channels, given = arrivals.channels(items, source)
    groups = group(items, channels)
    match(groups, items, as_of)
    new = [found for found in groups if found.target is None]
    known, before = lock_known([found for found in groups if found.target is not None])
    companies = resolve_companies(items, as_of)
    filled = arrivals.fill_blanks(known, before, items, companies, as_of)
    tagged = arrivals.put_tags(new, known, items, channels, given, as_of)
    arrivals.leave_traces(new, known, filled, tagged, items, channels, source, as_of, actor)
    created = arrivals.insert_leads(new, items, channels, companies, source, as_of, actor)
    happened("came_again", list(known), as_of=as_of, actor=actor, source=source)
    happened("captured", [*created, *known], as_of=as_of, actor=actor, created=created)
    return answers(items, groups, filled, tagged)


def group(items: list[Incoming], channels: list[UUID | None]) -> list[Group]:
    """Arrivals that share an identity among themselves, joined; each group would be one lead."""
    groups: list[Group | None] = []
    holder: dict[tuple[str, str], int] = {}
    for index, item in enumerate(items):
        if item.rejected:
            continue
        keys = own_keys(item, channels[index], items, groups, holder)
        met = sorted({holder[key] for key in keys if key in holder})
        if not met:
            groups.append(Group(uuid7(), [index], dict.fromkeys(keys)))
            met = [len(groups) - 1]
        else:
            home = groups[met[0]]
            assert home is not None
            for other in met[1:]:
                joined = groups[other]
                assert joined is not None
                home.items += joined.items
                home.keys |= joined.keys
                holder |= dict.fromkeys(joined.keys, met[0])
                groups[other] = None
            home.items.append(index)
            home.keys |= dict.fromkeys(keys)
        holder |= dict.fromkeys(keys, met[0])
    return [found for found in groups if found is not None]


def own_keys(
    item: Incoming,
    channel: UUID | None,
    items: list[Incoming],
    groups: list[Group | None],
    holder: dict[tuple[str, str], int],
) -> list[tuple[str, str]]:
    """What identifies an arrival: not a phone that others of the set have, when they are other people."""
    keys = item.identities(channel)
    met = {holder[key] for key in keys if key in holder and key[0] != PHONE}
    kept = []
    for key in keys:
        home = groups[holder[key]] if key[0] == PHONE and key in holder else None
        alone = home is not None and holder[key] not in met
        if not (alone and home and all(two_people(item.facts, items[i].facts) for i in home.items)):
            kept.append(key)
    return kept


def match(groups: list[Group], items: list[Incoming], as_of: datetime) -> None:
    """Claim every identity for its group's candidate; where one is taken, the group has a target."""
    rows = sorted((kind, value, found.candidate) for found in groups for kind, value in found.keys)
    if not rows:
        return
    kinds, values, candidates = (list(column) for column in zip(*rows, strict=True))
    workspace = current_workspace_id()
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO leads_identity (id, workspace_id, lead_id, kind, value, created_at, updated_at)
            SELECT leadcrm_uuid7(), %s, k.lead_id, k.kind, k.value, %s, %s
            FROM unnest(%s::text[], %s::text[], %s::uuid[]) WITH ORDINALITY AS k (kind, value, lead_id, n)
            ORDER BY k.n
            ON CONFLICT (workspace_id, kind, value) DO NOTHING
            """,
            [workspace, as_of, as_of, kinds, values, sendable(candidates)],
        )
        if cursor.rowcount == len(rows):
            return  # every one of them is new
        cursor.execute(
            """
            SELECT i.kind, i.value, i.lead_id FROM unnest(%s::text[], %s::text[]) AS k (kind, value)
            JOIN leads_identity i ON i.workspace_id = %s AND i.kind = k.kind AND i.value = k.value
            """,
            [kinds, values, workspace],
        )
        holder = {(kind, value): lead for kind, value, lead in cursor.fetchall()}
    share_phones(groups, items, holder)
    for found in groups:
        taken = (holder[key] for key in found.keys if holder[key] != found.candidate)
        found.target = next(taken, None)
        found.given = [key for key in found.keys if holder[key] == found.candidate]
    hand_over([(found.candidate, found.target) for found in groups if found.target])


def share_phones(groups: list[Group], items: list[Incoming], holder: dict[tuple[str, str], UUID]) -> None:
    """A phone that a known lead has is no identity of an arrival that is clearly somebody else."""
    doubtful: dict[int, tuple[str, str]] = {}
    for at, found in enumerate(groups):
        taken = [key for key in found.keys if holder[key] != found.candidate]
        if taken and all(key[0] == PHONE for key in taken):
            doubtful[at] = taken[0]
    if not doubtful:
        return
    rows = Lead.objects.filter(pk__in={holder[key] for key in doubtful.values()})
    facts = {row["id"]: row for row in rows.values("id", *COMPARED)}
    for at, key in doubtful.items():
        there = facts.get(holder[key])
        if there and all(two_people(items[i].facts, there) for i in groups[at].items):
            del groups[at].keys[key]


def lock_known(groups: list[Group]) -> tuple[arrivals.Known, dict[UUID, arrivals.Row]]:
    """The known leads and their facts, locked. One that was merged while we waited is met in its survivor."""
    known = arrivals.by_target(groups)
    before = arrivals.lock_known(known)
    missing = set(known) - set(before)
    if not missing:
        return known, before
    survivors = dict(
        Merge.objects.filter(absorbed__in=missing, undone_at=None)
        .order_by("at")
        .values_list("absorbed", "survivor_id")
    )
    hand_over([(lead, survivors[lead]) for lead in missing if lead in survivors])
    for found in groups:
        found.target = survivors.get(found.target, found.target) if found.target else None
    known = arrivals.by_target(groups)
    return known, arrivals.lock_known(known)


def hand_over(pairs: Iterable[tuple[UUID, UUID]]) -> None:
    """Identities that were written for a candidate belong to the known lead after all."""
    pairs = list(pairs)
    if not pairs:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE leads_identity i SET lead_id = p.target
            FROM unnest(%s::uuid[], %s::uuid[]) AS p (candidate, target)
            WHERE i.workspace_id = %s AND i.lead_id = p.candidate
            """,
            [[a for a, _ in pairs], [b for _, b in pairs], current_workspace_id()],
        )


def answers(
    items: list[Incoming],
    groups: list[Group],
    filled: dict[UUID, arrivals.Filled],
    tagged: dict[UUID, list[UUID]],
) -> list[Captured]:
    """One answer for each item: the first of a new group created the lead, the others met it."""
    found: dict[int, Captured] = {}
    given: dict[UUID, list[Key]] = {}
    for one in groups:
        if one.target:
            given.setdefault(one.target, []).extend(one.given)
    for one in groups:
        lead = one.target or one.candidate
        for place, index in enumerate(one.items):
            status = "created" if one.target is None and place == 0 else "merged"
            names = filled.get(lead, {}) if one.target else {}
            known = tagged.get(lead, []), given.get(lead, [])
            found[index] = Captured(lead, status, items[index].problems, names, *known)
    return [found.get(i) or Captured(None, "rejected", item.problems) for i, item in enumerate(items)]
