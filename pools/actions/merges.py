"""What merging means for who holds a lead: every assignment is kept, and one lead has one holder."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from leads.models import Pool
from pools.models import Ended, Waiting
from pools.statements import execute, fill, uuids
from workspaces.models import Member

# Of each two one pursuit goes on, with its holder, if it has one. What belonged to the other one ends: its hold,
# what was said about it being no real lead, and its waiting for a holder.
END = """
WITH ended AS (
    UPDATE pools_assignment SET ended_at = {as_of}, ended = {ended}, updated_at = {as_of}
    WHERE workspace_id = {workspace} AND lead_id = ANY({over}) AND ended_at IS NULL
),
settled AS (
    UPDATE pools_invalidmark SET settled_at = {as_of}, updated_at = {as_of}
    WHERE workspace_id = {workspace} AND lead_id = ANY({over}) AND settled_at IS NULL
)
DELETE FROM pools_waiting WHERE workspace_id = {workspace} AND lead_id = ANY({over})
"""

# After a merge is undone: what nobody holds has no open assignment ...
CLOSE = """
UPDATE pools_assignment a SET ended_at = {as_of}, ended = {ended}, updated_at = {as_of}
FROM leads_lead l
WHERE a.workspace_id = {workspace} AND l.workspace_id = {workspace} AND l.id = ANY({leads})
  AND a.lead_id = l.id AND a.ended_at IS NULL AND a.member_id IS DISTINCT FROM l.owner_id
"""

# ... what was ended by the merge goes on ...
GO_ON = """
UPDATE pools_assignment a SET ended_at = NULL, ended = '', updated_at = {as_of}
FROM leads_lead l
WHERE a.workspace_id = {workspace} AND l.workspace_id = {workspace} AND l.id = ANY({leads})
  AND a.lead_id = l.id AND a.member_id = l.owner_id AND a.ended = {ended}
  AND NOT EXISTS (SELECT 1 FROM pools_assignment o
                  WHERE o.workspace_id = {workspace} AND o.lead_id = l.id AND o.ended_at IS NULL)
  AND a.id = (SELECT m.id FROM pools_assignment m WHERE m.workspace_id = {workspace} AND m.lead_id = l.id
              AND m.member_id = l.owner_id AND m.ended = {ended} ORDER BY m.ended_at DESC, m.id DESC LIMIT 1)
"""

# ... and what is held without one gets one.
OPEN = """
INSERT INTO pools_assignment (id, workspace_id, created_at, updated_at, lead_id, member_id, began_at, began,
    actor_id, rule, why, ended, end_reason)
SELECT leadcrm_uuid7(), {workspace}, {as_of}, {as_of}, l.id, l.owner_id, COALESCE(l.held_since, {as_of}),
    'given', {actor}::uuid, NULL, '{{}}'::jsonb, '', ''
FROM leads_lead l
WHERE l.workspace_id = {workspace} AND l.id = ANY({leads}) AND l.owner_id IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM pools_assignment o
                  WHERE o.workspace_id = {workspace} AND o.lead_id = l.id AND o.ended_at IS NULL)
"""

# What was said of either before the merge counts again, unless they have said so once more since.
SAID = """
UPDATE pools_invalidmark m SET settled_at = NULL, updated_at = {as_of}
WHERE m.workspace_id = {workspace} AND m.lead_id = ANY({leads}) AND m.settled_at = {merged_at}
  AND NOT EXISTS (SELECT 1 FROM pools_invalidmark o WHERE o.workspace_id = {workspace} AND o.lead_id = m.lead_id
                  AND o.member_id = m.member_id AND o.settled_at IS NULL)
"""


def end_pursuits(
    leads: Sequence[UUID], *, over: Sequence[UUID], as_of: datetime, actor: Member | None, **_: Any
) -> None:
    """Called before ``leads`` are taken up by others, in the same transaction; all rows are locked."""
    execute(fill(END, over=uuids(over), ended=Ended.MERGED.value, as_of=as_of))


def settle_holders(
    leads: Sequence[UUID], *, merged_at: datetime, as_of: datetime, actor: Member | None, **_: Any
) -> None:
    """After a merge was undone: a lead has an open assignment exactly when somebody holds it, what was said about
    either counts again, and what is held waits for nobody."""
    Waiting.objects.filter(lead__in=leads, lead__pool=Pool.SALES).delete()
    execute(fill(SAID, leads=uuids(leads), merged_at=merged_at, as_of=as_of))
    for statement in (CLOSE, GO_ON, OPEN):
        execute(
            fill(
                statement,
                leads=uuids(leads),
                ended=Ended.MERGED.value,
                as_of=as_of,
                actor=actor and str(actor.pk),
            )
        )
