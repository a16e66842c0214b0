"""Webhooks that came in: the list with its reasons, one as it came, and a channel's keys and fields for a sender."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from intake.actions import find_delivery, hook_of, replay, replay_failed, set_keys, set_mapping
from intake.actions.hooks import CHOSEN_HERE, NEEDS
from intake.hooks.events import Event
from intake.hooks.fields import targets_of
from intake.hooks.reasons import sentence
from intake.hooks.sent import Provider
from intake.looking_back import body_of, sample_event
from intake.models import Delivery, DeliveryStatus, Hook
from intake.pages.columns import groups
from leads.models import Channel, CustomField, Lead
from workspaces.paging import Window
from workspaces.permissions import require
from workspaces.refusals import Invalid

ROWS = 30
LABELS = {
    "secret": gettext_lazy("Secret"),
    "verify_token": gettext_lazy("Verify token"),
    "access_token": gettext_lazy("Access token"),
    "account": gettext_lazy("Corp ID"),
}


@require_safe
def deliveries(request: HttpRequest, slug: str) -> HttpResponse:
    require(request.member, "channels")
    status = request.GET.get("status", "")
    rows = Delivery.objects.select_related("channel").defer("body", "text", "headers")
    if status in DeliveryStatus.values:
        rows = rows.filter(status=status)
    channel = channel_asked(request)
    if channel is not None:
        rows = rows.filter(channel=channel)
    try:
        window = Window(rows, "-received_at", ROWS, request.GET.get("cursor", ""))
    except ValueError:
        return redirect("deliveries", slug=slug)
    kept = f"channel={channel.pk}&" if channel else ""
    more = f"?{kept}status={status}&cursor=" if status in DeliveryStatus.values else f"?{kept}cursor="
    context = {
        "rows": [(row, sentence(row.reason, row.detail), became(row)) for row in window.rows],
        "channel": channel,
        "tabs": [
            {
                "label": label,
                "href": f"?{kept}status={value}" if value else f"?{kept}".rstrip("&"),
                "active": status == value,
            }
            for value, label in (("", _("All")), *DeliveryStatus.choices)
        ],
        "failed": status == DeliveryStatus.FAILED and bool(window.rows),
        "next": more + window.next if window.next else "",
        "previous": more + window.previous if window.previous else "",
        "nav": "channels",
    }
    return render(request, "intake/deliveries.html", context)


def channel_asked(request: HttpRequest) -> Channel | None:
    """The one channel whose messages are asked for, if any."""
    try:
        asked = request.POST.get("channel") or request.GET.get("channel", "")
        return Channel.objects.filter(pk=UUID(asked)).first()
    except ValueError:
        return None


def became(row: Delivery) -> list[dict[str, Any]]:
    """What each event of a message became, in words; with the lead where there is one."""
    words = {
        "created": _("new lead"),
        "merged": _("known lead"),
        "rejected": _("not entered"),
        "known": _("had come already"),
        "test": _("test"),
        "deleted": _("deleted there"),
        "not_a_lead": _("not a lead"),
        "not_fetched": _("not fetched"),
    }
    found = row.results if isinstance(row.results, list) else []
    return [one | {"said": words.get(one.get("status", ""), one.get("status", ""))} for one in found]


def with_names(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same with what the leads are called."""
    leads = Lead.objects.filter(pk__in=[one["lead"] for one in found if one.get("lead")])
    names = {str(pk): name for pk, name in leads.values_list("pk", "name")}
    return [one | {"name": names.get(str(one.get("lead")), "")} for one in found]


@require_safe
def delivery(request: HttpRequest, slug: str, pk: UUID) -> HttpResponse:
    require(request.member, "channels")
    row = find_delivery(pk)
    context = {
        "row": row,
        "why": sentence(row.reason, row.detail),
        "became": with_names(became(row)),
        "tests": any(one["status"] == "test" for one in became(row)),
        "body": body_of(row, hook_of(row.channel, row.provider)),
        "nav": "channels",
    }
    return render(request, "intake/delivery.html", context)


@require_POST
def delivery_replay(request: HttpRequest, slug: str, pk: UUID) -> HttpResponse:
    tests = bool(request.POST.get("tests"))
    replay(find_delivery(pk), tests=tests, as_of=request.as_of, actor=request.member)
    messages.success(request, _("It is taken in again."))
    if request.POST.get("next") == "list":
        return redirect("deliveries", slug=slug)
    return redirect("delivery", slug=slug, pk=pk)


@require_POST
def deliveries_replay(request: HttpRequest, slug: str) -> HttpResponse:
    """Everything that failed, of one channel or of all, once more."""
    many = replay_failed(channel=channel_asked(request), as_of=request.as_of, actor=request.member)
    messages.success(
        request,
        ngettext("%(many)d message is taken in again.", "%(many)d messages are taken in again.", many)
        % {"many": many},
    )
    return redirect("deliveries", slug=slug)


class KeysForm(forms.Form):
    """The keys one vendor needs. What is set is not shown; an empty field keeps it."""

    def __init__(self, hook: Hook, *args: Any) -> None:
        super().__init__(*args)
        for name in NEEDS[hook.provider]:
            hint = _("Set; leave empty to keep it") if getattr(hook, name) else ""
            widget = forms.TextInput({"autocomplete": "off", "spellcheck": "false"})
            self.fields[name] = forms.CharField(
                label=LABELS[name], required=False, max_length=1000, help_text=hint, widget=widget
            )


@require_http_methods(["GET", "HEAD", "POST"])
def hook_page(request: HttpRequest, slug: str, pk: UUID, provider: str) -> HttpResponse:
    """The keys and fields of one sender; POST saves whichever form was sent."""
    require(request.member, "channels")
    channel = Channel.objects.filter(pk=pk).first()
    if channel is None or provider not in Provider.values:
        raise Http404
    hook = hook_of(channel, provider)
    keys = "fields" not in request.POST
    form = KeysForm(hook, request.POST if request.method == "POST" and keys else None)
    event = sample_event(hook)
    errors: list[dict] = []
    if request.method == "POST" and (not keys or form.is_valid()):
        try:
            save(request, hook, form if keys else None, event)
            return redirect("hook", slug=slug, pk=pk, provider=provider)
        except Invalid as wrong:
            errors = wrong.errors
    context = {
        "hook": hook,
        "channel": channel,
        "form": form,
        "errors": errors,
        "address": request.build_absolute_uri(reverse("api:hooks", args=[provider, channel.token])),
        "choices": choices(hook, event),
        "groups": groups(),
        "nav": "channels",
        "ready": bool(hook.secret),
        "made_here": not hook.secret and hook.provider in CHOSEN_HERE,
        "last": last_messages(hook),
    }
    return render(request, "intake/hook.html", context, status=422 if errors or form.errors else 200)


def last_messages(hook: Hook) -> list[tuple[Delivery, str]]:
    rows = Delivery.objects.filter(channel=hook.channel, provider=hook.provider).defer(
        "body", "text", "headers"
    )
    return [(row, sentence(row.reason, row.detail)) for row in rows.order_by("-received_at")[:5]]


def save(request: HttpRequest, hook: Hook, form: KeysForm | None, event: Event) -> None:
    options: dict[str, Any] = {"as_of": request.as_of, "actor": request.member}
    if form is None:
        names = list(event.fields)
        sent = {name: request.POST.get(f"field-{at}") or None for at, name in enumerate(names)}
        set_mapping(hook, sent, dict(event.fields), **options)
        messages.success(request, _("Saved."))
        return
    made = set_keys(hook, {name: value for name, value in form.cleaned_data.items() if value}, **options)
    messages.success(
        request, _("The secret, shown this once: %(secret)s") % {"secret": made} if made else _("Saved.")
    )


def choices(hook: Hook, event: Event) -> list[dict[str, Any]]:
    targets = targets_of(event, hook.mapping, list(CustomField.objects.all()))
    return [{"name": n, "sample": said, "target": targets.get(n) or ""} for n, said in event.fields.items()]
