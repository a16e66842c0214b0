"""Learning: start a training, watch it, read its verdict, open its draft."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from leads.conditions import Vocabulary, vocabulary
from scoring.learning.actions import WAITING, find_training, start_training
from scoring.learning.leaks import reason
from scoring.learning.models import Training, Verdict
from scoring.learning.words import verdict_in_words
from scoring.models import Rule
from scoring.pages.picking import USUAL, asked, choices, in_words, tabs, whose_leads
from scoring.proof.circles import told
from workspaces.models import Team
from workspaces.permissions import may, require
from workspaces.refusals import Refusal
from workspaces.tenancy import current_workspace

SHOWN = 20
KINDS = {
    Verdict.BETTER: "good",
    Verdict.WORSE: "warning",
    Verdict.NO_SIGNAL: "warning",
    Verdict.TOO_FEW: "info",
}


@require_http_methods(["GET", "HEAD", "POST"])
def trainings(request: HttpRequest, slug: str) -> HttpResponse:
    """What was learned, and the form that starts another."""
    require(request.member, "rules")
    fault = ""
    if request.method == "POST":
        try:
            training = begin(request)
            address = reverse("training", kwargs={"slug": slug, "pk": training.pk})
            if request.headers.get("HX-Request"):
                return HttpResponse(status=204, headers={"HX-Redirect": address})
            return redirect(address)
        except Refusal as refusal:
            fault = refusal.message
    rows = list(Training.objects.select_related("scorecard", "team").order_by("-created_at", "-id")[:SHOWN])
    chosen = request.POST.get("outcome") or USUAL
    context = {
        "nav": "settings",
        "tabs": tabs(slug, "trainings"),
        "rows": [
            {"row": row, "outcome": in_words(row.outcome), "verdict": verdict_in_words(row)} for row in rows
        ],
        "at_work": any(row.status in WAITING for row in rows),
        "choices": choices(chosen),
        "value": request.POST.get("value", ""),
        "exclude": request.POST.get("exclude", ""),
        "teams": list(Team.objects.order_by("name")),
        "team": request.POST.get("team", ""),
        "fault": fault,
    }
    return render(request, "scoring/trainings.html", context, status=422 if fault else 200)


def begin(request: HttpRequest) -> Training:
    """A training of what was asked; with ``like``, of an earlier one with more that is insisted on."""
    insist = request.POST.getlist("insist")
    if "like" in request.POST:
        former = find_training(id_given(request.POST["like"]))
        return start_training(
            former.outcome,
            exclude=[name for name in former.exclude if name not in insist],
            insist=[*former.insist, *(name for name in insist if name not in former.insist)],
            team=former.team_id,
            monthly=former.monthly,
            as_of=request.as_of,
            actor=request.member,
        )
    names = [name.strip() for name in request.POST.get("exclude", "").replace("，", ",").split(",")]
    return start_training(
        asked(request.POST.get("outcome", ""), request.POST.get("value", "")),
        exclude=[name for name in names if name],
        insist=insist,
        team=request.POST.get("team"),
        monthly="monthly" in request.POST,
        as_of=request.as_of,
        actor=request.member,
    )


def id_given(given: str) -> UUID | None:
    try:
        return UUID(given)
    except ValueError:
        return None


@require_safe
def training(request: HttpRequest, slug: str, pk: UUID) -> HttpResponse:
    """How far it is, its verdict, what it was learned from, what was left out and why."""
    require(request.member, "rules")
    row = find_training(pk)
    words = vocabulary(current_workspace())
    found = row.found
    context: dict[str, Any] = {
        "nav": "settings",
        "tabs": tabs(slug, "trainings"),
        "row": row,
        "outcome": in_words(row.outcome),
        "whose": whose_leads(row.team) if row.team else "",
        "verdict": verdict_in_words(row),
        "kind": KINDS.get(Verdict(row.verdict), "info") if row.verdict else "bad",
        "at_work": row.status in WAITING,
        "found": found,
        "cautions": told(found.get("cautions", [])),
        "left": [
            {
                "field": one["field"],
                "label": label(words, one["field"]),
                "reason": reason(one),
                "leak": one["code"] in LEAKS,
            }
            for one in found.get("excluded", [])
        ],
        "learned": learned(words, row),
        "chart": chart(found.get("deciles", [])),
        "may_open": may(request.member, "rules"),
    }
    return render(request, "scoring/training.html", context)


LEAKS = ("alone", "after", "only_there")


def label(words: Vocabulary, name: str) -> str:
    if name.startswith("tags."):
        return name.removeprefix("tags.")
    field = words.find(name)
    return capfirst(str(field.label)) if field is not None else name


def learned(words: Vocabulary, row: Training) -> list[dict[str, Any]]:
    """The facts it was learned from, with what each tells alone and the most points it gives in the draft."""
    most: dict[str, int] = {}
    if row.scorecard_id:
        for condition, points in Rule.objects.filter(scorecard=row.scorecard_id).values_list(
            "condition", "points"
        ):
            name = first_name(condition)
            most[name] = max(most.get(name, 0), points)
    rows = [
        {"label": label(words, one["field"]), "alone": one["alone"], "points": most.get(one["field"], 0)}
        for one in row.found.get("fields", [])
    ]
    return sorted(rows, key=lambda one: -one["points"])


def first_name(condition: Any) -> str:
    """The field that the first question of a stored condition asks about; of a tag, the tag."""
    while isinstance(condition, dict) and "field" not in condition:
        inner = next(iter(condition.values()), None)
        condition = inner[0] if isinstance(inner, list) and inner else inner
    if not isinstance(condition, dict):
        return ""
    name = str(condition.get("field", ""))
    return f"tags.{condition['value'][0]}" if name == "tags" and condition.get("value") else name


def chart(rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "kind": "line",
        "labels": [str(at) for at in range(1, len(rows) + 1)],
        "series": [
            {"name": _("Expected, in %"), "values": [round(100 * row["expected"], 1) for row in rows]},
            {"name": _("Real, in %"), "values": [round(100 * row["rate"], 1) for row in rows]},
        ],
    }
