"""Assignment: who gets qualified leads, what reps take on, and who gets what nobody else can take."""

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from insights.pages.settings.people import Acts
from insights.pages.settings.section import ConditionField, Section, find, sentence, words
from pools.actions.rules import drop_rule, save_rule, set_default_assignee, set_terms
from pools.models import AssignmentPolicy, AssignmentRule, Level, Overflow, RepTerms, Strategy
from pools.planning import without_takers
from pools.queries import takers
from pools.words import waiting_reason
from workspaces.models import Member, Team
from workspaces.posted import posted


class RuleForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=200)
    condition = ConditionField(label=gettext_lazy("For which leads"))
    team: forms.ModelChoiceField = forms.ModelChoiceField(
        label=gettext_lazy("To the reps of"),
        queryset=None,
        required=False,
        empty_label=gettext_lazy("All teams"),
    )
    strategy = forms.ChoiceField(
        label=gettext_lazy("How"), choices=Strategy.choices, initial=Strategy.ROUND_ROBIN
    )
    members: forms.ModelMultipleChoiceField = forms.ModelMultipleChoiceField(
        label=gettext_lazy("And to these by name"), queryset=None, required=False
    )
    working_hours_only = forms.BooleanField(
        label=gettext_lazy("Only to who is at work at that moment"), required=False
    )
    monthly_turn = forms.BooleanField(
        label=gettext_lazy("Each month another rep goes first"),
        help_text=gettext_lazy("By weight, load or record: first among those who are equal in it."),
        required=False,
    )
    overflow = forms.ChoiceField(
        label=gettext_lazy("When nobody can take it"), choices=Overflow.choices, initial=Overflow.WAIT
    )
    overflow_team: forms.ModelChoiceField = forms.ModelChoiceField(
        label=gettext_lazy("The other team"), queryset=None, required=False
    )
    position = forms.IntegerField(
        label=gettext_lazy("Place in the order"), min_value=0, max_value=30_000, initial=1
    )
    is_active = forms.BooleanField(label=gettext_lazy("In force"), required=False, initial=True)

    def __init__(self, *args: Any, weights: dict[Member, int | None] | None = None, **options: Any) -> None:
        """``weights``: whom the rule names already, each with the weight it has here."""
        super().__init__(*args, **options)
        for member, weight in (weights or {}).items():
            self.fields[weight_of(member)] = forms.IntegerField(
                label=_("Weight of %(name)s") % {"name": member},
                help_text=_("Shares in proportion to the weights. Empty: what they have everywhere."),
                min_value=0,
                max_value=1000,
                required=False,
                initial=weight,
            )
        for name in ("team", "overflow_team"):
            self.fields[name].queryset = Team.objects.order_by("name")  # type: ignore[attr-defined]
        self.fields["members"].queryset = takers()  # type: ignore[attr-defined]


def weight_of(member: Member) -> str:
    """The name of the field with a member's weight."""
    return f"weight_{member.pk}"


class AssigneeForm(forms.Form):
    default_assignee: forms.ModelChoiceField = forms.ModelChoiceField(
        label=gettext_lazy("Who gets what no rule can give to anybody"),
        queryset=None,
        required=False,
        empty_label=gettext_lazy("Nobody: it waits and is listed"),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["default_assignee"].queryset = takers()  # type: ignore[attr-defined]


class TermsForm(forms.Form):
    level = forms.ChoiceField(label=gettext_lazy("Level"), choices=Level.choices)
    weight = forms.IntegerField(label=gettext_lazy("Weight"), min_value=0, max_value=1000)
    per_day = forms.IntegerField(
        label=gettext_lazy("New leads by rule a day, at most"), min_value=0, max_value=100_000, required=False
    )
    per_week = forms.IntegerField(
        label=gettext_lazy("New leads by rule a week, at most"),
        min_value=0,
        max_value=100_000,
        required=False,
    )


class Assignment(Section):
    key, icon = "assignment", "route"
    title = gettext_lazy("Assignment")
    text = gettext_lazy("Who gets qualified leads. The first rule that fits a lead decides.")

    def context(self, request: HttpRequest) -> dict[str, Any]:
        known = words()
        rules = AssignmentRule.objects.select_related("team", "overflow_team").order_by("position", "id")
        named = rules.prefetch_related("named__member")
        policy = AssignmentPolicy.objects.select_related("default_assignee").first()
        terms = {row.member_id: row for row in RepTerms.objects.all()}
        empty = without_takers([rule for rule in named if rule.is_active], request.as_of)
        return {
            "rows": [
                {
                    "row": rule,
                    "sentence": sentence(rule.condition, known),
                    "problem": waiting_reason(empty[rule.pk]) if rule.pk in empty else "",
                }
                for rule in named
            ],
            "default": policy.default_assignee if policy else None,
            "reps": [{"rep": rep, "terms": terms.get(rep.pk) or RepTerms()} for rep in takers()],
        }

    def edit(self, request: HttpRequest, pk: UUID | None) -> HttpResponse:
        if pk is None and request.GET.get("what") == "default":
            return self.default(request)
        rule = find(AssignmentRule, pk) if pk else AssignmentRule()
        names = [name for name in RuleForm.base_fields if name != "members"]
        first: dict[str, Any] = {name: getattr(rule, name) for name in names} if pk else {}
        rows = rule.named.select_related("member") if pk else []  # type: ignore[attr-defined]
        weights = {row.member: row.weight for row in rows}
        first["members"] = [member.pk for member in weights]
        form = RuleForm(posted(request), initial=first, weights=weights)

        def save() -> str:
            for name in names:
                setattr(rule, name, form.cleaned_data[name])
            named = {
                member: form.cleaned_data.get(weight_of(member))
                if weight_of(member) in form.data
                else weights.get(member)
                for member in form.cleaned_data["members"]
            }
            save_rule(rule, named, as_of=request.as_of, actor=request.member)
            return _("The rule is saved. It speaks from the next lead on.")

        title = rule.name if pk else _("New rule")
        return self.form(request, title, form, save, row=rule, drop="drop" if pk else "")

    def default(self, request: HttpRequest) -> HttpResponse:
        """Who gets what nobody else can take."""
        policy = AssignmentPolicy.objects.first()
        first = {"default_assignee": policy.default_assignee_id if policy else None}
        form = AssigneeForm(posted(request), initial=first)

        def save() -> str:
            member = form.cleaned_data["default_assignee"]
            set_default_assignee(member, as_of=request.as_of, actor=request.member)
            return _("The default assignee is changed.")

        return self.form(request, _("Default assignee"), form, save)

    def terms(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """What a rep takes on."""
        member = find(Member, pk)
        row = RepTerms.objects.filter(member=member).first() or RepTerms()
        first = {name: getattr(row, name) for name in TermsForm.base_fields}
        form = TermsForm(posted(request), initial=first)

        def save() -> str:
            set_terms(member, form.cleaned_data, as_of=request.as_of, actor=request.member)
            return _("What %(name)s takes on is changed.") % {"name": member}

        return self.form(request, str(member), form, save)

    def acts(self) -> Acts:
        return {"drop": self.drop, "terms": self.terms}

    def drop(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        rule = find(AssignmentRule, pk)
        drop_rule(rule, as_of=request.as_of, actor=request.member)
        return self.done(request, _("%(name)s is gone.") % {"name": rule.name})
