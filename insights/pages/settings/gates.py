"""Gates, clicked together: what a step wants, as a sentence and a checklist, and whom a change would stop."""

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from insights.pages.settings.people import Acts
from insights.pages.settings.section import ConditionField, Section, find, sentence, words
from leads import gates
from leads.actions.rules import set_gate
from leads.conditions import leaves, parse, parts, say
from leads.foresight import foresee
from leads.gate_parts import COUNTED, FACTS, ROLES, Parts, put_together, take_apart
from leads.models import CustomField, Gate
from leads.telling import step_name
from workspaces.posted import posted
from workspaces.refusals import Invalid

ORDER = ["to_mql", "to_sql", "to_opportunity", "win", "defer", "disqualify", "lose", "send_back", "reopen"]
NEVER, ALWAYS, SOMETIMES = "never", "always", "when"


class GateForm(forms.Form):
    """A gate by its plain parts; what is not plain stands in ``condition``."""

    fields_set = forms.MultipleChoiceField(
        label=gettext_lazy("Facts that must be filled in"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    roles = forms.MultipleChoiceField(
        label=gettext_lazy("Who must be among the contacts"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    score = forms.IntegerField(label=gettext_lazy("Least score"), min_value=0, max_value=1000, required=False)
    follow_up_kind = forms.ChoiceField(label=gettext_lazy("Follow-ups of this kind"), required=False)
    follow_up_count = forms.IntegerField(
        label=gettext_lazy("How many of them at least"), min_value=0, max_value=1000, required=False
    )
    condition = ConditionField(
        label=gettext_lazy("And this must be true"),
        help_text=gettext_lazy("Each part of the outermost “all” is an item of the checklist."),
    )
    approval = forms.ChoiceField(
        label=gettext_lazy("A manager approves"),
        choices=[
            (NEVER, gettext_lazy("Never")),
            (ALWAYS, gettext_lazy("Always")),
            (SOMETIMES, gettext_lazy("When …")),
        ],
    )
    approval_when = ConditionField(
        label=gettext_lazy("… this is true"), help_text=gettext_lazy("Such as an amount or a grade.")
    )
    approval_score = forms.IntegerField(
        label=gettext_lazy("Least score to ask for approval"), min_value=0, max_value=1000
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        known = words()
        own = [
            f"attributes.{key}" for key in CustomField.objects.order_by("key").values_list("key", flat=True)
        ]
        stale = [name for name in self.initial.get("fields_set", []) if name not in (*FACTS, *own)]
        choices = {
            "fields_set": [*FACTS, *own, *stale],
            "roles": list(ROLES),
            "follow_up_kind": list(COUNTED),
        }
        for name, values in choices.items():
            named = [(value, label_of(known, value)) for value in values]
            self.fields[name].choices = named  # type: ignore[attr-defined]

    def parts(self) -> Parts:
        given = self.cleaned_data
        kind, count = given["follow_up_kind"] or COUNTED[0], given["follow_up_count"]
        return Parts(
            given["fields_set"],
            given["roles"],
            given["score"],
            (kind, count) if count else None,
            given["condition"],
        )

    def whole(self) -> dict[str, Any]:
        return put_together(self.parts())

    def approval_asked(self) -> Any:
        when = {NEVER: None, ALWAYS: {}, SOMETIMES: self.cleaned_data["approval_when"]}
        return when[self.cleaned_data["approval"]]


ANYBODY = pgettext_lazy("buying role", "Anybody with a named role")


def label_of(known: Any, name: str) -> str:
    if name == "contacts":
        return str(ANYBODY)
    found = known.find(name)
    return capfirst(str(found.label)) if found else _("%(name)s (no longer there)") % {"name": name}


class Gates(Section):
    key, icon = "gates", "shield-lock"
    title = gettext_lazy("Gates")
    text = gettext_lazy("What must be true before a lead takes a step, on every way it can take it.")

    def context(self, request: HttpRequest) -> dict[str, Any]:
        known, stored = words(), {gate.transition: gate for gate in Gate.objects.all()}
        rows = []
        for step in sorted(gates.steps().values(), key=lambda step: ORDER.index(step.name)):
            gate = stored.get(step.name) or Gate(transition=step.name)
            condition = parse(gate.condition, known, stored=True)
            rows.append(
                {
                    "gate": gate,
                    "title": capfirst(step_name(step.name)),
                    "target": step.target,
                    "sentence": say(condition) if gate.condition else "",
                    "items": [say(item) for item in parts(condition)] if gate.condition else [],
                    "gone": any(leaf.gone for leaf in leaves(condition)),
                    "approval": approval_words(gate, known),
                }
            )
        return {"rows": rows}

    def edit(self, request: HttpRequest, pk: UUID | None) -> HttpResponse:
        gate = find(Gate, pk)
        form = GateForm(posted(request), initial=first_values(gate))

        def save() -> str:
            set_gate(
                gate.transition,
                condition=form.whole(),
                approval_when=form.approval_asked(),
                approval_score=form.cleaned_data["approval_score"],
                as_of=request.as_of,
                actor=request.member,
            )
            return _("The gate is changed. It holds from now on; nobody is taken back.")

        title = capfirst(step_name(gate.transition))
        return self.form(request, title, form, save, row=gate, foresee="preview")

    def acts(self) -> Acts:
        return {"preview": self.preview}

    def preview(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Whom the gate that is being clicked together would stop. Changes nothing."""
        gate = find(Gate, pk)
        form = GateForm(posted(request), initial=first_values(gate))
        context: dict[str, Any] = {"problem": ""}
        if form.is_valid():
            try:
                context["found"] = foresee(
                    gate.transition, form.whole(), form.approval_asked(), as_of=request.as_of
                )
            except Invalid as wrong:
                context["problem"] = wrong.message
        return render(request, "insights/settings/gate_preview.html", context)


def first_values(gate: Gate) -> dict[str, Any]:
    apart, when = take_apart(gate.condition), gate.approval_when
    return {
        "fields_set": apart.fields,
        "roles": apart.roles,
        "score": apart.score,
        "follow_up_kind": apart.follow_ups[0] if apart.follow_ups else COUNTED[0],
        "follow_up_count": apart.follow_ups[1] if apart.follow_ups else None,
        "condition": apart.more,
        "approval": NEVER if when is None else SOMETIMES if when else ALWAYS,
        "approval_when": when or {},
        "approval_score": gate.approval_score,
    }


def approval_words(gate: Gate, known: Any) -> str:
    if gate.approval_when is None:
        return ""
    least = {"score": gate.approval_score}
    if not gate.approval_when:
        return _("A manager approves, from a score of %(score)d.") % least
    said = {"condition": sentence(gate.approval_when, known)} | least
    return _("A manager approves when: %(condition)s; from a score of %(score)d.") % said
