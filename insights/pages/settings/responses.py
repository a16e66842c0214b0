"""Response times: within what time a holder contacts a lead, and what happens on the way."""

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from insights.pages.settings.people import Acts
from insights.pages.settings.rows_field import Column, RowsField, number_in
from insights.pages.settings.section import ConditionField, Section, find, sentence, words
from pools.actions.response_policies import drop_response_policy, save_response_policy
from pools.models import Awaited, Counts, Escalation, ResponsePolicy, Unit
from workspaces.posted import posted


class ResponseForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=200)
    condition = ConditionField(label=gettext_lazy("For which leads"))
    awaited = forms.ChoiceField(label=gettext_lazy("Awaited"), choices=Awaited.choices)
    after = forms.IntegerField(label=gettext_lazy("Time allowed"), min_value=1, initial=24)
    unit = forms.ChoiceField(label=gettext_lazy("In"), choices=Unit.choices)
    counts = forms.ChoiceField(label=gettext_lazy("Counted in"), choices=Counts.choices)
    steps = RowsField(
        [
            Column("after", gettext_lazy("After"), "number"),
            Column("unit", gettext_lazy("In"), choices=Unit.choices),
            Column("do", gettext_lazy("What happens"), choices=Escalation.choices),
        ],
        label=gettext_lazy("On the way"),
        help_text=gettext_lazy("Counted from the same moment as the time allowed."),
    )
    position = forms.IntegerField(
        label=gettext_lazy("Place in the order"), min_value=0, max_value=30_000, initial=1
    )
    is_active = forms.BooleanField(label=gettext_lazy("In force"), required=False, initial=True)

    def clean_steps(self) -> list[dict[str, Any]]:
        """The steps as they are stored; a time that is none stands at the field, with its row."""
        found = []
        for at, row in enumerate(self.cleaned_data["steps"], 1):
            after = number_in(row["after"])
            if type(after) is not int or not 0 < after < 100_000:
                raise forms.ValidationError(_("Row %(row)d: give a whole number above zero.") % {"row": at})
            found.append({**row, "after": after})
        return found


class Responses(Section):
    key, icon = "responses", "clock"
    title = gettext_lazy("Response times")
    text = gettext_lazy(
        "Within what time a lead is contacted, who is reminded, and when it goes to somebody else."
    )

    def context(self, request: HttpRequest) -> dict[str, Any]:
        known = words()
        rows = ResponsePolicy.objects.order_by("position", "id")
        return {
            "rows": [
                {
                    "row": row,
                    "sentence": sentence(row.condition, known),
                    "time": amount(row.after, row.unit),
                    "steps": [
                        {"time": amount(step["after"], step["unit"]), "do": Escalation(step["do"]).label}
                        for step in row.steps
                    ],
                }
                for row in rows
            ]
        }

    def edit(self, request: HttpRequest, pk: UUID | None) -> HttpResponse:
        policy = find(ResponsePolicy, pk) if pk else ResponsePolicy()
        names = list(ResponseForm.base_fields)
        first = {name: getattr(policy, name) for name in names} if pk else {}
        form = ResponseForm(posted(request), initial=first)

        def save() -> str:
            for name in names:
                setattr(policy, name, form.cleaned_data[name])
            save_response_policy(policy, as_of=request.as_of, actor=request.member)
            return _("The policy is saved; every clock follows it.")

        title = policy.name if pk else _("New policy")
        return self.form(request, title, form, save, row=policy, drop="drop" if pk else "")

    def acts(self) -> Acts:
        return {"drop": self.drop}

    def drop(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        policy = find(ResponsePolicy, pk)
        drop_response_policy(policy, as_of=request.as_of, actor=request.member)
        return self.done(request, _("%(name)s is gone.") % {"name": policy.name})


def amount(count: int, unit: str) -> str:
    text = ngettext("%(count)d day", "%(count)d days", count)
    if unit == Unit.HOURS:
        text = ngettext("%(count)d hour", "%(count)d hours", count)
    return text % {"count": count}
