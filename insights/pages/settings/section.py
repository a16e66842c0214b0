"""What all sections of the settings share: a list to read, a panel to change, the answer when it is done."""

import json
from collections.abc import Callable, Collection
from typing import Any
from uuid import UUID

from django import forms
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from leads.conditions import Vocabulary, parse, say, vocabulary
from leads.pages.building import builder
from workspaces.models import Member
from workspaces.parsing import read_json
from workspaces.permissions import may
from workspaces.refusals import Invalid, Refusal
from workspaces.tenancy import current_workspace


class Section:
    """A page of the settings. ``reads`` and ``needs``: what a member must be allowed to see and to change it."""

    key = ""
    icon = "settings"
    title: Any = ""
    text: Any = ""  # one sentence for the index
    reads = "read"
    needs = "rules"

    @property
    def template(self) -> str:
        return f"insights/settings/{self.key}.html"

    def context(self, request: HttpRequest) -> dict[str, Any]:
        """What the section's page shows."""
        return {}

    def edit(self, request: HttpRequest, pk: UUID | None) -> HttpResponse:
        """The panel of a row, or with None of a new one."""
        raise Http404

    def acts(self) -> dict[str, Callable[[HttpRequest, UUID], HttpResponse]]:
        """What else can be done with a row, by the last word of its address."""
        return {}

    def may_change(self, member: Member) -> bool:
        return may(member, self.needs)

    def form(
        self,
        request: HttpRequest,
        title: str,
        form: forms.Form,
        save: Callable[[], str],
        **more: Any,
    ) -> HttpResponse:
        """A form in the side panel. ``save`` does it and gives the words for the toast."""
        said: list[str] = []
        if request.method == "POST" and attempt(form, lambda: said.append(save())):
            return self.done(request, said[0])
        status = 422 if form.errors else 200
        context = {"title": title, "form": form, "action": request.get_full_path(), "section": self, **more}
        conditions = [field for field in form.fields.values() if isinstance(field, ConditionField)]
        if conditions:
            preview = reverse("leads_preview", kwargs={"slug": current_workspace().slug})
            context |= {"builder": builder(conditions[0].without), "preview_url": preview}
        return render(request, "insights/settings/panel.html", context, status=status)

    def done(self, request: HttpRequest, text: str) -> HttpResponse:
        """A toast, the panel closes, the list reloads; without scripts: back to the section."""
        if not request.headers.get("HX-Request"):
            return redirect("settings_section", slug=current_workspace().slug, section=self.key)
        told = {"toast": {"text": text, "level": "success"}, "changed": True, "peek-close": True}
        return HttpResponse(status=204, headers={"HX-Trigger": json.dumps(told)})


def attempt(form: forms.Form, act: Callable[[], Any]) -> bool:
    """Run an action on a valid form; what it refuses stands at the field it is about, else above the form."""
    if not form.is_valid():
        return False
    try:
        act()
    except Invalid as wrong:
        for one in wrong.errors:
            name = str(one["field"] or "").split(".")[0].split("[")[0]
            form.add_error(name if name in form.fields else None, one["message"])
        return False
    except Refusal as refusal:
        form.add_error(None, refusal.message)
        return False
    return True


def find(model: type[Model], pk: UUID | None) -> Any:
    """The row of the open workspace, or 404."""
    row = model._default_manager.filter(pk=pk).first()
    if row is None:
        raise Http404(_("There is nothing at this address."))
    return row


class ConditionField(forms.CharField):
    """A condition, as its JSON; the rule builder writes it. ``without``: fields that are not offered, because saving
    would refuse them."""

    is_condition = True

    def __init__(self, *, without: Collection[str] = (), **options: Any) -> None:
        self.without = without
        options.setdefault("label", _("When"))
        super().__init__(**options | {"required": False, "widget": forms.HiddenInput})

    def prepare_value(self, value: Any) -> Any:
        return value if isinstance(value, str) else json.dumps(value or {}, ensure_ascii=False)

    def clean(self, value: Any) -> Any:
        text = (value or "").strip()
        if text in ("", "null"):
            return {}
        try:
            return read_json(text)
        except ValueError as wrong:
            raise forms.ValidationError(_("This is not a condition.")) from wrong


def words() -> Vocabulary:
    return vocabulary(current_workspace())


def sentence(condition: Any, known: Vocabulary) -> str:
    """A stored condition as people say it."""
    return say(parse(condition, known, stored=True)) if condition else _("Every lead")
