"""One lead scored: what a touch, a follow-up or a changed fact costs."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection

from scoring.cards import ReadCard
from scoring.kept import PREPARED, one_lead, run_prepared
from scoring.writing import write_one
from workspaces.models import Member
from workspaces.tenancy import current_workspace

# The lead is locked, as in ``hold``. For the rest of the transaction a prepared statement keeps its one plan:
# left to itself the server plans the first five runs of each session anew.
HOLD_ONE = """
SELECT l.team_id, ARRAY(SELECT name FROM pg_prepared_statements WHERE name LIKE %s ORDER BY prepare_time),
    set_config('plan_cache_mode', 'force_generic_plan', true)
FROM leads_lead l WHERE l.workspace_id = %s AND l.id = %s FOR NO KEY UPDATE
"""


def score_one(cards: Sequence[ReadCard], lead: UUID, as_of: datetime, actor: Member | None) -> list[UUID]:
    """The same for one lead: held, then scored by a statement that stands prepared. No ids when nothing changes."""
    with connection.cursor() as cursor:
        cursor.execute(HOLD_ONE, [f"{PREPARED}%", current_workspace().pk, lead])
        row = cursor.fetchone()
    if row is None:
        return []
    team, there, _planned_once = row
    by = str(actor.pk) if actor else None
    for card in cards:
        if card.team is None or card.team == team:
            name, text = one_lead(card, write_one)
            found = run_prepared(name, text, there, [as_of, str(lead), by])
            if found:
                return [found[0][0]]
    return []
