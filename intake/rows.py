"""One row of a list, read as one arriving lead. Pure: what it needs of the workspace is handed in."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from intake.cells import ATTRIBUTE, Row, Taker, taker
from intake.dates import DateOrder, from_1904
from intake.prefixes import unguarded, without_prefix
from intake.synonyms import target_of
from intake.trials import flags_among, is_trial
from intake.units import turned
from leads.incoming import Incoming
from workspaces.texts import clean_text

NO_KINDS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class Reading:
    """How the cells of one list are to be understood.

    mapping: {column: target or None}; region: for telephone numbers; date_order: of all columns, or
    {column: order}; currency: where an amount names none; kinds: {key: kind} of the custom fields; commas: the
    columns whose numbers have decimal commas; since_1904: days written as numbers count from 1904; known_by: the mark
    of a list that names nobody (no column says how to reach anyone): each of its rows is a lead of its own, known by
    the mark and its number; with_tests: vendors' test rows become leads like others.
    """

    columns: tuple[str, ...]
    mapping: Mapping[str, str | None]
    region: str
    date_order: DateOrder | Mapping[str, DateOrder] = "ambiguous"
    currency: str = "USD"
    kinds: Mapping[str, str] = field(default_factory=lambda: NO_KINDS)
    commas: Collection[str] = ()
    since_1904: bool = False
    known_by: str = ""
    with_tests: bool = False

    def order_of(self, column: str) -> DateOrder:
        return (
            self.date_order if isinstance(self.date_order, str) else self.date_order.get(column, "ambiguous")
        )


def reader(reading: Reading) -> Callable[..., Incoming]:
    """The function that reads the rows of one list (a cell per column, and the row's number): what can be decided
    once is."""
    mapped = [(at, column, reading.mapping.get(column)) for at, column in enumerate(reading.columns)]
    mapped.sort(key=lambda one: _rank(one[1], one[2]))
    flags = flags_among(reading.columns)
    plan = [(at, _taker(reading, column, target)) for at, column, target in mapped if target]

    def read(row: Sequence[str], number: int = 0) -> Incoming:
        found = Row(reading.region, reading.currency)
        for at, take in plan:
            text = row[at] if at < len(row) else ""
            if text and (text := clean_text(text)):
                text = without_prefix(unguarded(text))
                take(found, text)
        if reading.known_by and (found.facts or found.named or found.attributes or found.company):
            found.facts.setdefault("external_id", f"{reading.known_by}-{number}")
        return found.incoming(not reading.with_tests and is_trial(row, flags))

    return read


def interpret(
    row: Mapping[str, str],
    mapping: Mapping[str, str | None],
    *,
    region: str,
    date_order: DateOrder | Mapping[str, DateOrder] = "ambiguous",
    currency: str = "USD",
    kinds: Mapping[str, str] = NO_KINDS,
) -> Incoming:
    """One row, {column: cell}, as an arriving lead. For many rows of one list make a `reader` once."""
    return reader(Reading(tuple(row), mapping, region, date_order, currency, kinds))(list(row.values()))


def _taker(reading: Reading, column: str, target: str) -> Taker:
    kind = reading.kinds.get(target.removeprefix(ATTRIBUTE), "text")
    take = taker(column, target, kind, reading.order_of(column))
    if column in reading.commas and (target == "budget_amount" or target == "employees" or kind == "number"):
        return lambda row, text: take(row, turned(text))
    if reading.since_1904 and (target == "timeline_date" or kind == "date"):
        return lambda row, text: take(row, from_1904(text))
    return take


def _rank(column: str, target: str | None) -> int:
    """Which of several columns of one target speaks first: mobile, then landline; currency, then amount."""
    if target == "budget_currency":
        return -1
    named = target_of(column)
    return named[1] if named and named[0] == target else 99
