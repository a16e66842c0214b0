"""China's unified social credit code (统一社会信用代码): who a company is, whatever it is called."""

import unicodedata
from functools import lru_cache

from django.utils.translation import gettext as _
from stdnum.cn import uscc

LENGTH = 18


@lru_cache(maxsize=4_096)
def credit_code(text: str) -> str:
    """The 18 characters in capitals, without spaces and hyphens; '' where the check digit is wrong or it is none.

    GB 32100-2015: 17 characters of an alphabet without I, O, S, V and Z, and a check character (mod 31).
    """
    code = unicodedata.normalize("NFKC", text).upper()
    code = "".join(sign for sign in code if sign.isalnum())
    return code if len(code) == LENGTH and code.isascii() and uscc.is_valid(code) else ""


def wrong_code() -> str:
    """What is said of a text that is no such code."""
    return _("This is no unified social credit code: 18 characters, the last of which is a check digit.")
