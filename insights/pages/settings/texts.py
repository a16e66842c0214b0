"""Texts to begin a follow-up with; their places are filled with a lead's fields."""

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from insights.pages.settings.people import Acts
from insights.pages.settings.section import Section, find
from leads.actions.texts import LONGEST, PLACES, drop_template, save_template
from leads.models import TextTemplate
from leads.models.followup import FollowUpChannel
from workspaces.posted import posted


class TextForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=200)
    channel = forms.ChoiceField(
        label=gettext_lazy("How"), choices=[("", "–"), *FollowUpChannel.choices], required=False
    )
    text = forms.CharField(
        label=gettext_lazy("Text"), widget=forms.Textarea(attrs={"rows": 8}), max_length=LONGEST
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        places = " ".join(f"{{{one}}}" for one in PLACES)
        self.fields["text"].help_text = _("Places for a lead's fields: %(places)s") % {"places": places}


class Texts(Section):
    key, icon, needs = "texts", "file-text", "fields"
    title = gettext_lazy("Texts")
    text = gettext_lazy("What a call, a message or a mail begins with, with the lead's own fields in it.")

    def context(self, request: HttpRequest) -> dict[str, Any]:
        return {"rows": TextTemplate.objects.order_by("name")}

    def edit(self, request: HttpRequest, pk: UUID | None) -> HttpResponse:
        row = find(TextTemplate, pk) if pk else None
        first = {name: getattr(row, name) for name in ("name", "channel", "text")} if row else {}
        form = TextForm(posted(request), initial=first)

        def save() -> str:
            save_template(form.cleaned_data, template=row, as_of=request.as_of, actor=request.member)
            return _("The text is saved.")

        title = row.name if row else _("New text")
        return self.form(request, title, form, save, row=row, drop="drop" if row else "")

    def acts(self) -> Acts:
        return {"drop": self.drop}

    def drop(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        row = find(TextTemplate, pk)
        drop_template(row, as_of=request.as_of, actor=request.member)
        return self.done(request, _("%(name)s is gone.") % {"name": row.name})
