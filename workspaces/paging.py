"""Cursor pages: keyset pagination over (column, id), with signed cursors."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.core import signing
from django.db.models import BooleanField, F, Func, Q, QuerySet
from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response

Dress = Callable[[QuerySet], QuerySet]
SALT = "leadcrm.cursor"
READ = {"t": datetime.fromisoformat, "d": date.fromisoformat}


def whole_number(text: str, most: int, otherwise: int = 0) -> int:
    """The number from 0 to ``most`` that an address asks for; ``otherwise`` where it says no such number."""
    found = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else most + 1
    return found if found <= most else otherwise


def among(page: QuerySet) -> Func:
    """``filter(among(page))``: the rows of ``page``, a queryset with a limit.

    As an array, which the database makes once; ``id IN (SELECT … LIMIT …)`` it may run anew for every row it
    looks at, where it takes the table for small.
    """
    parts = F("pk"), ArraySubquery(page.values("pk"))
    return Func(*parts, template="(%(expressions)s))", arg_joiner=" = ANY(", output_field=BooleanField())


class Window:
    """One page of a queryset ordered by one column and the id.

    ``order``: a column name, with ``-`` for descending. Rows where the column is null come last in
    both directions. ``cursor``: what an earlier page gave; a forged one raises ValueError.
    ``dress``: adds what a row shows (joined names, annotations) to a queryset of the page's rows; only
    they pay for it, where a join inside the search would be made for every row that is sorted.
    """

    def __init__(
        self, rows: QuerySet, order: str, limit: int, cursor: str = "", dress: Dress | None = None
    ) -> None:
        self.order, self.limit, self.dress = order, limit, dress
        self.column, self.descending = order.lstrip("-"), order.startswith("-")
        self.backwards, position = self.read(cursor)
        self.may_be_null = self.nullable(rows)
        self.had_cursor = bool(cursor)
        found = self.take(rows, position)
        self.more = len(found) > limit
        found = found[:limit]
        self.rows = list(reversed(found)) if self.backwards else found

    def take(self, rows: QuerySet, position: tuple[Any, str] | None) -> list[Any]:
        """The page's rows and one more, in the direction of reading.

        Rows with a value and rows without one are asked for apart, so that an index answers either; the
        second question is only asked when the first did not fill the page.
        """
        null = Q(**{f"{self.column}__isnull": True})
        found: list[Any] = []
        for empty in self.parts():
            part = null if empty else ~null if self.may_be_null else Q()
            if position is not None:
                if empty != (position[0] is None):
                    continue  # it lies behind us
                part &= self.beyond(*position)
                position = None
            found += self.fetch(rows.filter(part), self.limit + 1 - len(found), empty)
            if len(found) > self.limit:
                break
        return found

    def parts(self) -> list[bool]:
        """Whether the column is empty in each part of the list, in the direction of reading."""
        parts = [False, True] if self.may_be_null else [False]
        return parts[::-1] if self.backwards else parts

    def fetch(self, rows: QuerySet, most: int, empty: bool) -> list[Any]:
        page = self.sort(rows, empty)[:most]
        if self.dress is None:
            return list(page)
        whole = rows.model._default_manager.filter(among(page))
        return list(self.sort(self.dress(whole), empty))

    def read(self, cursor: str) -> tuple[bool, tuple[Any, str] | None]:
        if not cursor:
            return False, None
        try:
            order, backwards, value, pk = signing.loads(cursor, salt=SALT)
        except signing.BadSignature as forged:
            raise ValueError(_("This cursor is not one of ours. Start again without it.")) from forged
        if order != self.order:
            raise ValueError(_("This cursor belongs to another ordering. Start again without it."))
        return backwards, (READ[value[0]](value[1]) if isinstance(value, list) else value, pk)

    def sort(self, rows: QuerySet, empty: bool = False) -> QuerySet:
        """The column (unless it is empty in all of them), then the id; reversed when reading backwards."""
        ascending = self.descending == self.backwards
        columns = ["id"] if empty or self.column == "id" else [self.column, "id"]
        return rows.order_by(*(F(name).asc() if ascending else F(name).desc() for name in columns))

    def nullable(self, rows: QuerySet) -> bool:
        return "__" in self.column or rows.model._meta.get_field(self.column).null

    def beyond(self, value: Any, pk: str) -> Q:
        """What comes after ``(value, pk)`` in the direction of reading, among those that have a value or not."""
        step = "gt" if self.descending == self.backwards else "lt"
        if value is None:
            return Q(**{f"id__{step}": pk})
        # The first bound is implied by the second; it lets an index find the start of the page.
        return Q(**{f"{self.column}__{step}e": value}) & (
            Q(**{f"{self.column}__{step}": value}) | Q(**{f"id__{step}": pk})
        )

    def cursor_at(self, row: Any, backwards: bool) -> str:
        value = row
        for part in self.column.split("__"):
            value = getattr(value, part)
        if isinstance(value, date):
            value = ["t" if isinstance(value, datetime) else "d", value.isoformat()]
        elif value is not None and not isinstance(value, int | float | str):
            value = str(value)
        return signing.dumps([self.order, backwards, value, str(row.id)], salt=SALT, compress=True)

    @property
    def next(self) -> str:
        more = self.had_cursor if self.backwards else self.more
        return self.cursor_at(self.rows[-1], False) if self.rows and more else ""

    @property
    def previous(self) -> str:
        more = self.more if self.backwards else self.had_cursor
        return self.cursor_at(self.rows[0], True) if self.rows and more else ""


class CursorPages(BasePagination):
    """``{"next", "previous", "results"}`` with ``?limit=`` up to 200 and ``?ordering=`` by known columns.

    A view's ``dress`` adds to the page's rows what they show (see Window).
    """

    default_limit, max_limit = 50, 200

    def paginate_queryset(self, queryset: QuerySet, request: Request, view: Any = None) -> list:
        self.request = request
        allowed = getattr(view, "orderings", ("created_at", "id"))
        order = request.query_params.get("ordering") or getattr(view, "ordering", "-created_at")
        if order.lstrip("-") not in allowed:
            raise ParseError(_("Unknown ordering; known: %(known)s") % {"known": ", ".join(allowed)})
        try:
            self.window = Window(
                queryset,
                order,
                self.limit(request),
                request.query_params.get("cursor", ""),
                dress=getattr(view, "dress", None),
            )
        except ValueError as wrong:
            raise ParseError(str(wrong)) from wrong
        return self.window.rows

    def limit(self, request: Request) -> int:
        given = request.query_params.get("limit", "")
        if not given:
            return self.default_limit
        if not given.isascii() or not given.isdigit() or int(given[:9]) < 1:
            raise ParseError(_("limit must be a whole number from 1 to 200."))
        return min(int(given[:9]), self.max_limit)

    def address(self, cursor: str) -> str | None:
        if not cursor:
            return None
        query = self.request.query_params.copy()
        query["cursor"] = cursor
        return self.request.build_absolute_uri(f"{self.request.path}?{query.urlencode()}")

    def get_paginated_response(self, data: Any) -> Response:
        return Response(
            {
                "next": self.address(self.window.next),
                "previous": self.address(self.window.previous),
                "results": data,
            }
        )

    def get_paginated_response_schema(self, schema: dict) -> dict:
        link = {"type": ["string", "null"], "format": "uri"}
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {"next": link, "previous": link, "results": schema},
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict]:
        def parameter(name: str, about: str, kind: str = "string") -> dict:
            return {
                "name": name,
                "required": False,
                "in": "query",
                "description": about,
                "schema": {"type": kind},
            }

        return [
            parameter("cursor", "Where an earlier page ended (its `next` or `previous`)."),
            parameter("limit", "Rows a page, up to 200.", "integer"),
            parameter("ordering", "A column; `-` in front for descending."),
        ]
