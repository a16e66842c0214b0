"""A step of the flow, taken from a side panel: the gate's checklist, each item filled in right there."""

import json
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from insights.forms import FactsForm, OwnFieldsForm, PersonForm, StepForm, TalkForm
from insights.pages.panel import facts_form, find
from leads import gates
from leads.actions import add_contact, advance, edit, log_follow_up
from leads.models import CustomField, Lead, Stage
from workspaces.permissions import may
from workspaces.posted import posted
from workspaces.refusals import Invalid
from workspaces.tenancy import current_workspace

# Which facts fill in what a gate misses. What nobody can type (a score) has none.
FILLS = {
    "pain": ("pain", "need_level"),
    "need_level": ("need_level", "pain"),
    "budget_amount": ("budget_amount", "budget_status"),
    "budget_status": ("budget_status", "budget_amount"),
    "email": ("email", "phone", "wechat"),
    "authority": ("authority", "decision_process"),
}


def hint_for(field: str) -> str:
    """What to do about an item that nobody can type in."""
    if field in ("score", "grade"):
        return _(
            "The score follows from facts and behaviour: see what would raise it most on the lead's page."
        )
    return ""


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
        self.read(posted(request))

    def read(self, data: Any) -> None:
        """The checklist as it stands now, and for each open item the fields that fill it in."""
        self.items = gates.checklist(self.lead, self.name, as_of=self.request.as_of)
        unmet = [item["field"] or "" for item in self.items if not item["met"]]
        wanted = [fact for field in unmet for fact in FILLS.get(field, (field,))]
        only = tuple(dict.fromkeys(fact for fact in wanted if fact in FactsForm.base_fields))
        self.facts = facts_form(self.lead, data, only) if only else None
        keys = [field.removeprefix("attributes.") for field in unmet if field.startswith("attributes.")]
        rows = list(CustomField.objects.filter(key__in=keys)) if keys else []
        self.own = OwnFieldsForm(rows, data, prefix="own") if rows else None
        role = next((field for field in unmet if field.partition(".")[0] == "contacts"), None)
        first = {"role": (role or "").partition(".")[2] or "decision_maker"}
        self.person = PersonForm(data, prefix="person", initial=first) if role is not None else None
        talk = next((field for field in unmet if field.partition(".")[0] == "follow_ups"), None)
        channel = {"channel": (talk or "").partition(".")[2] or "call"}
        self.talk = TalkForm(data, prefix="talk", initial=channel) if talk is not None else None
        wants = gates.DETAILS.get(self.name)
        self.details = StepForm(self.name, data) if wants else None

    def fields_for(self, field: str, taken: set[str]) -> list[Any]:
        """The bound fields that fill in one item of the checklist, each shown once."""
        found: list[Any] = []
        if self.facts is not None:
            names = [name for name in FILLS.get(field, (field,)) if name in self.facts.fields]
            found += [self.facts[name] for name in names if name not in taken]
            taken.update(names)
        key = field.removeprefix("attributes.")
        if self.own is not None and key in self.own.fields and field not in taken:
            found.append(self.own[key])
            taken.add(field)
        for head, form in (("contacts", self.person), ("follow_ups", self.talk)):
            if form is not None and field.partition(".")[0] == head and head not in taken:
                found += list(form)
                taken.add(head)
        return found

    def shown_items(self) -> list[dict[str, Any]]:
        taken: set[str] = set()
        return [
            {
                "message": item["message"],
                "done": item["met"],
                "fields": [] if item["met"] else self.fields_for(item["field"] or "", taken),
                "hint": "" if item["met"] else hint_for(item["field"] or ""),
            }
            for item in self.items
        ]

    def take(self) -> HttpResponse:
        override = self.request.POST.get("override", "").strip()
        if not override and not self.fill_in():
            return self.show(422)
        details = self.details.details() if self.details and self.details.is_valid() else {}
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
        wrong = [form for form in (self.facts, self.own, self.details) if form and not form.is_valid()]
        if wrong:
            return False
        who: dict[str, Any] = {"as_of": self.request.as_of, "actor": self.request.member}
        changes = dict(self.facts.changes()) if self.facts is not None else {}
        if self.own is not None and self.own.changes():
            changes["attributes"] = self.own.changes()
        try:
            if changes:
                edit(self.lead.pk, changes, **who)
        except Invalid as refusal:
            self.put_errors(refusal)
            return False
        if self.person is not None and self.request.POST.get("person-name"):
            if not self.person.is_valid():
                return False
            add_contact(self.lead.pk, **self.person.cleaned_data, **who)
        if self.talk is not None and self.request.POST.get("talk-summary"):
            if not self.talk.is_valid():
                return False
            log_follow_up(self.lead.pk, **self.talk.cleaned_data, **who)
        return True

    def put_errors(self, refusal: Invalid) -> None:
        """What the action refused stands at the field it is about."""
        for one in refusal.errors:
            name = str(one["field"] or "")
            key = name.removeprefix("attributes.")
            if self.own is not None and key in self.own.fields:
                self.own.add_error(key, one["message"])
            elif self.facts is not None:
                self.facts.add_error(name if name in self.facts.fields else None, one["message"])

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
            "items": self.shown_items(),
            "also": [one for one in refused or [] if one["code"] not in listed],
            "facts": self.facts,
            "details": self.details,
            "refused": refused is not None,
            "missing": sum(not item["met"] for item in self.items),
            "may_override": may(self.request.member, "override"),
            "action": self.request.path,
        }
        response = render(self.request, "insights/step.html", context, status=status)
        response.keeps_changes = status == 409  # type: ignore[attr-defined]
        return response
