"""Several counts by one statement."""

from typing import Any

from django.db import connection
from django.db.models import QuerySet


def count_all(**asked: QuerySet) -> dict[str, int]:
    """How many rows each queryset has, by name. A slice counts up to its end."""
    columns: list[str] = []
    params: list[Any] = []
    for rows in asked.values():
        text, given = (rows if rows.query.is_sliced else rows.order_by()).values("pk").query.sql_with_params()
        columns.append(f"(SELECT count(*) FROM ({text}) counted)")
        params += given
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(columns)}", params)
        return dict(zip(asked, cursor.fetchone(), strict=True))
