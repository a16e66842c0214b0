"""The columns of the lead list: which there are, which a member looks at."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from leads.models import SavedView


@dataclass(frozen=True)
class Column:
    name: str
    label: Any
    sort: str = ""  # the ordering of a first click
    style: str = ""


COLUMNS = [
    Column("score", _("Score"), "-score", "cell-grade"),
    Column("stage", _("Stage"), "stage_since", "cell-tight"),
    # Without a column of its own the tier stands under the score.
    Column("tier", pgettext_lazy("column", "Tier"), "", "cell-tight"),
    Column("need", _("What it needs")),
    Column("owner", _("Owner"), "", "cell-tight"),
    Column("next", _("Next step"), "next_action_at", "cell-tight"),
    Column("contacted", _("Last contact"), "-last_follow_up_at", "cell-tight"),
    Column("clock", _("Clock"), "reclaim_at", "cell-tight"),
    Column("channel", _("Source"), "", "cell-tight"),
    Column("region", _("Region"), "", "cell-tight"),
    Column("industry", _("Industry"), "", "cell-tight"),
    Column("budget", _("Budget"), "-budget_amount", "cell-num"),
    Column("captured", _("Came in"), "-captured_at", "cell-tight"),
    Column("updated", _("Changed"), "-updated_at", "cell-tight"),
]
KNOWN = {column.name: column for column in COLUMNS}
USUAL = ("score", "stage", "need", "owner", "next", "contacted", "channel", "clock")
ORDERINGS = {column.sort.lstrip("-") for column in COLUMNS if column.sort}
KEPT = "lead_columns"


def chosen(request: HttpRequest, view: SavedView | None) -> list[Column]:
    """The columns to show: those of one's own view, else those one chose last, else the shared view's."""
    of_view = view.columns if view else None
    own = of_view if view and view.member_id else None
    names = own or request.session.get(KEPT) or of_view or USUAL
    return [column for column in COLUMNS if column.name in names]


def keep(request: HttpRequest, names: list[str]) -> None:
    """Remember a choice of columns; an empty one means the usual ones."""
    known = [name for name in names if name in KNOWN]
    request.session[KEPT] = known


LAST = {"label": _("Follow up"), "class": "cell-tight", "unseen": True}


def heads(shown: list[Column]) -> list[dict[str, Any]]:
    """The head of the table, as the kit's part takes it."""
    named = [{"label": column.label, "sort": column.sort, "class": column.style} for column in shown]
    return [{"label": _("Lead"), "class": "cell-main"}, *named, LAST]
