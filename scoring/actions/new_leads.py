"""New leads are scored before they are written (``leads.arriving``)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from leads.arriving import Arriving, Decision
from leads.conditions.fragments import Sql, put
from scoring.cards import active
from scoring.engine import Engine
from scoring.kept import ACTOR, kept, said
from scoring.writing import tell_grades
from workspaces.models import Member

# The columns of a lead, and what the engine calls them.
SCORED = {
    "score": "score",
    "grade": "grade",
    "score_parts": "parts",
    "scorecard_id": "card",
    "scored_at": "at",
    "rescore_at": "next",
}


def score_arriving(
    leads: Sequence[UUID], *, as_of: datetime, actor: Member | None = None, arriving: Arriving, **_: Any
) -> None:
    """The scores of new leads, written with them. A grade above the lowest is told, as a change from it."""
    card = active()
    if card is None:
        return
    given = {ACTOR: str(actor.pk) if actor else None}
    scored, told = (
        said(kept(card, make, make, arriving.ground), as_of, given) for make in (score_new, tell_new)
    )
    arriving.decisions.append(Decision("scored", scored, SCORED, told))


def score_new(engine: Engine) -> Sql:
    return put("SELECT *, {}::timestamptz AS at FROM ({}) found", engine.as_of, engine.scored(None))


def tell_new(engine: Engine) -> Sql:
    return tell_grades(engine, "leads_written", "'D'")
