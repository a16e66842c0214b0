"""Pairs of leads that may be one: looked at side by side, merged field by field, or told apart for good."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from leads.actions import dismiss, merge, search_all, suggest_again, undo_merge
from leads.actions.arrivals import BLANK
from leads.api.duplicates import custom_labels
from leads.masking import masked, sees_contact_data
from leads.matching.reasons import label_of, labelled
from leads.merging.facts import FACTS, OTHER, PURSUIT, THIS
from leads.models import Duplicate, Lead, MatchWork, Merge
from leads.models.matching import MatchKind
from leads.pages.answers import told
from leads.telling import label
from workspaces.models import Member
from workspaces.permissions import may, require
from workspaces.refusals import Refusal

PAGE = 50
REASONS = 4
HIDDEN = ("budget_currency",)
SUGGESTED, DISMISSED, MERGED = "suggested", "dismissed", "merged"


@require_safe
def duplicates(request: HttpRequest, slug: str) -> HttpResponse:
    """The strongest suggestions and why each is one; what was told apart; what was merged, to be undone."""
    state = request.GET.get("state", "")
    state = state if state in (DISMISSED, MERGED) else SUGGESTED
    shown = merges(request) if state == MERGED else pairs(state)
    context = {
        "nav": "duplicates",
        "state": state,
        "tabs": tabs(slug, state),
        **shown,
        "search": MatchWork.objects.filter(kind=MatchKind.ALL).order_by("-created_at").first(),
        "can_search": may(request.member, "match"),
    }
    return render(request, "leads/duplicates.html", context)


def tabs(slug: str, state: str) -> list[dict[str, Any]]:
    here = reverse("duplicates", kwargs={"slug": slug})
    named = {SUGGESTED: _("Suggested"), DISMISSED: _("Not the same"), MERGED: _("Merged")}
    return [
        {
            "label": label,
            "href": here if one == SUGGESTED else f"{here}?state={one}",
            "active": one == state,
            "count": None,
        }
        for one, label in named.items()
    ]


def pairs(state: str) -> dict[str, Any]:
    rows = Duplicate.objects.filter(status=state).select_related(
        "a__company", "b__company", "a__owner", "b__owner"
    )
    order = ("-strength", "-id") if state == SUGGESTED else ("-decided_at", "-id")
    found = list(rows.order_by(*order)[: PAGE + 1])
    labels = custom_labels()
    members = names({one.decided_by for one in found})
    shown = [
        {
            "pk": one.pk,
            "a": one.a,
            "b": one.b,
            "percent": round(one.strength * 100),
            "reasons": [reason["text"] for reason in labelled(one.reasons, labels) if reason["weight"] >= 0][
                :REASONS
            ],
            "decided_at": one.decided_at,
            "decided_by": members.get(one.decided_by, ""),
        }
        for one in found[:PAGE]
    ]
    return {"pairs": shown, "more": len(found) > PAGE}


def merges(request: HttpRequest) -> dict[str, Any]:
    """The latest merges that still stand. Who may merge parts them again, from here."""
    rows = Merge.objects.filter(undone_at=None).select_related("survivor__company", "survivor__owner")
    found = list(rows.order_by("-at", "-id").defer("moved", "aside")[: PAGE + 1])
    members = names({one.actor_id for one in found})
    labels = custom_labels()
    shown = [
        {
            "pk": one.pk,
            "survivor": one.survivor,
            "absorbed": one.row.get("name") or "",
            "at": one.at,
            "by": members.get(one.actor_id, ""),
            "by_rule": one.why.get("by") == "rule",
            "reasons": [reason["text"] for reason in labelled(one.why.get("reasons", []), labels)][:REASONS],
        }
        for one in found[:PAGE]
    ]
    return {"merged": shown, "more": len(found) > PAGE, "can_merge": may(request.member, "edit_leads")}


def names(ids: set[Any]) -> dict[Any, str]:
    wanted = ids - {None}
    return {one.pk: str(one) for one in Member.objects.filter(pk__in=wanted)} if wanted else {}


@require_POST
def search(request: HttpRequest, slug: str) -> HttpResponse:
    search_all(as_of=request.as_of, actor=request.member)
    if not request.headers.get("HX-Request"):
        return redirect("duplicates", slug=slug)
    return HttpResponse(status=204, headers=told(_("The search has begun."), close=False))


def find(pk: UUID) -> Duplicate:
    found = (
        Duplicate.objects.select_related(
            "a__company", "b__company", "a__owner", "b__owner", "a__channel", "b__channel"
        )
        .filter(pk=pk)
        .first()
    )
    if found is None:
        raise Http404(_("There is no such pair."))
    return found


@require_safe
def duplicate(request: HttpRequest, slug: str, pk: UUID) -> HttpResponse:
    """Both leads side by side: what they say differently can be chosen fact by fact."""
    found = find(pk)
    first, second = order(found)
    labels = custom_labels()
    context = {
        "pair": found,
        "first": first,
        "second": second,
        "percent": round(found.strength * 100),
        "reasons": labelled(found.reasons, labels),
        "facts": side_by_side(shown(request, first), shown(request, second), labels),
        "pursuits": [pursuit_of(first), pursuit_of(second)],
        "can_merge": may(request.member, "edit_leads"),
    }
    return render(request, "leads/duplicate.html", context)


def order(found: Duplicate) -> tuple[Lead, Lead]:
    """The one that stays first: who has a holder, then who came first."""
    pair = sorted((found.a, found.b), key=lambda lead: (lead.owner_id is None, lead.captured_at, lead.pk))
    return pair[0], pair[1]


def shown(request: HttpRequest, lead: Lead) -> dict[str, Any]:
    """What a lead says, by fact, as far as the reader may see it."""
    values: dict[str, Any] = {}
    for name in FACTS:
        if name in HIDDEN:
            continue
        display = getattr(lead, f"get_{name}_display", None)
        said = getattr(lead, name)
        values[name] = "" if said in BLANK else display() if display else said
    if not sees_contact_data(request.member, lead):
        values = masked(values)
    return values | {f"attributes.{key}": value for key, value in lead.attributes.items()}


def side_by_side(
    first: dict[str, Any], second: dict[str, Any], labels: dict[str, str]
) -> list[dict[str, Any]]:
    """Facts that one of the two says; ``differ`` where both say something else."""
    rows = []
    for name in dict.fromkeys([*first, *second]):
        one, two = first.get(name), second.get(name)
        if one in (None, "") and two in (None, ""):
            continue
        text = label_of(name, labels) if name.startswith("attributes.") else label(name)
        rows.append(
            {
                "name": name,
                "label": capfirst(text),
                "first": "" if one is None else one,
                "second": "" if two is None else two,
                "differ": one not in (None, "") and two not in (None, "") and str(one) != str(two),
                "takes": OTHER if one in (None, "") else THIS,
            }
        )
    return sorted(rows, key=lambda row: not row["differ"])


def pursuit_of(lead: Lead) -> str:
    holder = str(lead.owner) if lead.owner else _("nobody holds it")
    return f"{lead.get_stage_display()} · {holder}"


@require_POST
def merge_pair(request: HttpRequest, slug: str, pk: UUID) -> HttpResponse:
    """The chosen facts stay, everything of both is united; the toast takes it back."""
    found = find(pk)
    first, second = order(found)
    sides = {
        name.removeprefix("take-"): side for name, side in request.POST.items() if name.startswith("take-")
    }
    known = {*FACTS, PURSUIT, *(f"attributes.{key}" for key in {**first.attributes, **second.attributes})}
    choose = {name: side for name, side in sides.items() if name in known and side in (THIS, OTHER)}
    why = {"by": "hand", "strength": found.strength, "reasons": found.reasons[:5]}
    try:
        made = merge(first.pk, second.pk, choose=choose, why=why, as_of=request.as_of, actor=request.member)
    except Refusal as refused:
        return HttpResponse(status=204, headers=told(refused.message, level="error", close=False))
    undo = reverse("merge_undone", kwargs={"slug": slug, "pk": made.pk})
    if not request.headers.get("HX-Request"):
        return redirect("lead", slug=slug, pk=first.pk)
    return HttpResponse(status=204, headers=told(_("Merged into one lead."), undo=undo))


@require_POST
def merge_undone(request: HttpRequest, slug: str, pk: UUID) -> HttpResponse:
    require(request.member, "edit_leads")
    found = undo_merge(pk, as_of=request.as_of, actor=request.member)
    text = _("Two leads again.")
    if found.kept:
        text = _("Two leads again. What has changed since stays with the first.")
    return HttpResponse(status=204, headers=told(text))


@require_POST
def not_the_same(request: HttpRequest, slug: str, pk: UUID) -> HttpResponse:
    """Remembered: the pair is not suggested again."""
    find(pk)
    dismiss(pk, as_of=request.as_of, actor=request.member)
    undo = reverse("duplicate_again", kwargs={"slug": slug, "pk": pk})
    return HttpResponse(status=204, headers=told(_("Not the same: remembered."), undo=undo))


@require_POST
def again(request: HttpRequest, slug: str, pk: UUID) -> HttpResponse:
    find(pk)
    suggest_again(pk, as_of=request.as_of, actor=request.member)
    return HttpResponse(status=204, headers=told(_("Suggested again.")))
