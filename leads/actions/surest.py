"""What merges by itself, where a workspace's rule says so."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from leads.actions.merge import Pair, merge_all
from leads.models import Duplicate, Lead, MatchRules
from leads.models.matching import DuplicateStatus

MERGED_AT_ONCE = 200


@dataclass
class Cluster:
    """Leads that become one: which is left of them, whose they are, and who is known to be none of them."""

    left: UUID
    owner: UUID | None
    leads: set[UUID]
    others: set[UUID]

    def may_be(self, other: "Cluster") -> bool:
        """Two that two people hold are left to them, and so are those that somebody told apart."""
        owners = {self.owner, other.owner} - {None}
        return len(owners) < 2 and not self.others & other.leads

    def take_up(self, other: "Cluster") -> None:
        self.leads |= other.leads
        self.others |= other.others


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
        pairs = chained(sure[begin : begin + MERGED_AT_ONCE])
        merged += len(merge_all(pairs, as_of=as_of, actor=None))
    return merged


def linked(one: Duplicate) -> bool:
    """Whether the two are like each other only by a third one."""
    return any(reason.get("level") == "linked" for reason in one.reasons)


def chained(rows: Sequence[Duplicate]) -> list[Pair]:
    """What of these pairs merges, each told by the leads that are left by then. Locks the leads."""
    ids = {pk for one in rows for pk in (one.a_id, one.b_id)}
    there = Lead.objects.select_for_update().filter(pk__in=ids).order_by("pk")
    owners = dict(there.values_list("pk", "owner_id"))
    apart = told_apart(ids)
    of = {pk: Cluster(pk, owner, {pk}, set(apart.get(pk, ()))) for pk, owner in owners.items()}
    found = []
    for one in rows:
        first, second = of.get(one.a_id), of.get(one.b_id)
        if first is None or second is None or first is second or not first.may_be(second):
            continue
        if second.owner and not first.owner:
            first, second = second, first
        why = {"by": "rule", "strength": one.strength, "reasons": one.reasons[:5]}
        found.append(Pair(first.left, second.left, why=why))
        first.take_up(second)
        of |= dict.fromkeys(second.leads, first)
    return found


def told_apart(ids: Iterable[UUID]) -> Mapping[UUID, set[UUID]]:
    """Of these leads, which somebody found not to be the same."""
    dismissed = Duplicate.objects.filter(status=DuplicateStatus.DISMISSED, a__in=ids, b__in=ids)
    apart: dict[UUID, set[UUID]] = defaultdict(set)
    for a, b in dismissed.values_list("a_id", "b_id"):
        apart[a].add(b)
        apart[b].add(a)
    return apart
