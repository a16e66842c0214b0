"""Whether a rule that no decided lead meets is dead, or only too new to say.

What was decided of late came in months ago. A rule for a channel, a field or a tag that is new is met by leads that
are open still, and nobody knows yet what becomes of them.
"""

import json
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from leads.conditions.fragments import put
from leads.planner import over
from scoring.cards import ReadCard
from scoring.engine import Engine
from scoring.models import Rule, Scorecard
from scoring.proof.studied import line_of
from workspaces.tenancy import current_workspace

LATELY = timedelta(days=90)


def not_too_soon(card: ReadCard, rules: list[dict[str, Any]], as_of: datetime) -> list[dict[str, Any]]:
    """Dead is a rule only when no lead of the last 90 days meets it either, as they are now, and when it has stood
    longer than leads usually need to get there; else it is "new". Where the decided leads stand looked back."""
    if not any(one["state"] == "dead" for one in rules):
        return rules
    met, since, usual = met_lately(card, as_of), standing_since(card), usual_time()
    return [
        one | {"state": "new"}
        if one["state"] == "dead" and (met[at] or (begun := since[at]) is None or begun + usual > as_of)
        else one
        for at, one in enumerate(rules)
    ]


def met_lately(card: ReadCard, as_of: datetime) -> list[int]:
    """Of each rule, how many leads of late meet it as they are now."""
    columns = [f"d{rule.position}" if rule.disqualifies else f"p{rule.position} <> 0" for rule in card.rules]
    counts = ", ".join(f"count(*) FILTER (WHERE s.{column})" for column in columns)
    workspace = current_workspace()
    statement = put(
        f"SELECT {counts} FROM ({{}}) s JOIN leads_lead l ON l.workspace_id = {{}}::uuid AND l.id = s.id"
        " WHERE l.captured_at > {} AND l.captured_at <= {}",
        Engine(card, workspace, as_of).scored(None, rules=True),
        str(workspace.pk),
        as_of - LATELY,
        as_of,
    )
    with over(None), connection.cursor() as cursor:
        cursor.execute(statement.text, statement.params)
        return [int(many) for many in cursor.fetchone()]


def standing_since(card: ReadCard) -> list[datetime | None]:
    """Since when each rule has been in force, in this version or one it was made from, whatever its points were."""
    line = Scorecard.objects.filter(pk__in=line_of(Scorecard.objects.get(pk=card.id)))
    begun = {pk: at for pk, at in line.values_list("pk", "activated_at") if at is not None}
    first: dict[str, datetime] = {}
    mine: list[str] = []
    for row in Rule.objects.filter(scorecard__in={*begun, card.id}).order_by("position", "id"):
        asked = json.dumps([row.kind, row.condition, row.measure], sort_keys=True)
        if row.scorecard_id in begun:
            first[asked] = min(first.get(asked, begun[row.scorecard_id]), begun[row.scorecard_id])
        if row.scorecard_id == card.id:
            mine.append(asked)
    return [first.get(asked) for asked in mine]


def usual_time() -> timedelta:
    """From a lead's coming in to the outcome, of half of those that got there."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY d.moment - p.captured_at) FROM decided_lead d"
            " JOIN past_lead p ON p.id = d.lead_id WHERE d.happened"
        )
        found: timedelta | None = cursor.fetchone()[0]
    return found or timedelta(0)
