"""Proof: a version held against what became of leads, beside another one."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from leads.models import Lead
from scoring.pages.picking import USUAL, asked, card_asked, cards, choices, in_words, tabs, whose_leads
from scoring.proof.backtest import CAPACITY, backtest
from scoring.proof.outcomes import outcome_of
from workspaces.permissions import require
from workspaces.refusals import Invalid
from workspaces.tenancy import current_workspace

MOST_CAPACITY = 100_000
AT_ONCE = 2000  # leads
Figures = dict[str, Any]


@require_safe
def proof(request: HttpRequest, slug: str) -> HttpResponse:
    """The figures of the version, outcome and capacity that the address asks for.

    Of many leads they take a while: the page is there at once and fetches them by a request of its own.
    """
    require(request.member, "rules")
    known = cards()
    card = card_asked(request, "card", known) or (known[0] if known else None)
    other = card_asked(request, "compare", known)
    chosen, value = request.GET.get("outcome") or USUAL, request.GET.get("value", "")
    given = request.GET.get("capacity", "")
    capacity = min(max(int(given), 1), MOST_CAPACITY) if given.isdecimal() and len(given) < 7 else CAPACITY
    context: dict[str, Any] = {
        "nav": "settings",
        "tabs": tabs(slug, "scoring_proof"),
        "cards": known,
        "card": card,
        "other": other,
        "choices": choices(chosen),
        "value": value,
        "capacity": capacity,
    }
    at_once = few()
    if card is not None and ("outcome" in request.GET or at_once):
        try:
            condition = asked(chosen, value)
            outcome = outcome_of(condition)
            if not at_once and not request.headers.get("HX-Request"):
                return render(request, "scoring/proof.html", context | {"waiting": True})
            rival = other if other is not None and other.pk != card.pk else None
            found = backtest(card, outcome, as_of=request.as_of, other=rival, capacity=capacity)
            context |= shown(found) | {"sentence": in_words(condition), "whose": whose_leads(card.team)}
        except Invalid as wrong:
            context["fault"] = wrong.message
    return render(request, "scoring/proof.html", context, status=422 if "fault" in context else 200)


def few() -> bool:
    """Whether there are leads, and so few that the usual question is answered unasked."""
    return 0 < Lead.objects.all()[: AT_ONCE + 1].count() <= AT_ONCE


def shown(found: Figures) -> dict[str, Any]:
    """The figures with their charts; of two versions, each chart has both."""
    both = [found, found["other"]] if found["other"] else [found]
    return {
        "found": found,
        "both": both,
        "grade_chart": grade_chart(both),
        "decile_chart": decile_chart(both),
        "caught_chart": caught_chart(both),
        "calibration_chart": calibration_chart(both),
        "by_channel": beside(both, "by_channel"),
        "by_industry": beside(both, "by_industry"),
        "by_time": [one | days_of(one) for one in beside(both, "by_time")],
    }


def beside(both: list[Figures], part: str) -> list[dict[str, Any]]:
    """The slices, which are of the same leads for each version, each with what every version makes of it."""
    return [rows[0] | {"tries": rows} for rows in zip(*(one[part] for one in both), strict=True)]


def days_of(one: dict[str, Any]) -> dict[str, Any]:
    """The first and the last day of a slice of time, where the workspace is."""
    zone = current_workspace().tz
    first, last = (datetime.fromisoformat(one[end]).astimezone(zone).date() for end in ("from", "to"))
    return {"first": first, "last": last}


def percent(value: float | None) -> float | None:
    return None if value is None else round(100 * value, 1)


def called(one: Figures) -> str:
    return _("Version %(version)d") % {"version": one["version"]}


def grade_chart(both: list[Figures]) -> dict[str, Any]:
    return {
        "kind": "bar",
        "labels": [row["grade"] for row in both[0]["by_grade"]],
        "series": [
            {"name": called(one), "values": [percent(row["rate"]) for row in one["by_grade"]]} for one in both
        ],
    }


def decile_chart(both: list[Figures]) -> dict[str, Any]:
    """How many times the average each tenth got there."""
    return {
        "kind": "bar",
        "labels": [str(row["decile"]) for row in both[0]["by_decile"]],
        "series": [
            {"name": called(one), "values": [row["lift"] for row in one["by_decile"]]} for one in both
        ],
    }


def caught_chart(both: list[Figures]) -> dict[str, Any]:
    """Working from the top: the share of all who got there that is found so far."""
    worked = [percent(row["worked"]) for row in both[0]["by_decile"]]
    level = {"name": _("By chance"), "values": worked}
    lines = [
        {"name": called(one), "values": [percent(row["caught"]) for row in one["by_decile"]]} for one in both
    ]
    return {
        "kind": "line",
        "labels": [f"{share:g} %" for share in worked if share is not None],
        "series": [*lines, level],
    }


def calibration_chart(both: list[Figures]) -> dict[str, Any]:
    """What each version promised the newest leads, tenth by tenth, and what came of them."""
    series = []
    for one in both:
        rows = one["calibration"]["deciles"]
        named = {"expected": _("Expected"), "rate": _("Real")}
        if len(both) > 1:
            places = {"version": one["version"]}
            named = {
                "expected": _("Version %(version)d, expected") % places,
                "rate": _("Version %(version)d, real") % places,
            }
        series += [{"name": named[key], "values": [percent(row[key]) for row in rows]} for key in named]
    longest = max(len(line["values"]) for line in series)
    return {"kind": "line", "labels": [str(at) for at in range(1, longest + 1)], "series": series}
