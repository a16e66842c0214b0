"""The model of a workspace, learned from its own leads without anybody saying which pairs are one.

u is counted on pairs drawn at random, which are hardly ever one. m is estimated by expectation maximisation on
the pairs that share a value of one field, for all other fields; each telling field has its turn, and the results
are averaged by how many pairs seem to be one. So no field is judged on pairs that were chosen by it. Sources:
W. E. Winkler, "Using the EM algorithm for weight computation in the Fellegi-Sunter model" (1988); the way to take
turns is that of Splink (Linacre and others, "Splink: free software for probabilistic record linkage at scale",
International Journal of Population Data Science 7, 2022).
"""

import numpy as np

from leads.matching.blocks import LARGEST, mixed, pairs_in, telling, unique
from leads.matching.evidence import ORGANISATION, Evidence
from leads.matching.levels import COUNT, SAME, UNSAID, compare, mark_swapped
from leads.matching.model import MOST_FREQUENT, USUAL_M, USUAL_PAIRS, Model, usual_u

DRAWN = 100_000  # pairs at random
IN_TURN = 40_000  # pairs of one turn
ENOUGH = 40  # pairs in a turn, or it teaches nothing
ROUNDS = 30
USUAL_COUNTS = 5.0  # as many pairs that are one the usual m counts for, beside those that seem to be one
TWIN = 0.1  # share of values that two fields have in common, from which they may change places
Levels = dict[str, np.ndarray]


def learn(evidence: Evidence, seed: int = 1) -> Model:
    """A model of these leads. Few leads teach little: then it stays near the usual one."""
    model = Model(leads=len(evidence), twins=twins(evidence))
    if len(evidence) < 2:
        return model
    draw = np.random.default_rng(seed)
    pairs = at_random(len(evidence), draw)
    for name, levels in levels_of(evidence, pairs, model).items():
        model.u[name] = counted_u(evidence, name, levels)
        model.shares[name] = shares(evidence, name)
    turns = {name: turn(evidence, name, draw) for name in telling(evidence)}
    learned: dict[str, list[tuple[float, np.ndarray]]] = {}
    for name, its_pairs in turns.items():
        if len(its_pairs) < ENOUGH:
            continue
        others = levels_of(evidence, its_pairs, model)
        others.pop(name)
        if name in ORGANISATION:
            others = {one: found for one, found in others.items() if one not in ORGANISATION}
        for one, (weight, m) in maximise(others, model).items():
            learned.setdefault(one, []).append((weight, m))
    for name, found in learned.items():
        share = np.array([weight for weight, _m in found]) + 1e-9
        model.m[name] = np.average([m for _weight, m in found], axis=0, weights=share)
    return model


def at_random(leads: int, draw: np.random.Generator) -> np.ndarray:
    if leads * (leads - 1) // 2 <= DRAWN:
        return np.column_stack(np.triu_indices(leads, 1))
    pairs = draw.integers(0, leads, (DRAWN, 2))
    return np.sort(pairs[pairs[:, 0] != pairs[:, 1]], axis=1)


def turn(evidence: Evidence, name: str, draw: np.random.Generator) -> np.ndarray:
    found = unique([pairs_in(mixed(evidence.exact[name], name), LARGEST)], len(evidence))
    return found if len(found) <= IN_TURN else found[np.sort(draw.choice(len(found), IN_TURN, replace=False))]


def levels_of(evidence: Evidence, pairs: np.ndarray, model: Model) -> Levels:
    i, j = pairs[:, 0], pairs[:, 1]
    levels = {name: compare(evidence, i, evidence, j, name) for name in evidence.texts}
    mark_swapped(levels, evidence, i, evidence, j, model.twins)
    return levels


def counted_u(evidence: Evidence, name: str, levels: np.ndarray) -> np.ndarray:
    """u by level: counted, with the usual one beside it; for exact agreement from the values' own shares."""
    there = levels[levels != UNSAID]
    counts = np.bincount(there, minlength=COUNT) + usual_u(name) * min(USUAL_PAIRS, 200)
    u = counts / counts.sum()
    _each, each = np.unique(evidence.exact[name][evidence.exact[name] != 0], return_counts=True)
    said = each.sum()
    agree = float((each * (each - 1.0)).sum()) / max(said * (said - 1.0), 1.0)
    share = said / (said + 50)
    u[SAME] = max(share * agree + (1 - share) * usual_u(name)[SAME], 1e-7)
    return u / u.sum()


def shares(evidence: Evidence, name: str) -> dict[int, float]:
    values, counts = np.unique(evidence.exact[name][evidence.exact[name] != 0], return_counts=True)
    most = np.argsort(-counts, kind="stable")[:MOST_FREQUENT]
    said = counts.sum()
    return {int(values[k]): float(counts[k] / said) for k in most if counts[k] > 2}


def maximise(levels: Levels, model: Model) -> dict[str, tuple[float, np.ndarray]]:
    """Expectation maximisation with u held fast: {field: (pairs that seem to be one, m)}."""
    m = {name: USUAL_M.copy() for name in levels}
    share = 0.1
    count = len(next(iter(levels.values()))) if levels else 0
    one = np.zeros(count)
    for _round in range(ROUNDS):
        odds = np.full(count, np.log(share / (1 - share)))
        for name, found in levels.items():
            odds += np.where(found == UNSAID, 0.0, np.log(m[name] / model.u[name])[found])
        one = 1 / (1 + np.exp(-np.clip(odds, -60, 60)))
        share = float(np.clip(one.mean(), 1e-4, 0.999))
        for name, found in levels.items():
            there = found != UNSAID
            counts = np.bincount(found[there], weights=one[there], minlength=COUNT) + USUAL_M * USUAL_COUNTS
            m[name] = counts / counts.sum()
    return {name: (float(one[levels[name] != UNSAID].sum()), m[name]) for name in levels}


def fit_prior(model: Model, odds: np.ndarray, leads: int) -> float:
    """The share of all pairs that are one, such that it agrees with what the compared pairs say together."""
    every = leads * (leads - 1) / 2 or 1.0
    evidence = odds - model.start
    prior = 2 * 0.1 / model.size
    for _round in range(50):
        seem = 1 / (1 + np.exp2(-np.clip(evidence + np.log2(prior / (1 - prior)), -60, 60)))
        prior = float(np.clip(seem.sum() / every, 1e-9, 0.2))
    smallest = model.size * (model.size - 1) / 2
    return float(np.clip(prior * min(1.0, every / smallest), 1e-9, 0.2))


def twins(evidence: Evidence) -> list[tuple[str, str]]:
    """Fields with the same kind of values, such as first and last name."""
    names = [name for name in evidence.exact if name.startswith("attributes.")]
    values = {name: np.unique(evidence.exact[name][evidence.exact[name] != 0]) for name in names}
    found = []
    for at, one in enumerate(names):
        for two in names[at + 1 :]:
            least = min(len(values[one]), len(values[two]))
            if least >= 20 and len(np.intersect1d(values[one], values[two])) / least >= TWIN:
                found.append((one, two))
    return found
