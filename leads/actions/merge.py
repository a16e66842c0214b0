"""Two leads become one: by a person, by a rule, or many pairs at once."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from leads.happened import happened
from leads.inserting import as_json, insert_rows
from leads.merging import belongings
from leads.merging.facts import OTHER, check_choice, facts_changed, searchable, united, whose_pursuit
from leads.merging.holding import in_hand
from leads.merging.rows import Row, differing, lock_rows, take_out, write_rows
from leads.merging.verdicts import Latest, latest_verdicts, united_verdicts
from leads.models import Merge
from leads.timeline import tell
from workspaces.actions import audit_many
from workspaces.ids import uuid7
from workspaces.models import Member, Role
from workspaces.permissions import require
from workspaces.refusals import Invalid, NotAllowed, NotThere

BY_HAND: Mapping[str, Any] = {"by": "hand"}


@dataclass
class Pair:
    """``survivor`` takes up ``absorbed``. ``choose``: by fact "this" (the survivor's) or "other";
    ``why``: {"by", "strength", "reasons"}, kept with the merge."""

    survivor: UUID
    absorbed: UUID
    choose: Mapping[str, str] = field(default_factory=dict)
    why: Mapping[str, Any] = field(default_factory=lambda: dict(BY_HAND))


def merge(
    survivor: UUID,
    absorbed: UUID,
    *,
    choose: Mapping[str, str] | None = None,
    why: Mapping[str, Any] = BY_HAND,
    as_of: datetime,
    actor: Member | None,
) -> Merge:
    """The survivor takes up the other lead: facts, timeline, touches, tasks, everything.

    Raises Invalid for a lead with itself or an unknown choice, NotThere, and for a rep NotAllowed:
    ``not_yours`` where a colleague holds one of the two, ``claim_first`` where nobody does.
    """
    if survivor == absorbed:
        raise Invalid.field("other", _("A lead can't be merged with itself."), "same")
    check_choice(choose or {})
    made = merge_all([Pair(survivor, absorbed, choose or {}, why)], as_of=as_of, actor=actor)
    if not made:
        raise NotThere(_("There is no such lead."))
    return made[0]


def merge_all(pairs: Sequence[Pair], *, as_of: datetime, actor: Member | None) -> list[Merge]:
    """Many merges, in a fixed number of statements for each survivor's first, second … one.

    Pairs of which a lead is no longer there (merged by an earlier pair, deleted) are left out.
    """
    require(actor, "edit_leads")
    made: list[Merge] = []
    waiting = list(pairs)
    while waiting:
        now, waiting = apart(waiting)
        made += merge_round(now, as_of=as_of, actor=actor)
    return made


def apart(pairs: list[Pair]) -> tuple[list[Pair], list[Pair]]:
    """Pairs in which no lead stands twice, and the others."""
    now: list[Pair] = []
    later: list[Pair] = []
    seen: set[UUID] = set()
    for pair in pairs:
        both = {pair.survivor, pair.absorbed}
        (later if both & seen else now).append(pair)
        seen |= both
    return now, later


def merge_round(pairs: list[Pair], *, as_of: datetime, actor: Member | None) -> list[Merge]:
    rows = lock_rows([pk for pair in pairs for pk in (pair.survivor, pair.absorbed)])
    pairs = [pair for pair in pairs if pair.survivor in rows and pair.absorbed in rows]
    if not pairs:
        return []
    for pair in pairs:
        require_both(actor, rows[pair.survivor], rows[pair.absorbed])
    into = {pair.absorbed: pair.survivor for pair in pairs}
    over = [parts(rows, pair)[1] for pair in pairs]
    happened("merging", list(into), as_of=as_of, actor=actor, over=[UUID(row["id"]) for row in over])
    asked = latest_verdicts(rows) if any(row["assessment"] for row in rows.values()) else {}
    news = {pair.survivor: changes(rows, pair, asked, as_of) for pair in pairs}
    moved, aside = belongings.hand_over(list(into.items()))
    take_out(into)
    write_rows(news)
    merges = [record(pair, rows, news[pair.survivor], moved, aside, as_of, actor) for pair in pairs]
    keep(merges, as_of)
    leave_traces(merges, [lost(rows, pair) for pair in pairs], as_of=as_of, actor=actor)
    happened("merged", list(into.values()), as_of=as_of, actor=actor)
    return merges


def require_both(actor: Member | None, this: Row, other: Row) -> None:
    """A rep merges what they hold; the others merge anything. What nobody holds is claimed first, so that whatever
    stands in the way of claiming it (quota, freeze, cool-down, a team's rule) can't be gone around."""
    require_own(actor, this, other)
    if actor is not None and actor.role == Role.REP and not (this["owner_id"] and other["owner_id"]):
        text = _("Nobody holds one of the two. Claim it first, or ask your manager to merge them.")
        raise NotAllowed(text, "claim_first")


def require_own(actor: Member | None, this: Row, other: Row) -> None:
    """NotAllowed for a rep where a colleague holds one of the two, or nobody either."""
    if actor is None or actor.role != Role.REP:
        return
    owners = {this["owner_id"], other["owner_id"]} - {None}
    if owners - {str(actor.pk)}:
        raise NotAllowed(_("A colleague holds one of the two. Ask your manager to merge them."), "not_yours")
    if not owners:
        raise NotAllowed(_("Nobody holds these leads. Claim them first."), "claim_first")


def parts(rows: dict[UUID, Row], pair: Pair) -> tuple[Row, Row]:
    """Of the two leads the one whose pursuit goes on, and the one whose pursuit ends."""
    this, other = rows[pair.survivor], rows[pair.absorbed]
    return (other, this) if whose_pursuit(this, other, pair.choose) == OTHER else (this, other)


def lost(rows: dict[UUID, Row], pair: Pair) -> Row:
    """Who no longer holds what they held, and who holds the lead now, if anybody; else nothing."""
    goes_on, ends = parts(rows, pair)
    if not ends["owner_id"] or ends["owner_id"] == goes_on["owner_id"]:
        return {}
    return {"former_owner": ends["owner_id"]} | (
        {"owner": goes_on["owner_id"]} if goes_on["owner_id"] else {}
    )


def changes(rows: dict[UUID, Row], pair: Pair, asked: dict[UUID, Latest], as_of: datetime) -> Row:
    """What is written to the survivor."""
    this, other = rows[pair.survivor], rows[pair.absorbed]
    news = united(this, other, pair.choose)
    if this["owner_id"] and this["owner_id"] == other["owner_id"]:
        news |= in_hand(this, other, (this | news)["stage"], as_of)
    answers = (asked.get(pk, {}) for pk in (pair.survivor, pair.absorbed))
    news["assessment"] = united_verdicts(this["assessment"], other["assessment"], *answers)
    news = {name: value for name, value in news.items() if value != this[name]}
    news["search"] = searchable(this | news)
    news["version"] = max(this["version"], other["version"]) + 1
    news["updated_at"] = as_of.isoformat()
    return news


def record(
    pair: Pair,
    rows: dict[UUID, Row],
    news: Row,
    moved: belongings.ByLead,
    aside: belongings.ByLead,
    as_of: datetime,
    actor: Member | None,
) -> Merge:
    shown = {name: value for name, value in news.items() if name not in ("search", "version", "updated_at")}
    return Merge(
        id=uuid7(),
        survivor_id=pair.survivor,
        taker=pair.survivor,
        absorbed=pair.absorbed,
        row=rows[pair.absorbed],
        changes=differing(rows[pair.survivor], shown),
        pursuit=whose_pursuit(rows[pair.survivor], rows[pair.absorbed], pair.choose),
        moved=moved.get(pair.absorbed, {}),
        aside=aside.get(pair.absorbed, {}),
        why=dict(pair.why),
        at=as_of,
        actor_id=actor.pk if actor else None,
    )


def keep(merges: Sequence[Merge], as_of: datetime) -> None:
    insert_rows(
        Merge,
        len(merges),
        as_of=as_of,
        id=[one.pk for one in merges],
        survivor_id=[one.survivor_id for one in merges],
        taker=[one.taker for one in merges],
        absorbed=[one.absorbed for one in merges],
        row=[as_json(one.row) for one in merges],
        changes=[as_json(one.changes) for one in merges],
        pursuit=[one.pursuit for one in merges],
        moved=[as_json(one.moved) for one in merges],
        aside=[as_json(one.aside) for one in merges],
        why=[as_json(one.why) for one in merges],
        at=as_of,
        actor_id=merges[0].actor_id,
    )


def leave_traces(
    merges: Iterable[Merge], losses: Iterable[Row], *, as_of: datetime, actor: Member | None
) -> None:
    told, kept = [], []
    for one, loss in zip(merges, losses, strict=True):
        facts = facts_changed(one.changes)
        what = {"merge": str(one.pk), "absorbed": str(one.absorbed), "name": name_of(one.row), "facts": facts}
        told.append((one.survivor_id, what | loss | {"why": one.why}))
        kept.append((one.survivor_id, what))
    tell("merged", told, as_of=as_of, actor=actor)
    audit_many("leads_merged", "lead", kept, actor=actor, as_of=as_of)


def name_of(row: Row) -> str:
    return row["name"] or row["email"] or row["phone"] or row["wechat"] or row["external_id"]
