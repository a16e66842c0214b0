"""Which of the facts that a policy asks for are missing."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from leads.conditions import first_field, parse, parts, to_json, vocabulary
from leads.conditions.fragments import comma
from leads.models import Lead
from pools.foresight import clocks
from pools.matching import Asking
from pools.models import PoolPolicy
from pools.periods import active_policies
from pools.statements import fetch, fill, uuids
from workspaces.once import once
from workspaces.tenancy import current_workspace

MET = """
SELECT l.id, ARRAY[{met}] FROM leads_lead l WHERE l.workspace_id = {workspace} AND l.id = ANY({leads})
"""


def facts_missing(leads: Sequence[UUID], policy: PoolPolicy, as_of: datetime) -> dict[UUID, list[str]]:
    """For each lead that lacks some: the fields of those parts of ``facts`` that don't hold. One statement."""
    if not leads or not policy.facts:
        return {}
    items = parts(parse(policy.facts, vocabulary(current_workspace()), stored=True))
    asking = Asking(as_of)
    met = comma([asking.sql(to_json(item)) for item in items])
    rows = fetch(fill(MET, met=met, leads=uuids(leads)))
    return {
        lead: [first_field(item) for item, holds in zip(items, answers, strict=True) if not holds]
        for lead, answers in rows
        if not all(answers)
    }


def missing_now(leads: Sequence[Lead], as_of: datetime) -> dict[UUID, list[str]]:
    """What these leads lack of the facts that their policies ask for; of those whose clock says so."""
    return missing_of([lead.pk for lead in leads if lead.reclaim_reason == "facts"], as_of)


def missing_of(leads: Sequence[UUID], as_of: datetime) -> dict[UUID, list[str]]:
    """What each of these leads lacks of the facts that its policy asks for. No statement for none."""
    if not leads:
        return {}
    policies = once("pool_policies", active_policies)
    now = clocks(policies, leads, as_of)
    found: dict[UUID, list[str]] = {}
    for policy in policies:
        found |= facts_missing([lead for lead, clock in now.items() if clock.policy is policy], policy, as_of)
    return found
