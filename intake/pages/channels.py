"""Channels: where leads come in, each with its form, its public address and its results."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from intake.forms import ATTRIBUTE, CONSENT, QUESTIONS, USUAL, asked_by, question, required_by
from intake.hooks.sent import Provider
from leads.actions.sources import add_channel, change_channel
from leads.models import Channel, CustomField, Lead, Stage
from leads.models.source import ChannelKind
from leads.money import from_minor, to_minor
from workspaces.permissions import require
from workspaces.refusals import Refusal
from workspaces.tenancy import current_workspace

GRADES = ("A", "B", "C", "D")
QUALIFIED = (Stage.MQL, Stage.SQL, Stage.OPPORTUNITY, Stage.WON)


class ChannelForm(forms.Form):
    """What a channel is, and what comes with its leads."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=200)
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=ChannelKind.choices)
    campaign = forms.CharField(
        label=gettext_lazy("Campaign"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("Written into every lead that does not name one."),
    )
    cost = forms.DecimalField(
        label=gettext_lazy("Cost per month"), min_value=0, max_digits=14, decimal_places=2, required=False
    )
    tags = forms.CharField(
        label=gettext_lazy("Tags"),
        required=False,
        max_length=1000,
        help_text=gettext_lazy("Given to every lead of this channel; with commas between."),
    )
    is_active = forms.BooleanField(label=gettext_lazy("In use"), required=False, initial=True)
    title = forms.CharField(label=gettext_lazy("Title of the form"), max_length=200, required=False)
    intro = forms.CharField(
        label=gettext_lazy("A sentence below it"),
        max_length=1000,
        required=False,
        widget=forms.Textarea({"rows": 2}),
    )
    thanks = forms.CharField(
        label=gettext_lazy("What is said afterwards"), max_length=1000, required=False,
        widget=forms.Textarea({"rows": 2}),
    )  # fmt: skip
    consent_text = forms.CharField(
        label=gettext_lazy("Consent"),
        max_length=5000,
        required=False,
        widget=forms.Textarea({"rows": 2}),
        help_text=gettext_lazy("Shown with a box to tick. The exact text is kept with every answer."),
    )
    consent_required = forms.BooleanField(
        label=gettext_lazy("Nobody can send without ticking it"), required=False
    )


@require_safe
def channels(request: HttpRequest, slug: str) -> HttpResponse:
    require(request.member, "channels")
    rows = Channel.objects.order_by("-is_active", "name")
    results = {found["channel_id"]: found for found in count_by_channel()}
    context = {"rows": [(row, results.get(row.pk, {})) for row in rows]}
    return render(request, "intake/channels.html", context)


def count_by_channel(**only: Any) -> list[dict[str, Any]]:
    """Leads of each channel, how many qualified and won, and by grade."""
    counts = {grade: Count("id", filter=Q(grade=grade)) for grade in GRADES}
    found: Any = (
        Lead.objects.filter(channel__isnull=False, **only)
        .values("channel_id")
        .annotate(
            leads=Count("id"),
            qualified=Count("id", filter=Q(stage__in=QUALIFIED)),
            won=Count("id", filter=Q(stage=Stage.WON)),
            **counts,
        )
    )
    return list(found)


@require_http_methods(["GET", "HEAD", "POST"])
def channel_new(request: HttpRequest, slug: str) -> HttpResponse:
    require(request.member, "channels")
    fresh = Channel(kind=ChannelKind.FORM, form={"fields": list(USUAL), "required": ["name", "email"]})
    return edit(request, slug, fresh)


@require_http_methods(["GET", "HEAD", "POST"])
def channel(request: HttpRequest, slug: str, pk: UUID) -> HttpResponse:
    require(request.member, "channels")
    found = Channel.objects.filter(pk=pk).first()
    if found is None:
        raise Http404
    return edit(request, slug, found)


def edit(request: HttpRequest, slug: str, found: Channel) -> HttpResponse:
    """The page of a channel: its settings and its form on one side, address and results on the other."""
    new = found._state.adding
    form = ChannelForm(request.POST or None, initial=said(found))
    questions = asked(request.POST) if request.method == "POST" else of_channel(found)
    if request.method == "POST" and form.is_valid():
        values = settled(form.cleaned_data, questions, found)
        try:
            if new:
                name = values.pop("name")
                saved = add_channel(name, **values, as_of=request.as_of, actor=request.member)
            else:
                saved = change_channel(found, values, as_of=request.as_of, actor=request.member)
            messages.success(request, _("Saved."))
            return redirect("channel", slug=slug, pk=saved.pk)
        except Refusal as refusal:
            form.add_error("name", refusal.message)
    results = {} if new else next(iter(count_by_channel(channel_id=found.pk)), {})
    context = {
        "nav": "channels",
        "channel": found,
        "new": new,
        "form": form,
        "questions": rows(questions),
        "results": results,
        "grades": [(grade, results.get(grade, 0)) for grade in GRADES],
        "address": "" if new else request.build_absolute_uri(reverse("form", args=[found.token])),
        "senders": [] if new else Provider.choices,
        "currency": current_workspace().currency,
    }
    return render(request, "intake/channel.html", context, status=422 if form.errors else 200)


def said(found: Channel) -> dict[str, Any]:
    currency = current_workspace().currency
    return {
        "name": found.name,
        "kind": found.kind,
        "campaign": found.campaign,
        "cost": None if found.cost_per_month is None else from_minor(found.cost_per_month, currency),
        "tags": ", ".join(found.tags),
        "is_active": found.is_active,
        "consent_text": found.consent_text,
        "consent_required": CONSENT in required_by(found),
        **{name: found.form.get(name, "") for name in ("title", "intro", "thanks")},
    }


Questions = dict[str, bool]  # asked, in order: whether an answer is needed


def of_channel(found: Channel) -> Questions:
    needed = required_by(found)
    return {name: name in needed for name in asked_by(found, custom_names())}


def custom_names() -> list[str]:
    return [ATTRIBUTE + key for key in CustomField.objects.values_list("key", flat=True)]


def asked(sent: Any) -> Questions:
    needed = set(sent.getlist("needed"))
    return {name: name in needed for name in sent.getlist("ask")}


def rows(questions: Questions) -> list[dict[str, Any]]:
    """Every question there can be: those that are asked first, in their order."""
    labels = {ATTRIBUTE + field.key: field.label for field in CustomField.objects.order_by("label")}
    names = [*questions, *(name for name in (*QUESTIONS, *labels) if name not in questions)]
    return [
        {
            "name": name,
            "label": labels.get(name) or question(name).label,
            "asked": name in questions,
            "needed": questions.get(name, False),
        }
        for name in names
        if name in QUESTIONS or name in labels
    ]


def settled(given: dict[str, Any], questions: Questions, found: Channel) -> dict[str, Any]:
    """The values of a channel as its action takes them."""
    words = {name: given[name].strip() for name in ("title", "intro", "thanks") if given[name].strip()}
    needed = [name for name, needed in questions.items() if needed]
    if given["consent_required"] and given["consent_text"]:
        needed.append(CONSENT)
    kept = {name: value for name, value in found.form.items() if name not in ("title", "intro", "thanks")}
    cost = given["cost"]
    tags = [tag.strip() for tag in given["tags"].replace("，", ",").split(",")]
    return {
        "name": given["name"],
        "kind": given["kind"],
        "campaign": given["campaign"],
        "cost_per_month": None if cost is None else to_minor(cost, current_workspace().currency),
        "tags": [tag for tag in dict.fromkeys(tags) if tag],
        "consent_text": given["consent_text"],
        "is_active": given["is_active"],
        "form": kept | words | {"fields": list(questions), "required": needed},
    }
