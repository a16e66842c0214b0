"""Forms of a lead's page. They only read what was typed; the actions decide."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from leads import reasons
from leads.conditions.fields import FIXED, TOUCHES
from leads.conditions.vocabulary import TOUCH_LABELS
from leads.models import CustomField
from leads.models.company import BuyingRole
from leads.models.fields import FieldKind
from leads.models.followup import FollowUpChannel, Moved, Outcome
from leads.models.lead import Authority, BudgetStatus, NeedLevel
from leads.money import to_minor

LINES = forms.Textarea(attrs={"rows": 3})
DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


def moment_input() -> forms.DateTimeInput:
    return forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")


SNOOZE = [
    ("", "…"),
    ("1", _("Tomorrow")),
    ("3", _("In 3 days")),
    ("7", _("In a week")),
    ("14", _("In two weeks")),
    ("30", _("In a month")),
]


class FollowUpForm(forms.Form):
    channel = forms.ChoiceField(label=_("How"), choices=FollowUpChannel.choices, widget=forms.RadioSelect)
    summary = forms.CharField(
        label=_("What was said"), widget=forms.Textarea(attrs={"rows": 2}), required=False
    )
    outcome = forms.ChoiceField(label=_("Outcome"), choices=Outcome.choices, required=False)
    customer_initiated = forms.BooleanField(label=_("The customer began it"), required=False)
    moved = forms.MultipleChoiceField(
        label=_("What it moved"), choices=Moved.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    next_action = forms.CharField(label=_("Next step"), max_length=300, required=False)
    snooze = forms.ChoiceField(label=_("Again in"), choices=SNOOZE, required=False)
    next_at = forms.DateTimeField(
        label=_("When"), widget=moment_input(), required=False, input_formats=["%Y-%m-%dT%H:%M"]
    )
    file = forms.FileField(label=_("File"), required=False)

    def __init__(
        self, *args: Any, is_open: bool = False, as_of: datetime | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.is_open, self.as_of = is_open, as_of

    def clean(self) -> dict[str, Any]:
        """An open lead has a next step, with a time: one of the presets, or one that was picked."""
        found = super().clean() or {}
        if not found.get("next_at") and found.get("snooze") and self.as_of:
            found["next_at"] = self.as_of + timedelta(days=int(found["snooze"]))
        if self.is_open and not found.get("next_at") and not self.errors:
            self.add_error("next_at", _("An open lead needs a next step: say when."))
        return found

    def values(self) -> dict[str, Any]:
        """As ``log_follow_up`` takes them."""
        return {name: value for name, value in self.cleaned_data.items() if name not in ("file", "snooze")}


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
    credit_code = forms.CharField(label=_("Unified social credit code"), max_length=40, required=False)
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


class OwnFieldsForm(forms.Form):
    """Some of the workspace's own fields, each in its kind."""

    def __init__(self, rows: list[CustomField], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for row in rows:
            self.fields[row.key] = own_field(row)

    def changes(self) -> dict[str, Any]:
        """Values for ``attributes``; what was left empty is left alone."""
        found = {key: self.cleaned_data[key] for key in self.changed_data if key in self.cleaned_data}
        for key, value in found.items():
            if isinstance(self.fields[key], forms.TypedChoiceField):
                continue
            found[key] = value.isoformat() if hasattr(value, "isoformat") else value
        return {key: value for key, value in found.items() if value not in (None, "")}


def own_field(row: CustomField) -> forms.Field:
    named: dict[str, Any] = {"label": row.label or row.key, "required": False}
    if row.kind == FieldKind.NUMBER:
        return forms.FloatField(**named)
    if row.kind == FieldKind.DATE:
        return forms.DateField(widget=DAY, **named)
    if row.kind == FieldKind.BOOLEAN:
        said = [("", "…"), ("yes", _("Yes")), ("no", _("No"))]
        return forms.TypedChoiceField(
            choices=said, coerce=lambda given: given == "yes", empty_value=None, **named
        )
    if row.kind == FieldKind.CHOICE:
        pairs = [
            (one["value"], one.get("label") or one["value"]) if isinstance(one, dict) else (one, one)
            for one in row.choices
        ]
        return forms.ChoiceField(choices=[("", "…"), *pairs], **named)
    return forms.CharField(max_length=2000, **named)


class TalkForm(forms.Form):
    """A follow-up that a gate still wants, in one line."""

    channel = forms.ChoiceField(label=_("How"), choices=FollowUpChannel.choices)
    summary = forms.CharField(label=_("What was said"), required=False, max_length=2000)


class StepForm(forms.Form):
    """What a step aside wants to be told: a reason of its kind, and of a deferral when and how to come back."""

    reason_code = forms.ChoiceField(label=_("Reason"), required=False)
    reason = forms.CharField(label=_("In your own words"), widget=LINES, max_length=2000, required=False)
    resume_at = forms.DateField(label=_("Look again on"), widget=DAY)
    wake = forms.ChoiceField(label=_("What brings it back sooner by itself"), required=False)
    trigger = forms.CharField(label=_("What we are waiting for"), max_length=2000, required=False)
    angle = forms.CharField(label=_("With what to come back"), max_length=2000, required=False)

    def __init__(self, name: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason_code"].choices = [("", "…"), *reasons.choices(name)]  # type: ignore[attr-defined]
        self.fields["wake"].choices = wakers()  # type: ignore[attr-defined]
        if name != "defer":
            for extra in ("resume_at", "wake", "trigger", "angle"):
                del self.fields[extra]

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if not found.get("reason_code") and not found.get("reason"):
            self.add_error("reason_code", _("Say why."))
        return found

    def details(self) -> dict[str, Any]:
        """As ``advance`` takes them."""
        found = {name: value for name, value in self.cleaned_data.items() if value and name != "wake"}
        if kind := self.cleaned_data.get("wake"):
            kind, _sep, what = kind.partition(":")
            found["trigger"] = {"kind": kind, "what": what, "text": found.get("trigger", "")}
        return found


def wakers() -> list[Any]:
    """What can bring a deferred lead back before its day."""
    touches = [(f"touch:{kind}", TOUCH_LABELS[kind]) for kind in TOUCHES]
    facts = ("budget_status", "budget_amount", "authority", "timeline_date", "need_level", "grade")
    changes = [(f"field:{name}", LEAD_FIELDS[name]) for name in facts if name in LEAD_FIELDS]
    return [
        ("", _("Nothing: its day comes")),
        ("touch:", _("Anything they do")),
        (_("They do something"), touches),
        (_("A fact changes"), changes),
    ]


LEAD_FIELDS = {one.name: one.label for one in FIXED}


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("Why"), widget=forms.Textarea(attrs={"rows": 3}), max_length=300)
