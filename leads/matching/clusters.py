"""What is like the same third lead may be one too: pairs that nothing compared says, but others together do."""

from collections import defaultdict
from itertools import combinations
from uuid import UUID

from leads.matching.store import Found

LARGEST = 12  # leads in a cluster; a larger one is a chain of accidents


def linked(found: Found) -> Found:
    """The pairs within each cluster that are not in ``found`` themselves; as strong as their weakest link."""
    strength = {(a, b): value for a, b, value, _reasons in found}
    more: Found = []
    for members in clusters(found):
        if 2 < len(members) <= LARGEST:
            best = strongest_ways(members, strength)
            more += [
                (a, b, best[a, b], [{"field": "", "level": "linked", "weight": 0.0}])
                for a, b in combinations(sorted(members), 2)
                if (a, b) not in strength
            ]
    return more


def clusters(found: Found) -> list[list[UUID]]:
    """Leads that hang together."""
    parent: dict[UUID, UUID] = {}

    def root(lead: UUID) -> UUID:
        while parent.setdefault(lead, lead) != lead:
            parent[lead] = parent[parent[lead]]
            lead = parent[lead]
        return lead

    for a, b, _strength, _reasons in found:
        parent[root(a)] = root(b)
    members: dict[UUID, list[UUID]] = defaultdict(list)
    for lead in list(parent):
        members[root(lead)].append(lead)
    return list(members.values())


def strongest_ways(
    members: list[UUID], strength: dict[tuple[UUID, UUID], float]
) -> dict[tuple[UUID, UUID], float]:
    """Between any two of a cluster: the weakest link of the strongest way (Floyd and Warshall, with min and max)."""
    best: dict[tuple[UUID, UUID], float] = {}
    for a, b in combinations(sorted(members), 2):
        best[a, b] = best[b, a] = strength.get((a, b), 0.0)
    for a in members:
        best[a, a] = 1.0
    for via in members:
        for a in members:
            for b in members:
                best[a, b] = max(best[a, b], min(best[a, via], best[via, b]))
    return best
