"""How do I want to be told? Kind by kind, and the hours in which I am left alone."""

import json
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from notices import queries
from notices.actions import set_hours, set_preferences
from notices.kinds import USUAL
from notices.models import Email, Webhook
from workspaces.posted import posted
from workspaces.refusals import Invalid


class HoursForm(forms.Form):
    quiet_from = forms.TimeField(
        label=gettext_lazy("Quiet from"), required=False, widget=forms.TimeInput({"type": "time"}, "%H:%M")
    )
    quiet_to = forms.TimeField(
        label=gettext_lazy("Quiet until"), required=False, widget=forms.TimeInput({"type": "time"}, "%H:%M")
    )
    digest_at = forms.TimeField(
        label=gettext_lazy("Daily e-mail at"), widget=forms.TimeInput({"type": "time"}, "%H:%M")
    )


@require_http_methods(["GET", "POST"])
def wishes(request: HttpRequest, slug: str) -> HttpResponse:
    """One page with one button: everything on it is stored together."""
    member = request.member
    now = queries.hours(member)
    names = ("quiet_from", "quiet_to", "digest_at")
    form = HoursForm(
        posted(request),
        initial={name: getattr(now, name) for name in names},
    )
    if request.method == "POST" and form.is_valid() and store(request, form):
        text = _("Your wishes are stored.")
        if request.headers.get("HX-Request"):
            told = {"toast": {"text": text, "level": "success"}}
            return HttpResponse(status=204, headers={"HX-Trigger": json.dumps(told)})
        messages.success(request, text)
        return redirect("notice_wishes", slug=slug)
    context: dict[str, Any] = {
        "nav": "notices",
        "form": form,
        "rows": [{"wish": one, "icon": USUAL[one.kind].icon} for one in queries.preferences(member)],
        "emails": Email.choices,
        "email_set_up": bool(settings.EMAIL_HOST_NAME),
        "groups": Webhook.objects.filter(is_active=True).exists(),
    }
    return render(request, "notices/wishes.html", context, status=422 if form.errors else 200)


def store(request: HttpRequest, form: HoursForm) -> bool:
    wanted = {
        one.kind: {
            "in_app": f"{one.kind}.in_app" in request.POST,
            "email": request.POST.get(f"{one.kind}.email", one.email),
            "group": f"{one.kind}.group" in request.POST if "groups" in request.POST else one.group,
        }
        for one in queries.preferences(request.member)
    }
    try:
        set_hours(request.member, **form.cleaned_data)
        set_preferences(request.member, wanted)
    except Invalid as wrong:
        for one in wrong.errors:
            form.add_error(one["field"] if one["field"] in form.fields else None, one["message"])
        return False
    return True
