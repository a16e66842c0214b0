"""Opportunities: what is in the forecast, when it closes, how much it is worth."""

from collections import defaultdict
from datetime import date
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.db.models import Count, QuerySet, Sum
from django.db.models.functions import TruncMonth
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from leads.actions.catalogue import change_opportunity
from leads.forecast import chances, forecast
from leads.locking import holds
from leads.models import Opportunity
from leads.models.deal import DealStep
from leads.money import from_minor, to_minor
from leads.pages.answers import told
from workspaces.models import Member, Role
from workspaces.paging import Window
from workspaces.permissions import may
from workspaces.posted import posted
from workspaces.refusals import Invalid, Refused
from workspaces.tenancy import current_workspace

ROWS = 50
STATUS = {"open": gettext_lazy("Open"), "won": gettext_lazy("Won"), "lost": gettext_lazy("Lost")}
STEPS = dict(DealStep.choices)
ORDERINGS = ("expected_close", "amount", "created_at", "closed_at")


@require_safe
def opportunities(request: HttpRequest, slug: str) -> HttpResponse:
    """``?status=open|won|lost``, ``?whose=mine|all``, ``?step=``, ``?month=2026-03``, ``?ordering=``."""
    member: Member = request.member
    status = request.GET.get("status", "open")
    status = status if status in STATUS else "open"
    whose = request.GET.get("whose") or ("mine" if member.role == Role.REP else "all")
    base = Opportunity.objects.filter(status=status)
    if whose == "mine":
        base = base.filter(lead__owner=member)
    step, month = request.GET.get("step", ""), request.GET.get("month", "")
    ordering = request.GET.get("ordering", "")
    if ordering.lstrip("-") not in ORDERINGS:
        ordering = "expected_close" if status == "open" else "-closed_at"
    rows = narrowed(base, step, month).select_related("lead", "lead__company", "lead__owner")
    try:
        window = Window(rows, ordering, ROWS, request.GET.get("cursor", ""))
    except ValueError:
        return redirect("opportunities", slug=slug)
    kept = {"status": status, "whose": whose, "step": step, "month": month}
    today = timezone.localdate(request.as_of, current_workspace().tz)
    context = {
        "nav": "opportunities",
        "rows": [as_row(one, member, today) for one in window.rows],
        "status": status,
        "ordering": ordering,
        "heads": HEADS,
        "by_step": by_step(base, kept) if status == "open" else [],
        "by_month": by_month(base, kept) if status == "open" else [],
        "totals": totals(base),
        "months": months(request, whose) if status == "open" else [],
        "tabs": tabs(kept),
        "whose_tabs": [("mine", _("Mine")), ("all", _("Everybody's"))],
        "whose": whose,
        "kept": kept,
        "narrowed": bool(step or month),
        "clear": address(kept, step="", month=""),
        "next": address(kept, ordering=ordering, cursor=window.next) if window.next else "",
        "previous": address(kept, ordering=ordering, cursor=window.previous) if window.previous else "",
    }
    return render(request, "leads/opportunities.html", context)


HEADS = [
    {"label": gettext_lazy("Opportunity"), "class": "cell-main"},
    {"label": gettext_lazy("Amount"), "sort": "-amount", "class": "cell-num"},
    {"label": gettext_lazy("Step"), "class": "cell-tight"},
    {"label": gettext_lazy("Expected close"), "sort": "expected_close", "class": "cell-tight"},
    {"label": gettext_lazy("Owner"), "class": "cell-tight"},
    {"label": gettext_lazy("Change"), "class": "cell-tight", "unseen": True},
]


def address(kept: dict[str, str], **changes: str) -> str:
    return "?" + urlencode({name: value for name, value in (kept | changes).items() if value})


def tabs(kept: dict[str, str]) -> list[dict[str, Any]]:
    plain = kept | {"step": "", "month": ""}
    return [
        {"label": label, "href": address(plain, status=key), "active": kept["status"] == key}
        for key, label in STATUS.items()
    ]


def narrowed(rows: QuerySet[Opportunity], step: str, month: str) -> QuerySet[Opportunity]:
    if step:
        rows = rows.filter(step=step)
    if month == "none":
        return rows.filter(expected_close=None)
    if first := first_day(month):
        rows = rows.filter(expected_close__year=first.year, expected_close__month=first.month)
    return rows


def first_day(month: str) -> date | None:
    try:
        return parse_date(f"{month}-01") if month else None
    except ValueError:
        return None


def as_row(one: Opportunity, member: Member, today: date) -> dict[str, Any]:
    return {
        "deal": one,
        "step": STEPS.get(one.step, one.step),
        "late": one.status == "open" and one.expected_close is not None and one.expected_close < today,
        "edit": one.status == "open" and may(member, "advance") and holds(member, one.lead),
    }


def totals(rows: QuerySet[Opportunity]) -> list[tuple[int, str, int]]:
    """(sum in minor units, currency, how many) of each currency, the largest first."""
    found = rows.order_by().values_list("currency").annotate(Sum("amount"), Count("pk"))
    return sorted(((total or 0, currency, many) for currency, total, many in found), reverse=True)


def by_step(rows: QuerySet[Opportunity], kept: dict[str, str]) -> list[dict[str, Any]]:
    """Each step with its sums, in the order of the steps."""
    found = rows.order_by().values_list("step", "currency").annotate(Sum("amount"), Count("pk"))
    return grouped(found, [*STEPS], lambda key: STEPS.get(key, key), "step", kept)


def by_month(rows: QuerySet[Opportunity], kept: dict[str, str]) -> list[dict[str, Any]]:
    """Each month of an expected close with its sums; what has no date comes last."""
    found = [
        (f"{month:%Y-%m}" if month else "none", currency, total, many)
        for month, currency, total, many in rows.order_by()
        .annotate(month=TruncMonth("expected_close"))
        .values_list("month", "currency")
        .annotate(Sum("amount"), Count("pk"))
    ]
    return grouped(found, sorted({row[0] for row in found}), month_name, "month", kept)


def months(request: HttpRequest, whose: str) -> list[dict[str, Any]]:
    """The forecast: each month weighted by the chances that history gives."""
    mine = request.member.pk if whose == "mine" else None
    return [
        {"label": month_name(f"{one.month:%Y-%m}" if one.month else "none"), "row": one}
        for one in forecast(request.as_of, mine)
    ]


def month_name(key: str) -> str:
    first = first_day(key)
    return date_format(first, "YEAR_MONTH_FORMAT") if first else _("No date yet")


def grouped(
    found: Any, order: list[str], label: Any, name: str, kept: dict[str, str]
) -> list[dict[str, Any]]:
    sums: dict[str, list[tuple[int, str]]] = defaultdict(list)
    counts: dict[str, int] = defaultdict(int)
    for key, currency, total, many in found:
        counts[key] += many
        if total:
            sums[key].append((total, currency))
    keys = [key for key in order if key in counts] + sorted(set(counts) - set(order))
    most = max((sum(total for total, _currency in sums[key]) for key in keys), default=0)
    return [
        {
            "label": label(key),
            "count": counts[key],
            "sums": sorted(sums[key], reverse=True),
            "share": round(100 * sum(total for total, _currency in sums[key]) / most) if most else 0,
            "active": kept[name] == key,
            "href": address(kept, **{name: "" if kept[name] == key else key}),
        }
        for key in keys
    ]


class DealForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=300)
    amount = forms.DecimalField(
        label=gettext_lazy("Amount"), min_value=0, max_digits=16, decimal_places=2, required=False
    )
    currency = forms.RegexField(r"^[A-Z]{3}$", label=gettext_lazy("Currency"), max_length=3)
    expected_close = forms.DateField(
        label=gettext_lazy("Expected close"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        required=False,
    )
    step = forms.ChoiceField(label=gettext_lazy("Step"))
    competitors = forms.CharField(
        label=gettext_lazy("Competitors, separated by commas"), required=False, max_length=1000
    )

    def __init__(self, *args: Any, competitors: list[dict[str, Any]] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.before: list[dict[str, Any]] = competitors or []
        own = self.initial.get("step", "")
        choices = list(STEPS.items()) + ([(own, own)] if own and own not in STEPS else [])
        self.fields["step"].choices = choices  # type: ignore[attr-defined]

    def changes(self) -> dict[str, Any]:
        """What the action takes: money in minor units, only what was changed."""
        given = self.cleaned_data
        found = {name: given[name] for name in self.changed_data}
        if "competitors" in found:
            names = found["competitors"].replace("，", ",").replace("、", ",").split(",")
            before = {one.get("name"): one for one in self.before}
            kept = [name.strip() for name in names if name.strip()]
            found["competitors"] = [before.get(name, {"name": name}) for name in kept]
        if {"amount", "currency"} & set(found):
            amount = given["amount"]
            found["amount"] = None if amount is None else to_minor(amount, given["currency"])
        return found


@require_http_methods(["GET", "POST"])
def opportunity(request: HttpRequest, slug: str, pk: UUID) -> HttpResponse:
    """One opportunity in the side panel: its amount, step and expected close."""
    deal = Opportunity.objects.select_related("lead", "lead__company", "lead__owner").filter(pk=pk).first()
    if deal is None:
        raise Http404(_("There is no such opportunity."))
    initial = {
        "name": deal.name,
        "amount": None if deal.amount is None else from_minor(deal.amount, deal.currency),
        "currency": deal.currency,
        "expected_close": deal.expected_close,
        "step": deal.step,
        "competitors": ", ".join(str(one.get("name", "")) for one in deal.competitors),
    }
    form = DealForm(posted(request), initial=initial, competitors=deal.competitors)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            change_opportunity(deal, form.changes(), as_of=request.as_of, actor=request.member)
        except Invalid as wrong:
            for one in wrong.errors:
                form.add_error(one["field"] if one["field"] in form.fields else None, one["message"])
        except Refused as refusal:
            form.add_error(None, refusal.message)
            status = 409
        else:
            if not request.headers.get("HX-Request"):
                return redirect("opportunities", slug=slug)
            return HttpResponse(status=204, headers=told(_("Kept.")))
    editable = deal.status == "open" and may(request.member, "advance") and holds(request.member, deal.lead)
    context = {"nav": "opportunities", "deal": deal, "form": form, "editable": editable}
    context |= {"status_label": STATUS[deal.status], "step": STEPS.get(deal.step, deal.step)}
    context |= {"history": told_history(deal), "chance": chances(request.as_of).get(deal.step)}
    page = "leads/opportunity.html" if request.headers.get("HX-Request") else "leads/opportunity_page.html"
    return render(request, page, context, status=422 if form.errors and status == 200 else status)


def told_history(deal: Opportunity) -> list[dict[str, Any]]:
    """The changes of amount, date and step, the latest first, each in words."""
    rows = deal.history.select_related("actor").order_by("-at")[:20]  # type: ignore[attr-defined]
    return [
        {
            "at": row.at,
            "actor": row.actor,
            "changes": [(name, *shown_change(deal, name, pair)) for name, pair in row.changes.items()],
        }
        for row in rows
    ]


def shown_change(deal: Opportunity, name: str, pair: list[str]) -> tuple[str, str]:
    def shown(value: str) -> str:
        if name == "amount" and value.isdecimal():
            return str(from_minor(int(value), deal.currency))
        return str(STEPS.get(value, value)) if name == "step" else value

    return shown(pair[0]) or "–", shown(pair[1]) or "–"
