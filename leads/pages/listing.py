"""The list of leads: what to work on, found by a condition, each row with its reason."""

from typing import Any
from uuid import UUID

from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from leads.conditions import parts
from leads.conditions.derived import TIERS
from leads.locking import holds
from leads.models import Lead
from leads.models.lead import OPEN, Stage
from leads.pages import columns, counting
from leads.pages.asking import Asked, views_of
from leads.pages.needs import need_of
from leads.queries import owner_name
from leads.tiers import tier_of
from workspaces.models import Member
from workspaces.paging import Window
from workspaces.permissions import may
from workspaces.refusals import Invalid
from workspaces.tenancy import current_workspace

ROWS = 50
STAGES = dict(Stage.choices)
SHOWN = (
    *("id", "name", "title", "email", "phone", "stage", "stage_since", "pool", "score", "grade"),
    *("reclaim_at", "warn_at", "held_since", "next_action_at", "first_response_at", "last_follow_up_at"),
    *("pain", "budget_amount", "budget_currency", "budget_status", "authority", "deferral", "region"),
    *("industry", "captured_at", "updated_at", "owner_id", "moved_at"),
)
NAMES = {
    "company_name": F("company__name"),
    "owner_name": owner_name(),
    "channel_name": F("channel__name"),
}


@require_safe
def leads(request: HttpRequest, slug: str) -> HttpResponse:
    """The list. ``?view=`` a saved view, ``?where=`` a condition, ``?q=``, ``?ordering=``, ``?cursor=``."""
    try:
        asked = Asked(request)
        window = Window(
            asked.rows(ROWS), asked.ordering, ROWS, request.GET.get("cursor", ""), dress=with_names
        )
    except Invalid as wrong:
        return render(
            request, "leads/not_understood.html", {"nav": "leads", "errors": wrong.errors}, status=422
        )
    except ValueError:  # a cursor of another list: begin at its start
        return redirect(f"{request.path}{asked.address()}")
    return render(request, "leads/leads.html", page(request, slug, asked, window))


def page(request: HttpRequest, slug: str, asked: Asked, window: Window) -> dict[str, Any]:
    member: Member = request.member
    known = counting.remembered(asked.views)
    rows = Rows(request)
    shown = columns.chosen(request, asked.view)
    edit = reverse("leads_filter", kwargs={"slug": slug}) + asked.address()
    return {
        "nav": "leads",
        "asked": asked,
        "tabs": tabs(asked, known or {}),
        "tabs_wait": known is None,
        "chips": asked.chips(edit),
        "edit": edit,
        "save": reverse("leads_view_new", kwargs={"slug": slug}) + asked.address() if asked.changed else "",
        "clear": "?" + (f"q={asked.text}" if asked.text else ""),
        "show": [column.name for column in shown],
        "all_columns": [
            {"name": one.name, "label": one.label, "on": one in shown} for one in columns.COLUMNS
        ],
        "heads": columns.heads(shown),
        "ordering": asked.ordering,
        "rows": [rows.row(lead) for lead in window.rows],
        "next": asked.address(cursor=window.next) if window.next else "",
        "previous": asked.address(cursor=window.previous) if window.previous else "",
        "actions": bulk_actions(member),
        "export": exporting(asked, member),
        "filtered": bool(asked.text or parts(asked.condition)),
    }


def with_names(rows: QuerySet[Lead]) -> QuerySet[Any]:
    """What a row of the list shows, and no more: plain named tuples, a quarter of a model's time."""
    return rows.annotate(**NAMES).values_list(*SHOWN, *NAMES, named=True)


class Rows:
    """Leads as rows of the list (templates/leads/rows.jinja)."""

    def __init__(self, request: HttpRequest) -> None:
        self.member, self.as_of, self.path = request.member, request.as_of, request.path
        self.may_claim, self.may_follow_up = may(self.member, "claim"), may(self.member, "follow_up")
        self.stages = {stage: str(label) for stage, label in STAGES.items()}
        self.nameless = _("No name")
        self.tiers = {tier: str(label) for tier, label in TIERS.items()}

    def row(self, lead: Any) -> dict[str, Any]:
        """``lead``: a row of ``with_names``."""
        need, tier = need_of(lead, self.as_of), tier_of(lead, self.as_of)
        return {
            "lead": lead,
            "name": lead.name or lead.company_name or self.nameless,
            "beside": lead.company_name if lead.name and lead.company_name else lead.title,
            "href": f"{self.path}{lead.id}/",
            "stage": self.stages[lead.stage],
            "tier": tier,
            "tier_label": self.tiers.get(tier, ""),
            "need": need.text,
            "tone": need.tone,
            "days": max((self.as_of - lead.stage_since).days, 0),
            "claim": lead.owner_id is None and self.may_claim and lead.stage in OPEN,
            "follow_up": lead.owner_id is not None and self.may_follow_up and holds(self.member, lead),
        }


def tabs(asked: Asked, counts: dict[str, int]) -> list[dict[str, Any]]:
    return [
        {
            "label": view.name,
            "href": f"?view={view.pk}",
            "active": asked.view == view,
            "count_text": counting.count_text(counts.get(counting.key_of(view))),
        }
        for view in asked.views
    ]


@require_safe
def tab_counts(request: HttpRequest, slug: str) -> HttpResponse:
    """The tabs with their counts, fetched once the page stands, so that nobody waits for them."""
    asked = Asked(request)
    counts = counting.counted(asked.views, request.as_of)
    return render(request, "leads/tabs.html", {"tabs": tabs(asked, counts), "asked": asked})


# What can be done to a whole selection: the page's URL, its words, icon, key, and how it is asked.
BULK = [
    ("pools_claim", "claim", "hand-grab", "c", "post"),
    ("pools_assign", "assign", "user-plus", "a", "peek"),
    ("dry_run", "assign", "route", "", "peek"),
    ("leads_advance", "advance", "arrow-right", "m", "peek"),
    ("leads_tag", "tag", "tag", "t", "peek"),
    ("leads_rate", "follow_up", "star", "", "peek"),
    ("pools_release", "claim", "arrow-back-up", "", "peek"),
]


def bulk_actions(member: Member) -> list[dict[str, Any]]:
    words = {
        "pools_claim": _("Claim"),
        "pools_assign": _("Assign…"),
        "dry_run": _("Who would get them"),
        "leads_advance": _("Move…"),
        "leads_tag": _("Tag…"),
        "leads_rate": _("Rate…"),
        "pools_release": _("Give back…"),
    }
    return [
        {"label": words[name], "icon": icon, "key": key, how: href}
        for name, ability, icon, key, how in BULK
        if may(member, ability) and (href := page_of(name))
    ]


def page_of(name: str) -> str:
    """The address of a page of this workspace, or nothing where the program has no such page."""
    try:
        return reverse(name, kwargs={"slug": current_workspace().slug})
    except NoReverseMatch:
        return ""


def exporting(asked: Asked, member: Member) -> str:
    href = page_of("export_new") if may(member, "export") else ""
    return href and href + asked.address(where=asked.json or "{}")


@require_POST
def keep_columns(request: HttpRequest, slug: str) -> HttpResponse:
    """Which columns to show from now on, in this list."""
    names = request.POST.getlist("columns")
    view = next((one for one in views_of(request.member) if str(one.pk) == request.POST.get("view")), None)
    if view is not None and view.member_id is not None:
        view.columns = [name for name in names if name in columns.KNOWN]
        view.save(update_fields=["columns"])
    columns.keep(request, names)
    back = request.POST.get("back", "")
    return redirect(reverse("leads", kwargs={"slug": slug}) + (back if back.startswith("?") else ""))


def selected(request: HttpRequest) -> list[UUID]:
    """The ids that a selection sends, each once; what is no id is left out."""
    given = request.POST.getlist("ids") or request.GET.getlist("ids")
    found = []
    for text in dict.fromkeys(given):
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found
