"""Which column of a list is which fact of a lead: guessed by name, then by content, for people to correct."""

import re
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from intake.contents import filled, kind_of, target_by_content
from intake.synonyms import SHARED_TARGETS, TARGETS, target_of
from intake.wording import added_by_us, squeeze
from leads.normalise import fold
from workspaces.ids import is_id

NEW = "new"
NOTHING_CHOSEN: Mapping[str, str | None] = {}
ATTRIBUTE = "attributes."
NOT_IN_KEY = re.compile(r"[^a-z0-9]+")
LONGEST_KEY = 50
OUR_STATE = frozenset(
    ("stage", "pool", "score", "grade", "owner", "team", "captured_at", "stage_since", "next_action_at",
     "last_follow_up_at", "reclaim_at", "version", "created_at", "updated_at", "phone_e164", "domain")
)  # fmt: skip


class KnownField(Protocol):
    """A custom field of the workspace."""

    key: str
    label: str


@dataclass(frozen=True, slots=True)
class NewField:
    """A custom field offered for a column that nothing fits. kind: text, number, date, boolean, choice."""

    key: str
    label: str
    kind: str
    choices: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Guess:
    """target: a lead's field, "attributes.<key>", "tags", "new" (see `new`), or None for a column left aside.

    confidence: 0 to 1; reason: before, name, content, unknown, empty,
    or ours (a column that only we write: of our file of rejected rows, or of an export).
    """

    column: str
    target: str | None
    confidence: float
    reason: str
    new: NewField | None = None


def guess(
    columns: Sequence[str],
    sample_rows: Sequence[Sequence[str]],
    custom_fields: Iterable[KnownField] = (),
    before: Mapping[str, str | None] = NOTHING_CHOSEN,
) -> dict[str, Guess]:
    """One guess per column, in their order. sample_rows: some hundred rows, a cell per column.

    ``before``: what the workspace chose for columns of these names last time: it knows best.
    """
    known = list(custom_fields)
    cells = {column: [row[at] for row in sample_rows if at < len(row)] for at, column in enumerate(columns)}
    targets = {ATTRIBUTE + one.key for one in known} | {target for target, _rank in TARGETS.values()}
    chosen = {name: target for name, target in before.items() if target is None or target in targets}
    ours = {*added_by_us(columns), *of_our_export(cells)}
    claims = {
        column: None
        if column in ours
        else _claimed(column, str(chosen[column]), 1.0, "before", -1)
        if chosen.get(column)
        else _claim(column, cells[column], known)
        for column in columns
    }
    winners = _winners(claims, cells)
    keys = {one.key for one in known}
    guesses = {}
    for column, claim in claims.items():
        won = claim is not None and (claim.target in SHARED_TARGETS or winners[claim.target] == column)
        found = claim.guess if claim and won else left_over(column, cells[column], keys)
        if column in chosen and chosen[column] is None:
            found = Guess(column, None, 1.0, "before")
        if column in ours:
            found = Guess(column, None, 1.0, "ours")
        guesses[column] = found
        if found.new:
            keys.add(found.new.key)
    return guesses


def of_our_export(cells: Mapping[str, Sequence[str]]) -> set[str]:
    """Columns of a file that we exported which only we write: what a lead is called here, and where it stands."""
    ids = [cell.strip() for cell in cells.get("id", ()) if cell.strip()]
    found = cells.keys() & OUR_STATE
    return {"id", *found} if len(found) > 1 and ids and all(map(is_id, ids)) else set()


def as_mapping(guesses: Mapping[str, Guess]) -> dict[str, str | None]:
    """{column: target} with every offered field as "attributes.<key>": the mapping once they are created."""
    return {
        column: f"{ATTRIBUTE}{found.new.key}" if found.new else found.target
        for column, found in guesses.items()
    }


def as_targets(guesses: Mapping[str, Guess]) -> dict[str, str | None]:
    """The guesses as somebody would choose them: an offered field is "new:<kind>"."""
    return {name: f"{NEW}:{one.new.kind}" if one.new else one.target for name, one in guesses.items()}


def new_fields(guesses: Mapping[str, Guess]) -> list[NewField]:
    """The custom fields the guesses offer."""
    return [found.new for found in guesses.values() if found.new]


@dataclass(frozen=True, slots=True)
class _Claim:
    guess: Guess
    target: str
    rank: int


def _claim(column: str, cells: Sequence[str], known: list[KnownField]) -> _Claim | None:
    """What a column says it is; of several that say the same the one with the lowest rank is believed."""
    word = squeeze(column)
    for one in known:
        if word in (squeeze(one.key), squeeze(one.label), squeeze(ATTRIBUTE + one.key)):
            return _claimed(column, ATTRIBUTE + one.key, 1.0, "name", 0)
    named = target_of(column)
    if named:
        target, rank = named
        if not target.startswith(ATTRIBUTE) or any(target == ATTRIBUTE + one.key for one in known):
            return _claimed(column, target, 1.0 if rank < 3 else 0.9, "name", rank)
        return None
    by_content = target_by_content(cells)
    if by_content:
        target, share = by_content
        return _claimed(column, target, round(share * 0.9, 2), "content", 100)
    return None


def _claimed(column: str, target: str, confidence: float, reason: str, rank: int) -> _Claim:
    return _Claim(Guess(column, target, confidence, reason), target, rank)


def _winners(claims: Mapping[str, _Claim | None], cells: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """The one column that feeds each target: the best named among those with anything in them."""
    best: dict[str, tuple[tuple[bool, int], str]] = {}
    for column, claim in claims.items():
        if claim is None:
            continue
        order = (not filled(cells[column]), claim.rank)
        if claim.target not in best or order < best[claim.target][0]:
            best[claim.target] = (order, column)
    return {target: column for target, (_order, column) in best.items()}


def left_over(column: str, cells: Sequence[str], taken: set[str]) -> Guess:
    if not filled(cells):
        return Guess(column, None, 0.0, "empty")
    kind, choices = kind_of(cells)
    named = target_of(column)
    wanted = named[0].removeprefix(ATTRIBUTE) if named and named[0].startswith(ATTRIBUTE) else key_of(column)
    key, number = wanted, 1
    while key in taken:
        number += 1
        key = f"{wanted}_{number}"
    return Guess(column, NEW, 0.5, "unknown", NewField(key, column[:200], kind, choices))


def key_of(column: str) -> str:
    """A key in plain letters; a name in another script gets one that is always the same."""
    key = NOT_IN_KEY.sub("_", fold(column)).strip("_")[:LONGEST_KEY].strip("_")
    letters = sum(sign.isalpha() for sign in column)
    plain = sum(sign.isascii() for sign in column if sign.isalpha())
    if key and not key[0].isdigit() and plain * 2 >= letters:
        return key
    return f"field_{zlib.crc32(column.encode()):08x}"
