"""Keeping a lead with its holder, from its page: extend the clock, lock it, say that it is no real lead."""

from datetime import datetime, time
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from insights.pages.panel import attempt, done, find, panel
from leads.actions.quality import rate_quality
from leads.believable import believable
from pools.actions import extend, lock_until, mark_invalid, unlock, unmark_invalid
from workspaces.calendar import at_wall
from workspaces.permissions import require
from workspaces.posted import posted
from workspaces.tenancy import current_workspace


class ExtendForm(forms.Form):
    days = forms.IntegerField(
        label=gettext_lazy("How many days longer"), min_value=1, max_value=730, initial=3
    )
    working = forms.BooleanField(label=gettext_lazy("Working days"), required=False)
    reason = forms.CharField(
        label=gettext_lazy("Why"), max_length=300, help_text=gettext_lazy("It stands in the timeline.")
    )


class LockForm(forms.Form):
    until = forms.DateField(
        label=gettext_lazy("Until the end of"), widget=forms.DateInput(attrs={"type": "date"})
    )
    reason = forms.CharField(
        label=gettext_lazy("Why"), max_length=300, help_text=gettext_lazy("It stands in the timeline.")
    )


class MarkForm(forms.Form):
    reason = forms.CharField(label=gettext_lazy("What is wrong with it"), max_length=300, required=False)


@require_http_methods(["GET", "POST"])
def extension(request: HttpRequest, slug: str, pk: UUID) -> HttpResponse:
    """A manager lets the holder keep the lead longer."""
    require(request.member, "assign")
    lead, form = find(pk), ExtendForm(posted(request))

    def act() -> None:
        extend([pk], **form.cleaned_data, as_of=request.as_of, actor=request.member)

    if request.method == "POST" and attempt(form, act):
        return done(request, lead, _("The clock is extended."))
    return panel(request, lead, _("Extend the clock"), form, submit=_("Extend"))


@require_http_methods(["GET", "POST"])
def lock(request: HttpRequest, slug: str, pk: UUID) -> HttpResponse:
    """A manager locks the lead until the end of a day."""
    require(request.member, "assign")
    lead, form = find(pk), LockForm(posted(request))

    def act() -> None:
        given = form.cleaned_data
        believable("until", given["until"])
        until = at_wall(datetime.combine(given["until"], time(23, 59, 59)), current_workspace().tz)
        lock_until([pk], until, reason=given["reason"], as_of=request.as_of, actor=request.member)

    if request.method == "POST" and attempt(form, act):
        return done(request, lead, _("Locked."))
    return panel(request, lead, _("Lock this lead"), form, submit=_("Lock"))


@require_POST
def unlocked(request: HttpRequest, slug: str, pk: UUID) -> HttpResponse:
    lead = find(pk)
    unlock([pk], as_of=request.as_of, actor=request.member)
    return done(request, lead, _("The clock counts again."))


@require_http_methods(["GET", "POST"])
def invalid(request: HttpRequest, slug: str, pk: UUID) -> HttpResponse:
    """A member says that this is no real lead."""
    require(request.member, "follow_up")
    lead, form = find(pk), MarkForm(posted(request))

    def act() -> None:
        mark_invalid(pk, form.cleaned_data["reason"], as_of=request.as_of, actor=request.member)

    if request.method == "POST" and attempt(form, act):
        return done(request, lead, _("Marked as invalid."))
    return panel(request, lead, _("Not a real lead?"), form, submit=_("Mark as invalid"))


@require_POST
def valid(request: HttpRequest, slug: str, pk: UUID) -> HttpResponse:
    lead = find(pk)
    unmark_invalid(pk, as_of=request.as_of, actor=request.member)
    return done(request, lead, _("Your mark is taken back."))


@require_POST
def quality(request: HttpRequest, slug: str, pk: UUID) -> HttpResponse:
    """What a rep found the lead to be, in one click; the same once more takes it back."""
    lead = find(pk)
    rate_quality([pk], request.POST.get("quality", ""), as_of=request.as_of, actor=request.member)
    return done(request, lead, _("Rated.") if request.POST.get("quality") else _("The rating is taken back."))
