"""The addresses of the settings: the index, a section, its rows."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from insights.pages.settings.assessment import AssessmentSettings
from insights.pages.settings.calendar import WorkingTimes
from insights.pages.settings.channels_out import ChannelsOut
from insights.pages.settings.enrichment import Enrichment
from insights.pages.settings.gates import Gates
from insights.pages.settings.holding import PoolPolicies
from insights.pages.settings.people import ApiKeys, Members, Teams
from insights.pages.settings.playbooks import Playbooks
from insights.pages.settings.recognising import Recognising
from insights.pages.settings.responses import Responses
from insights.pages.settings.rules import Assignment
from insights.pages.settings.scoring import Scoring
from insights.pages.settings.section import Section
from insights.pages.settings.texts import Texts
from insights.pages.settings.words import Fields, Home, Tags
from workspaces.models import Member
from workspaces.permissions import may, require

GROUPS: list[tuple[Any, list[Section]]] = [
    (gettext_lazy("Team"), [Members(), Teams()]),
    (
        gettext_lazy("Rules"),
        [
            Scoring(),
            AssessmentSettings(),
            Gates(),
            Playbooks(),
            Texts(),
            PoolPolicies(),
            Responses(),
            Assignment(),
            WorkingTimes(),
            Tags(),
            Recognising(),
        ],
    ),
    (gettext_lazy("Workspace"), [Fields(), Enrichment(), ChannelsOut(), ApiKeys(), Home()]),
]
WRITES = (
    "drop",
    "drop-tag",
    "drop-claim-rule",
    "drop-day",
    "drop-absence",
    "deactivate",
    "activate",
    "try",
    "secret",
    "again",
    "move",
)  # nothing to look at first
SECTIONS = {section.key: section for _title, sections in GROUPS for section in sections}


def navigation(member: Member) -> list[dict[str, Any]]:
    """The sections this member may read, in their groups."""
    shown = [
        {"title": title, "sections": [one for one in sections if may(member, one.reads)]}
        for title, sections in GROUPS
    ]
    return [group for group in shown if group["sections"]]


def named(key: str) -> Section:
    if key not in SECTIONS:
        raise Http404(_("There is no such page of the settings."))
    return SECTIONS[key]


@require_safe
def index(request: HttpRequest, slug: str) -> HttpResponse:
    """All sections with what each is about."""
    try:
        channels = reverse("channels", kwargs={"slug": slug}) if may(request.member, "channels") else ""
    except NoReverseMatch:
        channels = ""
    context = {"nav": "settings", "groups": navigation(request.member), "channels": channels}
    return render(request, "insights/settings/index.html", context)


@require_safe
def section(request: HttpRequest, slug: str, section: str) -> HttpResponse:
    """One section. Who may not change it reads it."""
    here = named(section)
    require(request.member, here.reads)
    context = {
        "nav": "settings",
        "section": here,
        "groups": navigation(request.member),
        "may_change": here.may_change(request.member),
    }
    return render(request, here.template, context | here.context(request))


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest, slug: str, section: str) -> HttpResponse:
    here = named(section)
    require(request.member, here.needs)
    return here.edit(request, None)


@require_http_methods(["GET", "POST"])
def item(request: HttpRequest, slug: str, section: str, pk: UUID) -> HttpResponse:
    here = named(section)
    require(request.member, here.needs)
    return here.edit(request, pk)


@require_http_methods(["GET", "POST"])
def act(request: HttpRequest, slug: str, section: str, pk: UUID, what: str) -> HttpResponse:
    """Something else done with a row: POST; a GET only shows a panel."""
    here = named(section)
    require(request.member, here.needs)
    do = here.acts().get(what)
    if do is None or (request.method != "POST" and what in WRITES):
        raise Http404(_("There is nothing at this address."))
    return do(request, pk)
