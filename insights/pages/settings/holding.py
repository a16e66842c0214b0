"""Pool policies and claiming: how long a holder may keep a lead, and who may claim what."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from insights.pages.settings.people import Acts
from insights.pages.settings.section import ConditionField, Section, find, sentence, words
from leads.conditions import ConditionError
from leads.models import Lead
from pools.actions.rules import (
    change_claim_policy,
    check_policy,
    drop_claim_rule,
    drop_policy,
    save_claim_rule,
    save_policy,
)
from pools.foresight import Foreseen, foresee
from pools.models import ClaimRule, Counts, PoolPolicy, Target
from pools.queries import claim_policy, takers
from workspaces.models import Team
from workspaces.posted import posted
from workspaces.refusals import Refusal
from workspaces.tenancy import current_workspace

PREVIEW = "insights/settings/policy_preview.html"
MEMBERS = 8  # holders that a preview names


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
        label=gettext_lazy("Warn after (% of the time)"), min_value=1, max_value=99, initial=75
    )
    counts = forms.ChoiceField(label=gettext_lazy("Time counts as"), choices=Counts.choices)
    exemption = ConditionField(
        label=gettext_lazy("Without a clock when"), help_text=gettext_lazy("Nothing chosen: no exemption.")
    )
    spares_opportunities = forms.BooleanField(
        label=gettext_lazy("No clock for open opportunities"), required=False, initial=True
    )
    facts = ConditionField(
        label=gettext_lazy("What has to be known"),
        help_text=gettext_lazy("By the day below; nothing chosen: nothing."),
    )
    facts_days = forms.IntegerField(
        label=gettext_lazy("… by which day of holding it"), min_value=1, required=False
    )
    invalid_marks = forms.IntegerField(
        label=gettext_lazy("Goes back when so many mark it as invalid"), min_value=1, required=False
    )
    target = forms.ChoiceField(label=gettext_lazy("Where it goes"), choices=Target.choices)
    nurture_days = forms.IntegerField(
        label=gettext_lazy("Nurturing lasts (days)"), min_value=1, max_value=3650, initial=90
    )
    resets_stage = forms.BooleanField(label=gettext_lazy("It begins anew at the first stage"), required=False)
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
    freeze_hours = forms.IntegerField(
        label=gettext_lazy("Hours from the entry in which nobody may claim"), min_value=0, max_value=87_600
    )
    most_a = forms.IntegerField(
        label=gettext_lazy("Open leads of grade A in one hand"), min_value=0, required=False
    )
    most_b = forms.IntegerField(
        label=gettext_lazy("Open leads of grade B in one hand"), min_value=0, required=False
    )
    most_c = forms.IntegerField(
        label=gettext_lazy("Open leads of grade C in one hand"), min_value=0, required=False
    )
    most_d = forms.IntegerField(
        label=gettext_lazy("Open leads of grade D in one hand"), min_value=0, required=False
    )


class ClaimRuleForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=200)
    condition = ConditionField(label=gettext_lazy("For which leads"))
    team: forms.ModelChoiceField = forms.ModelChoiceField(
        label=gettext_lazy("Only this team may claim them"), queryset=None, required=False
    )
    members: forms.ModelMultipleChoiceField = forms.ModelMultipleChoiceField(
        label=gettext_lazy("And these by name"), queryset=None, required=False
    )
    freeze_hours = forms.IntegerField(
        label=gettext_lazy("Hours from the entry in which nobody may claim"),
        help_text=gettext_lazy("Empty: as everywhere."),
        min_value=0,
        max_value=87_600,
        required=False,
    )
    position = forms.IntegerField(
        label=gettext_lazy("Place in the order"), min_value=0, max_value=30_000, initial=1
    )
    is_active = forms.BooleanField(label=gettext_lazy("In force"), required=False, initial=True)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["team"].queryset = Team.objects.order_by("name")  # type: ignore[attr-defined]
        self.fields["members"].queryset = takers()  # type: ignore[attr-defined]


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
        rules = ClaimRule.objects.select_related("team").prefetch_related("named__member")
        claiming = [
            {"row": row, "sentence": sentence(row.condition, known)}
            for row in rules.order_by("position", "id")
        ]
        return {"rows": rows, "claim": claim_policy(), "claiming": claiming}

    def edit(self, request: HttpRequest, pk: UUID | None) -> HttpResponse:
        if pk is None and request.GET.get("what") == "claim":
            return self.claiming(request)
        if pk is None and request.GET.get("what") == "claim-rule":
            return self.claim_rule(request, None)
        if pk is None and request.GET.get("what") == "preview":
            return self.preview(request, None)
        policy = find(PoolPolicy, pk) if pk else PoolPolicy()
        names = [name for name in PolicyForm.base_fields if hasattr(policy, name)]
        first = {name: getattr(policy, name) for name in names} if pk else {}
        first |= {"warn_percent": round(Decimal(policy.warn_share) * 100)}
        form = PolicyForm(posted(request), initial=first)

        def save() -> str:
            fill_in(policy, form.cleaned_data)
            save_policy(policy, as_of=request.as_of, actor=request.member)
            return _("The policy is saved; every clock follows it.")

        title = policy.name if pk else _("New policy")
        here = reverse("settings_new", args=[current_workspace().slug, self.key])
        more: dict[str, Any] = {"foresee_at": f"{here}?what=preview"}
        if pk:
            more = {"row": policy, "drop": "drop", "foresee": "preview", "without": "without"}
        return self.form(request, title, form, save, **more)

    def without(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Who would lose or win what if the policy were deleted."""
        found = foresee(find(PoolPolicy, pk), request.as_of, gone=True)
        return render(request, PREVIEW, foreseen(found) | {"gone": True})

    def preview(self, request: HttpRequest, pk: UUID | None) -> HttpResponse:
        """Who would lose or win what if the policy, or a new one, were as the form has it now. Nothing is stored."""
        policy, form = find(PoolPolicy, pk) if pk else PoolPolicy(), PolicyForm(posted(request))
        context: dict[str, Any] = {}
        if form.is_valid():
            fill_in(policy, form.cleaned_data)
            try:
                check_policy(policy)
                context = foreseen(foresee(policy, request.as_of))
            except Refusal as refusal:
                context["problem"] = refusal.message
            except ConditionError:
                context["problem"] = _("The condition is not complete yet.")
        return render(request, PREVIEW, context)

    def claiming(self, request: HttpRequest) -> HttpResponse:
        policy = claim_policy()
        names = ("daily_quota", "holding_capacity", "cooldown_days", "freeze_hours")
        first = {name: getattr(policy, name) for name in names}
        first |= {f"most_{grade.lower()}": most for grade, most in policy.capacity_by_grade.items()}
        form = ClaimForm(posted(request), initial=first)

        def save() -> str:
            given = form.cleaned_data
            limits = {grade: given[f"most_{grade.lower()}"] for grade in "ABCD"}
            changes = {name: given[name] for name in names}
            changes["capacity_by_grade"] = {grade: most for grade, most in limits.items() if most is not None}
            change_claim_policy(changes, as_of=request.as_of, actor=request.member)
            return _("The rules of claiming are changed.")

        return self.form(request, _("Claiming"), form, save)

    def claim_rule(self, request: HttpRequest, pk: UUID | None) -> HttpResponse:
        """Who may claim the leads of a condition."""
        rule = find(ClaimRule, pk) if pk else ClaimRule()
        names = [name for name in ClaimRuleForm.base_fields if name != "members"]
        first: dict[str, Any] = {name: getattr(rule, name) for name in names} if pk else {}
        form = ClaimRuleForm(
            posted(request),
            initial=first | {"members": rule.members if pk else []},
        )

        def save() -> str:
            for name in names:
                setattr(rule, name, form.cleaned_data[name])
            members = form.cleaned_data["members"]
            save_claim_rule(rule, members, as_of=request.as_of, actor=request.member)
            return _("The rule of claiming is saved.")

        more = {"row": rule, "drop": "drop-claim-rule"} if pk else {}
        return self.form(request, rule.name if pk else _("New rule of claiming"), form, save, **more)

    def drop_claim_rule(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        rule = find(ClaimRule, pk)
        drop_claim_rule(rule, as_of=request.as_of, actor=request.member)
        return self.done(request, _("%(name)s is gone.") % {"name": rule.name})

    def acts(self) -> Acts:
        return {
            "drop": self.drop,
            "preview": self.preview,
            "without": self.without,
            "claim-rule": self.claim_rule,
            "drop-claim-rule": self.drop_claim_rule,
        }

    def drop(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        policy = find(PoolPolicy, pk)
        drop_policy(policy, as_of=request.as_of, actor=request.member)
        return self.done(request, _("%(name)s is gone.") % {"name": policy.name})


def foreseen(found: Foreseen) -> dict[str, Any]:
    """What a change would do, as its panel shows it: by holder, and the first leads with both ends of their clocks."""
    leads = Lead.objects.select_related("owner", "company").defer("search", "attributes", "score_parts")
    by_id = leads.in_bulk([lead for lead, _was, _due in found.first])
    return {
        "found": found,
        "members": found.members[:MEMBERS],
        "more_members": max(0, len(found.members) - MEMBERS),
        "first": [
            {"lead": by_id[lead], "was": was, "due": due} for lead, was, due in found.first if lead in by_id
        ],
    }


def fill_in(policy: PoolPolicy, given: dict[str, Any]) -> None:
    """The policy as a form has it. Nothing chosen as an exemption or as facts means none."""
    for name in PolicyForm.base_fields:
        if hasattr(policy, name):
            setattr(policy, name, given[name])
    policy.exemption, policy.facts = given["exemption"] or None, given["facts"] or None
    policy.warn_share = Decimal(given["warn_percent"]) / 100
