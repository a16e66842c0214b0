"""A channel's form, built by clicking: its questions in order, their choices, its words, and how it looks."""

from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from intake.api.capture import sites_of
from intake.asking import (
    ATTRIBUTE,
    BANDED,
    BANDS,
    CONSENT,
    LONGEST_LABEL,
    QUESTIONS,
    TEXTS,
    Choice,
    Question,
    choices_in,
    choices_of,
    own_page_only,
    questions_of,
    read,
    required_by,
    said_by,
    text_in,
    title_of,
    usual_label,
)
from intake.forms import PublicForm
from intake.pages.channels import find_channel, tabs_of
from leads.actions.sources import change_channel
from leads.api.forms import SITE
from leads.models import Channel, CustomField
from leads.models.fields import FieldKind
from workspaces.posted import posted
from workspaces.tenancy import current_workspace


def words(label: Any, longest: int, rows: int = 0, help_text: Any = "") -> forms.CharField:
    widget = forms.Textarea({"rows": rows}) if rows else forms.TextInput()
    return forms.CharField(
        label=label, max_length=longest, required=False, widget=widget, help_text=help_text
    )


class WordsForm(forms.Form):
    """What a form says. ``other_``: the same in the other language, for visitors who read that."""

    title = words(gettext_lazy("Title of the form"), 200)
    intro = words(gettext_lazy("A sentence below it"), 1000, 2)
    button = words(gettext_lazy("Text of the button"), 60)
    thanks = words(gettext_lazy("What is said afterwards"), 1000, 2)
    consent_text = words(
        gettext_lazy("Consent"),
        5000,
        2,
        gettext_lazy("Shown with a box to tick. The exact text is kept with every answer."),
    )
    consent_required = forms.BooleanField(
        label=gettext_lazy("Nobody can send without ticking it"), required=False
    )
    other_title = words(gettext_lazy("Title of the form"), 200)
    other_intro = words(gettext_lazy("A sentence below it"), 1000, 2)
    other_button = words(gettext_lazy("Text of the button"), 60)
    other_thanks = words(gettext_lazy("What is said afterwards"), 1000, 2)
    other_consent_text = words(gettext_lazy("Consent"), 5000, 2)
    sites = words(
        gettext_lazy("Sites that may embed it"),
        3000,
        3,
        gettext_lazy("One a line, such as https://www.example.com. Without any, every site may."),
    )

    own_page_only = forms.BooleanField(
        label=gettext_lazy("Take answers only from this form's own page"),
        required=False,
        help_text=gettext_lazy("Hosted or embedded. Programs and forms of your own site can't send then."),
    )

    def clean_sites(self) -> list[str]:
        found = [line.strip().rstrip("/") for line in self.cleaned_data["sites"].split() if line.strip()]
        wrong = [site for site in found if not SITE.fullmatch(site)]
        if wrong:
            raise forms.ValidationError(_("This is not the address of a site: %(site)s") % {"site": wrong[0]})
        return found[:50]


@require_http_methods(["GET", "HEAD", "POST"])
def channel_form(request: HttpRequest, slug: str, pk: UUID) -> HttpResponse:
    found = find_channel(request, pk)
    form = WordsForm(posted(request), initial=said(found))
    custom = list(CustomField.objects.order_by("label"))
    if request.method == "POST" and form.is_valid():
        changes = built(found, form.cleaned_data, request.POST)
        change_channel(found, changes, as_of=request.as_of, actor=request.member)
        messages.success(request, _("Saved."))
        return redirect("channel_form", slug=slug, pk=pk)
    if request.method == "POST":
        found.form = built(found, {**said(found), "sites": []}, request.POST)["form"]
    rows = shown(found, custom)
    context = {
        "nav": "channels",
        "channel": found,
        "form": form,
        "tabs": tabs_of(found, "channel_form"),
        "asked": [row for row in rows if row["asked"]],
        "others": [row for row in rows if not row["asked"]],
        "other_language": dict(settings.LANGUAGES)[other_language()],
        **previewed(found, custom),
    }
    return render(request, "intake/form_builder.html", context, status=422 if form.errors else 200)


@require_POST
def channel_form_preview(request: HttpRequest, slug: str, pk: UUID) -> HttpResponse:
    """The form as it would be; nothing is saved."""
    found = find_channel(request, pk)
    form = WordsForm(request.POST)
    form.is_valid()
    given = {name: form.cleaned_data.get(name, "") for name in form.fields}
    for name, value in built(found, given, request.POST).items():
        setattr(found, name, value)
    return render(request, "intake/form_preview.html", previewed(found, list(CustomField.objects.all())))


def previewed(found: Channel, custom: list[CustomField]) -> dict[str, Any]:
    return {
        "preview": PublicForm(found, custom, auto_id="preview_%s"),
        "preview_title": title_of(found),
        "preview_intro": said_by(found, "intro"),
        "preview_button": said_by(found, "button"),
    }


def other_language() -> str:
    """The language that the workspace itself does not speak."""
    return next(code for code, _name in settings.LANGUAGES if code != current_workspace().locale)


def said(found: Channel) -> dict[str, Any]:
    form = read(found)
    there = (form.get("translations") or {}).get(other_language())
    return {
        **{name: text_in(form, name) for name in TEXTS},
        **{f"other_{name}": text_in(there, name, 5000) for name in (*TEXTS, "consent_text")},
        "consent_text": found.consent_text,
        "consent_required": CONSENT in required_by(found),
        "sites": "\n".join(sites_of(found)),
        "own_page_only": own_page_only(found),
    }


def shown(found: Channel, custom: list[CustomField]) -> list[dict[str, Any]]:
    """Every question there can be: those that are asked first, in their order."""
    fields = {ATTRIBUTE + field.key: field for field in custom}
    asked = {one.name: one for one in questions_of(found, fields)}
    rest = [Question(name) for name in (*QUESTIONS, *fields) if name not in asked]
    return [row(one, fields.get(one.name), one.name in asked) for one in (*asked.values(), *rest)]


def row(one: Question, custom: CustomField | None, asked: bool) -> dict[str, Any]:
    tags = {choice.text: choice.tag for choice in one.choices}
    if one.name in BANDED:
        choices = one.choices or ([] if asked else [Choice(text) for text in BANDS[one.name]])
    else:
        choices = [Choice(str(value), tags.get(str(value), "")) for value, _label in choices_of(one, custom)]
    labels = {str(value): label for value, label in choices_of(one, custom)}
    return {
        "name": one.name,
        "label": one.own or (custom.label if custom else usual_label(one.name)),
        "usual": custom.label if custom else usual_label(one.name),
        "own": one.own,
        "asked": asked,
        "needed": one.required,
        "free": one.name in BANDED,
        "choices": [
            {"text": choice.text, "label": labels.get(choice.text, choice.text), "tag": choice.tag}
            for choice in choices
        ],
        "chosen": bool(choices) or one.name in BANDED,
        "kind": FieldKind(custom.kind).label if custom else "",
    }


def built(found: Channel, given: dict[str, Any], sent: QueryDict) -> dict[str, Any]:
    """The channel's values as the builder says."""
    asked = list(dict.fromkeys(sent.getlist("ask")))
    needed = [name for name in asked if name in set(sent.getlist("needed"))]
    if given["consent_required"] and given["consent_text"]:
        needed.append(CONSENT)
    labels = {name: sent.get(f"label-{name}", "").strip()[:LONGEST_LABEL] for name in asked}
    choices = {name: choices_sent(sent, name) for name in asked}
    there = {name: given[f"other_{name}"].strip() for name in (*TEXTS, "consent_text")}
    parts = {
        "fields": asked,
        "required": needed,
        "labels": {name: text for name, text in labels.items() if text},
        "choices": {name: pairs for name, pairs in choices.items() if pairs},
        "translations": {other_language(): {name: text for name, text in there.items() if text}},
        "sites": given["sites"],
        **{name: given[name].strip() for name in TEXTS},
    }
    kept = {name: one for name, one in read(found).items() if name not in parts and name != "own_page_only"}
    if given["own_page_only"]:
        kept["own_page_only"] = True
    filled = {name: value for name, value in parts.items() if any(value) or name in ("fields", "required")}
    if not any(there.values()):
        filled.pop("translations", None)
    return {"form": kept | filled, "consent_text": given["consent_text"]}


def choices_sent(sent: QueryDict, name: str) -> list[list[str]]:
    pairs = list(zip(sent.getlist(f"choice-{name}"), sent.getlist(f"tag-{name}"), strict=False))
    made = choices_in({name: [list(pair) for pair in pairs]}, name)
    if name not in BANDED and not any(one.tag for one in made):
        return []  # choices of a field are the field's own; only what they say about a lead is the form's
    return [[one.text, one.tag] for one in made]
