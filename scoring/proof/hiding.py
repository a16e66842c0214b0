"""What a card must not see of the leads it is proven on: the outcome itself."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.db import connection

from leads.conditions import Kind, Leaf, leaves
from leads.conditions.moments import EACH
from leads.conditions.sources import count_key, keys_of, restricted
from leads.models import Touch
from leads.models.lead import Stage
from leads.past import blank_of, hidden_rows, keep

if TYPE_CHECKING:
    from scoring.proof.outcomes import Outcome


def hide(outcome: "Outcome", stages: Sequence[str]) -> None:
    """A card must not see the outcome itself, where a lead came in with it: its stage, facts, tags, people, answers,
    and what it counts. ``stages``: those that it asks for."""
    hide_stage(stages)
    hide_counted(outcome)
    asked = [one for one in leaves(outcome.condition) if one not in outcome.events]
    names = {column for one in asked for column in (one.field.column, one.field.name)}
    blanks = {name: blank for name in sorted(names) if (blank := blank_of(name))}
    news = [f"{name} = {blank}" for name, blank in blanks.items()]
    params: list[Any] = []
    for column in ("attributes", "assessment"):
        keys = sorted({one.field.key for one in asked if one.field.column == column})
        news += [f"{column} = {column} - %s::text[]"] if keys else []
        params += [keys] if keys else []
    with connection.cursor() as cursor:
        if news:
            cursor.execute(f"UPDATE past_lead SET {', '.join(news)}", params)
        if any(one.field.kind in (Kind.TAGS, Kind.ROLE) for one in asked):
            hide_rows(asked)


def hide_stage(stages: Sequence[str]) -> None:
    """Who took the step in the very moment it came in stands where it stood before the step."""
    if not stages:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE past_lead p SET stage_since = p.captured_at, stage = COALESCE((SELECT s.source"
            " FROM leads_stagechange s WHERE s.workspace_id = p.workspace_id AND s.lead_id = p.id"
            " AND s.at <= p.as_of AND s.target = ANY(%s) ORDER BY s.at, s.id LIMIT 1), %s)"
            " WHERE p.stage = ANY(%s)",
            [list(stages), Stage.LEAD, list(stages)],
        )


def hide_counted(outcome: "Outcome") -> None:
    """Touches and follow-ups that an outcome counts are not there; of those who got there they came after it anyway."""
    keys = {count_key(one.field, None)[:2] for one in outcome.events if one.field.kind == Kind.COUNT}
    kinds = {kind for table, kind in keys if table == "touch"} | {
        "" for table, _kind in keys if table != "touch"
    }
    if ("touch", "") in keys:
        kinds |= set(Touch.objects.values_list("kind", flat=True).distinct())
    if kinds:
        keep("past_hidden", hidden_rows(sorted(kinds)))


def hide_rows(asked: Sequence[Leaf]) -> None:
    """The tags and the people that an outcome asks for are not there; asked for any, there are none."""
    keys = [key for leaf in asked for key in keys_of(leaf)]
    for table, rows in (
        ("tag", "past_tag x USING leads_tag t WHERE t.workspace_id = x.workspace_id AND t.id = x.tag_id"),
        ("contact", "past_contact x WHERE TRUE"),
    ):
        for key in {one for one in keys if one[0] == table}:
            which = restricted(key, EACH)
            with connection.cursor() as cursor:
                cursor.execute(f"DELETE FROM {rows} AND {which.text}", which.params)
