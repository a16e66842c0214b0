"""One search for leads, companies and people: what is meant, also when it is typed a little wrong or in pinyin.

First what stands there exactly. Where nothing does: Chinese as it sounds (another character of the same reading is
the usual slip of an input method), then what is nearly so: every word of four letters and more may have a letter too
many, too few, wrong or out of place.
"""

import re
from uuid import UUID

from django.db import connection
from rapidfuzz import fuzz, process

from leads.masking import sees_all
from leads.normalise import search_patterns
from leads.normalise.pinyin import HAN_RUN, typed
from leads.normalise.searching import NOT_DIGITS, PHONE_QUERY
from leads.normalise.texts import fold
from leads.queries import search_for
from workspaces.models import Member
from workspaces.texts import clean_text

KINDS = ("lead", "company", "person")
LONGEST = 100
SHORTEST = 4  # letters of a word that may be typed wrong
MOST_WORDS = 6
LIKE_ENOUGH = 75.0  # of 100: one letter of four, two of ten
WORD = re.compile(r"[^\W\d_]+|\d+")
Found = dict[str, list[UUID]]


def find(text: str, most: int, member: Member | None) -> Found:
    """{kind: ids}, of each kind up to ``most``, the best first; at most four statements.

    ``member``: who searches (None: the program). To whom contact data is masked, people and what is typed nearly are
    found by what is shown of them.
    """
    text = text[:LONGEST]
    found = exactly(text, most, member)
    if any(found.values()):
        return found
    sound = as_it_sounds(text)
    if sound != text:
        found = exactly(sound, most, member)
    return found if any(found.values()) else nearly(sound, most, member)


def exactly(text: str, most: int, member: Member | None) -> Found:
    patterns = search_patterns(text)
    if not patterns:
        return {kind: [] for kind in KINDS}
    leads, params = search_for(text, patterns, most, member)
    whole = None if sees_all(member) else reach_of(text)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT 'lead', found.id FROM ({leads}) AS found (id) UNION ALL "
            "SELECT 'company', named_matching('company', %s, %s, NULL) UNION ALL "
            "SELECT 'person', named_matching('person', %s, %s, %s)",
            [*params, patterns, most, patterns, most, whole],
        )
        return by_kind(cursor.fetchall(), most)


def reach_of(text: str) -> list[str]:
    """What an address of a person would be, were the text all of it: as it is written, and its digits."""
    text = text.strip().lower()
    digits = NOT_DIGITS.sub("", text) if PHONE_QUERY.fullmatch(text) else ""
    return [one for one in (text, digits) if one]


def as_it_sounds(text: str) -> str:
    """Its Chinese in pinyin: 华位 -> huawei."""
    return HAN_RUN.sub(lambda run: f" {typed(run[0]).split(' ')[0]} ", clean_text(text))


def nearly(text: str, most: int, member: Member | None) -> Found:
    """What resembles the text: among the best, else among all. Read by the database, compared here."""
    words = WORD.findall(fold(clean_text(text)))[:MOST_WORDS]
    letters = [word for word in words if len(word) >= SHORTEST and not word.isdigit()]
    others = [pattern for word in words if word not in letters for pattern in search_patterns(word)]
    found: Found = {kind: [] for kind in KINDS}
    for beyond in (False, True) if letters else ():
        said = read_near(letters, others, beyond, shown=not sees_all(member))
        found = {kind: closest(letters, said[kind])[:most] for kind in KINDS}
        if any(found.values()):
            break
    return found


def read_near(
    letters: list[str], others: list[str], beyond: bool, *, shown: bool
) -> dict[str, dict[UUID, str]]:
    """The search texts of {kind: {id: text}} that are to be compared."""
    each = "SELECT %s AS kind, found, said FROM nearly_matching(%s, %s, %s, %s, %s)"
    params = [part for kind in KINDS for part in (kind, kind, letters, others, beyond, shown)]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join([each] * len(KINDS)), params)
        rows = cursor.fetchall()
    said: dict[str, dict[UUID, str]] = {kind: {} for kind in KINDS}
    for kind, pk, document in rows:
        said[kind].setdefault(pk, document)
    return said


def closest(words: list[str], said: dict[UUID, str]) -> list[UUID]:
    """Of these texts those in which each of the words stands nearly; the most alike first."""
    left = {pk: text for pk, text in said.items() if len(text) > max(map(len, words))}
    worst: dict[UUID, float] = {}
    for word in words:
        near = process.extract(
            f" {word}", left, scorer=fuzz.partial_ratio, processor=None, score_cutoff=LIKE_ENOUGH, limit=None
        )
        worst = {pk: min(score, worst.get(pk, 100.0)) for _text, score, pk in near}
        left = {pk: said[pk] for pk in worst}
    order = {pk: at for at, pk in enumerate(said)}
    return sorted(worst, key=lambda pk: (-worst[pk], order[pk]))


def by_kind(rows: list[tuple[str, UUID]], most: int) -> Found:
    found: Found = {kind: [] for kind in KINDS}
    for kind, pk in rows:
        if len(found[kind]) < most:
            found[kind].append(pk)
    return found
