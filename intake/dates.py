"""Days as they stand in lists. What the order of day and month is, the whole column says, never one cell."""

import re
from collections.abc import Iterable
from datetime import date, timedelta
from functools import lru_cache
from typing import Literal

from leads.normalise import fold

DateOrder = Literal["dmy", "mdy", "ymd", "ambiguous"]

MONTH_NAMES = """
    jan january januar janvier enero
    feb february februar février febrero
    mar march märz mrz mars marzo
    apr april avril abril
    may mai mayo
    jun june juni juin junio
    jul july juli juillet julio
    aug august août agosto
    sep sept september septembre septiembre
    oct october oktober okt octobre octubre
    nov november novembre noviembre
    dec december dezember dez décembre diciembre
"""
MONTHS = {
    name: number for number, names in enumerate(MONTH_NAMES.strip().splitlines(), 1) for name in names.split()
}
CLOCK = r"\d{1,2}[:时点h]\d{2}(?:[:分]\d{1,2})?(?:\.\d+)?秒?"
ZONE = r"(?: ?(?:z|utc|gmt|[+-]\d{2}:?\d{2}))?"
TIME = rf"(?:[ ,t]+(?:at )?(?:上午|下午)? ?{CLOCK} ?(?:am|pm|a\.m\.|p\.m\.)?{ZONE})?"
YEAR_FIRST = re.compile(rf"(\d{{4}})\s?[-/.年]\s?(\d{{1,2}})\s?[-/.月]\s?(\d{{1,2}})\s?[日号]?{TIME}")
NUMERIC = re.compile(rf"(\d{{1,2}})\s?([-/.])\s?(\d{{1,2}})\s?\2\s?(\d{{4}}|\d{{2}}){TIME}")
WEEKDAY = r"(?:[^\W\d]+,? )?"
DAY_MONTH = re.compile(
    rf"{WEEKDAY}(\d{{1,2}})(?:st|nd|rd|th|\.)?[ -]([^\W\d]+)\.?,?[ -](\d{{4}}|\d{{2}}){TIME}"
)
MONTH_DAY = re.compile(rf"{WEEKDAY}([^\W\d]+)\.? (\d{{1,2}})(?:st|nd|rd|th)?,? (\d{{4}}){TIME}")
COMPACT = re.compile(r"(19\d\d|20\d\d)(\d\d)(\d\d)")
SERIAL = re.compile(r"([2-6]\d{4})(?:\.\d+)?")
SERIAL_OF_1904 = re.compile(r"(\d{5})(?:\.\d+)?")
DAYS_TO_1904 = 1462
EXCEL_EPOCH = date(1899, 12, 30)
LONGEST = 60
NUMERIC_START = re.compile(r"\s*(\d{1,2}\s?([-/.])\s?\d{1,2}\s?\2\s?(?:\d{4}|\d{2}))(?!\d)")
MOST_DAYS = 40_000  # texts of days: more than a century of them


@lru_cache(maxsize=4_096)
def parse_day(text: str, order: DateOrder = "ambiguous") -> date | None:
    """The day a cell means (a time of day is left out); None if it means none, or if only a guess could tell.

    order: what the column's numeric dates mean; needed for "3/4/2018" alone. Five digits are a spreadsheet's
    day number (days since 1899-12-30).
    """
    text = " ".join(fold(text).split())
    if not text or len(text) > LONGEST:
        return None
    if found := YEAR_FIRST.fullmatch(text) or COMPACT.fullmatch(text):
        return _day(found[1], found[2], found[3])
    if found := NUMERIC.fullmatch(text):
        return _numeric(found, order)
    if found := DAY_MONTH.fullmatch(text):
        return _day(_year(found[3]), MONTHS.get(found[2], 0), found[1])
    if found := MONTH_DAY.fullmatch(text):
        return _day(found[3], MONTHS.get(found[1], 0), found[2])
    if found := SERIAL.fullmatch(text):
        return EXCEL_EPOCH + timedelta(days=int(found[1]))
    return None


def from_1904(text: str) -> str:
    """A day number that counts from 1904 on as one that counts from 1900 on; any other text as it is."""
    found = SERIAL_OF_1904.fullmatch(text.strip())
    return str(int(found[1]) + DAYS_TO_1904) if found else text


def is_ambiguous(text: str) -> bool:
    """Is this a day and a month that could be the other way round?"""
    found = NUMERIC.fullmatch(" ".join(fold(text).split()))
    return found is not None and int(found[1]) <= 12 and int(found[3]) <= 12 and found[1] != found[3]


class Days:
    """The numeric days of a column, seen cell by cell in little memory."""

    def __init__(self) -> None:
        self.told: set[str] = set()

    def see(self, cell: str) -> None:
        if len(self.told) < MOST_DAYS and (found := NUMERIC_START.match(cell)):
            self.told.add(found[1])

    @property
    def order(self) -> DateOrder:
        return decide_date_order(self.told)


def decide_date_order(values: Iterable[str]) -> DateOrder:
    """What the numeric dates of a column mean, decided by all of them.

    "ymd" when none has its year at the end; "ambiguous" when nothing decides, or when they contradict
    each other: then somebody must be asked.
    """
    day_first = month_first = unclear = german = False
    for value in values:
        found = NUMERIC.fullmatch(" ".join(fold(value).split()))
        if not found:
            continue
        first, second = int(found[1]), int(found[3])
        day_first |= first > 12
        month_first |= second > 12
        unclear |= first <= 12 and second <= 12
        german |= found[2] == "."
    if day_first and month_first:
        return "ambiguous"
    if day_first or (german and not month_first):  # dots are written by those who put the day first
        return "dmy"
    if month_first:
        return "mdy"
    return "ambiguous" if unclear else "ymd"


def _numeric(found: re.Match[str], order: DateOrder) -> date | None:
    first, second, year = int(found[1]), int(found[3]), _year(found[4])
    if order == "mdy" or (order != "dmy" and second > 12):
        return _day(year, first, second)
    if order == "dmy" or first > 12 or first == second or found[2] == ".":
        return _day(year, second, first)
    return None


def _year(text: str) -> int:
    year = int(text)
    if len(text) > 2:
        return year
    return year + (1900 if year >= 70 else 2000)


def _day(year: str | int, month: str | int, day: str | int) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None
