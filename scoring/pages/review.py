"""Review: this month's look at the card in force, and its suggestions as a draft."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from scoring.learning.models import Review, WorkStatus
from scoring.models import CardStatus, Scorecard
from scoring.pages.picking import asked, choice_of, choices, id_asked, in_words, tabs, whose_leads
from scoring.proof.circles import told
from scoring.proof.figures import note
from scoring.review.actions import find_review, make_draft, start_review
from scoring.review.look import label_of
from workspaces.models import Team
from workspaces.permissions import may, require

MONTHS = 12
WAITING = (WorkStatus.QUEUED, WorkStatus.RUNNING)


@require_safe
def review(request: HttpRequest, slug: str) -> HttpResponse:
    """The newest review of the workspace's card, or the one of ``?month=2026-03``; with ``?team=`` of that team's."""
    require(request.member, "reports")
    teams = with_cards()
    team = next((one for one in teams if one.pk == id_asked(request, "team")), None)
    reviews = Review.objects.filter(team=team).select_related("scorecard", "draft", "team")
    rows = list(reviews.order_by("-month")[:MONTHS])
    wanted = request.GET.get("month", "")
    row = next((one for one in rows if f"{one.month:%Y-%m}" == wanted), rows[0] if rows else None)
    context: dict[str, Any] = {
        "nav": "settings",
        "tabs": tabs(slug, "review") if may(request.member, "rules") else [],
        "rows": rows,
        "row": row,
        "teams": teams,
        "team": team,
        "whose": whose_leads(team),
        "may_change": may(request.member, "rules"),
        "at_work": row is not None and row.status in WAITING,
    }
    if row is not None:
        chosen, value = choice_of(row.outcome)
        context |= {"outcome": in_words(row.outcome), "choices": choices(chosen), "value": value}
        context |= in_order(row.found)
    return render(request, "scoring/review.html", context)


def with_cards() -> list[Team]:
    """Teams with a card of their own that was ever in force, and so perhaps a review."""
    cards = Scorecard.objects.exclude(status=CardStatus.DRAFT).filter(team__isnull=False)
    return list(Team.objects.filter(pk__in=cards.values("team")).order_by("name"))


def in_order(found: dict[str, Any]) -> dict[str, Any]:
    """What the review says, in words of the reader's language."""
    rules = [one | {"label": label_of(one)} for one in found.get("rules", [])]
    changes = [one | {"label": label_of(one)} for one in found.get("changes", [])]
    return {
        "grades": [one | {"words": grade_words(one["state"])} for one in found.get("grades", [])],
        "odd": [
            one | {"words": rule_words(one["state"])} for one in rules if one["state"] in ("dead", "turned")
        ],
        "works": sum(one["state"] == "works" for one in rules),
        "unclear": sum(one["state"] in ("unclear", "new") for one in rules),
        "note": note(found["outcomes"], found["leads"]) if "leads" in found else "",
        "cautions": told(found.get("cautions", [])),
        "drift": [
            one | {"label": mark_words(one["mark"]), "words": drift_words(one["state"])}
            for one in found.get("drift", [])
        ],
        "changes": changes,
        "moves": moves_in_words(found.get("effect")),
        "found": found,
    }


def moves_in_words(effect: dict[str, Any] | None) -> list[str]:
    """What all changes together would do to the leads as they are now."""
    if effect is None:
        return []
    texts = [
        ngettext("%(n)d lead from %(from)s to %(to)s", "%(n)d leads from %(from)s to %(to)s", one["leads"])
        % {"n": one["leads"], "from": one["from"], "to": one["to"]}
        for one in effect["moves"]
    ]
    line = {
        "rising": ngettext(
            "%(n)d more above the MQL line", "%(n)d more above the MQL line", effect["rising"]
        ),
        "falling": ngettext(
            "%(n)d fewer above the MQL line", "%(n)d fewer above the MQL line", effect["falling"]
        ),
    }
    return texts + [text % {"n": effect[key]} for key, text in line.items() if effect[key]]


def grade_words(state: str) -> str:
    texts = {
        "kept": _("As promised"),
        "below": _("Less often than promised"),
        "above": _("More often than promised"),
        "few": _("Too few leads to say"),
    }
    return texts.get(state, state)


def rule_words(state: str) -> str:
    texts = {"dead": _("No lead meets it any more"), "turned": _("Says the opposite of its points")}
    return texts.get(state, state)


def mark_words(mark: str) -> str:
    texts = {
        "grade": _("Grade"),
        "industry": _("Industry"),
        "region": _("Region"),
        "channel": _("Channel"),
        "employees": _("Number of employees"),
    }
    return texts.get(mark, mark)


def drift_words(state: str) -> str:
    texts = {
        "steady": _("As before"),
        "some": _("Shifting"),
        "shifted": _("Clearly different from before"),
        "few": _("Too few leads to say"),
    }
    return texts.get(state, state)


@require_POST
def review_anew(request: HttpRequest, slug: str) -> HttpResponse:
    """Write this month's review again, with what is known now; for another outcome, if one is chosen."""
    team, chosen = request.POST.get("team", ""), request.POST.get("outcome", "")
    outcome = asked(chosen, request.POST.get("value", "")) if chosen else None
    start_review(as_of=request.as_of, actor=request.member, team=team, outcome=outcome)
    page = reverse("review", kwargs={"slug": slug})
    return there(request, f"{page}?team={team}" if team else page)


@require_POST
def review_draft(request: HttpRequest, slug: str, pk: UUID) -> HttpResponse:
    """One click: the suggested points as a draft, which opens."""
    draft = make_draft(find_review(pk), as_of=request.as_of, actor=request.member)
    page = reverse("settings_section", kwargs={"slug": slug, "section": "scoring"})
    return there(request, f"{page}?card={draft.pk}")


def there(request: HttpRequest, address: str) -> HttpResponse:
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return redirect(address)
