"""A phone alone is not identity: a switchboard rings for a whole company, a desk for two colleagues."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import phonenumbers
from phonenumbers import PhoneNumberType
from rapidfuzz import fuzz

from leads.models.identity import IdentityKind
from leads.normalise.chinese import simplified
from leads.normalise.pinyin import HAN_RUN
from leads.normalise.texts import fold

PHONE = IdentityKind.PHONE.value
COMPARED = ("name", "email_key", "phone_e164")
ALIKE = 80.0  # of 100, by words: a slip of the pen, a middle name


def two_people(this: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two that share a phone are clearly two: their names differ, and so do their e-mails or it is a landline.

    Both: COMPARED. What one of them does not say makes no difference.
    """
    if not names_differ(this.get("name") or "", other.get("name") or ""):
        return False
    one, two = this.get("email_key"), other.get("email_key")
    if one and two:
        return one != two
    return is_landline(this.get("phone_e164") or "")


def names_differ(one: str, two: str) -> bool:
    """Two names of two people. In two scripts they are not compared: 张伟 and Zhang Wei may be one."""
    one, two = simplified(fold(one)).strip(), simplified(fold(two)).strip()
    if not one or not two or one == two:
        return False
    if bool(HAN_RUN.search(one)) != bool(HAN_RUN.search(two)):
        return False
    return fuzz.token_set_ratio(one, two) < ALIKE


@lru_cache(maxsize=4096)
def is_landline(e164: str) -> bool:
    try:
        number = phonenumbers.parse(e164)
    except phonenumbers.NumberParseException:
        return False
    return phonenumbers.number_type(number) == PhoneNumberType.FIXED_LINE
