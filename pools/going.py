"""What goes back by tomorrow and why: for its holder, and for the manager, who can let them keep it."""

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from leads.pages.answers import done, nothing_selected
from leads.pages.bulk import panel
from leads.pages.listing import selected
from pools.actions import extend
from pools.queries import day_of, leaving, whose_clocks
from pools.telling import missing_facts
from pools.unmet import missing_now
from pools.words import clock_reason
from workspaces.calendar import away_until
from workspaces.paging import Window
from workspaces.permissions import may, require
from workspaces.posted import posted
from workspaces.refusals import NotAllowed, NotThere, Refusal

DAY = timedelta(days=1)
ROWS = 50


class ExtendForm(forms.Form):
    days = forms.IntegerField(
        label=gettext_lazy("How many days longer"), min_value=1, max_value=730, initial=3
    )
    working = forms.BooleanField(label=gettext_lazy("Working days"), required=False)
    reason = forms.CharField(
        label=gettext_lazy("Why"), max_length=300, help_text=gettext_lazy("It stands in the timeline.")
    )


def spans(as_of: datetime) -> dict[str, tuple[Any, datetime]]:
    """How far a view of the list looks: {its key: (name, until)}."""
    _begins, ends = day_of(as_of)
    return {
        "": (_("By the end of tomorrow"), ends + DAY),
        "tonight": (_("Tonight"), ends),
        "day": (_("Within 24 hours"), as_of + DAY),
    }


@require_safe
def leaving_soon(request: HttpRequest, slug: str) -> HttpResponse:
    """Held leads that go back before tomorrow is over, the soonest first, each with the reason."""
    views, whose = spans(request.as_of), whose_clocks(request.member)
    view = request.GET.get("within", "") if request.GET.get("within", "") in views else ""
    found = {
        key: leaving(request.as_of, until - request.as_of, whose) for key, (_name, until) in views.items()
    }
    try:
        window = Window(found[view], "reclaim_at", ROWS, request.GET.get("cursor", ""))
    except ValueError:
        return redirect("pools_leaving", slug=slug)
    missing = missing_now(window.rows, request.as_of)
    away = away_until(day_of(request.as_of)[0].date()) if whose is None else {}
    manages = may(request.member, "assign")

    def page(cursor: str) -> str:
        return f"?{urlencode({'within': view, 'cursor': cursor})}" if cursor else ""

    context = {
        "nav": "pools",
        "tabs": [
            {
                "label": name,
                "href": f"?within={key}" if key else "?",
                "active": key == view,
                "count": found[key].count(),
            }
            for key, (name, _until) in views.items()
        ],
        "rows": [
            {
                "lead": lead,
                "why": clock_reason(lead.reclaim_reason),
                "missing": missing_facts(missing.get(lead.pk, [])),
                "away": away.get(lead.owner_id),
            }
            for lead in window.rows
        ],
        "next": page(window.next),
        "previous": page(window.previous),
        "all_owners": whose is None,
        "manages": manages,
        "actions": [{"label": _("Extend"), "icon": "clock", "key": "e", "peek": "../extend/"}]
        if manages
        else [],
    }
    return render(request, "pools/leaving.html", context)


@require_http_methods(["GET", "POST"])
def extend_many(request: HttpRequest, slug: str) -> HttpResponse:
    """A manager lets the holders of the selection keep it longer, all or none."""
    require(request.member, "assign")
    ids = selected(request)
    form = ExtendForm(posted(request))
    if request.method == "POST" and not ids:
        return nothing_selected(request)
    if request.method == "POST" and form.is_valid():
        try:
            rows = extend(ids, **form.cleaned_data, as_of=request.as_of, actor=request.member)
        except (NotAllowed, NotThere):
            raise
        except Refusal as refusal:
            form.add_error(None, refusal.message)
        else:
            text = ngettext("%(count)d clock extended.", "%(count)d clocks extended.", len(rows))
            return done(request, slug, text % {"count": len(rows)})
    return panel(request, form, ids, _("Extend"), _("Extend their clocks"))
