"""A step of the flow, taken from a side panel: the gate's checklist, each item filled in right there."""

import json
from typing import Any
from uuid import UUID

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from insights.forms import FactsForm, PersonForm, StepForm
from insights.pages.doing import facts_form
from insights.pages.lead import find
from leads import gates
from leads.actions import add_contact, advance, edit
from leads.models import Lead, Stage
from workspaces.permissions import may
from workspaces.refusals import Invalid
from workspaces.tenancy import current_workspace

# Which facts fill in what a gate misses. What nobody can type (a score) has none.
FILLS = {
    "pain": ("pain", "need_level"),
    "need_level": ("need_level", "pain"),
    "budget_amount": ("budget_amount", "budget_status"),
    "budget_status": ("budget_status", "budget_amount"),
    "email": ("email", "phone", "wechat"),
}


@require_http_methods(["GET", "POST"])
def take_step(request: HttpRequest, slug: str, pk: UUID, step: str) -> HttpResponse:
    """Show what a step wants, take in what is filled in, and take the step when nothing is missing."""
    lead = find(pk)
    if step not in gates.steps():
        raise Http404(_("There is no such step."))
    sheet = Sheet(request, lead, step)
    if request.method == "POST":
        return sheet.take()
    return sheet.show(200)


class Sheet:
    """One lead at one gate: the checklist with its forms, and what was typed into them."""

    def __init__(self, request: HttpRequest, lead: Lead, name: str) -> None:
        self.request, self.lead, self.name = request, lead, name
        self.read(request.POST or None)

    def read(self, data: Any) -> None:
        self.items = gates.checklist(self.lead, self.name, as_of=self.request.as_of)
        unmet = [item["field"] or "" for item in self.items if not item["met"]]
        wanted = [fact for field in unmet for fact in FILLS.get(field, (field,))]
        only = tuple(dict.fromkeys(fact for fact in wanted if fact in FactsForm.base_fields))
        self.facts = facts_form(self.lead, data, only) if only else None
        wants_person = any(field.partition(".")[0] == "contacts" for field in unmet)
        self.person = PersonForm(data, prefix="person") if wants_person else None
        wants = gates.DETAILS.get(self.name)
        self.details = StepForm(self.name, data) if wants else None

    def forms(self) -> list[forms.Form]:
        return [form for form in (self.facts, self.person, self.details) if form is not None]

    def take(self) -> HttpResponse:
        override = self.request.POST.get("override", "").strip()
        if not override and not self.fill_in():
            return self.show(422)
        details = dict(self.details.cleaned_data) if self.details and self.details.is_valid() else {}
        try:
            answer = advance(
                [self.lead.pk],
                self.name,
                as_of=self.request.as_of,
                actor=self.request.member,
                override=override,
                details=details,
            )
        except Invalid as wrong:
            form = self.details or self.facts
            for one in wrong.errors:
                if form is not None:
                    form.add_error(one["field"] if one["field"] in form.fields else None, one["message"])
            return self.show(422)
        if answer.moved:
            return self.moved(_("Now at “%(stage)s”."))
        if answer.waiting:
            return self.moved(_("Sent to a manager for approval."))
        self.lead = find(self.lead.pk)
        self.read(None)
        return self.show(409, refused=answer.refused.get(self.lead.pk, []))

    def fill_in(self) -> bool:
        """Write down what was typed; False when something typed is wrong."""
        wrong = [form for form in self.forms() if form is not self.person and not form.is_valid()]
        if wrong:
            return False
        try:
            if self.facts is not None and self.facts.changes():
                edit(self.lead.pk, self.facts.changes(), as_of=self.request.as_of, actor=self.request.member)
        except Invalid as refusal:
            assert self.facts is not None
            for one in refusal.errors:
                self.facts.add_error(
                    one["field"] if one["field"] in self.facts.fields else None, one["message"]
                )
            return False
        if self.person is not None and self.request.POST.get("person-name"):
            if not self.person.is_valid():
                return False
            add_contact(
                self.lead.pk,
                **self.person.cleaned_data,
                as_of=self.request.as_of,
                actor=self.request.member,
            )
        return True

    def moved(self, text: str) -> HttpResponse:
        label = Stage(gates.steps()[self.name].target).label
        if not self.request.headers.get("HX-Request"):
            return redirect("lead", slug=current_workspace().slug, pk=self.lead.pk)
        toast = {"text": text % {"stage": label} if "%" in text else text, "level": "success"}
        told = {"toast": toast, "changed": True, "peek-close": True}
        return HttpResponse(status=204, headers={"HX-Trigger": json.dumps(told)})

    def show(self, status: int, refused: list[dict] | None = None) -> HttpResponse:
        """The checklist again. What was filled in before stays written, also when the gate still says no."""
        step = gates.steps()[self.name]
        listed = {item["code"] for item in self.items}
        context = {
            "lead": self.lead,
            "name": self.name,
            "target": Stage(step.target).label,
            "items": [{"message": i["message"], "done": i["met"]} for i in self.items],
            "also": [one for one in refused or [] if one["code"] not in listed],
            "facts": self.facts,
            "person": self.person,
            "details": self.details,
            "refused": refused is not None,
            "missing": sum(not item["met"] for item in self.items),
            "may_override": may(self.request.member, "override"),
            "action": self.request.path,
        }
        response = render(self.request, "insights/step.html", context, status=status)
        response.keeps_changes = status == 409  # type: ignore[attr-defined]
        return response
