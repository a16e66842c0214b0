"""A known lead that comes again begins once more, where the workspace's rule says so.

By whichever way it comes: form, import, webhook, API or hand all end in one capture. What waits in the recycle pool is
the pools' to bring back (``pools.actions.bring_back``): the rule is the same.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from leads.actions.resume import barred, come_back
from leads.incoming import Source
from leads.models import Lead, MatchRules
from leads.models.lead import Stage
from leads.models.matching import REVIVED_STAGES, usually_revived
from workspaces.models import Member

Rule = frozenset[str]


def revived() -> Rule:
    """Which leads come back to life when they come again: stages put aside, and ``recycle`` for that pool."""
    found = MatchRules.objects.values_list("revive", flat=True).first()
    return frozenset(usually_revived() if found is None else found)


def revive(
    leads: Sequence[UUID], *, as_of: datetime, actor: Member | None, source: Source | None = None, **_: Any
) -> None:
    """After known leads came again: those in a stage that the rule names are reopened. The system does it."""
    if source is not None and source.replay:
        return
    rule = revived()
    stages = [Stage(name) for name in REVIVED_STAGES if name in rule]
    rows = list(Lead.objects.select_for_update().filter(pk__in=leads, stage__in=stages).order_by("pk"))
    kept = {lead.pk for lead in barred(rows)}
    back = [lead for lead in rows if lead.pk not in kept]
    come_back(back, by="again", as_of=as_of, actor=None, told=source.told if source else {})
