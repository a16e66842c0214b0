"""Finding the duplicates of a few leads among very many: by the keys that are kept of every lead."""

from collections.abc import Sequence
from uuid import UUID

import numpy as np

from leads.matching.blocks import Keys, keys_of
from leads.matching.evidence import Evidence, read
from leads.matching.model import judge
from leads.matching.store import Found, as_found, candidates, model_of, without_ignored
from leads.models import MatchRules


def keyed(ids: Sequence[UUID], rules: MatchRules) -> tuple[Evidence, Keys]:
    """The evidence of leads, and the keys by which they are found."""
    evidence = without_ignored(read(ids), rules.ignore)
    return evidence, keys_of(evidence, rules.fields, rules.pairs)


def like(evidence: Evidence, keys: Keys, rules: MatchRules) -> Found:
    """The leads of the workspace that may be one with these: three statements, whatever the number."""
    shared = candidates(evidence, keys)
    if not shared:
        return []
    others = without_ignored(read(sorted({lead for _row, lead in shared})), rules.ignore)
    place = {lead: at for at, lead in enumerate(others.ids)}
    pairs = np.array([(row, place[lead]) for row, lead in shared if lead in place], dtype=np.int64)
    if not len(pairs):
        return []
    i, j = pairs[:, 0], pairs[:, 1]
    compared = judge(model_of(rules), evidence, i, others, j)
    return as_found(evidence, i, others, j, compared, rules.suggest_from)
