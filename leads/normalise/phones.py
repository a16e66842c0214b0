"""Phone numbers: one form (E.164) however they were typed."""

import re
from collections.abc import Iterable
from functools import lru_cache

from phonenumbers import (
    COUNTRY_CODE_TO_REGION_CODE,
    NumberParseException,
    PhoneMetadata,
    PhoneNumber,
    PhoneNumberDesc,
    PhoneNumberType,
    is_valid_number,
    national_significant_number,
    number_type,
    parse,
)

# The regions tried, in this order, when a list does not fit the workspace's own.
LIKELY_REGIONS = (
    "US",
    "CN",
    "GB",
    "DE",
    "FR",
    "IN",
    "JP",
    "HK",
    "TW",
    "SG",
    "KR",
    "AU",
    "BR",
    "MX",
    "ES",
    "IT",
)
TYPES = (
    "fixed_line",
    "mobile",
    "toll_free",
    "premium_rate",
    "personal_number",
    "voip",
    "uan",
)

ALL_TYPES = (*TYPES, "shared_cost", "pager", "voicemail")

PREFIX = re.compile(r"(?:p|tel|phone|mobile)\s*[:：]\s*", re.IGNORECASE)
EXTENSION = re.compile(r"\s*(?:分机|分機|转|轉)\D*\d+\s*$")
WHOLE_FLOAT = re.compile(r"(\+?\d{5,17})\.0+")
SCIENTIFIC = re.compile(r"(\d)\.(\d+)[eE]\+?(\d{1,2})")
SEVERAL = re.compile(r"[,;/|、，；\n]+")
PLAIN = re.compile(r"\+?[0-9 ().\-]{5,40}")
AS_IN_CHINA = re.compile(r"1\d\d([ -]?)\d{4}\1\d{4}")
NOT_DIGIT = {ord(sign): None for sign in " ().-"}
LONGEST = 100
# Excel shows at most six significant digits of a long number; seven or more were written out on purpose.
EXCEL_SHOWS = 6


def _patterns(regions: Iterable[str], types: Iterable[str]) -> re.Pattern[str]:
    """The library's own patterns of valid national numbers, as one expression."""
    described = [PhoneMetadata.metadata_for_region(region) for region in regions]
    kinds = [getattr(region, kind) for region in described for kind in types]
    patterns = dict.fromkeys(kind.national_number_pattern for kind in kinds if kind)
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns if pattern))


# The United States first: nearly every number is found in the first pattern tried.
US_NUMBER = _patterns(COUNTRY_CODE_TO_REGION_CODE[1], TYPES)
CN_MOBILE = _patterns(["CN"], ["mobile"])


def phone_e164(text: str, region: str) -> str:
    """ "+<country><number>", or '' if the text is no valid number.

    region: the ISO code of the country ("US") whose numbers may be typed without a country code. Also read:
    the "p:" of advertising exports, extensions (dropped), whole floats and exact scientific notation that
    spreadsheets make of long numbers, a country code without its plus, a Chinese mobile number in any region.
    Of several numbers in one cell the first valid one is taken.
    """
    text = text.strip()
    if PLAIN.fullmatch(text):
        quick = _quick(text.translate(NOT_DIGIT), region)
        if quick is not None:
            return quick
    return _careful(text, region) if text else ""


def _quick(number: str, region: str) -> str | None:
    """The plain shapes most lists consist of: the number, '' when it is surely none, None for "ask the library"."""
    size = len(number)
    if number[0] == "+":
        american = size == 12 and number[1] == "1" and US_NUMBER.fullmatch(number, 2)
        return number if american or _international(number) else None
    if region in ("US", "CA"):
        if size == 10 and number[0] > "1":
            return "+1" + number if US_NUMBER.fullmatch(number) else ""
        return "+" + number if size == 11 and number[0] == "1" and US_NUMBER.fullmatch(number, 1) else None
    if region == "CN":
        if size == 11 and CN_MOBILE.fullmatch(number):
            return "+86" + number
        return (
            "+" + number
            if size == 13 and number.startswith("86") and CN_MOBILE.fullmatch(number, 2)
            else None
        )
    return None


def _international(number: str) -> bool:
    """Is "+<country><number>" surely valid as it stands: a number of the country's first region, without a prefix
    to be taken off?"""
    for at in (2, 3, 4):
        code = number[1:at]
        if code.isdecimal() and int(code) in COUNTRY_CODE_TO_REGION_CODE:
            valid, prefixed = _numbers_of(int(code))
            return bool(
                valid and valid.fullmatch(number, at) and not (prefixed and prefixed.match(number, at))
            )
    return False


@lru_cache(maxsize=512)
def _numbers_of(code: int) -> tuple[re.Pattern[str] | None, re.Pattern[str] | None]:
    """(valid numbers, what a prefix looks like) of the first region of a calling code; (None, None): ask the library.

    The library's own patterns and lengths. A leading 0 is left to the library.
    """
    region = PhoneMetadata.metadata_for_region_or_calling_code(code, COUNTRY_CODE_TO_REGION_CODE[code][0])
    if region is None or region.leading_digits or not region.general_desc:
        return None, None
    kinds = filter(None, (_described(getattr(region, kind)) for kind in ALL_TYPES))
    whole = _described(region.general_desc)
    prefix = region.national_prefix_for_parsing
    return re.compile(rf"(?!0)(?={whole}\Z)(?:{'|'.join(kinds)})"), re.compile(prefix) if prefix else None


def _described(kind: PhoneNumberDesc | None) -> str:
    """The numbers of one kind as an expression, '' for none."""
    if kind is None or not kind.national_number_pattern:
        return ""
    lengths = "|".join(f".{{{length}}}" for length in kind.possible_length if length > 0)
    if kind.possible_length and not lengths:
        return ""
    return (rf"(?=(?:{lengths})\Z)" if lengths else "") + f"(?:{kind.national_number_pattern})"


@lru_cache(maxsize=4_096)
def _careful(text: str, region: str) -> str:
    text = EXTENSION.sub("", PREFIX.sub("", text.lstrip("'"), count=1).strip())
    if len(text) > LONGEST or sum(sign.isdigit() for sign in text) < 5:
        return ""
    text = _unspoilt(text)
    if not text:
        return ""
    found = _one(text, region)
    if found or not SEVERAL.search(text):
        return found
    return next(filter(None, (_one(part, region) for part in SEVERAL.split(text))), "")


def _unspoilt(text: str) -> str:
    """The number a spreadsheet turned into a float; '' when it dropped digits that nobody can bring back."""
    whole = WHOLE_FLOAT.fullmatch(text)
    if whole:
        return whole[1]
    power = SCIENTIFIC.fullmatch(text)
    if not power:
        return text
    first, rest, exponent = power[1], power[2], int(power[3])
    exact = len(rest.rstrip("0")) <= exponent < 16 and 1 + len(rest) > min(EXCEL_SHOWS, exponent)
    return (first + rest).ljust(exponent + 1, "0")[: exponent + 1] if exact else ""


def _one(text: str, region: str) -> str:
    number = _valid(text, region)
    if number is None and "+" not in text:
        digits = "".join(sign for sign in text if sign.isdecimal())
        if 11 <= len(digits) <= 15:
            # Somebody in another country, whose plus got lost in a spreadsheet or whose region is not ours.
            number = _valid("+" + digits.removeprefix("00"), region)
        if number is None and AS_IN_CHINA.fullmatch(text) and CN_MOBILE.fullmatch(digits):
            number = _valid(digits, "CN")
    return f"+{number.country_code}{national_significant_number(number)}" if number else ""


def _valid(text: str, region: str) -> PhoneNumber | None:
    try:
        number = parse(text, region or None)
    except NumberParseException:
        return None
    return number if is_valid_number(number) else None


def region_for(values: Iterable[str], default_region: str) -> str:
    """The region whose numbering plan reads most of these phone numbers; the default one in doubt.

    Looks at up to 300 numbers written without a country code. The workspace's own region wins when it reads
    half of them and no other reads nearly all and clearly more; else the best other that reads at least 80 %.
    """
    national = [value for value in (text.strip() for text in values) if _says_no_country(value)][:300]
    if not national:
        return default_region
    own = _share(national, default_region)
    if own >= 0.95:
        return default_region
    others = {region: _share(national, region) for region in LIKELY_REGIONS if region != default_region}
    best = max(others, key=lambda region: others[region])
    clearly = others[best] >= 0.9 and others[best] >= own + 0.2
    return best if clearly or (own < 0.5 and others[best] >= 0.8) else default_region


def _says_no_country(text: str) -> bool:
    digits = sum(sign.isdigit() for sign in text)
    return digits >= 6 and "+" not in text and not text.startswith("00") and not SCIENTIFIC.fullmatch(text)


def _share(values: list[str], region: str) -> float:
    return sum(_as_written_in(text, region) for text in values) / len(values)


def _as_written_in(text: str, region: str) -> bool:
    """Is this a valid number of that region *as people there write it*?

    Where numbers are dialled with a leading 0, a ten-digit number without one is often "valid" by accident
    (two in five American numbers are as Chinese ones), so only mobile numbers may lack it.
    """
    number = _valid(PREFIX.sub("", text, count=1), region)
    if number is None:
        return False
    described = PhoneMetadata.metadata_for_region(region)
    if described is None or described.national_prefix != "0":
        return True
    digits = "".join(sign for sign in text if sign.isdecimal())
    return digits.startswith("0") or number_type(number) == PhoneNumberType.MOBILE
