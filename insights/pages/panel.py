"""The side panel of a lead's page: the lead it is about, a form in it, and what is answered when it is done."""

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from insights.forms import FactsForm
from leads.models import Lead
from leads.money import from_minor
from workspaces.refusals import Invalid, Refusal
from workspaces.tenancy import current_workspace


def find(pk: UUID) -> Lead:
    """The lead of the open workspace with what its page shows, or a 404."""
    lead = Lead.objects.select_related("company", "owner", "channel", "team").filter(pk=pk).first()
    if lead is None:
        raise Http404(_("There is no such lead."))
    return lead


def done(request: HttpRequest, lead: Lead, text: str, undo: str = "") -> HttpResponse:
    """What to answer when something was done: a toast, the panel closes, what shows the lead reloads."""
    if not request.headers.get("HX-Request"):
        return redirect("lead", slug=current_workspace().slug, pk=lead.pk)
    toast = {"text": text, "level": "success"} | ({"undo": undo} if undo else {})
    told = {"toast": toast, "changed": True, "peek-close": True}
    return HttpResponse(status=204, headers={"HX-Trigger": json.dumps(told)})


def panel(request: HttpRequest, lead: Lead, title: str, form: forms.Form, **more: Any) -> HttpResponse:
    """A form in the side panel; 422 when it was sent and something is wrong with it."""
    status = 422 if form.errors else 200
    context = {"lead": lead, "title": title, "form": form, "action": request.get_full_path(), **more}
    return render(request, "insights/panel_form.html", context, status=status)


def facts_form(lead: Lead, data: Any, only: tuple[str, ...]) -> FactsForm:
    """The form of some facts of a lead, as they are known, its money in units of its currency."""
    currency = lead.budget_currency or current_workspace().currency
    found = {name: getattr(lead, name) for name in FactsForm.base_fields if hasattr(lead, name)}
    found["company"] = lead.company.name if lead.company else ""
    if lead.budget_amount is not None:
        found["budget_amount"] = from_minor(lead.budget_amount, currency)
    return FactsForm(data, initial=found, only=only, currency=currency)


def attempt(form: forms.Form, action: Callable[[], Any]) -> bool:
    """Run an action on a valid form; its refusal becomes the form's errors."""
    if not form.is_valid():
        return False
    try:
        action()
    except Invalid as wrong:
        for one in wrong.errors:
            form.add_error(one["field"] if one["field"] in form.fields else None, one["message"])
        return False
    except Refusal as refusal:
        form.add_error(None, refusal.message)
        return False
    return True


def task_answer(text: str, undo: str = "") -> HttpResponse:
    toast = {"text": text, "level": "success"} | ({"undo": undo} if undo else {})
    return HttpResponse(status=204, headers={"HX-Trigger": json.dumps({"toast": toast, "changed": True})})
