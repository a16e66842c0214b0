"""Counts of what hangs on a lead: touches, follow-ups, contacts, tags, and the names its links point to.

One lead or one page of a list asks with correlated subqueries. A statement over very many leads first
collects all that its conditions need (``Sources.of``), joins one aggregate per table (``joins``), and
hands the sources to ``compile_sql``, which then reads columns. Both ways mean the same.
"""

import uuid
from collections.abc import Container, Iterable, Mapping
from datetime import timedelta
from math import log

from leads.conditions.fields import WORDS, Field, Kind
from leads.conditions.fragments import Scope, Sql, both, comma, put
from leads.conditions.moments import AsOf, moment
from leads.conditions.tree import Condition, Leaf, leaves
from leads.normalise import fold
from workspaces.ids import is_id
from workspaces.tenancy import current_workspace_id
from workspaces.texts import clean_text

Key = tuple  # (table, what is counted there, …), see ``keys_of`` and ``faded_key``
SPENT = 40  # half-lives after which a touch counts nothing: 2^-40 of its points

TABLES = {
    "touch": "leads_touch x",
    "follow_up": "leads_followup x",
    "contact": "leads_leadcontact x",
    "tag": "leads_leadtag x JOIN leads_tag t ON t.workspace_id = x.workspace_id AND t.id = x.tag_id",
}
NAMED_BY = {"touch": "x.kind", "follow_up": "x.channel", "contact": "x.role", "tag": "t.name_key"}
LINKED = {
    "company": "leads_company",
    "channel": "leads_channel",
    "owner": "workspaces_member",
    "team": "workspaces_team",
}


def count_key(field: Field, days: int | None) -> Key:
    """("touch" or "follow_up", kind or '' for any, days)."""
    return ("follow_up" if field.name.startswith("follow_ups") else "touch", field.key, days)


def faded_key(field: Field, days: int | None, half_life: int) -> Key:
    """What is counted, each one less the longer ago it was; within SPENT half-lives at most."""
    longest = SPENT * half_life
    return (*count_key(field, longest if days is None else min(days, longest)), half_life)


def tag_key(name: str) -> str:
    return fold(clean_text(name))


def keys_of(leaf: Leaf) -> list[Key]:
    """What a leaf needs to know that is not in the lead's own row."""
    field, values = leaf.field, leaf.value if isinstance(leaf.value, tuple) else (leaf.value,)
    match field.kind:
        case Kind.COUNT:
            return [count_key(field, leaf.days)]
        case Kind.ROLE:
            return [("contact", field.key)]
        case Kind.TAGS:
            return [("tag", "" if value is None else tag_key(value)) for value in values]
        case Kind.LINK if leaf.op in WORDS or any(value and not is_id(value) for value in values):
            return [("link", field.name)]
    return []


def restricted(key: Key, as_of: AsOf) -> Sql:
    """Which rows of its table a key counts."""
    table, what = key[:2]
    column = NAMED_BY.get(table)
    pieces = [put(column + " = {}", what)] if column and what else []
    if table in ("touch", "follow_up"):
        pieces.append(put("x.at <= {}", moment("x", as_of)))
        if key[2] is not None:
            pieces.append(put("x.at >= {}", moment("x", as_of) - timedelta(days=key[2])))
    return both(*pieces) if pieces else Sql("TRUE")


class Sources:
    """The aggregates that a set of conditions needs, each a column of one join per table."""

    def __init__(
        self,
        keys: Iterable[Key],
        as_of: AsOf,
        windows: bool = False,
        tables: Mapping[str, str] = TABLES,
        empty: Container[str] = (),
    ) -> None:
        self.as_of, self.windows, self.tables, self.empty = as_of, windows, tables, empty
        self._columns = {key: f"c{at}" for at, key in enumerate(dict.fromkeys(keys))}

    @classmethod
    def of(
        cls,
        conditions: Iterable[Condition],
        *,
        as_of: AsOf,
        numbers: Iterable[tuple[Field, int | None]] = (),
        fading: Iterable[tuple[Field, int | None, int]] = (),
        windows: bool = False,
        tables: Mapping[str, str] = TABLES,
        empty: Container[str] = (),
    ) -> "Sources":
        """All that the conditions need, and the counts ``(field, days)`` that ``number_sql`` is asked for.

        fading: ``(field, days, half-life)``, the sums that ``faded`` is asked for.
        windows: also when the first counted touch or follow-up leaves its window (``next_change``).
        tables: where the rows are, by what they are; those of ``leads.past`` are as they were then.
        empty: of which there are none at all, so that nothing is joined.
        """
        keys = [key for condition in conditions for leaf in leaves(condition) for key in keys_of(leaf)]
        keys += [count_key(field, days) for field, days in numbers if field.kind == Kind.COUNT]
        keys += [faded_key(*one) for one in fading]
        return cls(keys, as_of, windows, tables, empty)

    def column(self, key: Key) -> Sql | None:
        """The joined column that holds this aggregate (null where a lead has no rows), if it is joined."""
        if key in self._columns and key[0] in self.empty:
            return Sql("NULL::double precision" if key[3:] else "NULL::bigint")
        return Sql(f"src_{key[0]}.{self._columns[key]}") if key in self._columns else None

    def faded(self, field: Field, days: int | None, half_life: int) -> Sql:
        """The sum over the counted touches of 0.5 ^ (age / half-life); 0, never null. Must be joined."""
        column = self.column(faded_key(field, days, half_life))
        if column is None:
            raise ValueError(f"{field.name} was not collected as fading")
        return put("COALESCE({}, 0)", column)

    def next_change(self) -> Sql:
        """The first moment at which something counted now is out of its window; null when nothing is."""
        moments = [
            f"src_{table}.w{days} + interval '{24 * days} hours 1 microsecond'"
            for table in TABLES
            for days in self._days(table)
        ]
        return Sql(f"LEAST({', '.join(moments)})" if moments else "NULL::timestamptz")

    def _days(self, table: str) -> list[int]:
        if not self.windows or table not in ("touch", "follow_up") or table in self.empty:
            return []
        return sorted(
            {
                key[2]
                for key in self._columns
                if key[0] == table and key[2] is not None and not (key[3:] and key[2] >= SPENT * key[3])
            }
        )

    def link(self, name: str) -> str | None:
        """The alias of the joined company, channel, member or team, if it is joined."""
        return f"src_{name}" if ("link", name) in self._columns else None

    def joins(
        self, lead: str = "leads_lead", restrict: Sql | str = "", workspace_id: uuid.UUID | None = None
    ) -> Sql:
        """``LEFT JOIN …`` for every table that is needed, to follow the lead's table in FROM.

        restrict: what to add to each aggregate's WHERE, beginning with AND, about ``x.lead_id``, for
        statements over fewer than all leads. workspace_id: the open workspace unless given.
        """
        workspace_id = workspace_id or current_workspace_id()
        restrict = restrict if isinstance(restrict, Sql) else Sql(restrict)
        joined = [
            self._aggregate(table, lead, restrict, workspace_id)
            for table in TABLES
            if table not in self.empty and any(key[0] == table for key in self._columns)
        ]
        joined += [
            Sql(
                f'LEFT JOIN {LINKED[name]} src_{name} ON src_{name}.workspace_id = "{lead}".workspace_id'
                f' AND src_{name}.id = "{lead}".{name}_id'
            )
            for name in LINKED
            if self.link(name)
        ]
        return Sql(" ".join(one.text for one in joined), tuple(p for one in joined for p in one.params))

    def _aggregate(self, table: str, lead: str, restrict: Sql, workspace_id: uuid.UUID) -> Sql:
        keys = [key for key in self._columns if key[0] == table]
        columns = comma(
            [
                *(
                    put("{} FILTER (WHERE {}) AS " + self._columns[key], self._what(key), self._filter(key))
                    for key in keys
                ),
                *(
                    put(
                        f"min(x.at) FILTER (WHERE x.at >= {{}}) AS w{days}",
                        moment("x", self.as_of) - timedelta(days=days),
                    )
                    for days in self._days(table)
                ),
            ]
        )
        return put(
            "LEFT JOIN (SELECT x.workspace_id, x.lead_id, {} FROM "
            + self.tables[table]
            + " WHERE x.workspace_id = {}::uuid AND {} {} GROUP BY x.workspace_id, x.lead_id) src_"
            + table
            + f' ON src_{table}.workspace_id = "{lead}".workspace_id AND src_{table}.lead_id = "{lead}".id',
            columns,
            str(workspace_id),
            self._any_of(keys),
            restrict,
        )

    def _what(self, key: Key) -> Sql:
        """Counted; or added up, each less by half with every half-life (in double precision, as ages are)."""
        if not key[3:]:
            return Sql("count(*)")
        return put(
            "sum(exp({}::double precision * date_part('epoch', x.at - {}::timestamptz)))",
            log(2) / (key[3] * 86_400),
            moment("x", self.as_of),
        )

    def _filter(self, key: Key) -> Sql:
        return restricted(key, self.as_of)

    def _any_of(self, keys: list[Key]) -> Sql:
        """Rows that at least one key counts, coarsely: the kinds in question, in the longest window."""
        table, pieces = keys[0][0], []
        column = NAMED_BY.get(table)
        whats = {key[1] for key in keys}
        if column and "" not in whats:
            pieces.append(put(column + " IN ({})", comma(sorted(whats))))
        if table in ("touch", "follow_up"):
            windows = [key[2] for key in keys]
            longest = None if None in windows else max(windows)
            pieces.append(restricted((table, "", longest), self.as_of))
        return both(*pieces) if pieces else Sql("TRUE")


def count_sql(field: Field, days: int | None, scope: Scope) -> Sql:
    """How many touches or follow-ups each lead has; 0, never null."""
    return counted(count_key(field, days), scope)


def counted(key: Key, scope: Scope) -> Sql:
    joined = scope.sources.column(key) if scope.sources else None
    if joined:
        return put("COALESCE({}, 0)", joined)
    return put("(SELECT count(*) FROM {})", rows_sql(key, scope))


def present(key: Key, scope: Scope) -> Sql:
    """Is there at least one?"""
    if scope.sources and scope.sources.column(key):
        return put("{} > 0", counted(key, scope))
    return put("EXISTS (SELECT 1 FROM {})", rows_sql(key, scope))


def rows_sql(key: Key, scope: Scope) -> Sql:
    """The rows of one lead that a key counts."""
    tables = scope.sources.tables if scope.sources else TABLES
    return put(
        tables[key[0]] + " WHERE x.workspace_id = {} AND x.lead_id = {} AND {}",
        scope.column("workspace_id"),
        scope.column("id"),
        restricted(key, scope.as_of),
    )
