"""The dashboard: where does it stick? Every number opens the list behind it."""

import json
from typing import Any
from uuid import UUID

from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.http import urlencode
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from insights.api import csv_answer
from insights.pages.first_steps import first_steps
from insights.reports import (
    PERIODS,
    REPORTS,
    USUAL,
    Report,
    Scope,
    fairness,
    funnel,
    reps,
    scorecard,
    sources,
    stuck,
)
from insights.reports import timeliness as timeliness_of
from insights.reports.answers import answers
from insights.reports.behind import FIGURES, Found, brought, came, contacts, of_all, overdue, overlap, steps
from insights.reports.cohort import LADDER, cohort
from insights.reports.figures import Figure, figures
from insights.reports.scope import SOURCES
from leads.models import Channel, Lead, Stage
from leads.models.lead import Quality
from workspaces.ids import is_id
from workspaces.models import Member, Team
from workspaces.paging import whole_number
from workspaces.permissions import require
from workspaces.tenancy import current_workspace_id

FEW = 8
FRESH_S = 30  # the reports of the page may be this old


def scope_of(request: HttpRequest) -> Scope:
    """The period, the team and the way to count channels that the address asks for; anything else is the usual."""
    days, team = request.GET.get("days", ""), request.GET.get("team", "")
    try:
        found = Team.objects.filter(pk=UUID(team)).first() if team else None
    except ValueError:
        found = None
    length = whole_number(days, max(PERIODS))
    by = next((one for one in SOURCES if one == request.GET.get("by")), SOURCES[0])
    return Scope(request.as_of, length if length in PERIODS else USUAL, found.pk if found else None, by)


@require_safe
def dashboard(request: HttpRequest, slug: str) -> HttpResponse:
    """Figures, funnel, where it sticks, sources, response times, reps, and first contacts that are overdue."""
    require(request.member, "reports")
    scope = scope_of(request)
    links = Links(slug, scope)
    found = read(scope)
    late = overdue(scope, most=FEW + 1)
    context: dict[str, Any] = {
        "nav": "dashboard",
        "scope": scope,
        "teams": list(Team.objects.order_by("name")),
        "periods": [(days, period_name(days)) for days in PERIODS],
        "stats": stats(found.pop("figures"), links),
        "late": described(late[:FEW]),
        "late_more": links.behind("overdue") if len(late) > FEW else "",
        "steps": first_steps(request),
    } | {name: links.onto(report) for name, report in found.items()}
    context["funnel_chart"] = funnel_chart(context["funnel"])
    context["timeliness_chart"] = timeliness_chart(context["timeliness"])
    return render(request, "insights/dashboard.html", context)


def read(scope: Scope) -> dict[str, Any]:
    """All reports of the page and its figures; they may be FRESH_S seconds old."""
    key = f"dashboard:{current_workspace_id()}:{scope.days}:{scope.team}:{scope.by}:{get_language()}"
    kept: dict[str, Any] | None = cache.get(key)
    if kept is None:
        captured, heard = cohort(scope), answers(scope)
        kept = {
            "figures": figures(scope),
            "funnel": funnel(scope, captured),
            "stuck": stuck(scope),
            "sources": sources(scope, captured),
            "scorecard": scorecard(scope, captured),
            "timeliness": timeliness_of(scope, heard),
            "reps": reps(scope, heard),
            "fairness": fairness(scope),
        }
        cache.set(key, kept, FRESH_S)
    return dict(kept)


def period_name(days: int) -> str:
    if days == 365:
        return _("12 months")
    return ngettext("%(days)d day", "%(days)d days", days) % {"days": days}


class Links:
    """Addresses of the lists behind numbers, with the dashboard's own period and team."""

    def __init__(self, slug: str, scope: Scope) -> None:
        self.slug, self.scope = slug, scope

    def leads(self, where: dict[str, Any] | None) -> str:
        if where is None:
            return ""
        try:
            address = reverse("leads", kwargs={"slug": self.slug})
        except NoReverseMatch:
            return ""
        return f"{address}?{urlencode({'where': json.dumps(where, separators=(',', ':'))})}"

    def behind(self, kind: str, **more: Any) -> str:
        asked = {"days": self.scope.days} | ({"team": self.scope.team} if self.scope.team else {}) | more
        address = reverse("behind", kwargs={"slug": self.slug, "kind": kind})
        return f"{address}?{urlencode({key: value for key, value in asked.items() if value})}"

    def onto(self, report: Report) -> Report:
        """The report with ``href`` in its rows, and of reps the lists behind each of their numbers."""
        for row in report.rows:
            row["href"] = self.leads(row.get("where"))
            if report.name == "sources" and not row["href"]:
                row["href"] = self.behind("came", channel=row["channel"] or "none", by=self.scope.by)
            if report.name == "reps":
                row |= self.of_rep(row["member"])
            if report.name == "timeliness":
                row["href"] = self.behind("contacts", answered=row["class"])
            if report.name == "sources":
                row |= self.of_figures("came", channel=row["channel"] or "none")
            if report.name == "campaigns":
                row |= self.of_figures("brought", campaign=row["campaign"])
            if report.name == "overlaps":
                row["href"] = self.behind("overlap", first=row["first_channel"], again=row["again_channel"])
        if report.name in ("sources", "campaigns"):
            report.total |= {"href": self.leads(self.scope.captured())} | self.of_figures(
                "came", channel="all"
            )
        return report

    def of_figures(self, kind: str, **which: str) -> dict[str, str]:
        """The lists behind the figures of a channel's or a campaign's results."""
        return {f"{name}_href": self.behind(kind, figure=name, by=self.scope.by, **which) for name in FIGURES}

    def of_rep(self, member: str) -> dict[str, str]:
        return {
            "overdue_href": self.behind("overdue", member=member),
            "new_href": self.behind("contacts", answered="new", member=member),
            "reclaimed_href": self.behind("contacts", answered="reclaimed", member=member),
            "in_time_href": self.behind("contacts", answered="in_time", member=member),
        } | {f"{target}_href": self.behind("steps", target=target, member=member) for target in LADDER[2:]}


def stats(found: dict[str, Figure], links: Links) -> list[dict[str, Any]]:
    """The five figures as the stat part shows them."""
    scope = links.scope
    told = [
        ("captured", _("New leads"), links.leads(scope.captured()), ""),
        (
            "mql",
            _("Became MQL"),
            links.behind("steps", target="mql"),
            _("Marketing's threshold of fit and engagement"),
        ),
        ("sql", _("Became SQL"), links.behind("steps", target="sql"), _("Confirmed by sales")),
        ("won", _("Won"), links.behind("steps", target="won"), ""),
        (
            "in_time",
            _("Contacted in time"),
            links.behind("contacts", answered="in_time"),
            _("Share of the leads somebody began to hold that were contacted in the time their policy gives"),
        ),
    ]
    return [
        {"label": label, "href": href, "hint": hint} | stat(found[key]) for key, label, href, hint in told
    ]


def stat(figure: Figure) -> dict[str, Any]:
    share = figure.key == "in_time"
    change = ""
    if figure.change is not None:
        points = round(figure.change * 100)
        sign = "+" if points > 0 else "−" if points < 0 else "±"
        change = _("%(sign)s%(points)d points") if share else "%(sign)s%(points)d%%"
        change %= {"sign": sign, "points": abs(points)}
    return {
        "number": figure.now,
        "is_share": share,
        "change": change,
        "good": (figure.change or 0) >= 0,
        "spark": figure.spark if any(figure.spark) else [],
    }


def funnel_chart(report: Report) -> dict[str, Any]:
    rows = [row for row in report.rows if row["stage"] in LADDER]
    return {
        "kind": "funnel",
        "labels": [str(Stage(row["stage"]).label) for row in rows],
        "series": [{"name": _("Reached it"), "values": [row["reached"] for row in rows]}],
    }


def timeliness_chart(report: Report) -> dict[str, Any]:
    values = [row["leads"] for row in report.rows]
    return {
        "kind": "bar",
        "labels": [row["within"] for row in report.rows],
        "series": [{"name": _("Leads"), "values": values}],
    }


def described(found: list[Found]) -> list[dict[str, Any]]:
    """The rows with their leads and members, in two statements more."""
    leads = Lead.objects.select_related("company").defer("search", "attributes", "score_parts")
    by_id = leads.in_bulk([one.lead for one in found])
    members = Member.objects.in_bulk([one.member for one in found if one.member])
    return [
        {"lead": by_id[one.lead], "at": one.at, "member": members.get(one.member), "hours": one.hours}
        for one in found
        if one.lead in by_id
    ]


@require_safe
def behind(request: HttpRequest, slug: str, kind: str) -> HttpResponse:
    """The leads behind a number of a report: ``overdue``, ``steps``, ``contacts``, ``overlap``, ``came``
    or ``brought``."""
    require(request.member, "reports")
    scope, member = scope_of(request), None
    if who := request.GET.get("member"):
        member = Member.objects.filter(pk=who).first() if is_id(who) else None
        if member is None:
            raise Http404(_("There is no such member."))
    pk = member.pk if member else None
    if kind == "steps":
        target = request.GET.get("target", "")
        if target not in Stage.values:
            raise Http404(_("There is no such stage."))
        title = _("Became %(stage)s") % {"stage": Stage(target).label}
        rows = steps(scope, target, pk)
    elif kind == "contacts":
        answered = request.GET.get("answered", "")
        title, rows = contact_title(answered), contacts(scope, answered, pk)
    elif kind == "overdue":
        title, rows = _("First contact overdue"), overdue(scope, pk)
    elif kind == "overlap":
        first, again = (channel_named(request.GET.get(name, "")) for name in ("first", "again"))
        title = _("First by %(first)s, again by %(again)s") % {"first": first.name, "again": again.name}
        rows = overlap(scope, first.pk, again.pk)
    elif kind == "came":
        title, rows = that_came(request, scope)
    elif kind == "brought":
        campaign, figure = request.GET.get("campaign", ""), figure_named(request)
        title = with_figure(campaign or _("No campaign"), figure)
        rows = brought(scope, campaign, figure)
    else:
        raise Http404(_("There is no such list."))
    context = {"nav": "dashboard", "title": title, "rows": described(rows), "kind": kind, "of": member}
    return render(request, "insights/behind.html", context | {"period": period_name(scope.days)})


def that_came(request: HttpRequest, scope: Scope) -> tuple[str, list[Found]]:
    """The title and the leads of a figure of a channel, of no channel, or of all of them."""
    asked, figure = request.GET.get("channel", ""), figure_named(request)
    if asked == "all":
        return with_figure(_("All channels"), figure), of_all(scope, figure)
    channel = None if asked == "none" else channel_named(asked)
    title = with_figure(by_channel_title(channel, scope), figure)
    return title, came(scope, channel.pk if channel else None, figure)


def figure_named(request: HttpRequest) -> str:
    figure = request.GET.get("figure", "leads")
    if figure not in FIGURES:
        raise Http404(_("There is no such list."))
    return figure


def with_figure(title: str, figure: str) -> str:
    told = {
        "mql": _("MQL"),
        "sql": _("SQL"),
        "won": _("Won"),
        "rated": _("Rated"),
        "value": _("Value won"),
        "abroad": _("Won in other currencies"),
    } | {one.value: str(one.label) for one in Quality}
    return f"{title} · {told[figure]}" if figure in told else title


def channel_named(text: str) -> Channel:
    """The channel of that id; 404 where there is none."""
    found = Channel.objects.filter(pk=text).first() if is_id(text) else None
    if found is None:
        raise Http404(_("There is no such channel."))
    return found


def by_channel_title(channel: Channel | None, scope: Scope) -> str:
    name = {"name": channel.name if channel else _("No channel")}
    if scope.by == "last":
        return _("Last by %(name)s") % name
    return (_("Came by %(name)s") if scope.by == "all" else _("First by %(name)s")) % name


def contact_title(answered: str) -> str:
    known = {
        "in_time": _("Contacted in time"),
        "never": _("Not contacted in time, and not since"),
        "reclaimed": _("Taken back"),
        "h1": _("First contact within 1 h"),
        "h4": _("First contact after 1 to 4 h"),
        "h24": _("First contact after 4 to 24 h"),
        "h48": _("First contact after 24 to 48 h"),
        "h72": _("First contact after 48 to 72 h"),
        "later": _("First contact after more than 72 h"),
    }
    return known.get(answered, _("Newly held"))


@require_safe
def export(request: HttpRequest, slug: str, report: str) -> HttpResponse:
    """A report as the dashboard shows it, as CSV."""
    require(request.member, "reports")
    if report not in REPORTS:
        raise Http404(_("There is no such report."))
    return csv_answer(REPORTS[report](scope_of(request)))
