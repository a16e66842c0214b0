"""New leads on their way in: rules are asked about them before they are written.

A lead's row is wide and has many indexes. Written first and scored afterwards, each would be written twice.
So new leads first stand at the head of a statement, as a table ``leads_arriving`` of the shape of
``leads_lead``. The rule language and the scoring engine read it as they read leads, and what the rooms
decide joins the one INSERT. It is the same for one lead and for thousands.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from leads.conditions.fragments import Sql, put
from leads.conditions.sources import TABLES
from leads.inserting import column_types, defaults, rows_of
from leads.models import Lead
from leads.past import Ground
from leads.planner import over

NAME = "leads_arriving"
WRITTEN = "leads_written"
# Nobody has followed up a new lead or met its people; it has touches only when coming in was one.
NOTHING = {
    "touch": "(SELECT * FROM leads_touch WHERE FALSE) x",
    "follow_up": "(SELECT * FROM leads_followup WHERE FALSE) x",
    "contact": "(SELECT * FROM leads_leadcontact WHERE FALSE) x",
}


@dataclass
class Decision:
    """What a room decides about new leads.

    ``rows``: SQL that gives a row for each lead of ``leads_arriving``, with its ``id``; ``columns``: which
    column of a lead is which of these rows'. ``then``: a statement that follows, on the written leads'
    ``id``, ``score`` and ``grade`` in ``leads_written``.
    """

    name: str
    rows: Sql
    columns: Mapping[str, str]
    then: Sql | None = None


@dataclass
class Arriving:
    """A set of new leads. ``rows``: a SELECT that gives them with every column of ``leads_lead``."""

    ids: list[UUID]
    rows: Sql
    touched: bool  # coming in was a touch, which is written already
    decisions: list[Decision] = field(default_factory=list)

    @property
    def ground(self) -> Ground:
        """Where rules find these leads, and what hangs on them."""
        nothing = {name: table for name, table in NOTHING.items() if name != "touch" or not self.touched}
        return Ground(NAME, {**TABLES, **nothing})

    def head(self) -> Sql:
        """What a statement that reads ``leads_arriving`` begins with."""
        return put("WITH " + NAME + " AS MATERIALIZED ({})", self.rows)

    def write(self) -> dict[UUID, int]:
        """Write the leads with all that was decided about them; {id: score}."""
        decided = {
            column: f"{one.name}.{name}" for one in self.decisions for column, name in one.columns.items()
        }
        names = list(column_types(Lead))
        picked = ", ".join(decided.get(name, f"a.{name}") for name in names)
        joins = " ".join(f"JOIN {one.name} ON {one.name}.id = a.id" for one in self.decisions)
        statement = self.head()
        for one in self.decisions:
            statement = put("{}, " + one.name + " AS MATERIALIZED ({})", statement, one.rows)
        statement = put(
            "{}, " + WRITTEN + f" AS (INSERT INTO leads_lead ({', '.join(names)}) SELECT {picked}"
            f" FROM {NAME} a {joins} RETURNING id, score, grade)",
            statement,
        )
        for one in self.decisions:
            if one.then:
                statement = put("{}, " + one.name + "_then AS ({})", statement, one.then)
        with over(self.ids), connection.cursor() as cursor:
            cursor.execute(statement.text + f" SELECT id, score FROM {WRITTEN}", statement.params)
            return dict(cursor.fetchall())


def arriving(ids: list[UUID], *, as_of: datetime, touched: bool, **columns: Any) -> Arriving:
    """These new leads, by column as in ``insert_rows``; what is not said is as for any new lead."""
    missing: dict[str, Any] = dict.fromkeys(column_types(Lead))
    _names, rows = rows_of(Lead, as_of=as_of, **missing | defaults(Lead) | columns | {"id": ids})
    return Arriving(ids, rows, touched)
