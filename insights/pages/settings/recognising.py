"""Leads that may be one: what merges by itself, what is suggested, what is ignored; and who comes back to life."""

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from insights.pages.settings.section import Section
from leads.actions import set_rules
from leads.api.duplicates import custom_labels
from leads.matching.evidence import BUILT_IN
from leads.matching.reasons import label_of
from leads.matching.store import rules
from leads.models.lead import Pool, Stage
from leads.models.matching import RECYCLED, REVIVED_STAGES
from workspaces.posted import posted


class RulesForm(forms.Form):
    merge_from = forms.FloatField(
        label=gettext_lazy("Merge by itself from (%)"),
        required=False,
        help_text=gettext_lazy("From 99; empty: never. It can be undone."),
    )
    suggest_from = forms.FloatField(label=gettext_lazy("Suggest from (%)"))
    ignore = forms.MultipleChoiceField(
        label=gettext_lazy("Is no evidence"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Fields that many of your leads share by accident."),
    )
    revive = forms.MultipleChoiceField(
        label=gettext_lazy("A known lead that comes again begins once more from"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("By form, import, webhook, API or hand alike."),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        labels = custom_labels()
        names = [*BUILT_IN, *(f"attributes.{key}" for key in labels)]
        self.fields["ignore"].choices = [(name, label_of(name, labels)) for name in names]  # type: ignore[attr-defined]
        self.fields["revive"].choices = revivable()  # type: ignore[attr-defined]

    def changes(self) -> dict[str, Any]:
        given = dict(self.cleaned_data)
        least = given["merge_from"]
        return given | {
            "merge_from": None if least is None else round(least / 100, 6),
            "suggest_from": round(given["suggest_from"] / 100, 6),
        }


def revivable() -> list[tuple[str, str]]:
    return [*((one, str(Stage(one).label)) for one in REVIVED_STAGES), (RECYCLED, str(Pool.RECYCLE.label))]


class Recognising(Section):
    key, icon = "recognising", "git-merge"
    title = gettext_lazy("Duplicates")
    text = gettext_lazy("What merges by itself, what is suggested, and which leads come back to life.")

    def context(self, request: HttpRequest) -> dict[str, Any]:
        found, labels = rules(), custom_labels()
        named = dict(revivable())
        return {
            "rules": found,
            "merge_percent": None if found.merge_from is None else f"{found.merge_from * 100:g}",
            "suggest_percent": f"{found.suggest_from * 100:g}",
            "ignored": [label_of(name, labels) for name in found.ignore],
            "revived": [named[name] for name in found.revive if name in named],
            "telling": [label_of(name, labels) for name in found.fields],
        }

    def edit(self, request: HttpRequest, pk: UUID | None) -> HttpResponse:
        found = rules()
        first = {
            "merge_from": None if found.merge_from is None else round(found.merge_from * 100, 4),
            "suggest_from": round(found.suggest_from * 100, 4),
            "ignore": found.ignore,
            "revive": found.revive,
        }
        form = RulesForm(posted(request), initial=first)

        def save() -> str:
            set_rules(form.changes(), as_of=request.as_of, actor=request.member)
            return _("The rules are changed.")

        return self.form(request, _("Rules for duplicates"), form, save)
