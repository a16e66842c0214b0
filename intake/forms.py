"""The public form of a channel, and what an answer to it means."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.core import signing
from django.utils.translation import gettext as _

from intake.asking import (
    ATTRIBUTE,
    CONSENT,
    Question,
    choices_of,
    consent_of,
    label_of,
    lowest,
    questions_of,
    required_by,
)
from leads.facts import incoming_from
from leads.incoming import Incoming
from leads.models import Channel, CustomField, Lead
from leads.models.fields import FieldKind
from leads.models.lead import BudgetStatus
from leads.money import to_minor
from workspaces.refusals import Invalid
from workspaces.tenancy import current_workspace

TYPES = {"email": "email", "phone": "tel", "website": "url", "employees": "number", "budget_amount": "number",
         "timeline_date": "date"}  # fmt: skip
AUTOCOMPLETE = {"name": "name", "title": "organization-title", "company": "organization", "email": "email",
                "phone": "tel", "website": "url"}  # fmt: skip
TRAP, STAMP = "leave_empty", "opened"
OLDEST_S = 24 * 3600
QUICKEST_S = 1  # nobody reads and answers a form faster
STAMP_SALT = "intake.form"
Custom = dict[str, CustomField]


def by_name(custom: Iterable[CustomField]) -> Custom:
    return {ATTRIBUTE + field.key: field for field in custom}


class PublicForm(forms.Form):
    """Built from what the channel says. Values are checked by the same code as the API's."""

    def __init__(self, channel: Channel, custom: Iterable[CustomField], *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.channel, fields = channel, by_name(custom)
        self.questions = {one.name: one for one in questions_of(channel, fields)}
        for name, one in self.questions.items():
            made = form_field(one, fields.get(name))
            made.required = one.required
            self.fields[name] = made
        if text := consent_of(channel):
            self.fields[CONSENT] = forms.BooleanField(label=text, required=CONSENT in required_by(channel))

    def blame(self, errors: Iterable[Mapping[str, Any]]) -> None:
        """Put what an action found wrong to the fields that are to be mended."""
        for error in errors:
            name = error.get("field")
            self.add_error(name if name in self.fields else None, error["message"])


def form_field(question: Question, custom: CustomField | None) -> forms.Field:
    """A question as a form's field."""
    label = label_of(question, custom)
    if choices := choices_of(question, custom):
        return forms.ChoiceField(label=label, choices=[("", "—"), *choices])
    if custom is not None and custom.kind == FieldKind.BOOLEAN:
        return forms.BooleanField(label=label)
    if custom is not None:
        kind = {FieldKind.NUMBER: "number", FieldKind.DATE: "date"}.get(FieldKind(custom.kind), "text")
        attrs = {"type": kind} | ({"step": "any"} if kind == "number" else {})
        return forms.CharField(label=label, max_length=1000, widget=forms.TextInput(attrs))
    return fact(question.name, label)


def fact(name: str, label: str) -> forms.Field:
    """A field of a lead that is written."""
    if name == "pain":
        return forms.CharField(label=label, max_length=5000, widget=forms.Textarea({"rows": 4}))
    attrs = {"autocomplete": AUTOCOMPLETE.get(name, "off"), "type": TYPES.get(name, "text")}
    if name in ("email", "phone"):
        attrs["inputmode"] = TYPES[name]
    column = None if name == "company" else Lead._meta.get_field(name)
    longest = getattr(column, "max_length", None) or 300
    return forms.CharField(label=label, max_length=longest, widget=forms.TextInput(attrs))


def answer_of(form: PublicForm, custom: Iterable[CustomField]) -> dict[str, Any]:
    """The cleaned values of a form as the API would say them."""
    kinds = {name: field.kind for name, field in by_name(custom).items()}
    data: dict[str, Any] = {}
    attributes: dict[str, Any] = {}
    for name, value in form.cleaned_data.items():
        if name == CONSENT or value in ("", None):
            continue
        if name.startswith(ATTRIBUTE):
            number = kinds[name] == FieldKind.NUMBER
            attributes[name.removeprefix(ATTRIBUTE)] = as_number(value) if number else value
        else:
            data[name] = value
    return data | ({"attributes": attributes} if attributes else {})


def as_number(text: str) -> Any:
    try:
        return float(text) if "." in text or "e" in text.lower() else int(text)
    except ValueError:
        return text  # refused by name further on


def arrival(
    data: Mapping[str, Any], channel: Channel, custom: Mapping[str, CustomField] | None = None
) -> Incoming:
    """An answer as an arriving lead; Invalid with all that is wrong with it.

    A range stands for the number at which it begins; the tags of what was chosen come along.
    """
    known = {} if custom is None else {ATTRIBUTE + key: field for key, field in custom.items()}
    questions = {one.name: one for one in questions_of(channel, known)}
    missing = sorted(name for name in required_by(channel) if not given(data, name))
    errors = [{"field": name, "code": "required", "message": _("This is needed.")} for name in missing]
    values = in_numbers({name: value for name, value in data.items() if name != CONSENT}, questions)
    try:
        item = incoming_from(values, None if custom is None else dict(custom))
    except Invalid as wrong:
        raise Invalid([*errors, *wrong.errors]) from wrong
    if errors or item.rejected:
        raise Invalid([*errors, *(item.problems if item.rejected else ())])
    item.tags += tags_of(data, questions)
    return item


def in_numbers(data: dict[str, Any], questions: Mapping[str, Question]) -> dict[str, Any]:
    """Ranges as the number at which they begin; a budget in minor units, and known to be estimated."""
    for name in ("employees", "budget_amount"):
        value = data.get(name)
        if value in (None, ""):
            continue
        if isinstance(value, str):
            chosen = any(one.text == value for one in questions[name].choices) if name in questions else False
            value = lowest(value) if chosen else value.replace(",", "").strip()
        data[name] = value
        if name == "budget_amount" and value is not None:
            data[name] = minor(value)
            data.setdefault("budget_status", BudgetStatus.ESTIMATED)
    return data


def minor(value: Any) -> Any:
    """Whole units of the workspace's currency in minor ones; what is no number is refused by name further on."""
    try:
        return to_minor(Decimal(value), current_workspace().currency)
    except (ValueError, ArithmeticError, TypeError):
        return value


def tags_of(data: Mapping[str, Any], questions: Mapping[str, Question]) -> list[str]:
    """What the chosen answers say about a lead."""
    found = []
    for name, question in questions.items():
        value = said(data, name)
        found += [one.tag for one in question.choices if one.tag and one.text == value]
    return list(dict.fromkeys(found))


def given(data: Mapping[str, Any], name: str) -> bool:
    value = said(data, name)
    return value not in (None, "") if name.startswith(ATTRIBUTE) else bool(value)


def said(data: Mapping[str, Any], name: str) -> Any:
    if name.startswith(ATTRIBUTE):
        return (data.get("attributes") or {}).get(name.removeprefix(ATTRIBUTE))
    return data.get(name)


def stamp(token: str) -> str:
    """A sign of when the form was opened, which nobody else can make."""
    return signing.TimestampSigner(salt=STAMP_SALT).sign(token)


def stamp_fault(given: str, token: str, *, needed: bool) -> str:
    """Why a form's stamp is not believed; "" when it is. Others' forms and programs have none, if that will do."""
    if not given:
        return _("This page is not one of ours. Please send it once more.") if needed else ""
    signer = signing.TimestampSigner(salt=STAMP_SALT)
    try:
        if signer.unsign(given, max_age=OLDEST_S) != token:
            return _("This page was opened for another form. Please send it once more.")
    except signing.SignatureExpired:
        return _("This page has been open for long. Please send it once more.")
    except signing.BadSignature:
        return _("This page is not one of ours. Please send it once more.")
    try:
        signer.unsign(given, max_age=timedelta(seconds=QUICKEST_S))
    except signing.SignatureExpired:
        return ""
    return _("That was very quick. Please send it once more.")
