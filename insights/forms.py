"""Forms of a lead's page. They only read what was typed; the actions decide."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from leads.models.company import BuyingRole
from leads.models.followup import FollowUpChannel, Outcome
from leads.models.lead import Authority, BudgetStatus, NeedLevel
from leads.money import to_minor

LINES = forms.Textarea(attrs={"rows": 3})
DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


def moment_input() -> forms.DateTimeInput:
    return forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")


class FollowUpForm(forms.Form):
    channel = forms.ChoiceField(label=_("How"), choices=FollowUpChannel.choices, widget=forms.RadioSelect)
    summary = forms.CharField(
        label=_("What was said"), widget=forms.Textarea(attrs={"rows": 2}), required=False
    )
    outcome = forms.ChoiceField(label=_("Outcome"), choices=Outcome.choices, required=False)
    customer_initiated = forms.BooleanField(label=_("The customer began it"), required=False)
    next_action = forms.CharField(label=_("Next step"), max_length=300, required=False)
    next_at = forms.DateTimeField(
        label=_("When"), widget=moment_input(), required=False, input_formats=["%Y-%m-%dT%H:%M"]
    )


class TaskForm(forms.Form):
    title = forms.CharField(label=_("What is to be done"), max_length=300)
    due_at = forms.DateTimeField(label=_("By when"), widget=moment_input(), input_formats=["%Y-%m-%dT%H:%M"])


class PersonForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=200)
    role = forms.ChoiceField(label=_("Role in the purchase"), choices=BuyingRole.choices)
    title = forms.CharField(label=_("Title"), max_length=200, required=False)
    email = forms.CharField(label=_("E-mail"), max_length=254, required=False)
    phone = forms.CharField(label=_("Phone"), max_length=60, required=False)


class FactsForm(forms.Form):
    """Every fact of a lead; a page shows the ones it asks for (``only``)."""

    name = forms.CharField(label=_("Name"), max_length=200, required=False)
    title = forms.CharField(label=_("Title"), max_length=200, required=False)
    company = forms.CharField(label=_("Company"), max_length=300, required=False)
    email = forms.CharField(label=_("E-mail"), max_length=254, required=False)
    phone = forms.CharField(label=_("Phone"), max_length=60, required=False)
    wechat = forms.CharField(label=_("WeChat"), max_length=100, required=False)
    website = forms.CharField(label=_("Website"), max_length=500, required=False)
    industry = forms.CharField(label=_("Industry"), max_length=200, required=False)
    region = forms.CharField(label=_("Region"), max_length=200, required=False)
    employees = forms.IntegerField(label=_("People at the company"), min_value=0, required=False)
    pain = forms.CharField(label=_("Pain, in their own words"), widget=LINES, required=False)
    need_level = forms.ChoiceField(label=_("Need"), choices=NeedLevel.choices, required=False)
    budget_amount = forms.DecimalField(
        label=_("Budget"), min_value=0, max_digits=16, decimal_places=2, required=False
    )
    budget_status = forms.ChoiceField(label=_("Budget status"), choices=BudgetStatus.choices, required=False)
    authority = forms.ChoiceField(label=_("Their role"), choices=Authority.choices, required=False)
    decision_process = forms.CharField(label=_("How they decide"), widget=LINES, required=False)
    timeline_date = forms.DateField(label=_("Wants to go live"), widget=DAY, required=False)

    def __init__(self, *args: Any, currency: str, only: tuple[str, ...] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.currency = currency
        if only:
            for name in set(self.fields) - set(only):
                del self.fields[name]

    def changes(self) -> dict[str, Any]:
        """What the actions take: money in minor units."""
        found = {name: self.cleaned_data[name] for name in self.changed_data if name in self.cleaned_data}
        if found.get("budget_amount") is not None:
            found["budget_amount"] = to_minor(found["budget_amount"], self.currency)
        return found


class StepForm(forms.Form):
    """What a step aside wants to be told."""

    reason = forms.CharField(label=_("Why"), widget=LINES, max_length=2000)
    resume_at = forms.DateField(label=_("Look again on"), widget=DAY)
    trigger = forms.CharField(label=_("What would bring it back sooner"), max_length=2000, required=False)
    angle = forms.CharField(label=_("With what to come back"), max_length=2000, required=False)

    def __init__(self, name: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if name != "defer":
            for extra in ("resume_at", "trigger", "angle"):
                del self.fields[extra]


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("Why"), widget=forms.Textarea(attrs={"rows": 3}), max_length=300)
