"""The board: what is moving? A drop asks the gate, and a refusal is filled in on the card."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from insights.board import CARDS, COLUMNS, Sum, cards, forget_sums, sums
from insights.pages.panel import find
from insights.pages.steps import Sheet
from insights.pages.undoing import with_undo
from leads import gates
from leads.models import Stage
from leads.tiers import label, tier_of
from workspaces.models import Member, Role
from workspaces.paging import whole_number
from workspaces.tenancy import current_workspace

FURTHEST = 1_000_000  # cards that an address may skip
INTO = {"mql": "to_mql", "sql": "to_sql", "opportunity": "to_opportunity", "won": "win", "lead": "send_back"}


@require_safe
def board(request: HttpRequest, slug: str) -> HttpResponse:
    """Columns by stage with count, sum and age. ``?whose=all`` or ``mine``; ``?stage=&skip=``: more cards."""
    member: Member = request.member
    whose = request.GET.get("whose") or ("mine" if member.role == Role.REP else "all")
    mine = member if whose == "mine" else None
    stage, skip = request.GET.get("stage", ""), whole_number(request.GET.get("skip", ""), FURTHEST)
    whom = mine.pk if mine else None
    if stage in Stage.values:
        rows = cards([stage], whom, skip)[stage]
        more = column(Stage(stage), Sum(), rows, request, skip)
        return render(request, "insights/board_cards.html", {"column": more, "whose": whose})
    heads, found = sums(mine, request.as_of), cards([one.value for one in COLUMNS], whom)
    columns = [column(one, heads.get(one.value, Sum()), found[one.value], request) for one in COLUMNS]
    tabs = [
        {"label": label, "href": f"?whose={key}", "active": whose == key}
        for key, label in (("mine", _("Mine")), ("all", _("Everybody's")))
    ]
    context = {"nav": "board", "columns": columns, "tabs": tabs, "whose": whose}
    return render(request, "insights/board.html", context)


def column(stage: Stage, head: Sum, rows: list[Any], request: HttpRequest, skip: int = 0) -> dict[str, Any]:
    leads = reverse("leads", kwargs={"slug": current_workspace().slug})
    return {
        "stage": stage.value,
        "label": stage.label,
        "transition": INTO[stage.value],
        "head": head,
        "cards": [as_card(lead, request, leads) for lead in rows[:CARDS]],
        "more": skip + CARDS if len(rows) > CARDS else None,
    }


def as_card(lead: Any, request: HttpRequest, leads: str) -> dict[str, Any]:
    """A card of a row of ``insights.board.cards``; ``leads``: the address of the list."""
    days = (request.as_of - lead.stage_since).days
    href = f"{leads}{lead.id}/"
    tier = tier_of(lead, request.as_of)
    return {
        "id": lead.id,
        "name": lead.name or lead.email or lead.phone or str(lead.id),
        "company": lead.company_name,
        "grade": lead.grade,
        "score": lead.score,
        "href": href,
        "peek": f"{href}peek/",
        "tier": "" if tier == "nurture" else tier,  # the rest: told where it asks for something
        "tier_label": label(tier),
        "stage_note": _("%(days)d d") % {"days": days},
        "blocked": lacking(lead),
        "owner": lead.owner_name,
        "reclaim_at": lead.reclaim_at,
        "warn_at": lead.warn_at,
    }


def lacking(lead: Any) -> str:
    """The plainest thing that holds a card up, told without asking the gate for every card."""
    if lead.stage == Stage.MQL and not lead.pain:
        return _("No pain written down")
    if lead.stage == Stage.SQL and lead.budget_amount is None and lead.budget_status == "unknown":
        return _("Budget unknown")
    return ""


@require_POST
def move(request: HttpRequest, slug: str) -> HttpResponse:
    """A card was dropped on a column: 204 when it moved, else the gate's checklist for the card."""
    try:
        lead = find(UUID(request.POST.get("lead", "")))
    except ValueError:
        raise Http404(_("There is no such lead.")) from None
    name = request.POST.get("transition", "")
    if name not in gates.steps():
        raise Http404(_("There is no such step."))
    response = with_undo(request, lead.pk, lambda: Sheet(request, lead, name).take())
    if response.status_code < 400:
        forget_sums()
    return response
