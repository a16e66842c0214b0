"""Substring search that also works for Chinese, Japanese and Korean, on a plain trigram index.

A trigram index finds nothing for the usual two-character query in Chinese. So a document stores each run of
such characters as overlapping pairs set apart by spaces: each pair is then a word, and a word of two letters
has three trigrams of its own. (The index must live in a database whose character type knows these letters:
any UTF-8 locale except "C".)
"""

import re
from collections.abc import Iterable

from leads.normalise.texts import fold
from workspaces.texts import clean_text

CJK = "\u3005\u3007\u3041-\u3096\u30a1-\u30fa\u30fc-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\U00020000-\U0003ffff"
CJK_RUN = re.compile(f"[{CJK}]+")
RUNS = re.compile(f"[{CJK}]+|[^{CJK}\\s]+")
SPACES = re.compile(r"\s+")
PHONE = re.compile(r"\s*\+?[0-9][0-9 ().\-]{5,30}\s*")
PHONE_QUERY = re.compile(r"\s*[+(]?[0-9][0-9 ().\-]{5,30}\s*")
NOT_DIGITS = re.compile(r"[^0-9]+")
LONGEST_QUERY = 200
FENCE = "\n"


def search_document(*texts: str, hidden: Iterable[str] = ()) -> str:
    """What is stored to be searched: lower case, one width, words set apart by single spaces, a space at both
    ends, CJK runs as pairs ("华为技术" -> "华为 为技 技术 术"), phone numbers also as bare digits. '' for no text.

    ``hidden``: texts that not everybody sees; they stand behind FENCE, which no pattern reaches across.
    """
    shown, fenced = _joined(texts), _joined(hidden)
    if not fenced:
        return f" {shown} " if shown else ""
    return f" {shown} {FENCE} {fenced} " if shown else f" {FENCE} {fenced} "


def _joined(texts: Iterable[str]) -> str:
    parts: list[str] = []
    for text in texts:
        if not text:
            continue
        parts.append(_searchable(text))
        if PHONE.fullmatch(text):
            digits = NOT_DIGITS.sub("", text)
            if digits not in parts[-1]:
                parts.append(digits)
    return SPACES.sub(" ", " ".join(parts)).strip()


def _searchable(text: str) -> str:
    if text.isascii() and text.isprintable():
        return text.lower()
    return CJK_RUN.sub(_pairs, fold(clean_text(text)))


def _pairs(run: re.Match[str]) -> str:
    signs = run[0]
    return " " + " ".join(signs[at : at + 2] for at in range(len(signs))) + " "


def search_patterns(query: str) -> list[str]:
    """LIKE patterns (escaped with a backslash) that all must match a search document.

    A run of three or more letters is found anywhere, a shorter one at the start of a word; CJK runs by their
    pairs, a single such character at any place. A typed phone number is found by its digits. A query without
    a letter or digit gives no pattern at all: it can find nothing.
    """
    query = fold(clean_text(query))[:LONGEST_QUERY]
    if PHONE_QUERY.fullmatch(query):
        digits = NOT_DIGITS.sub("", query)
        if len(digits) >= 7:
            return [f"%{digits}%"]
    patterns: list[str] = []
    for run in RUNS.findall(query):
        if CJK_RUN.match(run):
            patterns += _cjk_patterns(run)
        elif any(sign.isalnum() for sign in run):
            patterns.append(f"%{_escaped(run)}%" if len(run) >= 3 else f"% {_escaped(run)}%")
    return list(dict.fromkeys(patterns))


def _cjk_patterns(run: str) -> list[str]:
    if len(run) == 1:
        return [f"% {run}%"]
    return [f"% {run[at : at + 2]} %" for at in range(len(run) - 1)]


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
