"""What a column holds, told by its cells: for columns whose name says nothing, and for new custom fields."""

import re
from collections import Counter
from collections.abc import Sequence

from intake.amounts import parse_number
from intake.dates import parse_day
from intake.wording import FALSE, TRUE
from leads.normalise import domain_of, email_key, fold, phone_e164
from leads.normalise.credit_codes import LENGTH, credit_code

ENOUGH = 0.6
# Numbers that are telephone numbers in any list: with a country code, as in North America, or Chinese mobile.
PHONE = re.compile(r"p:.*|\+\d[\d ().\-]{6,}|\(?\d{3}\)?[ .\-]\d{3}[.\-]\d{4}|1[3-9]\d([ \-]?)\d{4}\1\d{4}")
SITE = re.compile(
    r"(?:https?://|www\.)\S+|[a-z0-9][a-z0-9-]*(?:\.[a-z0-9-]+)*\.[a-z]{2,12}(?:/\S*)?", re.IGNORECASE
)
PLATFORM_ID = re.compile(r"l:\d+")
WECHAT = re.compile(r"wxid_\w{6,}")
COMPANY = re.compile(
    r".*(?:公司|集团|Inc\.?|LLC|Ltd\.?|Limited|GmbH|Corp\.?|S\.?A\.?|B\.?V\.?|AG|株式会社)", re.IGNORECASE
)
LEADING_ZERO = re.compile(r"0\d+")
MOST_CHOICES = 6
# The first rows of a sorted list show only some of its values.
ROWS_FOR_CHOICES = 500
LONGEST_NUMBER = 15


def filled(values: Sequence[str]) -> list[str]:
    return [text for text in (value.strip() for value in values) if text]


def target_by_content(values: Sequence[str]) -> tuple[str, float] | None:
    """(target, share of the filled cells that fit it) when most cells are of one telling kind."""
    cells = filled(values)
    if not cells:
        return None
    shares = {name: sum(fits(cell) for cell in cells) / len(cells) for name, fits in FITS.items()}
    best = max(shares, key=lambda name: shares[name])
    return (best, round(shares[best], 2)) if shares[best] >= ENOUGH else None


def _is_phone(text: str) -> bool:
    return bool(PHONE.fullmatch(text)) and bool(phone_e164(text, "US") or phone_e164(text, "CN"))


FITS = {
    "email": lambda text: bool(email_key(text)),
    "phone": _is_phone,
    "website": lambda text: bool(SITE.fullmatch(text)) and bool(domain_of(text)),
    "external_id": lambda text: bool(PLATFORM_ID.fullmatch(text)),
    "wechat": lambda text: bool(WECHAT.fullmatch(text)),
    "credit_code": lambda text: len(text) >= LENGTH and bool(credit_code(text)),
    "company": lambda text: bool(COMPANY.fullmatch(text)),
}


def kind_of(values: Sequence[str]) -> tuple[str, list[str]]:
    """(kind of custom field, its choices) that takes every one of these cells; text in doubt."""
    cells = filled(values)
    if not cells:
        return "text", []
    words = {fold(cell) for cell in cells}
    if words <= TRUE | FALSE:
        return "boolean", []
    if all(_is_day(cell) for cell in cells):
        return "date", []
    if all(_is_number(cell) for cell in cells):
        return "number", []
    counts = Counter(cells)
    if len(cells) >= ROWS_FOR_CHOICES and len(counts) <= MOST_CHOICES and max(map(len, counts)) <= 60:
        return "choice", sorted(counts)
    return "text", []


def _is_number(text: str) -> bool:
    """Codes are no numbers: what starts with a zero, or is longer than a number is exact, stays text."""
    plain = not LEADING_ZERO.fullmatch(text) and len(text) <= LONGEST_NUMBER
    return plain and text[-1].isdigit() and parse_number(text) is not None


def _is_day(text: str) -> bool:
    if text.isdigit() and len(text) == 5:  # a postal code as well as a spreadsheet's day number
        return False
    return parse_day(text, "dmy") is not None or parse_day(text, "mdy") is not None
