"""Keys, suggestions and the learned model in the database: set-based, for one lead or for thousands."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import numpy as np
from django.db import connection

from leads.inserting import as_json, insert_rows
from leads.matching.blocks import LARGEST, Keys
from leads.matching.evidence import Evidence
from leads.matching.model import Compared, Model
from leads.matching.reasons import reasons_of
from leads.models import Lead, MatchKey, MatchRules
from workspaces.tenancy import current_workspace_id

FIRST_FIELDS = ["email", "phone", "wechat", "name", "company", "domain"]
FIRST_PAIRS = 4
MOST_CANDIDATES = 100  # leads compared with one new lead
MOST_MODELS = 16
_models: dict[tuple[UUID, datetime], Model] = {}
Found = list[tuple[UUID, UUID, float, list[dict]]]  # a, b, strength, reasons


def rules() -> MatchRules:
    """The workspace's rules; the usual ones, unsaved, where nobody has changed or learned anything."""
    return MatchRules.objects.first() or MatchRules(fields=FIRST_FIELDS, pairs=FIRST_PAIRS)


def model_of(found: MatchRules) -> Model:
    """The learned model. Reading it takes longer than comparing a lead by it, so a process keeps the last few."""
    if found.learned_at is None:
        return Model.from_json(found.model)
    key = (found.pk, found.learned_at)
    if key not in _models:
        _models[key] = Model.from_json(found.model)
        for old in list(_models)[:-MOST_MODELS]:
            _models.pop(old, None)
    return _models[key]


def without_ignored(evidence: Evidence, ignore: Sequence[str]) -> Evidence:
    for name in ignore:
        evidence.texts.pop(name, None)
        evidence.exact.pop(name, None)
    return evidence


def keep_keys(evidence: Evidence, keys: Keys, as_of: datetime) -> None:
    """These leads have these keys, and no others."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM leads_matchkey WHERE workspace_id = %s AND lead_id = ANY(%s::uuid[])",
            [current_workspace_id(), [str(pk) for pk in evidence.ids]],
        )
    leads, values = [], []
    for column in keys.values():
        there = np.nonzero(column)[0]
        leads += [evidence.ids[k] for k in there]
        values += column[there].tolist()
    insert_rows(MatchKey, len(leads), as_of=as_of, lead_id=leads, key=values)


def candidates(evidence: Evidence, keys: Keys) -> list[tuple[int, UUID]]:
    """(row of the evidence, id of another lead) that share a key which few have: one statement."""
    rows, values = [], []
    for column in keys.values():
        there = np.nonzero(column)[0]
        rows += there.tolist()
        values += column[there].tolist()
    if not rows:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT k.n, s.leads FROM unnest(%s::int[], %s::bigint[]) AS k (n, key),
            LATERAL (
                SELECT array_agg(f.lead_id) AS leads, count(*) AS shared FROM (
                    SELECT m.lead_id FROM leads_matchkey m WHERE m.workspace_id = %s AND m.key = k.key LIMIT %s
                ) f
            ) s WHERE s.shared BETWEEN 1 AND %s
            """,
            [rows, values, current_workspace_id(), LARGEST + 1, LARGEST],
        )
        shared = cursor.fetchall()
    found: dict[int, dict[UUID, int]] = {}
    for row, leads in shared:
        counts = found.setdefault(row, {})
        for lead in leads:
            if lead != evidence.ids[row]:
                counts[lead] = counts.get(lead, 0) + 1
    # Where there are too many, those that share most.
    return [
        (row, lead)
        for row, counts in found.items()
        for lead in sorted(counts, key=lambda one: -counts[one])[:MOST_CANDIDATES]
    ]


def as_found(
    this: Evidence, i: np.ndarray, other: Evidence, j: np.ndarray, compared: Compared, least: float
) -> Found:
    """The pairs from a strength on, each with the smaller id first, and with its reasons."""
    strength = compared.strength
    rows = np.nonzero(strength >= least)[0]
    strengths = np.round(strength[rows], 6).tolist()
    found: Found = []
    for x, y, sure, reasons in zip(i[rows], j[rows], strengths, reasons_of(compared, rows), strict=True):
        one, two = this.ids[x], other.ids[y]
        found.append((one, two, sure, reasons) if one < two else (two, one, sure, reasons))
    return found


def keep_found(found: Found, *, run: UUID | None, as_of: datetime) -> int:
    """Write suggestions; what was dismissed stays dismissed. How many stand written."""
    if not found:
        return 0
    once = {(a, b): (strength, reasons) for a, b, strength, reasons in found}
    ids = {pk for pair in once for pk in pair}
    there = set(Lead.objects.filter(pk__in=ids).values_list("pk", flat=True))
    pairs = [pair for pair in sorted(once) if pair[0] in there and pair[1] in there]
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO leads_duplicate AS d
                (id, workspace_id, created_at, updated_at, a_id, b_id, strength, reasons, status, run)
            SELECT leadcrm_uuid7(), %s, %s, %s, f.a, f.b, f.strength, f.reasons::jsonb, 'suggested', %s
            FROM unnest(%s::uuid[], %s::uuid[], %s::float8[], %s::text[]) AS f (a, b, strength, reasons)
            ON CONFLICT (workspace_id, a_id, b_id) DO UPDATE
            SET strength = EXCLUDED.strength, reasons = EXCLUDED.reasons, run = EXCLUDED.run,
                updated_at = EXCLUDED.updated_at
            WHERE d.workspace_id = %s
            """,
            [
                current_workspace_id(),
                as_of,
                as_of,
                run,
                [str(a) for a, _b in pairs],
                [str(b) for _a, b in pairs],
                [once[pair][0] for pair in pairs],
                [as_json(once[pair][1]) for pair in pairs],
                current_workspace_id(),
            ],
        )
    return len(pairs)


def forget_found(leads: Sequence[UUID]) -> None:
    """Suggestions about these leads are worked out anew; what a person decided stays."""
    with connection.cursor() as cursor:
        ids = [str(pk) for pk in leads]
        cursor.execute(
            "DELETE FROM leads_duplicate WHERE workspace_id = %s AND status = 'suggested' "
            "AND (a_id = ANY(%s::uuid[]) OR b_id = ANY(%s::uuid[]))",
            [current_workspace_id(), ids, ids],
        )
