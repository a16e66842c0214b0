"""A stage: what to do in it, how long its steps take, and where leads leave it."""

from typing import Any

from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from insights.reports.scope import Scope, share, tenth
from insights.usual import usual_times
from leads.models import Case, Playbook, Stage
from leads.models.deal import DealStep
from leads.telling import step_name
from workspaces.tenancy import current_workspace_id

DAYS = 365
CASES = 5  # as many examples as fit beside a playbook

DONE = """
SELECT t.action_id, count(*), count(*) FILTER (WHERE t.done_at IS NOT NULL AND NOT t.skipped),
    percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM t.done_at - t.created_at) / 3600)
        FILTER (WHERE t.done_at IS NOT NULL AND NOT t.skipped),
    count(*) FILTER (WHERE t.done_at IS NULL AND t.due_at < %s)
FROM leads_task t
WHERE t.workspace_id = %s AND t.action_id = ANY(%s) AND t.created_at >= %s GROUP BY t.action_id
"""
LEAVING = """
SELECT s.target, s.transition, count(*), percentile_cont(0.5) WITHIN GROUP (ORDER BY s.days_in_source)
FROM leads_stagechange s
WHERE s.workspace_id = %s AND s.source = %s AND s.at >= %s AND s.at <= %s
GROUP BY 1, 2 ORDER BY 3 DESC
"""


def figures(stage: Stage, scope: Scope) -> dict[str, Any]:
    """Playbooks with how their actions went, and the ways out of the stage, over the scope's days."""
    books = list(Playbook.objects.filter(stage=stage).prefetch_related("actions").order_by("position", "pk"))
    actions = {one.pk: one for book in books for one in book.actions.all()}  # type: ignore[attr-defined]
    workspace = current_workspace_id()
    with connection.cursor() as cursor:
        cursor.execute(DONE, [scope.as_of, workspace, list(actions), scope.begins])
        went = {row[0]: row[1:] for row in cursor.fetchall()}
        cursor.execute(LEAVING, [workspace, stage.value, scope.begins, scope.as_of])
        ways = cursor.fetchall()
    total = sum(row[2] for row in ways)
    steps = dict(DealStep.choices)
    usual = usual_times(scope.as_of).get(stage.value)
    return {
        "stage": stage.value,
        "label": str(stage.label),
        "usual_days": tenth(usual.median) if usual else None,
        "limit_days": usual.limit if usual else None,
        "stays": usual.stays if usual else 0,
        "thin": usual.thin if usual else False,
        "playbooks": [
            {
                "id": book.pk,
                "name": book.name,
                "step": str(steps.get(book.step, "")),
                "goal": book.goal,
                "hints": book.hints,
                "talk_track": book.talk_track,
                "material": book.material,
                "actions": [
                    action_told(one, went.get(one.pk, (0, 0, None, 0)))
                    for one in sorted(book.actions.all(), key=lambda one: one.position)  # type: ignore[attr-defined]
                ],
            }
            for book in books
        ],
        "cases": [
            {
                "id": one.pk,
                "title": one.title,
                "lesson": one.lesson,
                "industry": one.industry,
                "lead": one.lead_id,
            }
            for one in Case.objects.filter(stage=stage).order_by("-at", "-id")[:CASES]
        ],
        "leaving": [
            {
                "target": target,
                "step": step_name(step),
                "leads": count,
                "share": share(count, total),
                "median_days": tenth(days),
            }
            for target, step, count, days in ways
        ],
    }


def action_told(action: Any, went: tuple[int, int, Any, int]) -> dict[str, Any]:
    made, done, hours, late = went
    return {
        "id": action.pk,
        "title": action.title,
        "due_hours": action.due_hours,
        "made": made,
        "done": done,
        "done_share": share(done, made),
        "median_hours": tenth(hours),
        "late": late,
    }


@require_safe
def stage(request: HttpRequest, slug: str, stage: str) -> HttpResponse:
    if stage not in Stage.values:
        raise Http404(_("There is no such stage."))
    found = figures(Stage(stage), Scope(request.as_of, DAYS))
    others = [{"label": one.label, "value": one.value, "active": one.value == stage} for one in Stage]
    return render(request, "insights/stage_page.html", {"nav": "board", "found": found, "others": others})
