"""Pages of a list: every row once, in order, forwards and backwards, also where the column is empty."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db.models import QuerySet
from django.utils import timezone

from leads.models import Lead
from workspaces.paging import Window
from workspaces.tenancy import enter

pytestmark = pytest.mark.django_db
EMPTY_OR_DAYS = [None, 3, 1, None, 3, 2, None, 1]
ORDERS = ["next_action_at", "-next_action_at", "score", "-score", "id", "-id"]


@pytest.fixture
def ground(workspace: Any) -> SimpleNamespace:
    now = timezone.now()
    with enter(workspace):
        for at, days in enumerate(EMPTY_OR_DAYS):
            Lead.objects.create(
                name=f"Lead {at}",
                score=at // 3,
                captured_at=now,
                stage_since=now,
                pool_since=now,
                next_action_at=None if days is None else now + timedelta(days=days),
            )
    return SimpleNamespace(workspace=workspace)


def expected(order: str) -> list[str]:
    column, down = order.lstrip("-"), order.startswith("-")
    rows = sorted(Lead.objects.all(), key=lambda lead: lead.pk, reverse=down)
    full = [lead for lead in rows if getattr(lead, column) is not None]
    full.sort(key=lambda lead: getattr(lead, column), reverse=down)
    return [str(lead) for lead in [*full, *(lead for lead in rows if getattr(lead, column) is None)]]


def dressed(rows: QuerySet) -> QuerySet:
    return rows.select_related("company")


@pytest.mark.parametrize("dress", [None, dressed])
@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("limit", [1, 2, 3, 8])
def test_every_row_once_there_and_back(ground: Any, order: str, limit: int, dress: Any) -> None:
    with enter(ground.workspace):
        wanted = expected(order)
        pages, cursor = [], ""
        while True:
            window = Window(Lead.objects.all(), order, limit, cursor, dress=dress)
            pages.append([str(lead) for lead in window.rows])
            cursor = window.next
            if not cursor:
                break
        assert [name for page in pages for name in page] == wanted
        for page in reversed(pages[:-1]):
            window = Window(Lead.objects.all(), order, limit, window.previous, dress=dress)
            assert [str(lead) for lead in window.rows] == page
        assert window.previous == ""


def test_what_a_row_shows_is_joined_for_the_page_only(ground: Any, django_assert_num_queries: Any) -> None:
    with enter(ground.workspace), django_assert_num_queries(1):
        window = Window(Lead.objects.all(), "-score", 3, dress=dressed)
        assert [lead.company for lead in window.rows] == [None] * 3


def test_a_cursor_of_another_order_is_refused(ground: Any) -> None:
    with enter(ground.workspace):
        cursor = Window(Lead.objects.all(), "-score", 3).next
        with pytest.raises(ValueError, match="another ordering"):
            Window(Lead.objects.all(), "score", 3, cursor)
        with pytest.raises(ValueError, match="not one of ours"):
            Window(Lead.objects.all(), "-score", 3, cursor[:-2] + "xx")
