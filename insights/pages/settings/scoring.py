"""The scorecard: dimensions and rules as sentences with points; a change makes a draft, which is put in force."""

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from insights.pages.first_steps import SEEN
from insights.pages.settings.people import Acts
from insights.pages.settings.section import ConditionField, Section, find, sentence, words
from scoring.actions import activate, write_rules
from scoring.actions.cards import STORED
from scoring.cards import read, said
from scoring.models import CardStatus, Rule, Scorecard
from scoring.preview import preview
from workspaces.tenancy import current_workspace

CARDS = 20


class RuleForm(forms.Form):
    label = forms.CharField(label=gettext_lazy("What it says"), max_length=200)
    dimension = forms.ChoiceField(label=gettext_lazy("Dimension"))
    points = forms.IntegerField(
        label=gettext_lazy("Points"), help_text=gettext_lazy("Less than 0 takes points away.")
    )
    condition = ConditionField(label=gettext_lazy("Given when"))

    def __init__(self, card: Scorecard, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["dimension"].choices = [(one["key"], name_of(one)) for one in card.dimensions]  # type: ignore[attr-defined]


class CardForm(forms.Form):
    """Name, limits of the grades, the threshold, and the most points of each dimension."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=200)
    threshold = forms.IntegerField(label=gettext_lazy("MQL from"), min_value=0)
    a = forms.IntegerField(label=gettext_lazy("Grade A from"), min_value=0)
    b = forms.IntegerField(label=gettext_lazy("Grade B from"), min_value=0)
    c = forms.IntegerField(label=gettext_lazy("Grade C from"), min_value=0)

    def __init__(self, card: Scorecard, *args: Any, **options: Any) -> None:
        limits = {name.lower(): card.grades.get(name) for name in "ABC"}
        first = {"name": card.name, "threshold": card.threshold} | limits
        super().__init__(*args, **options, initial=first)
        for one in card.dimensions:
            label = _("At most, %(dimension)s") % {"dimension": name_of(one)}
            cap = forms.IntegerField(label=label, min_value=0, initial=one.get("cap"), required=False)
            self.fields[f"cap_{one['key']}"] = cap

    def changes(self, card: Scorecard) -> dict[str, Any]:
        given = self.cleaned_data
        dimensions = [one | {"cap": given[f"cap_{one['key']}"]} for one in card.dimensions]
        grades = {name: given[name.lower()] for name in "ABC"}
        return {
            "name": given["name"],
            "threshold": given["threshold"],
            "grades": grades,
            "dimensions": dimensions,
        }


class Scoring(Section):
    key, icon = "scoring", "gauge"
    title = gettext_lazy("Scoring")
    text = gettext_lazy("Which facts and which behaviour give points, and what grades they add up to.")

    def context(self, request: HttpRequest) -> dict[str, Any]:
        request.session[SEEN] = str(current_workspace().pk)
        cards = list(Scorecard.objects.order_by("-version")[:CARDS])
        asked = request.GET.get("card", "")
        chosen = next((card for card in cards if str(card.pk) == asked), None)
        card = chosen or next((card for card in cards if card.status == CardStatus.ACTIVE), None)
        card = card or (cards[0] if cards else None)
        if card is None:
            return {"card": None}
        known = words()
        rules = list(Rule.objects.filter(scorecard=card).order_by("position", "id"))
        told = [
            {"row": rule, "label": said(rule.label), "sentence": sentence(rule.condition, known)}
            for rule in rules
        ]
        draft = card.status == CardStatus.DRAFT
        return {
            "card": card,
            "cards": cards,
            "dimensions": [
                {"name": name_of(one), "cap": one.get("cap"), "rules": of(told, one["key"])}
                for one in card.dimensions
            ],
            "draft": draft,
            "foreseen": preview(read(card), as_of=request.as_of) if draft and rules else None,
            "grades": [(grade, card.grades.get(grade)) for grade in "ABC"],
        }

    def edit(self, request: HttpRequest, pk: UUID | None) -> HttpResponse:
        """A rule by its id, the card's own settings by the card's; a new rule for ``?card=``."""
        if pk is None:
            return self.rule(request, self.asked(request), None)
        card = Scorecard.objects.filter(pk=pk).first()
        if card is not None:
            return self.settings(request, card)
        rule = find(Rule, pk)
        return self.rule(request, rule.scorecard, rule)

    def asked(self, request: HttpRequest) -> Scorecard:
        try:
            pk = UUID(request.GET.get("card", ""))
        except ValueError:
            pk = None
        return find(Scorecard, pk)  # type: ignore[no-any-return]

    def rule(self, request: HttpRequest, card: Scorecard, rule: Rule | None) -> HttpResponse:
        first = {}
        if rule:
            first = {name: getattr(rule, name) for name in ("dimension", "points", "condition")}
            first["label"] = said(rule.label)
        form = RuleForm(card, request.POST or None, initial=first)
        wrote: list[Scorecard] = []

        def save() -> str:
            rules = [as_given(one) for one in rules_of(card)]
            at = next((i for i, one in enumerate(rules_of(card)) if rule and one.pk == rule.pk), len(rules))
            before = rules[at] if rule else {"label": "", "kind": "points"}
            new = (
                before
                | form.cleaned_data
                | {"label": relabelled(before["label"], form.cleaned_data["label"])}
            )
            wrote.append(self.write(request, card, [*rules[:at], new, *rules[at + 1 :]]))
            return ""

        title = said(rule.label) if rule else _("New rule")
        drop = {"row": rule, "drop": "drop"} if rule else {}
        return self.written(request, self.form(request, title, form, save, **drop), wrote)

    def settings(self, request: HttpRequest, card: Scorecard) -> HttpResponse:
        form = CardForm(card, request.POST or None)
        wrote: list[Scorecard] = []

        def save() -> str:
            rules = [as_given(one) for one in rules_of(card)]
            wrote.append(self.write(request, card, rules, **form.changes(card)))
            return ""

        return self.written(request, self.form(request, str(card), form, save), wrote)

    def write(
        self, request: HttpRequest, card: Scorecard, rules: list[dict[str, Any]], **more: Any
    ) -> Scorecard:
        return write_rules(card, rules, as_of=request.as_of, actor=request.member, **more)

    def written(self, request: HttpRequest, answer: HttpResponse, wrote: list[Scorecard]) -> HttpResponse:
        """After a change: to the draft that holds it."""
        return self.to_card(request, wrote[0]) if wrote else answer

    def to_card(self, request: HttpRequest, card: Scorecard) -> HttpResponse:
        page = reverse("settings_section", kwargs={"slug": current_workspace().slug, "section": self.key})
        address = f"{page}?card={card.pk}"
        if request.headers.get("HX-Request"):
            return HttpResponse(status=204, headers={"HX-Redirect": address})
        return redirect(address)

    def acts(self) -> Acts:
        return {"drop": self.drop, "activate": self.activate}

    def drop(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """A rule goes, from a draft: of the card in force one is made without it."""
        rule = find(Rule, pk)
        left = [as_given(one) for one in rules_of(rule.scorecard) if one.pk != rule.pk]
        return self.to_card(request, self.write(request, rule.scorecard, left))

    def activate(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        card = activate(find(Scorecard, pk), as_of=request.as_of, actor=request.member)
        return self.to_card(request, card)


def name_of(dimension: dict[str, Any]) -> str:
    return said(dimension.get("label")) or dimension["key"]


def of(told: list[dict[str, Any]], dimension: str) -> list[dict[str, Any]]:
    return [one for one in told if one["row"].dimension == dimension]


def rules_of(card: Scorecard) -> list[Rule]:
    return list(Rule.objects.filter(scorecard=card).order_by("position", "id"))


def as_given(rule: Rule) -> dict[str, Any]:
    """A rule as ``write_rules`` takes it."""
    return {name: getattr(rule, name) for name in STORED}


def relabelled(label: Any, text: str) -> Any:
    """The label with this text in the reader's language; unchanged when it says so already."""
    if not isinstance(label, dict) or said(label) == text:
        return label if isinstance(label, dict) else text
    return label | {(get_language() or "en").lower(): text}
