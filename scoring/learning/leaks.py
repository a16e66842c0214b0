"""Facts that look like leaks: known only because the outcome is.

Two signs. Alone it tells newer leads apart too well, far better than anything known beforehand does. Or it was
filled in after the outcome: where somebody got there it is set now but was not known before, or it is set
nearly always where somebody got there and nearly never elsewhere.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from django.db import connection
from django.utils.translation import gettext as _

from leads.conditions import Kind, compile_sql
from leads.conditions.fragments import put
from leads.conditions.tree import Leaf
from leads.planner import over
from scoring.learning.bands import Flags, Rows
from scoring.learning.candidates import Candidate, Sort
from scoring.learning.reading import Column
from workspaces.tenancy import current_workspace

TOO_WELL = 0.9
SUSPICIOUS = 0.8  # when nothing else together comes near
NEAR = 0.12
SET_AFTER = 0.6  # of those who got there: set now, not known before
SET_WHERE_YES, SET_WHERE_NO = 0.6, 0.1
FEWEST = 10  # who got there, with it set


@dataclass(frozen=True)
class Left:
    """A field left out, and why: asked, outcome, state, alone, after or only_there. ``value`` belongs to it."""

    field: str
    code: str
    value: float = 0.0

    def as_json(self) -> dict[str, Any]:
        return {"field": self.field, "code": self.code, "value": round(self.value, 4)}


def reason(found: dict[str, Any]) -> str:
    """Why a field was left out, in the reader's language."""
    value = float(found.get("value") or 0)
    texts = {
        "asked": _("Left out on request."),
        "outcome": _("It is the outcome itself."),
        "state": _("It says where we have put the lead, not what the lead is."),
        "alone": _("Looks like a leak: alone it predicts too well (AUC %(auc)s).") % {"auc": f"{value:.2f}"},
        "after": _("Looks like a leak: where it is known, in %(share)d %% of cases only after the outcome.")
        % {"share": round(100 * value)},
        "only_there": _("Looks like a leak: filled in almost only where the outcome was met (%(share)d %%).")
        % {"share": round(100 * value)},
    }
    return texts.get(found.get("code", ""), "")


def is_set(column: Column) -> Flags:
    if column.codes is not None:
        return np.asarray(column.codes >= 0)
    assert column.numbers is not None
    if column.of.sort == Sort.FLAG:
        return np.asarray(np.nan_to_num(column.numbers) > 0)
    return ~np.isnan(column.numbers)


def only_there(column: Column, rows: Rows, happened: Flags) -> Left | None:
    """Set nearly always where somebody got there, nearly never elsewhere."""
    known, yes = is_set(column)[rows], happened[rows]
    if known[yes].sum() < FEWEST or column.of.sort == Sort.RECENCY:
        return None
    here, elsewhere = float(known[yes].mean()), float(known[~yes].mean())
    if here >= SET_WHERE_YES and elsewhere <= SET_WHERE_NO:
        return Left(column.of.name, "only_there", float(known[yes].sum() / max(int(known.sum()), 1)))
    return None


def filled_after(wanted: Sequence[Candidate], as_of: datetime) -> list[Left]:
    """Facts that are known now of those who got there, but were not before. One statement for all."""
    asked = [
        one for one in wanted if one.sort != Sort.RECENCY and not one.what and one.field.kind != Kind.ROLE
    ]
    if not asked:
        return []
    workspace = current_workspace()
    pieces = []
    for one in asked:
        leaf = Leaf(one.field, "is_set")
        now, then = (
            compile_sql(leaf, as_of=as_of, time_zone=workspace.tz, lead=alias) for alias in ("l", "p")
        )
        pieces.append(
            put("count(*) FILTER (WHERE {}), count(*) FILTER (WHERE {} AND NOT {})", now, now, then)
        )
    listed = ", ".join("{}" for _one in pieces)
    statement = put(
        f"SELECT {listed} FROM decided_lead d JOIN past_lead p ON p.id = d.lead_id"
        " JOIN leads_lead l ON l.workspace_id = {}::uuid AND l.id = d.lead_id WHERE d.happened",
        *pieces,
        str(workspace.pk),
    )
    with over(None), connection.cursor() as cursor:
        cursor.execute(statement.text, statement.params)
        row = cursor.fetchone()
    found = []
    for at, one in enumerate(asked):
        now, after = row[2 * at], row[2 * at + 1]
        if now >= FEWEST and after / now >= SET_AFTER:
            found.append(Left(one.name, "after", after / now))
    return found
