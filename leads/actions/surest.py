"""What merges by itself, where a workspace's rule says so."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from leads.actions.merge import Pair, merge_all
from leads.happened import happened
from leads.models import Duplicate, Lead, MatchRules, TimelineEntry
from leads.models.matching import DuplicateStatus
from leads.timeline import tell

MERGED_AT_ONCE = 200
NEW = timedelta(days=1)  # what came in before is no news when it is found to be a known lead


@dataclass
class Cluster:
    """Leads that become one, and when each came in: which is left of them, by which merges, whose they are, and who
    is known to be none of them."""

    left: UUID
    owner: UUID | None
    leads: dict[UUID, datetime]
    others: set[UUID]
    pairs: list[Pair] = field(default_factory=list)

    def may_be(self, other: "Cluster") -> bool:
        """Two that two people hold are left to them, and so are those that somebody told apart."""
        owners = {self.owner, other.owner} - {None}
        return len(owners) < 2 and self.others.isdisjoint(other.leads)

    def take_up(self, other: "Cluster", why: dict[str, Any]) -> None:
        self.pairs += [*other.pairs, Pair(self.left, other.left, why=why)]
        self.leads |= other.leads
        self.others |= other.others

    def arrivals(self, as_of: datetime) -> list[UUID]:
        """Those that came in just now, when another of them was there before."""
        first = min(self.leads.values())
        return [pk for pk, at in self.leads.items() if at > max(first, as_of - NEW)]


def merge_surest(found: MatchRules, as_of: datetime, only: list[tuple[UUID, UUID]] | None) -> int:
    """Merge what the workspace's rule merges by itself. What two people hold, or somebody told apart, is left."""
    if found.merge_from is None:
        return 0
    rows = Duplicate.objects.filter(status=DuplicateStatus.SUGGESTED, strength__gte=found.merge_from)
    if only is not None:
        rows = rows.filter(a__in={a for a, _b in only}, b__in={b for _a, b in only})
    sure = [one for one in rows.order_by("-strength", "id") if not linked(one)]
    merged = 0
    for begin in range(0, len(sure), MERGED_AT_ONCE):
        ones = clusters(sure[begin : begin + MERGED_AT_ONCE])
        merged += len(merge_all([pair for one in ones for pair in one.pairs], as_of=as_of, actor=None))
        come_again(ones, as_of)
    return merged


def come_again(ones: list[Cluster], as_of: datetime) -> None:
    """Who came in just now and is somebody known has come again, as by an address that is known: the holder hears of
    it, and what was put aside comes back to life by rule."""
    into = {pk: one.left for one in ones for pk in one.arrivals(as_of)}
    if not into:
        return
    begun = TimelineEntry.objects.filter(lead_id__in=into, kind="captured").values_list("lead_id", "data")
    tell("came_again", [(into[pk], data) for pk, data in begun], as_of=as_of, actor=None)
    known = list(dict.fromkeys(into.values()))
    happened("came_again", known, as_of=as_of, actor=None)
    happened("captured", known, as_of=as_of, actor=None, created={})


def linked(one: Duplicate) -> bool:
    """Whether the two are like each other only by a third one."""
    return any(reason.get("level") == "linked" for reason in one.reasons)


def clusters(rows: Sequence[Duplicate]) -> list[Cluster]:
    """What becomes one of these pairs, the strongest first. Locks the leads."""
    ids = {pk for one in rows for pk in (one.a_id, one.b_id)}
    there = Lead.objects.select_for_update().filter(pk__in=ids).order_by("pk")
    apart = told_apart(ids)
    of = {
        pk: Cluster(pk, owner, {pk: at}, set(apart[pk]))
        for pk, owner, at in there.values_list("pk", "owner_id", "captured_at")
    }
    for one in rows:
        first, second = of.get(one.a_id), of.get(one.b_id)
        if first is None or second is None or first is second or not first.may_be(second):
            continue
        if second.owner and not first.owner:
            first, second = second, first
        first.take_up(second, {"by": "rule", "strength": one.strength, "reasons": one.reasons[:5]})
        of |= dict.fromkeys(second.leads, first)
    return list({one.left: one for one in of.values() if one.pairs}.values())


def told_apart(ids: Iterable[UUID]) -> defaultdict[UUID, set[UUID]]:
    """Of these leads, which somebody found not to be the same."""
    dismissed = Duplicate.objects.filter(status=DuplicateStatus.DISMISSED, a__in=ids, b__in=ids)
    apart: defaultdict[UUID, set[UUID]] = defaultdict(set)
    for a, b in dismissed.values_list("a_id", "b_id"):
        apart[a].add(b)
        apart[b].add(a)
    return apart
