"""Where notices and events go out to: e-mail, webhooks and WeCom robots, and which of them fail."""

from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from insights.pages.settings.people import Acts
from insights.pages.settings.section import Section, attempt, find
from notices import queries
from notices.actions import (
    add_webhook,
    change_webhook,
    drop_webhook,
    new_secret_of,
    send_again,
    try_webhook,
)
from notices.actions.webhooks import hidden
from notices.events import events
from notices.models import Format, Sending, Webhook
from workspaces.posted import posted

MOST_PARKED = 20


class WebhookForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=200, required=False)
    url = forms.CharField(
        label=gettext_lazy("Address"),
        max_length=1000,
        help_text=gettext_lazy(
            "Where messages are sent by POST. For a WeCom group: the address of its robot."
        ),
    )
    format = forms.ChoiceField(label=gettext_lazy("Kind"), choices=Format.choices)
    events: forms.MultipleChoiceField = forms.MultipleChoiceField(
        label=gettext_lazy("Told about"), widget=forms.CheckboxSelectMultiple
    )
    is_active = forms.BooleanField(label=gettext_lazy("In force"), required=False, initial=True)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["events"].choices = list(events().items())  # type: ignore[attr-defined]


class ChannelsOut(Section):
    key, icon, reads, needs = "channels-out", "send", "webhooks", "webhooks"
    title = gettext_lazy("Notices and webhooks")
    text = gettext_lazy(
        "Outgoing e-mail, WeCom group robots and webhooks to other programs, and whether they work."
    )

    @property
    def template(self) -> str:
        return "insights/settings/channels_out.html"

    def context(self, request: HttpRequest) -> dict[str, Any]:
        labels = events()
        hooks = [
            {
                "row": one,
                "open": counts,
                "address": hidden(one),
                "events": [str(labels.get(name, name)) for name in one.events],
            }
            for one, counts in queries.webhooks()
        ]
        return {
            "hooks": hooks,
            "email": queries.email_state(),
            "server": settings.MAILERS["default"].get("OPTIONS", {}).get("host", ""),
            "sender": settings.DEFAULT_FROM_EMAIL,
            "parked": queries.parked()[:MOST_PARKED],
        }

    def edit(self, request: HttpRequest, pk: UUID | None) -> HttpResponse:
        row = find(Webhook, pk) if pk else None
        names = ("name", "url", "events", "is_active")
        form = WebhookForm(
            posted(request),
            initial={n: getattr(row, n) for n in names} if row else None,
        )
        who = {"as_of": request.as_of, "actor": request.member}
        if row is None:
            return self.add(request, form, who)
        del form.fields["format"]

        def save() -> str:
            change_webhook(row, form.cleaned_data, **who)
            return _("%(name)s is changed.") % {"name": row.name}

        return self.form(request, row.name, form, save, row=row, drop="drop")

    def add(self, request: HttpRequest, form: forms.Form, who: dict[str, Any]) -> HttpResponse:
        made: list[Webhook] = []

        def save() -> str:
            given = {key: value for key, value in form.cleaned_data.items() if key != "is_active"}
            made.append(add_webhook(**given, **who))
            return _("%(name)s is told from now on.") % {"name": made[0].name}

        if request.method == "POST" and attempt(form, save):
            return (
                self.secret_shown(request, made[0].secret)
                if made[0].secret
                else self.done(request, _("%(name)s is told from now on.") % {"name": made[0].name})
            )
        return self.form(request, _("New webhook"), form, lambda: "", submit=_("Add"))

    def secret_shown(self, request: HttpRequest, secret: str) -> HttpResponse:
        answer = render(request, "insights/settings/secret_shown.html", {"secret": secret})
        answer["HX-Trigger"] = "changed"
        return answer

    def acts(self) -> Acts:
        return {"drop": self.drop, "try": self.test, "secret": self.secret, "again": self.again}

    def drop(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        row = find(Webhook, pk)
        drop_webhook(row, as_of=request.as_of, actor=request.member)
        return self.done(request, _("%(name)s is gone.") % {"name": row.name})

    def test(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        row = find(Webhook, pk)
        try_webhook(row, as_of=request.as_of, actor=request.member)
        return self.done(request, _("A test is on its way to %(name)s.") % {"name": row.name})

    def secret(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        row = find(Webhook, pk)
        secret = new_secret_of(row, as_of=request.as_of, actor=request.member)
        return self.secret_shown(request, secret)

    def again(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        row = find(Sending, pk)
        send_again(row, as_of=request.as_of, actor=request.member)
        return self.done(request, _("It is tried again now."))
