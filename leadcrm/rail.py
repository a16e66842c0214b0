"""The main navigation: one list for the left rail, the bottom bar of a phone and the command palette."""

from dataclasses import dataclass
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

SELLS = {"admin", "manager", "rep"}
EVERYBODY = SELLS | {"marketer", "viewer"}
MANAGES = {"admin", "manager"}
MARKETS = {"admin", "manager", "marketer"}


@dataclass(frozen=True)
class Place:
    name: str  # the name of its URL
    label: Any
    icon: str
    roles: frozenset[str] | set[str]
    phone: bool = False  # has a seat in the bottom bar
    also: tuple[str, ...] = ()  # other URLs that light it up


GROUPS: list[tuple[Any, list[Place]]] = [
    (
        "",
        [
            Place("today", _("Today"), "list-check", SELLS, phone=True, also=("week",)),
            Place(
                "leads",
                _("Leads"),
                "target-arrow",
                EVERYBODY,
                phone=True,
                also=("lead", "lead_new", "lead_lookup", "cases"),
            ),
            Place("board", _("Board"), "layout-kanban", EVERYBODY, phone=True),
            Place("pools", _("Pools"), "inbox", EVERYBODY, phone=True),
            Place("opportunities", _("Opportunities"), "trophy", EVERYBODY, also=("opportunity",)),
        ],
    ),
    (
        _("Team"),
        [
            Place("dashboard", _("Dashboard"), "chart-bar", EVERYBODY),
            Place(
                "assignments", _("Assignments"), "route", EVERYBODY, also=("assignment", "assignment_waiting")
            ),
            Place("response_times", _("Response times"), "clock", EVERYBODY),
            Place("fairness", _("Fairness"), "scale", EVERYBODY),
            Place(
                "handovers", _("Handovers"), "switch-horizontal", MANAGES, also=("handover", "handover_new")
            ),
            Place("approvals", _("Approvals"), "checkbox", MANAGES),
        ],
    ),
    (
        _("Sources"),
        [
            Place("imports", _("Imports"), "file-import", MARKETS, also=("import", "import_new", "exports")),
            Place(
                "channels",
                _("Channels"),
                "plug",
                MARKETS,
                also=("channel", "channel_new", "channels_results"),
            ),
            Place("duplicates", _("Duplicates"), "git-merge", MARKETS),
        ],
    ),
    ("", [Place("settings", _("Settings"), "settings", EVERYBODY - {"viewer"}, also=("settings_section",))]),
]

# Places and actions without a seat in the rail, found by the palette.
BESIDE: list[Place] = [
    Place("lead_new", _("New lead"), "plus", EVERYBODY - {"viewer"}),
    Place("lead_lookup", _("Is it held already?"), "search", EVERYBODY),
    Place("import_new", _("Import a list"), "file-import", MARKETS),
    Place("channel_new", _("New channel"), "plug", MARKETS),
    Place("week", _("Week"), "calendar-week", EVERYBODY - {"viewer"}),
    Place("cases", _("Cases"), "book-2", EVERYBODY),
    Place("stuck", _("What is stuck"), "hourglass", EVERYBODY),
    Place("let_go", _("Let go"), "archive", SELLS),
    Place("deliveries", _("Deliveries"), "plug", MARKETS),
    Place("channels_results", _("Results of channels and campaigns"), "chart-bar", EVERYBODY),
    Place("referrals", _("Recommend somebody"), "user-plus", EVERYBODY - {"viewer"}),
    Place("exports", _("Exports"), "download", MARKETS),
    Place("notices", _("Notices"), "bell", EVERYBODY),
    Place("pools_leaving", _("What leaves soon"), "clock", EVERYBODY),
]


def address(name: str, slug: str) -> str:
    """Where a place is, or nothing while this program has no such page."""
    try:
        return reverse(name, kwargs={"slug": slug})
    except NoReverseMatch:
        return ""


def groups(slug: str, role: str, here: str) -> list[dict]:
    """The groups this role sees, each place with its address and whether the reader is ``here``."""
    shown = []
    for title, places in GROUPS:
        seen = [
            {"place": place, "href": href, "here": here == place.name or here in place.also}
            for place in places
            if role in place.roles and (href := address(place.name, slug))
        ]
        if seen:
            shown.append({"title": title, "places": seen})
    return shown
