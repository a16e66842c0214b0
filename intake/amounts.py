"""Numbers, sizes and money as people type them."""

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from leads.money import to_minor
from leads.normalise import fold

LARGEST_COUNT = 2**31 - 1
LARGEST_AMOUNT = 2**63 - 1
UNITS = {
    **dict.fromkeys(("k", "thousand", "千"), 10**3),
    **dict.fromkeys(("w", "万", "萬"), 10**4),
    **dict.fromkeys(("m", "mn", "mio", "million", "百万"), 10**6),
    "千万": 10**7,
    **dict.fromkeys(("亿", "億"), 10**8),
    **dict.fromkeys(("b", "bn", "billion"), 10**9),
}
UNIT = "|".join(sorted(UNITS, key=len, reverse=True))
NUMBER = re.compile(rf"(-?\d[\d.,' ]*)\s*(?:({UNIT})(?![a-z]))?")
WHOLE_NUMBER = re.compile(rf"([+-]?\d[\d.,' ]*)\s*({UNIT})?\s*(%)?")
GROUPED = re.compile(r"\d{1,3}(?:[,']\d{3})+")
GROUPED_BY_DOTS = re.compile(r"\d{1,3}(?:\.\d{3}){2,}")
BELOW = re.compile(r"^(?:<|≤|under|less than|up to|below|少于|不足|小于|低于|至多)|(?:以下|以内|以內)$")
BETWEEN = re.compile(r"(?<=\d)\s*(?:-|–|—|~|～|至|到|to)\s*(?=[^\d\s]{0,4}\s*\d)")
RANGE_UNIT = re.compile(rf"\d[\d.,]*\s*({UNIT})(?![a-z])")
# Longer marks first: "US$" and "HK$" before "$".
CURRENCY_MARKS = """
    us$ USD, hk$ HKD, nt$ TWD, a$ AUD, c$ CAD, s$ SGD, r$ BRL, usd USD, cny CNY
    rmb CNY, eur EUR, gbp GBP, jpy JPY, hkd HKD, twd TWD, sgd SGD, aud AUD, cad CAD
    inr INR, krw KRW, chf CHF, brl BRL, mxn MXN, aed AED, sek SEK, nok NOK, dkk DKK
    pln PLN, 人民币 CNY, 人民幣 CNY, 美元 USD, 美金 USD, 欧元 EUR, 歐元 EUR, 英镑 GBP, 港元 HKD
    港币 HKD, 港幣 HKD, 新台币 TWD, 新台幣 TWD, 台币 TWD, 台幣 TWD, 日元 JPY, 日圆 JPY, 円 JPY
    € EUR, £ GBP, ₹ INR, ₩ KRW
"""
CURRENCIES = [tuple(pair.split()) for pair in re.split("[,\n]", CURRENCY_MARKS) if pair.strip()]
DOLLARS = frozenset(("USD", "CAD", "AUD", "HKD", "SGD", "TWD", "NZD", "MXN"))
YUAN = frozenset(("CNY", "JPY"))
WORDS = {"myself only": 1, "self-employed": 1, "solo": 1, "just me": 1, "一人": 1}


@dataclass(frozen=True, slots=True)
class Money:
    """amount: in minor units of the currency."""

    amount: int
    currency: str


def parse_number(text: str) -> int | float | None:
    """A number, or None: "1,200" -> 1200, "1.200,50" -> 1200.5, "12k" -> 12000, "5万" -> 50000."""
    found = WHOLE_NUMBER.fullmatch(fold(text).strip())
    value = _decimal(found[1], found[2]) if found else None
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)


def names_unit(text: str) -> bool:
    """Whether a number says itself in what unit it is: "50万", "20k"."""
    found = NUMBER.search(fold(text))
    return bool(found and found[2])


@lru_cache(maxsize=4096)
def parse_employees(text: str) -> int | None:
    """A head count; of a range its lower bound ("50-199" -> 50, "1000+" -> 1000, "under 50" -> 1)."""
    text = fold(text).strip()
    if text in WORDS:
        return WORDS[text]
    found = NUMBER.search(text)
    value = _decimal(found[1], found[2]) if found else None
    if value is None or not 0 <= value <= LARGEST_COUNT:
        return None
    return 1 if BELOW.search(text) else int(value)


@lru_cache(maxsize=4096)
def parse_money(text: str, currency: str) -> Money | None:
    """An amount in the currency it names, or in the given one; of a range ("10-20万") the lower bound."""
    folded = fold(text).strip()
    named = currency_in(folded, currency)
    bare = folded
    for mark, _code in CURRENCIES:
        bare = bare.replace(mark, " ")
    bare = bare.replace("$", " ").replace("¥", " ").replace("元", " ").strip()
    found = NUMBER.search(bare)
    if not found:
        return None
    unit = found[2]
    if not unit and BETWEEN.search(bare):
        later = RANGE_UNIT.search(bare, found.end())
        unit = later[1] if later else None
    value = _decimal(found[1], unit)
    if value is None or not 0 <= value <= LARGEST_AMOUNT:
        return None
    minor = to_minor(value, named)
    return Money(minor, named) if minor <= LARGEST_AMOUNT else None


def currency_in(folded: str, default: str) -> str:
    """The currency a text names, as ISO code. A bare "$" or "¥" is the workspace's own, when that is one."""
    for mark, code in CURRENCIES:
        if mark in folded:
            return code
    if "$" in folded:
        return default if default in DOLLARS else "USD"
    if "¥" in folded or "元" in folded:
        return default if default in YUAN and "元" not in folded else "CNY"
    return default


def _decimal(digits: str, unit: str | None) -> Decimal | None:
    """Separators either way round: of two kinds the last is decimal; groups of three are thousands."""
    digits = digits.strip(" ,.'").replace(" ", "")
    if "," in digits and "." in digits:
        last = max(digits.rfind(","), digits.rfind("."))
        digits = re.sub("[,.]", "", digits[:last]) + "." + digits[last + 1 :]
    elif GROUPED.fullmatch(digits.lstrip("+-")):
        digits = digits.replace(",", "")
    elif GROUPED_BY_DOTS.fullmatch(digits.lstrip("+-")):
        digits = digits.replace(".", "")
    try:
        return Decimal(digits.replace("'", "").replace(",", ".")) * UNITS.get(unit or "", 1)
    except InvalidOperation:
        return None
