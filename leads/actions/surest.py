"""What merges by itself, where a workspace's rule says so."""

from datetime import datetime
from uuid import UUID

from leads.actions.merge import Pair, merge_all
from leads.models import Duplicate, MatchRules
from leads.models.matching import DuplicateStatus

MERGED_AT_ONCE = 200


def merge_surest(found: MatchRules, as_of: datetime, only: list[tuple[UUID, UUID]] | None) -> int:
    """Merge what the workspace's rule merges by itself. Two leads that two people hold are left to them."""
    if found.merge_from is None:
        return 0
    rows = Duplicate.objects.filter(status=DuplicateStatus.SUGGESTED, strength__gte=found.merge_from)
    if only is not None:
        rows = rows.filter(a__in={a for a, _b in only}, b__in={b for _a, b in only})
    rows = rows.select_related("a", "b").order_by("-strength", "id")
    pairs = [pair for one in rows if (pair := surest(one)) is not None]
    merged = 0
    for begin in range(0, len(pairs), MERGED_AT_ONCE):
        merged += len(merge_all(chained(pairs[begin : begin + MERGED_AT_ONCE]), as_of=as_of, actor=None))
    return merged


def surest(one: Duplicate) -> Pair | None:
    a, b = one.a, one.b
    if a.owner_id and b.owner_id and a.owner_id != b.owner_id:
        return None
    if any(reason.get("level") == "linked" for reason in one.reasons):
        return None
    first, second = (b, a) if b.owner_id and not a.owner_id else (a, b)
    why = {"by": "rule", "strength": one.strength, "reasons": one.reasons[:5]}
    return Pair(first.pk, second.pk, why=why)


def chained(pairs: list[Pair]) -> list[Pair]:
    """Pairs that share leads, told by the lead that is left of each chain."""
    into: dict[UUID, UUID] = {}

    def left(lead: UUID) -> UUID:
        while lead in into:
            lead = into[lead]
        return lead

    found = []
    for pair in pairs:
        survivor, absorbed = left(pair.survivor), left(pair.absorbed)
        if survivor != absorbed:
            into[absorbed] = survivor
            found.append(Pair(survivor, absorbed, pair.choose, pair.why))
    return found
