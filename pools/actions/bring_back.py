"""A lead in the recycle pool that comes again is sorted anew, where the workspace's rule says so."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from leads.actions.revive import revived
from leads.incoming import Source
from leads.models import Lead
from leads.models.lead import OPEN, Pool
from leads.models.matching import RECYCLED
from leads.timeline import tell
from pools.statements import execute, fill, uuids
from workspaces.models import Member

BACK = """
UPDATE leads_lead SET pool = 'lead', pool_since = {as_of}, moved_at = {as_of},
    version = version + 1, updated_at = {as_of}
WHERE workspace_id = {workspace} AND id = ANY({leads})
"""


def bring_back(
    leads: Sequence[UUID], *, as_of: datetime, actor: Member | None, source: Source | None = None, **_: Any
) -> None:
    """After known leads came again: from the recycle pool into the lead pool, where rules give them to somebody.

    What was closed there (lost, disqualified) and is not reopened stays.
    """
    if (source is not None and source.replay) or RECYCLED not in revived():
        return
    rows = Lead.objects.select_for_update().filter(pk__in=leads, pool=Pool.RECYCLE, stage__in=OPEN)
    ids = list(rows.order_by("pk").values_list("pk", flat=True))
    if not ids:
        return
    execute(fill(BACK, leads=uuids(ids), as_of=as_of))
    told = source.told if source else {}
    tell("brought_back", [(pk, told) for pk in ids], as_of=as_of, actor=None)
