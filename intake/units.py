"""What a column's name and its cells say of all its numbers: "预算(万元)", "Budget (k EUR)", "1.234,56"."""

import re

from intake.amounts import CURRENCIES, UNITS
from leads.normalise import fold

IN_BRACKETS = re.compile(r"[(（\[【]([^)）\]】]{1,20})[)）\]】]")
AFTER_WORD = re.compile(r"(?:单位|in|unit)[:：]?\s*(.+)$")
WORDS = {"thousands": 10**3, "thousand": 10**3, "millions": 10**6, "million": 10**6} | UNITS
UNIT = "|".join(sorted((re.escape(word) for word in WORDS), key=len, reverse=True))
ONLY_UNIT = re.compile(rf"(?:({UNIT})(?![a-z]))?\s*(元)?")
# A comma before one or two digits at the end, or before three after dots that group: it is decimal.
DECIMAL_COMMA = re.compile(r"(?<![\d.,])\d{1,3}(?:\.\d{3})+,\d+(?!\d)|(?<![\d.,])\d+,\d{1,2}(?![\d,])")
SEPARATED = re.compile(r"[^\d@]{0,8}\d[\d '’]*[.,][\d.,'’ ]*[^\d@]{0,8}")
LONGEST = 40
DECIMAL_DOT = re.compile(r"\d,\d{3}\.\d|(?<![\d.,])\d+\.\d{1,2}(?![\d.])|\d+\.\d{4,}")


def unit_of(column: str) -> tuple[int, str]:
    """(factor, currency or "") that a column's name gives its numbers: "预算(万元)" -> (10000, "CNY")."""
    name = fold(column)
    told = IN_BRACKETS.findall(name) + AFTER_WORD.findall(name)
    for text in told:
        currency, bare = "", text.strip()
        for mark, code in CURRENCIES:
            if mark in bare:
                currency, bare = code, bare.replace(mark, " ").strip()
                break
        found = ONLY_UNIT.fullmatch(bare.strip(" /,"))
        if found and (found[1] or found[2] or currency):
            return WORDS.get(found[1] or "", 1), currency or ("CNY" if found[2] else "")
    return 1, ""


def without_unit(column: str) -> str:
    """The column's name without what stands in brackets."""
    return IN_BRACKETS.sub(" ", column).strip()


def has_separators(cell: str) -> bool:
    """Whether a cell is a number in which it matters what a comma and a dot mean."""
    return len(cell) <= LONGEST and bool(SEPARATED.fullmatch(cell))


class Commas:
    """Whether a column is written with decimal commas, as in most of Europe, seen cell by cell."""

    def __init__(self) -> None:
        self.commas = self.dots = False

    def see(self, cell: str) -> None:
        if not self.commas and "," in cell:
            self.commas = bool(DECIMAL_COMMA.search(cell))
        if not self.dots and "." in cell:
            self.dots = bool(DECIMAL_DOT.search(cell))

    @property
    def decimal(self) -> bool:
        """No where nothing tells, or where cells contradict each other."""
        return self.commas and not self.dots


TURNED = str.maketrans(",.", ".,")


def turned(text: str) -> str:
    """A number with decimal commas as one with decimal dots."""
    return text.translate(TURNED)
