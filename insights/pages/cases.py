"""The library of examples, by stage and industry; a manager marks a lead's story from its page."""

from typing import Any
from uuid import UUID

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from insights.pages.panel import attempt, done, find, panel
from leads.actions.cases import LONGEST, change_case, drop_case, mark_case
from leads.models import Case, Stage
from workspaces.permissions import may, require
from workspaces.posted import posted

MOST = 100
SOME_INDUSTRIES = 50


class CaseForm(forms.Form):
    title = forms.CharField(label=gettext_lazy("Title"), max_length=200)
    lesson = forms.CharField(
        label=gettext_lazy("What can others learn from it?"),
        widget=forms.Textarea(attrs={"rows": 6}),
        max_length=LONGEST,
    )
    stage = forms.ChoiceField(label=gettext_lazy("Helps in the stage"), choices=Stage.choices)
    industry = forms.CharField(label=gettext_lazy("Industry"), max_length=200, required=False)


@require_safe
def cases(request: HttpRequest, slug: str) -> HttpResponse:
    """All examples, or those of a stage or an industry."""
    stage, industry = request.GET.get("stage", ""), request.GET.get("industry", "")
    rows = Case.objects.select_related("lead__company", "member").order_by("-at", "-id")
    if stage in Stage.values:
        rows = rows.filter(stage=stage)
    if industry:
        rows = rows.filter(industry=industry)
    known = (
        Case.objects.exclude(industry="").order_by("industry").values_list("industry", flat=True).distinct()
    )
    context = {
        "nav": "cases",
        "rows": list(rows[:MOST]),
        "stages": [{"value": one.value, "label": one.label, "active": one.value == stage} for one in Stage],
        "stage": stage if stage in Stage.values else "",
        "industries": list(known[:SOME_INDUSTRIES]),
        "industry": industry,
        "may_change": may(request.member, "rules"),
    }
    return render(request, "insights/cases.html", context)


@require_http_methods(["GET", "POST"])
def case_of(request: HttpRequest, slug: str, pk: UUID) -> HttpResponse:
    """Mark this lead's story as an example."""
    require(request.member, "rules")
    lead = find(pk)
    form = CaseForm(
        posted(request),
        initial={"stage": lead.stage, "industry": lead.industry},
    )

    def act() -> None:
        mark_case(lead, form.cleaned_data, as_of=request.as_of, actor=request.member)

    if request.method == "POST" and attempt(form, act):
        return done(request, lead, _("It is in the library."))
    return panel(request, lead, _("Mark as an example"), form)


@require_http_methods(["GET", "POST"])
def case(request: HttpRequest, slug: str, pk: UUID) -> HttpResponse:
    """Change what an example says."""
    require(request.member, "rules")
    row = found(pk)
    first: dict[str, Any] = {name: getattr(row, name) for name in ("title", "lesson", "stage", "industry")}
    form = CaseForm(posted(request), initial=first)

    def act() -> None:
        change_case(row, form.cleaned_data, as_of=request.as_of, actor=request.member)

    if request.method == "POST" and attempt(form, act):
        return done(request, row.lead, _("Written down."))
    return panel(request, row.lead, _("Example"), form)


@require_POST
def case_drop(request: HttpRequest, slug: str, pk: UUID) -> HttpResponse:
    row = found(pk)
    drop_case(row, as_of=request.as_of, actor=request.member)
    if not request.headers.get("HX-Request"):
        return redirect("cases", slug=slug)
    return done(request, row.lead, _("No longer an example."))


def found(pk: UUID) -> Case:
    row = Case.objects.select_related("lead__company").filter(pk=pk).first()
    if row is None:
        raise Http404(_("There is no such example."))
    return row
