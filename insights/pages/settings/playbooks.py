"""Playbooks: what to do in a stage, clicked together; its actions become tasks."""

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from insights.pages.settings.people import Acts
from insights.pages.settings.section import Section, find
from leads.actions.playbooks import drop_playbook, save_playbook, take_defaults
from leads.models import Playbook, PlaybookAction, Stage
from leads.models.deal import DealStep
from leads.models.followup import FollowUpChannel
from workspaces.posted import posted

LINES = forms.Textarea(attrs={"rows": 2})
MORE = 2  # blank rows for new actions


class PlaybookForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=200)
    stage = forms.ChoiceField(label=gettext_lazy("Stage"), choices=Stage.choices)
    step = forms.ChoiceField(
        label=gettext_lazy("Only in this step of the opportunity"),
        choices=[("", gettext_lazy("On entering the stage")), *DealStep.choices],
        required=False,
    )
    goal = forms.CharField(label=gettext_lazy("Goal"), widget=LINES, required=False, max_length=5000)
    hints = forms.CharField(label=gettext_lazy("Hints"), widget=LINES, required=False, max_length=10_000)
    talk_track = forms.CharField(
        label=gettext_lazy("What to say"), widget=LINES, required=False, max_length=20_000
    )
    material = forms.CharField(
        label=gettext_lazy("Material"),
        widget=LINES,
        required=False,
        help_text=gettext_lazy("One a line: title | https://address"),
    )
    is_active = forms.BooleanField(label=gettext_lazy("In force"), required=False, initial=True)

    def __init__(self, *args: Any, actions: list[PlaybookAction], **options: Any) -> None:
        super().__init__(*args, **options)
        self.rows = [*actions, *[None] * MORE]
        for at, action in enumerate(self.rows):
            first = action or PlaybookAction(due_hours=24)
            number = {"number": at + 1}
            self.fields[f"title_{at}"] = forms.CharField(
                label=_("Action %(number)d") % number, required=False, max_length=300, initial=first.title
            )
            self.fields[f"channel_{at}"] = forms.ChoiceField(
                label=_("Action %(number)d: how") % number,
                choices=[("", "–"), *FollowUpChannel.choices],
                required=False,
                initial=first.channel,
            )
            self.fields[f"days_{at}"] = forms.FloatField(
                label=_("Action %(number)d: due after (days)") % number,
                required=False,
                min_value=0.04,
                max_value=365,
                initial=round(first.due_hours / 24, 2),
            )

    def clean(self) -> dict[str, Any]:
        """A new row that says how, but not what, is no action yet; an old one without its words goes."""
        found = super().clean() or {}
        for at, action in enumerate(self.rows):
            if action is None and found.get(f"channel_{at}") and not found.get(f"title_{at}"):
                self.add_error(f"title_{at}", _("What is to be done?"))
        return found

    def values(self) -> dict[str, Any]:
        given = self.cleaned_data
        names = ("name", "stage", "step", "goal", "hints", "talk_track", "is_active")
        found: dict[str, Any] = {name: given[name] for name in names}
        found["material"] = [link(line) for line in given["material"].splitlines() if line.strip()]
        found["actions"] = [
            {
                "id": action.pk if action else None,
                "title": given[f"title_{at}"],
                "channel": given[f"channel_{at}"],
                "due_hours": max(1, round((given[f"days_{at}"] or 1) * 24)),
                "hint": action.hint if action else "",
            }
            for at, action in enumerate(self.rows)
            if given[f"title_{at}"]
        ]
        return found


def link(line: str) -> dict[str, str]:
    title, _bar, url = line.rpartition("|")
    return {"title": title.strip(), "url": url.strip()}


class Playbooks(Section):
    key, icon = "playbooks", "book"
    title = gettext_lazy("Playbooks")
    text = gettext_lazy("What to do in each stage: goal, key actions, hints, words and material.")

    def context(self, request: HttpRequest) -> dict[str, Any]:
        stages = dict(Stage.choices)
        steps = dict(DealStep.choices)
        books = Playbook.objects.prefetch_related("actions").order_by("position", "pk")
        rows = [
            {
                "book": book,
                "stage": stages.get(book.stage, book.stage),
                "step": steps.get(book.step, ""),
                "actions": sorted(book.actions.all(), key=lambda one: one.position),  # type: ignore[attr-defined]
            }
            for book in books
        ]
        return {"rows": rows}

    def edit(self, request: HttpRequest, pk: UUID | None) -> HttpResponse:
        if pk is None and request.GET.get("what") == "defaults" and request.method == "POST":
            take_defaults(as_of=request.as_of, actor=request.member)
            return self.done(request, _("The seven steps are there. Change what you like."))
        book = find(Playbook, pk) if pk else None
        actions = list(book.actions.order_by("position", "pk")) if book else []
        first: dict[str, Any] = {}
        if book:
            names = ("name", "stage", "step", "goal", "hints", "talk_track", "is_active")
            first = {name: getattr(book, name) for name in names}
            first["material"] = "\n".join(f"{one['title']} | {one['url']}" for one in book.material)
        form = PlaybookForm(posted(request), initial=first, actions=actions)

        def save() -> str:
            save_playbook(form.values(), book=book, as_of=request.as_of, actor=request.member)
            return _("The playbook is saved. It speaks to whoever enters the stage from now on.")

        title = book.name if book else _("New playbook")
        return self.form(request, title, form, save, row=book, drop="drop" if book else "")

    def acts(self) -> Acts:
        return {"drop": self.drop}

    def drop(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        book = find(Playbook, pk)
        drop_playbook(book, as_of=request.as_of, actor=request.member)
        return self.done(request, _("%(name)s is gone.") % {"name": book.name})
