"""New leads on their way in: rules are asked about them before they are written.

A lead's row is wide and has many indexes. Written first and scored afterwards, each would be written twice.
So new leads first stand in ``leads_arriving``, a table of the shape of ``leads_lead``: at the head of a
statement when they are few, copied into a temporary table when they are many. The rule language and the
scoring engine read it as they read leads, and what the rooms decide joins the one INSERT.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from leads.conditions.fragments import Sql, put
from leads.conditions.sources import TABLES
from leads.copying import copy_in
from leads.inserting import column_types, defaults, given_to, rows_of
from leads.models import Lead
from leads.past import Ground
from leads.planner import FEW, over

NAME = "leads_arriving"
WRITTEN = "leads_written"
# Nobody has followed up a new lead or met its people; it has touches only when coming in was one.
THESE = f"lead_id = ANY (ARRAY(SELECT id FROM {NAME}))"
TABLES_OF_NEW = TABLES | {
    "touch": "(SELECT * FROM leads_touch WHERE FALSE) x",
    "follow_up": "(SELECT * FROM leads_followup WHERE FALSE) x",
    "contact": "(SELECT * FROM leads_leadcontact WHERE FALSE) x",
    "tag": f"(SELECT * FROM leads_leadtag WHERE {THESE}) x"
    " JOIN leads_tag t ON t.workspace_id = x.workspace_id AND t.id = x.tag_id",
}
EMPTY = frozenset(("touch", "follow_up", "contact"))
TOUCHED = {"touch": f"(SELECT * FROM leads_touch WHERE {THESE}) x"}


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
    """A set of new leads. ``rows``: a SELECT that gives them; None where they stand in a temporary table."""

    ids: list[UUID]
    rows: Sql | None
    touched: bool  # coming in was a touch, which is written already
    decisions: list[Decision] = field(default_factory=list)

    @property
    def ground(self) -> Ground:
        """Where rules find these leads, and what hangs on them."""
        if self.touched:
            return Ground(NAME, TABLES_OF_NEW | TOUCHED, EMPTY - {"touch"})
        return Ground(NAME, TABLES_OF_NEW, EMPTY)

    def under(self, named: Mapping[str, Sql]) -> Sql:
        """What a statement that reads ``leads_arriving`` begins with; ``named``: further parts of its WITH."""
        parts = {NAME: self.rows} if self.rows else {}
        listed = [put(name + " AS MATERIALIZED ({})", rows) for name, rows in (parts | dict(named)).items()]
        return put("WITH " + ", ".join("{}" for _ in listed), *listed) if listed else Sql("")

    def write(self) -> dict[UUID, int]:
        """Write the leads with all that was decided about them; {id: score}."""
        columns = list(column_types(Lead))
        decided = {
            column: f"{one.name}.{name}" for one in self.decisions for column, name in one.columns.items()
        }
        picked = ", ".join(decided.get(column, f"a.{column}") for column in columns)
        joins = " ".join(f"JOIN {one.name} ON {one.name}.id = a.id" for one in self.decisions)
        written = Sql(
            f"INSERT INTO leads_lead ({', '.join(columns)}) SELECT {picked} FROM {NAME} a {joins}"
            " RETURNING id, score, grade"
        )
        parts = {one.name: one.rows for one in self.decisions} | {WRITTEN: written}
        parts |= {f"{one.name}_then": one.then for one in self.decisions if one.then}
        statement = self.under(parts)
        with over(self.ids), connection.cursor() as cursor:
            cursor.execute(statement.text + f" SELECT id, score FROM {WRITTEN}", statement.params)
            scores: dict[UUID, int] = dict(cursor.fetchall())
            if self.rows is None:
                cursor.execute(f"DROP TABLE {NAME}")
        return scores


def arriving(ids: list[UUID], *, as_of: datetime, touched: bool, **columns: Any) -> Arriving:
    """These new leads, by column as in ``insert_rows``; what is not said is as for any new lead."""
    blank: dict[str, Any] = dict.fromkeys(column_types(Lead))
    said = blank | defaults(Lead) | columns | {"id": ids}
    if len(ids) <= FEW:
        return Arriving(ids, rows_of(Lead, as_of=as_of, **said)[1], touched)
    copy_in(NAME, column_types(Lead), given_to(Lead, as_of=as_of, **said))
    return Arriving(ids, None, touched)
