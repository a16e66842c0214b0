"""Channels: where leads come in. What each is, where its form lives, and who sends to it."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from intake.actions.failed import failed_answers
from intake.asking import USUAL
from intake.hooks.sent import Provider
from intake.models import Delivery, Hook
from leads.actions.sources import add_channel, change_channel
from leads.models import Channel, Lead, Stage, StageChange
from leads.models.lead import Quality
from leads.models.source import ChannelKind
from leads.money import from_minor, to_minor
from workspaces.models import Team
from workspaces.permissions import require
from workspaces.posted import posted
from workspaces.refusals import Refusal
from workspaces.tenancy import current_workspace

QUALIFIED = (Stage.MQL, Stage.SQL, Stage.OPPORTUNITY, Stage.WON)
FRESH = {"fields": list(USUAL), "required": ["name", "email"]}


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
    owner_team: Any = forms.ModelChoiceField(
        label=gettext_lazy("Team"),
        queryset=None,
        required=False,
        empty_label="–",
        help_text=gettext_lazy(
            "Who looks after what comes in here: of rules that name nobody, its reps come first."
        ),
    )
    is_active = forms.BooleanField(label=gettext_lazy("In use"), required=False, initial=True)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["owner_team"].queryset = Team.objects.order_by("name")


@require_safe
def channels(request: HttpRequest, slug: str) -> HttpResponse:
    require(request.member, "channels")
    rows = Channel.objects.order_by("-is_active", "name")
    results = {found["channel_id"]: found for found in count_by_channel()}
    context = {"rows": [(row, results.get(row.pk, {})) for row in rows]}
    return render(request, "intake/channels.html", context)


def count_by_channel() -> list[dict[str, Any]]:
    """Leads of each channel, how many were rated, found real, and have ever been qualified and won."""
    fell = fallen()
    found: Any = (
        Lead.objects.filter(channel__isnull=False)
        .values("channel_id")
        .annotate(
            leads=Count("id"),
            rated=Count("id", filter=~Q(quality="")),
            real=Count("id", filter=Q(quality=Quality.REAL)),
            qualified=Count("id", filter=Q(stage__in=QUALIFIED)),
            won=Count("id", filter=Q(stage=Stage.WON)),
        )
    )
    return [
        one
        | {"share": one["real"] / one["rated"] if one["rated"] else None}
        | {name: one[name] + many for name, many in fell.get(one["channel_id"], {}).items()}
        for one in found
    ]


def fallen() -> dict[UUID, dict[str, int]]:
    """By channel: leads that were qualified, or won, and stand no longer there. A reopened customer was won."""
    steps: Any = StageChange.objects.filter(target__in=QUALIFIED, lead__channel__isnull=False)
    qualified = ~Q(lead__stage__in=QUALIFIED)
    won = Q(target=Stage.WON) & ~Q(lead__stage=Stage.WON)
    rows = (
        steps.filter(qualified | won)
        .values("lead__channel_id")
        .annotate(
            qualified=Count("lead_id", distinct=True, filter=qualified),
            won=Count("lead_id", distinct=True, filter=won),
        )
    )
    return {row.pop("lead__channel_id"): row for row in rows}


def find_channel(request: HttpRequest, pk: UUID) -> Channel:
    require(request.member, "channels")
    found: Channel | None = Channel.objects.filter(pk=pk).first()
    if found is None:
        raise Http404(_("There is no such channel."))
    return found


def tabs_of(channel: Channel, here: str) -> list[dict[str, Any]]:
    """The pages of a channel; beside the one that shows them, how many answers could not be entered."""
    named = (
        ("channel_results", _("Results")),
        ("channel", _("Settings")),
        ("channel_form", _("Form")),
        ("channel_share", _("Share and embed")),
        ("channel_senders", _("Webhooks")),
    )
    slug, found = current_workspace().slug, []
    for name, label in named:
        try:
            href = reverse(name, kwargs={"slug": slug, "pk": channel.pk})
        except NoReverseMatch:
            continue
        found.append({"label": label, "href": href, "active": name == here})
        if name == "channel_share" and (failed := failed_answers(channel).count()):
            found[-1]["count_text"] = ngettext("%(many)d failed", "%(many)d failed", failed) % {
                "many": failed
            }
    return found


@require_http_methods(["GET", "HEAD", "POST"])
def channel_new(request: HttpRequest, slug: str) -> HttpResponse:
    require(request.member, "channels")
    return edit(request, slug, Channel(kind=ChannelKind.FORM, form=dict(FRESH)))


@require_http_methods(["GET", "HEAD", "POST"])
def channel(request: HttpRequest, slug: str, pk: UUID) -> HttpResponse:
    return edit(request, slug, find_channel(request, pk))


def edit(request: HttpRequest, slug: str, found: Channel) -> HttpResponse:
    """What a channel is: its name, campaign, cost, tags and team."""
    new = found._state.adding
    form = ChannelForm(posted(request), initial=said(found))
    if request.method == "POST" and form.is_valid():
        values = settled(form.cleaned_data)
        try:
            if new:
                name = values.pop("name")
                saved = add_channel(
                    name, **values, form=found.form, as_of=request.as_of, actor=request.member
                )
            else:
                saved = change_channel(found, values, as_of=request.as_of, actor=request.member)
            messages.success(request, _("Saved."))
            return redirect("channel_form" if new else "channel", slug=slug, pk=saved.pk)
        except Refusal as refusal:
            form.add_error("name", refusal.message)
    context = {
        "nav": "channels",
        "channel": found,
        "new": new,
        "form": form,
        "tabs": [] if new else tabs_of(found, "channel"),
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
        "owner_team": found.owner_team_id,
        "is_active": found.is_active,
    }


def settled(given: dict[str, Any]) -> dict[str, Any]:
    """The values of a channel as its action takes them."""
    cost = given["cost"]
    tags = [tag.strip() for tag in given["tags"].replace("，", ",").split(",")]
    return {
        "name": given["name"],
        "kind": given["kind"],
        "campaign": given["campaign"],
        "cost_per_month": None if cost is None else to_minor(cost, current_workspace().currency),
        "tags": [tag for tag in dict.fromkeys(tags) if tag],
        "owner_team": given["owner_team"],
        "is_active": given["is_active"],
    }


@require_safe
def channel_senders(request: HttpRequest, slug: str, pk: UUID) -> HttpResponse:
    """Vendors that may send leads to the channel: which are set up, and how their last messages went."""
    found = find_channel(request, pk)
    hooks = {hook.provider: hook for hook in Hook.objects.filter(channel=found)}
    counted: Any = (
        Delivery.objects.filter(channel=found)
        .values("provider")
        .annotate(many=Count("id"), failed=Count("id", filter=Q(status="failed")))
    )
    came = {row["provider"]: row for row in counted}
    rows = [
        {"provider": value, "label": label, "ready": value in hooks and bool(hooks[value].secret)}
        | came.get(value, {"many": 0, "failed": 0})
        for value, label in Provider.choices
    ]
    rows.sort(key=lambda row: (not row["ready"], not row["many"]))
    context = {"nav": "channels", "channel": found, "rows": rows, "tabs": tabs_of(found, "channel_senders")}
    return render(request, "intake/senders.html", context)
