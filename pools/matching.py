"""Which policy or rule speaks for a lead: the first, in order, whose condition it meets."""

from collections.abc import Sequence
from datetime import datetime

from leads.conditions import compile_sql, parse, vocabulary
from leads.conditions.fragments import Sql, put
from pools.models import AssignmentRule, PoolPolicy
from workspaces.tenancy import current_workspace

NOBODY_SPEAKS = Sql("NULL::integer")


def first_match(rows: Sequence[PoolPolicy | AssignmentRule], *, as_of: datetime, lead: str) -> Sql:
    """The index in ``rows`` of the first whose condition holds for the lead called ``lead``, or null.

    An empty condition means every lead, and costs no look at the workspace's own fields.
    """
    if not rows:
        return NOBODY_SPEAKS
    workspace = current_workspace()
    fields = vocabulary(workspace) if any(row.condition for row in rows) else None
    cases = Sql("")
    for index, row in enumerate(rows):
        if not row.condition or fields is None:
            rest = put("{}::integer", index)
            return put("CASE {} ELSE {} END", cases, rest) if cases.text else rest
        condition = parse(row.condition, fields, stored=True)
        holds = compile_sql(condition, as_of=as_of, time_zone=workspace.tz, lead=lead)
        cases = put("{} WHEN {} THEN {}::integer", cases, holds, index)
    return put("CASE {} END", cases)
