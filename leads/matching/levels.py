"""How well two texts of a field agree: compared for many pairs of leads at once."""

from collections.abc import Sequence

import numpy as np
from rapidfuzz import fuzz
from rapidfuzz.distance import OSA, JaroWinkler
from rapidfuzz.process import cpdist

from leads.matching.evidence import CJK, Evidence
from leads.normalise.pinyin import syllables
from leads.normalise.traits import ROLES

SAME, CLOSE, SIMILAR, SWAPPED, DIFFERENT = range(5)
UNSAID = -1
COUNT = 5
# Of two texts: a slip of the pen, two slips; Jaro-Winkler for longer words (Winkler 1990).
CLOSE_WINKLER, SIMILAR_WINKLER = 0.94, 0.85
WITHIN = 90  # of 100, by words
MIX = np.int64(0x1E3779B97F4A7C15)
MANY = 1000  # pairs
SHORT = 4  # characters of a Chinese name, or of the core of a company's


def compare(this: Evidence, i: np.ndarray, other: Evidence, j: np.ndarray, name: str) -> np.ndarray:
    """Levels (int8) of the pairs ``this[i]``, ``other[j]`` in one field."""
    if name not in this.texts or name not in other.texts:
        return np.full(len(i), UNSAID, np.int8)
    a, b = this.exact[name][i], other.exact[name][j]
    found = np.full(len(i), DIFFERENT, np.int8)
    unsaid = (a == 0) | (b == 0)
    same = (a == b) & ~unsaid
    found[unsaid], found[same] = UNSAID, SAME
    rest = np.nonzero(~unsaid & ~same)[0]
    if len(rest):
        found[rest] = each_compared(this, i[rest], other, j[rest], name)
    return found


def each_compared(this: Evidence, i: np.ndarray, other: Evidence, j: np.ndarray, name: str) -> np.ndarray:
    """Of very many pairs many hold the same two texts (titles, companies): each two are compared once."""
    if len(i) < MANY:
        return texts_compared(this, i, other, j, name)
    both = this.exact[name][i] * MIX ^ other.exact[name][j]
    _each, first, back = np.unique(both, return_index=True, return_inverse=True)
    return texts_compared(this, i[first], other, j[first], name)[back]


def texts_compared(this: Evidence, i: np.ndarray, other: Evidence, j: np.ndarray, name: str) -> np.ndarray:
    """Levels of texts that are not the same."""
    a, b = [this.texts[name][k] for k in i], [other.texts[name][k] for k in j]
    if name == "email":
        return addresses_compared(a, b)
    one, two = this.shapes(name), other.shapes(name)
    length = np.maximum(one.length[i], two.length[j])
    number = one.number[i] & two.number[j]
    words = (one.words[i] | two.words[j]) & ~number
    close, similar, slips = in_letters(a, b, length)
    close = np.where(number, (slips == 1) & (length >= 5), close)
    similar = np.where(number, (slips == 2) & (length >= 6), similar)
    found = np.full(len(a), DIFFERENT, np.int8)
    found[similar | within(a, b, words)], found[close] = SIMILAR, CLOSE
    if any(map(CJK.search, a)):
        found[otherwise_read(a, b)] = DIFFERENT
    return found


def in_letters(
    a: Sequence[str], b: Sequence[str], length: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Where two words are close, where they are similar, and by how many slips they differ (3: more than two)."""
    alike = cpdist(a, b, scorer=JaroWinkler.similarity, dtype=np.float32)
    slips = cpdist(a, b, scorer=OSA.distance, dtype=np.int32, score_cutoff=2)
    close = ((slips == 1) & (length >= 3)) | (alike >= CLOSE_WINKLER)
    return close, ((slips == 2) & (length >= 5)) | (alike >= SIMILAR_WINKLER), slips


def addresses_compared(a: Sequence[str], b: Sequence[str]) -> np.ndarray:
    """Levels of e-mail addresses that are not the same, by the part before the @: what colleagues share says nothing
    here (it is the company, which counts by itself), and neither does the same function (info@) elsewhere."""
    this, other = [text.partition("@")[0] for text in a], [text.partition("@")[0] for text in b]
    length = np.fromiter((max(len(x), len(y)) for x, y in zip(this, other, strict=True)), np.int32, len(a))
    close, similar, _slips = in_letters(this, other, length)
    found = np.full(len(a), DIFFERENT, np.int8)
    found[similar], found[close] = SIMILAR, CLOSE
    found[[x == y and x in ROLES for x, y in zip(this, other, strict=True)]] = DIFFERENT
    return found


def otherwise_read(a: Sequence[str], b: Sequence[str]) -> np.ndarray:
    """Where both texts are a few Chinese characters that sound different: another name, however few they are."""
    return np.fromiter(
        (
            len(x) <= SHORT and len(y) <= SHORT and CJK.search(x) is not None and syllables(x) != syllables(y)
            for x, y in zip(a, b, strict=True)
        ),
        bool,
        len(a),
    )


def within(a: Sequence[str], b: Sequence[str], words: np.ndarray) -> np.ndarray:
    """Where all words of one text stand in the other, give or take a slip: a last name alone, and the full name.

    ``words``: which pairs have a text of several words.
    """
    found = np.zeros(len(a), bool)
    some = np.nonzero(words)[0]
    if len(some):
        ratio = cpdist(
            [a[k] for k in some],
            [b[k] for k in some],
            scorer=fuzz.token_set_ratio,
            dtype=np.float32,
            score_cutoff=WITHIN,
        )
        found[some] = ratio >= WITHIN
    return found


def mark_swapped(
    found: dict[str, np.ndarray],
    this: Evidence,
    i: np.ndarray,
    other: Evidence,
    j: np.ndarray,
    twins: Sequence[tuple[str, str]],
) -> None:
    """Where two fields of one kind changed places (first and last name): SWAPPED in one, UNSAID in the other."""
    for one, two in twins:
        if not {one, two} <= set(found):
            continue
        a1, a2 = this.exact[one][i], this.exact[two][i]
        b1, b2 = other.exact[one][j], other.exact[two][j]
        swapped = (a1 != 0) & (a2 != 0) & (a1 == b2) & (a2 == b1) & (a1 != a2)
        found[one][swapped], found[two][swapped] = SWAPPED, UNSAID
