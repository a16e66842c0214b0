"""What another gate would change: whom it would stop, and who is past it and would not pass any more.

Nothing is changed by it, and nobody is taken back to an earlier stage when it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection

from leads import gates
from leads.conditions import Condition, Sql, compile_sql, parse, say, vocabulary
from leads.conditions.fragments import both, put
from leads.models import Gate, Lead, Stage
from leads.models.lead import OPEN
from leads.planner import over
from workspaces.tenancy import current_workspace

SAMPLE = 20
FORWARD = [*OPEN, Stage.WON]


@dataclass
class Foreseen:
    """Counts of leads. ``before``, ``after``: of those that stand before the gate, who would pass now and then."""

    condition_text: str
    standing: int = 0
    before: int = 0
    after: int = 0
    stopped: int = 0  # would pass now, would not then
    freed: int = 0  # would not now, would then
    past: int = 0  # already beyond it, and would not pass it now: they stay where they are
    approvals: int = 0  # of those that would pass, how many need a manager
    sample: list[dict[str, Any]] = field(default_factory=list)


def foresee(transition: str, condition: Any, approval_when: Any = None, *, as_of: datetime) -> Foreseen:
    """The effect of a condition in place of the gate's own. ConditionError names the path to a fault."""
    words, workspace = vocabulary(current_workspace()), current_workspace()
    step = gates.steps()[transition]
    then = parse(condition, words, path="condition")
    asked = None if approval_when is None else parse(approval_when, words, path="approval_when")
    stored = Gate.objects.filter(transition=transition).first()
    now = parse(stored.condition if stored else {}, words, stored=True)

    def sql(one: Condition) -> Sql:
        return compile_sql(one, as_of=as_of, time_zone=workspace.tz, lead="l")

    found = Foreseen(say(then))
    passes, would = sql(now), sql(then)
    here = put("l.stage = ANY({})", sorted(step.sources))
    stopped = both(here, passes, put("NOT ({})", would))
    counts = [
        here,
        both(here, passes),
        both(here, would),
        stopped,
        both(here, put("NOT ({})", passes), would),
        both(put("l.stage = ANY({})", beyond(step.target)), put("NOT ({})", would)),
        both(here, would, sql(asked)) if asked is not None else Sql("FALSE"),
    ]
    columns = put(", ".join("count(*) FILTER (WHERE {})" for _one in counts), *counts)
    stages = sorted({*step.sources, *beyond(step.target)})
    with over(None), connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {columns.text} FROM leads_lead l WHERE l.workspace_id = %s AND l.stage = ANY(%s)",
            [*columns.params, workspace.pk, stages],
        )
        row = cursor.fetchone()
        names = ("standing", "before", "after", "stopped", "freed", "past", "approvals")
        for name, value in zip(names, row, strict=True):
            setattr(found, name, value)
        if found.stopped:
            cursor.execute(
                f"SELECT l.id FROM leads_lead l WHERE l.workspace_id = %s AND {stopped.text}"
                " ORDER BY l.score DESC, l.id DESC LIMIT %s",
                [workspace.pk, *stopped.params, SAMPLE],
            )
            found.sample = named([pk for (pk,) in cursor.fetchall()])
    return found


def named(ids: Sequence[Any]) -> list[dict[str, Any]]:
    rows = {lead.pk: lead for lead in Lead.objects.filter(pk__in=ids).only("name", "email", "phone")}
    return [{"id": pk, "name": str(rows[pk])} for pk in ids if pk in rows]


def beyond(target: str) -> list[str]:
    """The stages that lie behind a step forward, its own among them; none for a step aside or back."""
    if target not in FORWARD or target == Stage.LEAD:
        return []
    return [stage.value for stage in FORWARD[FORWARD.index(Stage(target)) :]]
