"""Pairs of leads that may be one: looked at side by side, merged field by field, or told apart for good."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from leads.actions import dismiss, merge, search_all, suggest_again, undo_merge
from leads.api.duplicates import custom_labels
from leads.matching.reasons import labelled
from leads.merging.facts import FACTS, OTHER, PURSUIT, THIS
from leads.models import Duplicate, MatchWork, Merge
from leads.models.matching import MatchKind
from leads.pages.answers import told
from leads.pages.comparing import facts_of, order, pursuit_of, side_by_side
from workspaces.models import Member
from workspaces.paging import Window
from workspaces.permissions import may, require
from workspaces.refusals import Refusal

PAGE = 50
REASONS = 4
SUGGESTED, DISMISSED, MERGED = "suggested", "dismissed", "merged"


@require_safe
def duplicates(request: HttpRequest, slug: str) -> HttpResponse:
    """The strongest suggestions and why each is one; what was told apart; what was merged, to be undone."""
    state = request.GET.get("state", "")
    state = state if state in (DISMISSED, MERGED) else SUGGESTED
    cursor = request.GET.get("cursor", "")
    try:
        window = window_of(state, cursor)
    except ValueError:
        return redirect(address(slug, state))
    if cursor and not window.rows:  # the last of this page was decided
        return redirect(address(slug, state))
    shown = merges(request, window.rows) if state == MERGED else pairs(window.rows)
    context = {
        "nav": "duplicates",
        "state": state,
        "tabs": tabs(slug, state),
        **shown,
        "next": further(state, window.next),
        "previous": further(state, window.previous),
        "search": MatchWork.objects.filter(kind=MatchKind.ALL).order_by("-created_at").first(),
        "can_search": may(request.member, "match"),
    }
    return render(request, "leads/duplicates.html", context)


def tabs(slug: str, state: str) -> list[dict[str, Any]]:
    named = {SUGGESTED: _("Suggested"), DISMISSED: _("Not the same"), MERGED: _("Merged")}
    return [
        {
            "label": label,
            "href": address(slug, one),
            "active": one == state,
            "count": None,
        }
        for one, label in named.items()
    ]


def address(slug: str, state: str) -> str:
    here = reverse("duplicates", kwargs={"slug": slug})
    return here if state == SUGGESTED else f"{here}?state={state}"


def further(state: str, cursor: str) -> str:
    """The address of another page of the same list; "" where there is none."""
    asked = {"cursor": cursor} if state == SUGGESTED else {"state": state, "cursor": cursor}
    return f"?{urlencode(asked)}" if cursor else ""


def window_of(state: str, cursor: str) -> Window:
    """A page of suggestions, the strongest first; of what was told apart or merges that stand, the latest first."""
    if state == MERGED:
        merged = Merge.objects.filter(undone_at=None).select_related("survivor__company", "survivor__owner")
        return Window(merged.defer("moved", "aside"), "-at", PAGE, cursor)
    rows = Duplicate.objects.filter(status=state)
    rows = rows.select_related("a__company", "b__company", "a__owner", "b__owner")
    return Window(rows, "-strength" if state == SUGGESTED else "-decided_at", PAGE, cursor)


def pairs(found: Sequence[Duplicate]) -> dict[str, Any]:
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
        for one in found
    ]
    return {"pairs": shown}


def merges(request: HttpRequest, found: Sequence[Merge]) -> dict[str, Any]:
    """Merges that still stand. Who may merge parts them again, from here."""
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
        for one in found
    ]
    return {"merged": shown, "can_merge": may(request.member, "edit_leads")}


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
        "facts": side_by_side(facts_of(request, first), facts_of(request, second), labels),
        "pursuits": [pursuit_of(first), pursuit_of(second)],
        "can_merge": may(request.member, "edit_leads"),
    }
    return render(request, "leads/duplicate.html", context)


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
