"""Filters in the side panel: click one together, see what it finds, keep it as a view."""

import json
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from leads.actions.fields import drop_view, save_view
from leads.conditions import parse, say, vocabulary
from leads.models import Lead, SavedView
from leads.pages import columns
from leads.pages.asking import Asked, view_or_404
from leads.pages.building import builder
from leads.pages.undoing import keeping, kept
from leads.queries import as_condition, fitting
from workspaces.permissions import may
from workspaces.posted import posted
from workspaces.refusals import Invalid
from workspaces.tenancy import current_workspace

EXAMPLES = 10
MOST_COUNTED = 100_000


@require_safe
def filter_panel(request: HttpRequest, slug: str) -> HttpResponse:
    """The rule builder with the list's condition; what is built is applied or kept."""
    asked = Asked(request)
    return render(
        request, "leads/filter.html", {"asked": asked, "builder": builder(), "value": asked.json or "{}"}
    )


@require_safe
def preview(request: HttpRequest, slug: str) -> HttpResponse:
    """A condition in words, how many leads meet it now, and a few of them."""
    try:
        condition = parse(as_condition(request.GET.get("where") or "{}"), vocabulary(current_workspace()))
    except Invalid as wrong:
        return render(request, "leads/preview.html", {"error": wrong.message})
    rows = Lead.objects.filter(fitting(condition, as_of=request.as_of, member=request.member))
    found = rows.order_by().values("pk")[: MOST_COUNTED + 1].count()
    total = Lead.objects.order_by().values("pk")[: MOST_COUNTED + 1].count()
    examples = rows.select_related("company").only("name", "company__name", "workspace", "email", "phone")
    context = {
        "sentence": say(condition),
        "count_text": counted(found),
        "total_text": counted(total),
        "found": found,
        "more": found > EXAMPLES,
        "examples": examples.order_by("-score", "-id")[:EXAMPLES],
    }
    return render(request, "leads/preview.html", context)


def counted(number: int) -> str:
    return f"{MOST_COUNTED:,}+" if number > MOST_COUNTED else f"{number:,}"


class ViewForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Name of the view"), max_length=100)
    shared = forms.BooleanField(label=gettext_lazy("Everybody sees it"), required=False)
    where = forms.CharField(required=False, widget=forms.HiddenInput)
    ordering = forms.CharField(required=False, widget=forms.HiddenInput)

    def values(self) -> dict[str, Any]:
        given = self.cleaned_data
        found: dict[str, Any] = {"name": given["name"], "shared": given.get("shared", False)}
        if given["where"]:
            found["where"] = as_condition(given["where"])
        if given["ordering"].lstrip("-") in columns.ORDERINGS:
            found["ordering"] = given["ordering"]
        return found


@require_http_methods(["GET", "POST"])
def view_new(request: HttpRequest, slug: str) -> HttpResponse:
    """Keep the list as it is now under a name."""
    asked = Asked(request)
    initial = {"where": asked.json or "{}", "ordering": asked.ordering}
    return keep(request, slug, ViewForm(posted(request), initial=initial), None)


@require_http_methods(["GET", "POST"])
def view_edit(request: HttpRequest, slug: str, pk: UUID) -> HttpResponse:
    """Rename a view, change its condition, or share it."""
    view = view_or_404(request.member, pk)
    initial = {
        "name": view.name,
        "shared": view.member_id is None,
        "where": json.dumps(view.where, ensure_ascii=False),
        "ordering": view.ordering,
    }
    return keep(request, slug, ViewForm(posted(request), initial=initial), view)


def keep(request: HttpRequest, slug: str, form: ViewForm, view: SavedView | None) -> HttpResponse:
    if not may(request.member, "rules") and (view is None or view.member_id is not None):
        del form.fields["shared"]
    if request.method == "POST" and form.is_valid():
        try:
            saved = save_view(form.values(), view=view, actor=request.member, as_of=request.as_of)
        except Invalid as wrong:
            form.add_error(None, wrong.message)
        else:
            href = reverse("leads", kwargs={"slug": slug}) + f"?view={saved.pk}"
            if request.headers.get("HX-Request"):
                return HttpResponse(status=204, headers={"HX-Redirect": href})
            return redirect(href)
    where = form["where"].value() or "{}"
    editable = view is None or view.member_id is not None or may(request.member, "rules")
    context = {"form": form, "view": view, "builder": builder(), "value": where, "editable": editable}
    return render(request, "leads/view.html", context, status=422 if form.errors else 200)


@require_POST
def view_drop(request: HttpRequest, slug: str, pk: UUID) -> HttpResponse:
    """Delete a view; the leads in it stay. It can be taken back for ten seconds."""
    view = view_or_404(request.member, pk)
    told = {"name": view.name, "where": view.where, "ordering": view.ordering, "columns": view.columns}
    told |= {"shared": view.member_id is None, "position": view.position}
    drop_view(view, actor=request.member)
    back = reverse("leads_view_back", kwargs={"slug": slug}) + "?u=" + keeping(told)
    toast = {"toast": {"text": _("View deleted."), "level": "success", "undo": back}}
    if not request.headers.get("HX-Request"):
        return redirect("leads", slug=slug)
    return HttpResponse(status=204, headers={"HX-Trigger": json.dumps(toast | {"peek-close": True})})


@require_POST
def view_back(request: HttpRequest, slug: str) -> HttpResponse:
    """Undo the deletion of a view."""
    told = kept(request)
    if told is not None:
        save_view(told, actor=request.member, as_of=request.as_of)
    href = reverse("leads", kwargs={"slug": slug})
    return HttpResponse(status=204, headers={"HX-Redirect": href})
