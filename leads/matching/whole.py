"""Finding the duplicates in a whole workspace: every lead is read once, keys and hashes are held in memory,
and only pairs that share a key are compared."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np

from leads.matching.blocks import keys_of, pairs_in, telling, unique
from leads.matching.clusters import linked
from leads.matching.evidence import COLUMNS, Evidence, gather, said
from leads.matching.learn import fit_prior, learn
from leads.matching.model import Model, judge
from leads.matching.store import Found, as_found, without_ignored
from leads.models import Lead

CHUNK = 10_000  # leads read at a time
PAIRS = 50_000  # pairs compared at a time
SAMPLE = 30_000  # leads that a model is learned from, at most
MOST_FOUND = 20_000  # suggestions, or as many as there are leads: nobody looks through more
MANY = 100_000  # leads, from which on fewer keys of each are kept
SEARCHED_PAIRS = 20  # keys of two fields in a search of the whole workspace
FEW_FIELDS, FEW_PAIRS, ALL_PAIRS = 4, 4, 12  # kept of every lead


@dataclass
class Plan:
    """A learned model, the fields that tell leads apart, and how many keys of two fields are kept."""

    model: Model
    fields: list[str]
    pairs: int


def read_after(last: UUID | None, ignore: Sequence[str]) -> Evidence:
    """The next CHUNK leads in the order of their ids."""
    rows = Lead.objects.order_by("pk")
    if last is not None:
        rows = rows.filter(pk__gt=last)
    found = list(rows.values_list(*COLUMNS, "attributes")[:CHUNK])
    return without_ignored(gather([row[0] for row in found], [said(row) for row in found]), ignore)


def joined(parts: list[Evidence]) -> Evidence:
    """Chunks as one; a field that a chunk does not know is blank there."""
    fields = dict.fromkeys(name for part in parts for name in part.texts)
    whole = Evidence([pk for part in parts for pk in part.ids])
    for name in fields:
        whole.texts[name] = [text for part in parts for text in (part.texts.get(name) or [""] * len(part))]
        whole.exact[name] = np.concatenate(
            [part.exact.get(name, np.zeros(len(part), np.int64)) for part in parts]
        )
    return whole


def planned(evidence: Evidence) -> Plan:
    """What these leads teach."""
    some = sample(evidence)
    model = learn(some)
    model.leads = len(evidence)
    fields = telling(some)
    many = len(evidence) >= MANY
    return Plan(model, fields[:FEW_FIELDS] if many else fields, FEW_PAIRS if many else ALL_PAIRS)


def sample(evidence: Evidence) -> Evidence:
    if len(evidence) <= SAMPLE:
        return evidence
    # Neighbours in time are kept together: what came twice often came twice within days.
    rows = np.arange(len(evidence) - SAMPLE, len(evidence))
    texts = {name: [column[k] for k in rows] for name, column in evidence.texts.items()}
    exact = {name: column[rows] for name, column in evidence.exact.items()}
    return Evidence([evidence.ids[k] for k in rows], texts, exact)


def candidate_pairs(evidence: Evidence, plan: Plan) -> np.ndarray:
    keys = keys_of(evidence, plan.fields, SEARCHED_PAIRS)
    return unique([pairs_in(column) for column in keys.values()], len(evidence))


def compare_all(evidence: Evidence, plan: Plan, least: float) -> Iterator[tuple[int, int, Found]]:
    """(pairs compared so far, of how many, what was found among them). The model's prior is fitted first."""
    pairs = candidate_pairs(evidence, plan)
    odds = [judge(plan.model, evidence, part[:, 0], evidence, part[:, 1]).odds for part in parts_of(pairs)]
    if odds:
        start = plan.model.start
        every = np.concatenate(odds)
        plan.model.prior = fit_prior(plan.model, every, len(evidence))
        # Only what may reach the threshold is looked at again, with its reasons: the strongest.
        likely = np.nonzero(every - start + plan.model.start >= np.log2(least / (1 - least)) - 1e-6)[0]
        most = most_found(evidence)
        if len(likely) > most:
            likely = np.sort(likely[np.argpartition(-every[likely], most)[:most]])
        pairs = pairs[likely]
    done = 0
    for part in parts_of(pairs):
        i, j = part[:, 0], part[:, 1]
        compared = judge(plan.model, evidence, i, evidence, j)
        done += len(part)
        yield done, len(pairs), as_found(evidence, i, evidence, j, compared, least)


def most_found(evidence: Evidence) -> int:
    return max(MOST_FOUND, len(evidence))


def parts_of(pairs: np.ndarray) -> Iterator[np.ndarray]:
    for begin in range(0, len(pairs), PAIRS):
        yield pairs[begin : begin + PAIRS]


def all_found(evidence: Evidence, plan: Plan, least: float) -> Found:
    """Every suggestion of these leads, with those that others together say."""
    found = [one for _done, _of, some in compare_all(evidence, plan, least) for one in some]
    room = most_found(evidence) - len(found)
    return found + sorted(linked(found), key=lambda one: -one[2])[:room] if room > 0 else found
