"""What is like the same third lead may be one too: pairs that nothing compared says, but others together do."""

from collections import Counter, defaultdict
from uuid import UUID

from leads.matching.store import Found

LARGEST = 12  # leads in a cluster; a larger one is a chain of accidents


def linked(found: Found) -> Found:
    """The pairs within each cluster that are not in ``found`` themselves; as strong as their weakest link."""
    strength = {(a, b): value for a, b, value, _reasons in found}
    inside: dict[UUID, list[tuple[float, UUID, UUID]]] = defaultdict(list)
    first = {lead: members[0] for members in clusters(found) for lead in members}
    for (a, b), value in strength.items():
        inside[first[a]].append((value, a, b))
    size = Counter(first.values())
    more: Found = []
    for one, links in inside.items():
        if 2 < size[one] <= LARGEST and len(links) < size[one] * (size[one] - 1) // 2:
            more += [
                (a, b, value, [{"field": "", "level": "linked", "weight": 0.0}])
                for (a, b), value in sorted(strongest_ways(links).items())
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


def strongest_ways(links: list[tuple[float, UUID, UUID]]) -> dict[tuple[UUID, UUID], float]:
    """Between any two of a cluster: the weakest link of the strongest way.

    Links are laid from the strongest down (Kruskal's maximum spanning tree): the one that joins two parts is the
    weakest on the strongest way between any lead of the one and any of the other.
    """
    part: dict[UUID, list[UUID]] = {}
    best: dict[tuple[UUID, UUID], float] = {}
    for value, a, b in sorted(links, key=lambda link: -link[0]):
        one, two = part.setdefault(a, [a]), part.setdefault(b, [b])
        if one is two:
            continue
        for x in one:
            for y in two:
                best[(x, y) if x < y else (y, x)] = value
        one += two
        for y in two:
            part[y] = one
    return best
