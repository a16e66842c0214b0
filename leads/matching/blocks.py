"""Which pairs are worth comparing: those that share something rare. Of a million leads each has a handful."""

from collections.abc import Iterator
from itertools import combinations

import numpy as np

from leads.matching.evidence import BUILT_IN, Evidence, number

LARGEST = 60  # leads that share one key; what more of them share says nothing
TELLING = 5  # fields whose rough forms are asked
MOST_PAIRS = 12  # of rough forms of two fields
MIX = np.int64(0x1E3779B97F4A7C15)
# What everybody shares is not asked.
NEVER = {"title", "region"}
Keys = dict[str, np.ndarray]  # name of a key: its hash by lead, 0 where the lead has none


def keys_of(evidence: Evidence, fields: list[str], most: int = MOST_PAIRS) -> Keys:
    """The keys of every lead: each telling field as it stands, and the rough forms of two of them together."""
    found: Keys = {}
    for name in fields:
        if name not in evidence.exact:
            continue
        found[name] = mixed(evidence.exact[name], name)
    rough = dict(rough_forms(evidence, fields))
    for one, two in fields_together(fields, most):
        if one not in rough or two not in rough:
            continue
        both = (rough[one] != 0) & (rough[two] != 0)
        joined = mixed(rough[one], one) ^ (mixed(rough[two], two) * np.int64(31))
        found[f"{one}+{two}"] = np.where(both, joined, 0)
    return found


def fields_together(fields: list[str], most: int) -> list[tuple[str, str]]:
    """Which rough forms are asked for together: of the most telling fields, always in the same order."""
    forms = [f"{name}~{place}" for name in fields[:TELLING] for place in range(2)]
    pairs = [(a, b) for a, b in combinations(forms, 2) if a.split("~")[0] != b.split("~")[0]]
    return pairs[:most]


def mixed(values: np.ndarray, name: str) -> np.ndarray:
    """Hashes that differ from field to field; 0 stays 0."""
    with np.errstate(over="ignore"):
        return np.where(values == 0, 0, (values ^ np.int64(number(name))) * MIX)


def rough_forms(evidence: Evidence, fields: list[str]) -> Iterator[tuple[str, np.ndarray]]:
    """The rough forms of the most telling fields, one or two a field, the most telling first."""
    for name in fields[:TELLING]:
        if name in evidence.texts:
            for place, values in enumerate(evidence.rough(name)):
                if len(values):
                    yield f"{name}~{place}", values


def telling(evidence: Evidence) -> list[str]:
    """The fields that tell leads apart, the most telling first: by how many leads share one value on average."""
    shared = {}
    for name, values in evidence.exact.items():
        if name in NEVER:
            continue
        there = values[values != 0]
        if len(there) < 2:
            continue
        _each, counts = np.unique(there, return_counts=True)
        crowd = float((counts * counts).sum()) / len(there)
        if len(counts) > 1 and crowd <= max(LARGEST, len(evidence) / 20):
            shared[name] = crowd - 0.2 * len(there) / len(evidence)
    return sorted(
        shared, key=lambda name: (shared[name], BUILT_IN.index(name) if name in BUILT_IN else 99, name)
    )


def pairs_in(keys: np.ndarray, largest: int = LARGEST) -> np.ndarray:
    """All pairs (n, 2) of rows that share a key, but for keys that too many share."""
    rows = np.nonzero(keys)[0]
    order = rows[np.argsort(keys[rows], kind="stable")]
    values = keys[order]
    starts = np.nonzero(np.r_[True, values[1:] != values[:-1]])[0] if len(values) else np.array([], np.int64)
    sizes = np.diff(np.r_[starts, len(values)])
    found = []
    for size in np.unique(sizes[(sizes > 1) & (sizes <= largest)]):
        begin = starts[sizes == size]
        group = order[begin[:, None] + np.arange(size)]
        a, b = np.triu_indices(size, 1)
        found.append(np.column_stack([group[:, a].ravel(), group[:, b].ravel()]))
    return np.sort(np.concatenate(found), axis=1) if found else np.empty((0, 2), np.int64)


def unique(pairs: list[np.ndarray], leads: int) -> np.ndarray:
    """Each pair once, in order."""
    every = np.concatenate(pairs) if pairs else np.empty((0, 2), np.int64)
    codes = np.unique(every[:, 0] * np.int64(leads) + every[:, 1])
    return np.column_stack([codes // leads, codes % leads])
