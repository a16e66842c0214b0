"""The pools: what may I take? And what a selection of leads is given to, or given back from."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from leads.masking import MASKS
from leads.models import Lead, Pool
from leads.pages.answers import done, nothing_selected, partly
from leads.pages.bulk import panel
from leads.pages.listing import selected
from pools.actions import claim, claim_best, give, release
from pools.queries import FREE_POOLS, claim_room, claimable, counts, day_of, leaving, takers, whose_clocks
from pools.words import clock_reason
from workspaces.models import Member
from workspaces.paging import Window
from workspaces.permissions import may, require
from workspaces.posted import posted
from workspaces.refusals import NotAllowed, NotThere, Refusal

BEST = 5
ROWS = 50
SOON = timedelta(days=7)
MOST_LEAVING = 5
DAY = timedelta(days=1)


@require_safe
def pools(request: HttpRequest, slug: str) -> HttpResponse:
    """The three pools in numbers, what may be claimed now (the best first), and what goes back soon."""
    member: Member = request.member
    pool = request.GET.get("pool", "")
    free = claimable(member, request.as_of)
    free = free.filter(pool=pool) if pool in FREE_POOLS else free
    try:
        window = Window(free, "-score", ROWS, request.GET.get("cursor", ""), dress=offered)
    except ValueError:
        return redirect("pools", slug=slug)
    takes, leads_url = may(member, "claim"), reverse("leads", kwargs={"slug": slug})
    context = {
        "nav": "pools",
        "counts": counts(request.as_of),
        "room": claim_room(member, request.as_of) if takes else None,
        "takes": takes,
        "best": BEST,
        "pool": pool,
        "tabs": tabs(pool),
        "rows": [as_row(lead, leads_url) for lead in window.rows],
        "next": f"?{urlencode({'pool': pool, 'cursor': window.next})}" if window.next else "",
        "previous": f"?{urlencode({'pool': pool, 'cursor': window.previous})}" if window.previous else "",
        "leaving": soon_gone(request),
        **going_back(request),
        "actions": [{"label": _("Claim"), "icon": "hand-grab", "key": "c", "post": "claim/"}]
        if takes
        else [],
    }
    return render(request, "pools/pools.html", context)


def offered(rows: QuerySet[Lead]) -> QuerySet[Lead]:
    """Free leads with what their row shows."""
    names = (
        "company",
        "company__name",
        "company__workspace",
        "channel",
        "channel__name",
        "channel__workspace",
    )
    return rows.select_related("company", "channel").only(
        *("id", "workspace", "name", "title", "email", "phone", "wechat", "stage", "pool", "pool_since"),
        *("score", "grade", "industry", "region", "captured_at", "owner"),
        *names,
    )


def tabs(pool: str) -> list[dict[str, Any]]:
    choices = [("", _("All that is free")), *((one.value, one.label) for one in FREE_POOLS)]
    return [{"label": label, "href": f"?pool={key}", "active": pool == key} for key, label in choices]


def as_row(lead: Lead, leads_url: str) -> dict[str, Any]:
    """A free lead as it is offered: that it can be reached, and not yet how."""
    reach = [MASKS[name](value) for name in ("phone", "email", "wechat") if (value := getattr(lead, name))]
    company = str(lead.company or "")
    beside = [part for part in (company if lead.name else "", lead.region) if part]
    return {
        "lead": lead,
        "href": f"{leads_url}{lead.pk}/",
        "name": lead.name or company or _("No name"),
        "beside": " · ".join(beside),
        "first": reach[0] if reach else "",
        "second": reach[1] if len(reach) > 1 else "",
        "stage": lead.get_stage_display(),
        "taken_back": lead.pool == Pool.RECYCLE,
    }


def soon_gone(request: HttpRequest) -> list[dict[str, Any]]:
    """What a rep loses within a week; for all others, what anybody loses."""
    rows = leaving(request.as_of, SOON, whose_clocks(request.member))[:MOST_LEAVING]
    return [{"lead": lead, "why": clock_reason(lead.reclaim_reason)} for lead in rows]


def going_back(request: HttpRequest) -> dict[str, int]:
    """How many of the same go back before the day is over, and within a day."""
    _begins, ends = day_of(request.as_of)
    rows = leaving(request.as_of, DAY, whose_clocks(request.member))
    return rows.aggregate(tonight=Count("pk", filter=Q(reclaim_at__lte=ends)), within_a_day=Count("pk"))


@require_POST
def take_best(request: HttpRequest, slug: str) -> HttpResponse:
    """Claim the best five. Refused, with the rule and until when, where there is no room."""
    answer = claim_best(request.member, BEST, as_of=request.as_of)
    claimed = answer.claimed
    if not claimed:
        text = _("Nothing that you may claim is free at the moment.") if answer.refused else ""
        return done(
            request,
            slug,
            f"{text} {reasons_text(answer.refused)}" if text else _("Nothing is free at the moment."),
        )
    text = ngettext("%(count)d lead is yours now.", "%(count)d leads are yours now.", len(claimed))
    return done(request, slug, text % {"count": len(claimed)})


@require_POST
def claim_many(request: HttpRequest, slug: str) -> HttpResponse:
    """Claim the selection, in its order; what was refused is told with its reason."""
    ids = selected(request)
    if not ids:
        return nothing_selected(request)
    answer = claim(request.member, ids, as_of=request.as_of)
    count = len(answer.claimed)
    text = ngettext("%(count)d lead is yours now.", "%(count)d leads are yours now.", count) % {
        "count": count
    }
    if answer.refused:
        text += " " + reasons_text(answer.refused)
    if not count:
        context = {"kind": "warning", "text": reasons_text(answer.refused)}
        return render(request, "parts/note.html", context, status=409)
    return done(request, slug, text)


def reasons_text(refused: dict[UUID, dict[str, Any]]) -> str:
    """ "12 not: Zoe holds this lead. (10) Today's claims are used up. (2)": the most frequent first."""
    told: dict[str, int] = {}
    for one in refused.values():
        told[one["message"]] = told.get(one["message"], 0) + 1
    often = sorted(told.items(), key=lambda pair: -pair[1])[:3]
    reasons = " ".join(f"{message} ({many})" if many > 1 else message for message, many in often)
    return _("%(count)d not: %(reasons)s") % {"count": len(refused), "reasons": reasons}


class AssignForm(forms.Form):
    owner: forms.ModelChoiceField = forms.ModelChoiceField(label=gettext_lazy("To whom"), queryset=None)
    reason = forms.CharField(label=gettext_lazy("Why"), required=False, max_length=300)
    override = forms.BooleanField(label=gettext_lazy("Also when they hold too many"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = takers()  # type: ignore[attr-defined]
        self.fields["reason"].help_text = _("The new holder reads it.")


@require_http_methods(["GET", "POST"])
def assign_many(request: HttpRequest, slug: str) -> HttpResponse:
    """A manager hands the selection to somebody, all or none."""
    require(request.member, "assign")
    ids = selected(request)
    form = AssignForm(posted(request))
    if request.method == "POST" and not ids:
        return nothing_selected(request)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            answer = give(
                ids,
                given["owner"],
                given["reason"],
                as_of=request.as_of,
                actor=request.member,
                override=given["override"],
            )
        except (NotAllowed, NotThere):
            raise
        except Refusal as refusal:
            form.add_error(None, refusal.message)
        else:
            return done(request, slug, given_text(len(answer.given), len(answer.kept), given["owner"]))
    return panel(request, form, ids, _("Assign"), _("Hand them over"))


def given_text(given: int, kept: int, owner: Member) -> str:
    text = ngettext("%(count)d lead handed to %(owner)s.", "%(count)d leads handed to %(owner)s.", given)
    text %= {"count": given, "owner": owner}
    if kept:
        more = ngettext("%(count)d was theirs already.", "%(count)d were theirs already.", kept)
        text += " " + more % {"count": kept}
    return text


class ReleaseForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Why"), widget=forms.Textarea(attrs={"rows": 3}), max_length=300
    )


@require_http_methods(["GET", "POST"])
def release_many(request: HttpRequest, slug: str) -> HttpResponse:
    """Give the selection back to the recycle pool; who does not hold a lead is told which."""
    require(request.member, "claim")
    ids = selected(request)
    form = ReleaseForm(posted(request))
    if request.method == "POST" and not ids:
        return nothing_selected(request)
    if request.method == "POST" and form.is_valid():
        theirs, refused = returnable(ids, request.member)
        try:
            gone = (
                release(theirs, form.cleaned_data["reason"], as_of=request.as_of, actor=request.member)
                if theirs
                else []
            )
        except (NotAllowed, NotThere):
            raise
        except Refusal as refusal:
            form.add_error(None, refusal.message)
        else:
            text = ngettext("%(count)d lead given back.", "%(count)d leads given back.", len(gone))
            text %= {"count": len(gone)}
            return (
                partly(request, _("Given back in part"), text, refused, len(gone))
                if refused
                else done(request, slug, text)
            )
    return panel(request, form, ids, _("Give back"), _("Give them back"))


def returnable(ids: list[UUID], member: Member) -> tuple[list[UUID], dict[UUID, list[str]]]:
    """Which of a selection the member may give back, and why not the others."""
    theirs, refused = [], {}
    for lead in Lead.objects.filter(pk__in=ids).only("owner", "pool"):
        if lead.pool != Pool.SALES:
            refused[lead.pk] = [_("Nobody holds it.")]
        elif lead.owner_id != member.pk and not may(member, "assign"):
            refused[lead.pk] = [_("A colleague holds it.")]
        else:
            theirs.append(lead.pk)
    return theirs, refused
