"""What would happen to leads if they were assigned now: who would get how many, who would wait, and why."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from insights.pages.settings.section import ConditionField
from leads.conditions import ConditionError
from leads.models import Lead
from leads.pages.building import builder
from leads.pages.listing import selected
from pools.models import AssignmentRule
from pools.planning import MOST, matching, plan, unqualified
from pools.queries import assignable
from pools.turns import Choice
from pools.words import waiting_reason, why_sentence
from workspaces.ids import is_id
from workspaces.permissions import require
from workspaces.tenancy import current_workspace

SHOWN = 50


@require_safe
def dry_run(request: HttpRequest, slug: str) -> HttpResponse:
    """Of all that wait; ``?where=`` of what meets a condition, ``?ids=`` of a selection; ``?rule=`` only what one
    rule would do. In the side panel where a selection asks. Nothing is stored."""
    require(request.member, "assign")
    ids, given = selected(request), request.GET.get("where", "")
    context: dict[str, Any] = {"nav": "assignments", "where": given, "problem": ""}
    leads: list[UUID] | None = None
    if ids:
        leads = list(assignable().filter(pk__in=ids).values_list("pk", flat=True)[:MOST])
        context["left_out"] = len(ids) - len(leads)
    elif given:
        leads = meeting(given, request.as_of, context)
    rule = request.GET.get("rule", "")
    choices = plan(leads, as_of=request.as_of)
    if is_id(rule):
        context["rule"] = AssignmentRule.objects.filter(pk=rule).first()
        choices = [one for one in choices if one.rule and str(one.rule.pk) == rule]
    context |= told(choices)
    if request.headers.get("HX-Target") == "peek-body":
        return render(request, "insights/dry_run_panel.html", context)
    preview_url = reverse("leads_preview", kwargs={"slug": current_workspace().slug})
    return render(
        request, "insights/dry_run.html", context | {"builder": builder(), "preview_url": preview_url}
    )


def meeting(given: str, as_of: datetime, context: dict[str, Any]) -> list[UUID] | None:
    """The leads that meet a condition and could be given to somebody; all that wait where it makes no sense."""
    try:
        condition = ConditionField().clean(given)
        if not condition:
            return None
        return list(matching(assignable(), condition, as_of=as_of).values_list("pk", flat=True)[:MOST])
    except ValidationError as wrong:
        context["problem"] = " ".join(wrong.messages)
    except ConditionError:
        context["problem"] = _("The condition is not complete yet.")
    return None


def told(choices: Sequence[Choice]) -> dict[str, Any]:
    """Shares by rep, reasons to wait, and the first decisions, in words."""
    shares = Counter(choice.member for choice in choices if choice.member)
    waits = Counter(choice.waits for choice in choices if not choice.member)
    first = [choice for choice in choices if choice.member][:SHOWN]
    leads = Lead.objects.select_related("company").defer("search", "attributes", "score_parts")
    by_id = leads.in_bulk([choice.lead for choice in first])
    most = max(shares.values(), default=0)
    return {
        "total": len(choices),
        "unqualified": unqualified(choices),
        "assigned": sum(shares.values()),
        "waiting": sum(waits.values()),
        "shares": [
            {"member": member, "leads": count, "percent": round(100 * count / most)}
            for member, count in shares.most_common()
        ],
        "waits": [{"why": waiting_reason(code), "leads": count} for code, count in waits.most_common()],
        "decisions": [
            {
                "lead": by_id[choice.lead],
                "member": choice.member,
                "why": why_sentence("assigned", choice.why),
            }
            for choice in first
            if choice.lead in by_id
        ],
    }
