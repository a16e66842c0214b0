"""The assessment's questions: which template, and the signs to listen for in a workspace's own words."""

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from insights.pages.settings.people import Acts
from insights.pages.settings.section import Section
from leads import frameworks
from leads.actions.assess import change_framework
from leads.models import Framework
from workspaces.posted import posted


class FrameworkForm(forms.Form):
    """One question after another: its name, and its signs, a line each."""

    template = forms.ChoiceField(label=gettext_lazy("Framework"))

    def __init__(self, *args: Any, questions: list[frameworks.Question], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.questions = questions
        named = [(key, label) for key, (label, _questions) in frameworks.TEMPLATES.items()]
        self.fields["template"].choices = named  # type: ignore[attr-defined]
        for one in questions:
            label = {"label": str(one.label)}
            for name, words in (("good", _("%(label)s: good signs")), ("bad", _("%(label)s: bad signs"))):
                self.fields[f"{one.key}_{name}"] = forms.CharField(
                    label=words % label,
                    required=False,
                    widget=forms.Textarea(attrs={"rows": 3}),
                    initial="\n".join(str(sign) for sign in getattr(one, name)),
                    help_text=_("One a line."),
                )

    def changes(self, before: dict[str, Any]) -> dict[str, Any]:
        found = {key: dict(told) for key, told in before.items()}
        for one in self.questions:
            for name in ("good", "bad"):
                if f"{one.key}_{name}" in self.changed_data:
                    lines = self.cleaned_data[f"{one.key}_{name}"].splitlines()
                    signs = [line.strip() for line in lines if line.strip()]
                    found.setdefault(one.key, {})[name] = signs
        return found


class AssessmentSettings(Section):
    key, icon = "assessment", "list-check"
    title = gettext_lazy("Assessment")
    text = gettext_lazy("The questions that tell whether a lead is real, and the signs to listen for.")

    def context(self, request: HttpRequest) -> dict[str, Any]:
        name, questions = frameworks.active()
        return {"framework": frameworks.TEMPLATES[name][0], "questions": questions}

    def edit(self, request: HttpRequest, pk: UUID | None) -> HttpResponse:
        name, questions = frameworks.active()
        form = FrameworkForm(
            posted(request),
            initial={"template": name},
            questions=questions,
        )

        def save() -> str:
            row = Framework.objects.first()
            changes = form.changes(row.changes if row else {})
            who: dict[str, Any] = {"as_of": request.as_of, "actor": request.member}
            change_framework(form.cleaned_data["template"], changes, **who)
            return _("The questions are changed. Answers given before stay.")

        return self.form(request, _("Questions"), form, save)

    def acts(self) -> Acts:
        return {}
