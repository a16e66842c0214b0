"""The public form of a channel: which questions it asks, and what an answer to them means."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from django import forms
from django.core import signing
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from leads.facts import incoming_from
from leads.incoming import Incoming
from leads.models import Channel, CustomField, Lead
from leads.models.fields import FieldKind
from leads.models.lead import NeedLevel
from workspaces.refusals import Invalid

ATTRIBUTE = "attributes."
QUESTIONS = ("name", "title", "company", "email", "phone", "wechat", "website", "industry", "region",
             "employees", "need_level", "timeline_date", "pain")  # fmt: skip
USUAL = ("name", "company", "email", "phone", "pain")
LABELS: dict[str, Any] = {
    "name": gettext_lazy("Your name"),
    "company": gettext_lazy("Company"),
    "employees": gettext_lazy("Number of employees"),
    "need_level": gettext_lazy("How urgent is it?"),
    "timeline_date": gettext_lazy("By when would you like to start?"),
    "pain": gettext_lazy("How can we help?"),
}
TYPES = {"email": "email", "phone": "tel", "website": "url", "employees": "number", "timeline_date": "date"}
AUTOCOMPLETE = {"name": "name", "title": "organization-title", "company": "organization", "email": "email",
                "phone": "tel", "website": "url"}  # fmt: skip
CONSENT, TRAP, STAMP = "consent", "leave_empty", "opened"
OLDEST_S = 24 * 3600
QUICKEST_S = 1  # nobody reads and answers a form faster
STAMP_SALT = "intake.form"


class PublicForm(forms.Form):
    """Built from what the channel says. Values are checked by the same code as the API's."""

    def __init__(self, channel: Channel, custom: Iterable[CustomField], *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.channel = channel
        fields = {ATTRIBUTE + field.key: field for field in custom}
        required = required_by(channel)
        for name in asked_by(channel, fields):
            made = custom_field(fields[name]) if name in fields else question(name)
            made.required = name in required
            self.fields[name] = made
        if channel.consent_text:
            self.fields[CONSENT] = forms.BooleanField(
                label=channel.consent_text, required=CONSENT in required
            )

    def blame(self, errors: Iterable[Mapping[str, Any]]) -> None:
        """Put what an action found wrong to the fields that are to be mended."""
        for error in errors:
            name = error.get("field")
            self.add_error(name if name in self.fields else None, error["message"])


def asked_by(channel: Channel, custom: Iterable[str]) -> list[str]:
    """The questions of a channel's form, in order. Fields that are gone meanwhile are left out."""
    known = {*QUESTIONS, *custom}
    return [name for name in channel.form.get("fields") or USUAL if name in known]


def required_by(channel: Channel) -> set[str]:
    return set(channel.form.get("required") or ())


def question(name: str) -> forms.Field:
    """A field of a lead as a form's field."""
    column = None if name == "company" else Lead._meta.get_field(name)
    label = LABELS.get(name) or capfirst(str(getattr(column, "verbose_name", name)))
    attrs = {"autocomplete": AUTOCOMPLETE.get(name, "off")}
    if name == "need_level":
        return forms.ChoiceField(label=label, choices=[("", "—"), *NeedLevel.choices[1:]])
    if name == "pain":
        return forms.CharField(label=label, max_length=5000, widget=forms.Textarea({"rows": 4}))
    widget = forms.TextInput(attrs | {"type": TYPES.get(name, "text")})
    if name in ("email", "phone"):
        widget.attrs["inputmode"] = TYPES[name]
    longest = getattr(column, "max_length", None) or 300
    return forms.CharField(label=label, max_length=longest, widget=widget)


def custom_field(field: CustomField) -> forms.Field:
    if field.kind == FieldKind.CHOICE:
        choices = [("", "—"), *((choice, choice) for choice in field.choices)]
        return forms.ChoiceField(label=field.label, choices=choices)
    if field.kind == FieldKind.BOOLEAN:
        return forms.BooleanField(label=field.label)
    kind = {FieldKind.NUMBER: "number", FieldKind.DATE: "date"}.get(FieldKind(field.kind), "text")
    attrs = {"type": kind} | ({"step": "any"} if kind == "number" else {})
    return forms.CharField(label=field.label, max_length=1000, widget=forms.TextInput(attrs))


def answer_of(form: PublicForm, custom: Iterable[CustomField]) -> dict[str, Any]:
    """The cleaned values of a form as the API would say them."""
    kinds = {ATTRIBUTE + field.key: field.kind for field in custom}
    data: dict[str, Any] = {}
    attributes: dict[str, Any] = {}
    for name, value in form.cleaned_data.items():
        if name in (CONSENT,) or value in ("", None):
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


def arrival(data: Mapping[str, Any], channel: Channel) -> Incoming:
    """An answer as an arriving lead; Invalid with all that is wrong with it."""
    missing = [name for name in required_by(channel) if not given(data, name)]
    errors = [
        {"field": name, "code": "required", "message": _("This is needed.")} for name in sorted(missing)
    ]
    values = {name: value for name, value in data.items() if name != CONSENT}
    try:
        item = incoming_from(values)
    except Invalid as wrong:
        raise Invalid([*errors, *wrong.errors]) from wrong
    if errors or item.rejected:
        raise Invalid([*errors, *(item.problems if item.rejected else ())])
    return item


def given(data: Mapping[str, Any], name: str) -> Any:
    if name.startswith(ATTRIBUTE):
        return (data.get("attributes") or {}).get(name.removeprefix(ATTRIBUTE)) not in (None, "")
    return data.get(name)


def stamp(token: str) -> str:
    """A sign of when the form was opened, which nobody else can make."""
    return signing.TimestampSigner(salt=STAMP_SALT).sign(token)


def stamp_fault(given: str, token: str) -> str:
    """Why a form's stamp is not believed; "" when it is. A form on somebody's own page has none."""
    if not given:
        return ""
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
