"""How many leads each saved view holds: counted up to a thousand, in one statement, remembered for a minute."""

from datetime import datetime
from typing import Any

from django.core.cache import cache
from django.db import connection
from django.db.models import Q, QuerySet

from leads.conditions import parse, vocabulary, where
from leads.masking import feels_its_way
from leads.models import Lead, SavedView
from workspaces.refusals import Invalid
from workspaces.tenancy import current_workspace

MOST = 1000
KEPT_S = 60


def key_of(view: SavedView) -> str:
    return f"lead-view:{view.workspace_id}:{view.pk}:{view.updated_at.timestamp()}"


def remembered(views: list[SavedView]) -> dict[str, int] | None:
    """Counts by key, or None unless all of them are known."""
    known = cache.get_many([key_of(view) for view in views])
    return known if len(known) == len(views) else None


def counted(views: list[SavedView], as_of: datetime) -> dict[str, int]:
    """Counts by key; ``MOST + 1`` means more than MOST."""
    known = remembered(views)
    if known is not None:
        return known
    workspace = current_workspace()
    words = vocabulary(workspace)
    asked = {}
    for view in views:
        try:
            condition = parse(view.where, words, stored=True)
        except Invalid:
            continue  # a view of long ago that nobody understands any more has no count
        if feels_its_way(condition):
            continue  # the count is everybody's, what it may count is not
        asked[key_of(view)] = Lead.objects.filter(Q(where(condition, as_of=as_of, time_zone=workspace.tz)))
    found = count_each(asked)
    cache.set_many(found, KEPT_S)
    return found


def count_each(asked: dict[str, QuerySet[Lead]]) -> dict[str, int]:
    """Every set counted up to ``MOST + 1``, all in one statement."""
    if not asked:
        return {}
    columns: list[str] = []
    params: list[Any] = []
    for rows in asked.values():
        text, given = rows.order_by().values("pk")[: MOST + 1].query.sql_with_params()
        columns.append(f"(SELECT count(*) FROM ({text}) counted)")
        params += given
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(columns)}", params)
        return dict(zip(asked, cursor.fetchone(), strict=True))


def count_text(number: int | None) -> str:
    """A count as a tab shows it: at most "1,000+"."""
    if number is None:
        return ""
    return f"{MOST:,}+" if number > MOST else f"{number:,}"
