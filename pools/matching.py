"""Which policy or rule speaks for a lead: the first, in order, whose condition it meets."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from leads.conditions import Condition, Vocabulary, compile_sql, leaves, parse, vocabulary
from leads.conditions.fragments import Sql, put
from workspaces.tenancy import current_workspace

NOBODY_SPEAKS = Sql("NULL::integer")
Says = Callable[[int, Any], Sql]


class Asking:
    """Conditions as SQL about the lead called ``lead``, as of a moment; reads the vocabulary once, if at all."""

    def __init__(self, as_of: datetime, lead: str = "l") -> None:
        self.as_of, self.lead = as_of, lead
        self._words: Vocabulary | None = None

    @property
    def words(self) -> Vocabulary:
        if self._words is None:
            self._words = vocabulary(current_workspace())
        return self._words

    def parsed(self, condition: Any) -> Condition:
        return parse(condition, self.words, stored=True)

    def sql(self, condition: Any) -> Sql:
        """True or false for a stored condition; an empty one is true, and costs no look at the vocabulary."""
        if not condition:
            return Sql("TRUE")
        zone = current_workspace().tz
        return compile_sql(self.parsed(condition), as_of=self.as_of, time_zone=zone, lead=self.lead)

    def whole(self, condition: Any) -> bool:
        """False where a field that the condition names is gone: then nobody can be held to it."""
        return not any(leaf.gone for leaf in leaves(self.parsed(condition)))


def index_of(index: int, _row: Any) -> Sql:
    return put("{}::integer", index)


def first_match(
    rows: Sequence[Any], *, as_of: datetime, lead: str, asking: Asking | None = None, says: Says = index_of
) -> Sql:
    """What the first of ``rows`` whose condition holds ``says`` about the lead: its index; null: none speaks."""
    asking = asking or Asking(as_of, lead)
    cases = Sql("")
    for index, row in enumerate(rows):
        if not row.condition:
            rest = says(index, row)
            return put("CASE {} ELSE {} END", cases, rest) if cases.text else rest
        cases = put("{} WHEN {} THEN {}", cases, asking.sql(row.condition), says(index, row))
    return put("CASE {} END", cases) if cases.text else NOBODY_SPEAKS
