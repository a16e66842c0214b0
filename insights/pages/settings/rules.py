"""Pool policies, claiming and assignment: the rules that keep leads moving."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from insights.pages.settings.people import Acts
from insights.pages.settings.section import ConditionField, Section, find, sentence, words
from pools.actions.rules import change_claim_policy, drop_policy, drop_rule, save_policy, save_rule
from pools.models import AssignmentRule, PoolPolicy, Strategy
from pools.queries import claim_policy
from workspaces.models import Team


class PolicyForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=200)
    condition = ConditionField(label=gettext_lazy("For which leads"))
    first_contact_hours = forms.IntegerField(
        label=gettext_lazy("First contact within (hours)"), min_value=1, initial=24
    )
    follow_up_days = forms.IntegerField(
        label=gettext_lazy("A follow-up at least every (days)"), min_value=1, initial=7
    )
    max_hold_days = forms.IntegerField(
        label=gettext_lazy("Held at most, without becoming an opportunity (days)"), min_value=1, initial=90
    )
    warn_percent = forms.IntegerField(
        label=gettext_lazy("Warn after (% of the time)"), min_value=1, max_value=100, initial=75
    )
    position = forms.IntegerField(
        label=gettext_lazy("Place in the order"), min_value=0, max_value=30_000, initial=1
    )
    is_active = forms.BooleanField(label=gettext_lazy("In force"), required=False, initial=True)


class ClaimForm(forms.Form):
    daily_quota = forms.IntegerField(label=gettext_lazy("Claims a day"), min_value=0, max_value=1_000_000)
    holding_capacity = forms.IntegerField(
        label=gettext_lazy("Leads held at once, at most"), min_value=0, max_value=1_000_000
    )
    cooldown_days = forms.IntegerField(
        label=gettext_lazy("Days before a former holder may claim it again"), min_value=0, max_value=3650
    )


class PoolPolicies(Section):
    key, icon = "pools", "hourglass"
    title = gettext_lazy("Pool policies")
    text = gettext_lazy("How long a holder may keep a lead, and how many may be claimed.")

    def context(self, request: HttpRequest) -> dict[str, Any]:
        known = words()
        rows = [
            {"row": row, "sentence": sentence(row.condition, known), "warn": round(row.warn_share * 100)}
            for row in PoolPolicy.objects.order_by("position", "id")
        ]
        return {"rows": rows, "claim": claim_policy()}

    def edit(self, request: HttpRequest, pk: UUID | None) -> HttpResponse:
        if pk is None and request.GET.get("what") == "claim":
            return self.claiming(request)
        policy = find(PoolPolicy, pk) if pk else PoolPolicy()
        names = [name for name in PolicyForm.base_fields if hasattr(policy, name)]
        first = {name: getattr(policy, name) for name in names} if pk else {}
        first |= {"warn_percent": round(Decimal(policy.warn_share) * 100)}
        form = PolicyForm(request.POST or None, initial=first)

        def save() -> str:
            for name in names:
                setattr(policy, name, form.cleaned_data[name])
            policy.warn_share = Decimal(form.cleaned_data["warn_percent"]) / 100
            save_policy(policy, as_of=request.as_of, actor=request.member)
            return _("The policy is saved; every clock follows it.")

        title = policy.name if pk else _("New policy")
        return self.form(request, title, form, save, row=policy, drop="drop" if pk else "")

    def claiming(self, request: HttpRequest) -> HttpResponse:
        policy = claim_policy()
        names = ("daily_quota", "holding_capacity", "cooldown_days")
        form = ClaimForm(request.POST or None, initial={name: getattr(policy, name) for name in names})

        def save() -> str:
            change_claim_policy(form.cleaned_data, as_of=request.as_of, actor=request.member)
            return _("The rules of claiming are changed.")

        return self.form(request, _("Claiming"), form, save)

    def acts(self) -> Acts:
        return {"drop": self.drop}

    def drop(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        policy = find(PoolPolicy, pk)
        drop_policy(policy, as_of=request.as_of, actor=request.member)
        return self.done(request, _("%(name)s is gone.") % {"name": policy.name})


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
    position = forms.IntegerField(
        label=gettext_lazy("Place in the order"), min_value=0, max_value=30_000, initial=1
    )
    is_active = forms.BooleanField(label=gettext_lazy("In force"), required=False, initial=True)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["team"].queryset = Team.objects.order_by("name")  # type: ignore[attr-defined]


class Assignment(Section):
    key, icon = "assignment", "route"
    title = gettext_lazy("Assignment")
    text = gettext_lazy("Who gets new MQLs. The first rule that fits a lead decides.")

    def context(self, request: HttpRequest) -> dict[str, Any]:
        known = words()
        rules = AssignmentRule.objects.select_related("team").order_by("position", "id")
        return {"rows": [{"row": rule, "sentence": sentence(rule.condition, known)} for rule in rules]}

    def edit(self, request: HttpRequest, pk: UUID | None) -> HttpResponse:
        rule = find(AssignmentRule, pk) if pk else AssignmentRule()
        names = list(RuleForm.base_fields)
        form = RuleForm(request.POST or None, initial={n: getattr(rule, n) for n in names} if pk else {})

        def save() -> str:
            for name in names:
                setattr(rule, name, form.cleaned_data[name])
            save_rule(rule, as_of=request.as_of, actor=request.member)
            return _("The rule is saved. It speaks from the next lead on.")

        title = rule.name if pk else _("New rule")
        return self.form(request, title, form, save, row=rule, drop="drop" if pk else "")

    def acts(self) -> Acts:
        return {"drop": self.drop}

    def drop(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        rule = find(AssignmentRule, pk)
        drop_rule(rule, as_of=request.as_of, actor=request.member)
        return self.done(request, _("%(name)s is gone.") % {"name": rule.name})
