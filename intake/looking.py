"""A first look at a list: its columns, what they seem to be, and what its first rows would become."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, BinaryIO

from django.utils.translation import gettext as _

from intake.cells import ATTRIBUTE, IDENTIFYING
from intake.columns import Guess, guess
from intake.dates import NUMERIC_START, Days
from intake.reading import RowProblem, Sheet, UnreadableList, open_list
from intake.remembering import chosen_before
from intake.rows import Reading, reader
from intake.units import Commas, has_separators
from leads.incoming import Incoming
from leads.models import CustomField
from leads.normalise import region_for
from workspaces.models import Workspace
from workspaces.refusals import Refusal

ROWS = 200
LONGEST_CELL = 300
PHONES = 100  # enough to see how a list writes them; each is tried in every likely country
TYPED_KINDS = {"timeline_date": "date", "budget_amount": "number", "employees": ""}
STATUS = {"binary": 415, "archive": 415, "too_large": 413, "bomb": 413}


class Unreadable(Refusal):
    """The file can't be read as a list: what is wrong with it, and how to mend it."""

    def __init__(self, fault: UnreadableList) -> None:
        details = {"row": fault.row} if fault.row else {}
        super().__init__(fault.code, fault.message, **details)
        self.status = STATUS.get(fault.code, 422)


@dataclass
class Look:
    """columns: header names; sample: the first rows, a cell per column; settings: how the file is read."""

    columns: list[str]
    sample: list[list[str]]
    total: int
    guesses: dict[str, Guess]
    settings: dict[str, Any] = field(default_factory=dict)


def look_at(file: BinaryIO, filename: str, workspace: Workspace) -> Look:
    """Unreadable when it is no list."""
    try:
        with open_list(file, filename) as sheet:
            return look_into(sheet, filename, workspace)
    except UnreadableList as fault:
        raise Unreadable(fault) from fault


def look_into(sheet: Sheet, filename: str, workspace: Workspace) -> Look:
    rows = sheet.sample(ROWS)
    if not rows:
        message = _("The file has a row of column names, but no row below it.")
        raise UnreadableList("no_rows", message)
    custom = list(CustomField.objects.all())
    guesses = guess(sheet.columns, rows, custom, chosen_before(sheet.columns))
    kinds = {ATTRIBUTE + one.key: one.kind for one in custom}
    settings = {
        "file": filename,
        "format": sheet.format,
        "sheet": sheet.sheet_name,
        "encoding": sheet.encoding,
        "delimiter": sheet.delimiter,
        "header_row": sheet.header_row,
        "region": region_of(rows, guesses, sheet.columns, workspace),
        **by_whole_columns(sheet, rows, {name: kind_of(guesses[name], kinds) for name in sheet.columns}),
        "since_1904": sheet.since_1904,
        "currency": workspace.currency,
    }
    sample = [[cell[:LONGEST_CELL] for cell in row] for row in rows]
    return Look(sheet.columns, sample, sheet.total, guesses, settings)


def mark_of(sheet: Sheet) -> str:
    """The same for the same list, whoever uploads it under whatever name; another for one that differs in any row.

    It reads the whole list.
    """
    told = blake2b(json.dumps(sheet.columns).encode(), digest_size=5)
    for row in good_rows(sheet):
        told.update(json.dumps(row).encode())
    return told.hexdigest()


def region_of(
    rows: Sequence[Sequence[str]], guesses: Mapping[str, Guess], columns: Sequence[str], workspace: Workspace
) -> str:
    """The country whose way of writing phone numbers the list follows; the workspace's own in doubt."""
    places = [at for at, column in enumerate(columns) if guesses[column].target == "phone"]
    phones = [row[at] for row in rows for at in places if row[at]]
    return region_for(phones[:PHONES], workspace.region)


def kind_of(found: Guess, kinds: Mapping[str, str]) -> str:
    """What a column's cells are: "date" and "number" where all of it has to be seen."""
    target = found.target or ""
    if target in TYPED_KINDS:
        return TYPED_KINDS[target]
    return found.new.kind if found.new else kinds.get(target, "")


def by_whole_columns(sheet: Sheet, rows: Sequence[Sequence[str]], kinds: Mapping[str, str]) -> dict[str, Any]:
    """What only a whole column can say, never some rows of it: whether day or month comes first where numbers
    alone could not tell, and which numbers are written with decimal commas.

    A list longer than its sample is read once more for that, if it has such columns at all.
    """
    days: dict[int, Days] = {}
    commas: dict[int, Commas] = {}
    for at, name in enumerate(sheet.columns):
        cells = [row[at] for row in rows]
        if kinds[name] == "date" or any(map(NUMERIC_START.match, cells)):
            days[at] = Days()
        if kinds[name] == "number" or any(map(has_separators, cells)):
            commas[at] = Commas()
    seen: list[tuple[int, Days | Commas]] = [*days.items(), *commas.items()]
    if seen:
        for row in good_rows(sheet) if len(rows) == ROWS else rows:
            for at, column in seen:
                if row[at]:
                    column.see(row[at])
    orders = {sheet.columns[at]: column.order for at, column in days.items()}
    return {
        "date_order": {name: order for name, order in orders.items() if order != "ymd"},
        "commas": [sheet.columns[at] for at, column in commas.items() if column.decimal],
    }


def good_rows(sheet: Sheet) -> Iterator[list[str]]:
    """The rows that can be read, up to where the file is broken: the import itself says so when it gets there."""
    with suppress(UnreadableList):
        for found in sheet.rows():
            if not isinstance(found, RowProblem):
                yield found[1]


def reading(
    columns: Sequence[str],
    mapping: Mapping[str, str | None],
    settings: Mapping[str, Any],
    new_kinds: Mapping[str, str] | None = None,
    mark: str = "list",
) -> Reading:
    """How the cells of an import are understood, as settled on its page. ``new_kinds``: of fields not made yet;
    ``mark``: the list's own (``mark_of``), by which the rows of a list that names nobody are known."""
    kinds = {**(new_kinds or {}), **dict(CustomField.objects.values_list("key", "kind"))}
    return Reading(
        tuple(columns),
        mapping,
        region=settings["region"],
        date_order=settings["date_order"],
        currency=settings["currency"],
        kinds=kinds,
        commas=settings.get("commas", ()),
        since_1904=settings.get("since_1904", False),
        with_tests=settings.get("with_tests", False),
        known_by="" if names_people(mapping) else mark,
    )


def names_people(mapping: Mapping[str, str | None]) -> bool:
    """Whether some column says how to reach somebody, or who they are elsewhere."""
    return not IDENTIFYING.isdisjoint(target or "" for target in mapping.values())


@dataclass
class Preview:
    """What the sample would become.

    problems: of each kind (message of the first, how many rows, the number of the first), frequent ones first.
    """

    leads: list[Incoming]
    problems: list[tuple[str, int, int]]
    rejected: int


def preview(sample: Sequence[Sequence[str]], how: Reading, first_row: int) -> Preview:
    """Read the sample as the import would; nothing is written. ``first_row``: the number of its first row."""
    read = reader(how)
    leads = [read(row, number) for number, row in enumerate(sample, first_row)]
    counts: Counter[tuple[Any, str]] = Counter()
    first: dict[tuple[Any, str], tuple[str, int]] = {}
    for number, lead in enumerate(leads, first_row):
        said = {(problem["field"], problem["code"]): problem["message"] for problem in lead.problems}
        counts.update(said.keys())
        for kind, message in said.items():
            first.setdefault(kind, (message, number))
    problems = [(first[kind][0], count, first[kind][1]) for kind, count in counts.most_common()]
    return Preview(leads, problems, sum(lead.rejected for lead in leads))
