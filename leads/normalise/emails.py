"""E-mail addresses: one key per mailbox."""

import re
from functools import lru_cache

from email_validator import EmailNotValidError, validate_email

from leads.normalise.texts import fold
from workspaces.texts import clean_text

# What nearly every address looks like; the library takes some 30 times as long to say the same.
# "--" is left to the library, because "xn--" hides a name in another script.
ORDINARY = re.compile(
    r"(?=.{6,254}$)(?=[^@]{1,64}@)(?!.*--)"
    r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}"
)
NAMED = re.compile(r".*<([^<>]+)>")
COMMENT = re.compile(r"^\([^()]*\)\s*|\s*\([^()]*\)$")
SEVERAL = re.compile(r"[;,，；、\s]+")
LONGEST = 1000


def email_key(text: str) -> str:
    """The address in lower case, width and IDNA folded ("xn--" names are written out); '' if it is none.

    Takes "Name <address>", "mailto:" and a trailing remark in brackets, as they are pasted from mail
    programs. Of several addresses in one cell the first is taken. An address must have a dot in its domain:
    "user@intranet" reaches nobody from outside.
    """
    key = text.strip().lower()
    if ORDINARY.fullmatch(key):
        return key
    return _unusual(text) if "@" in key or "＠" in key else ""


@lru_cache(maxsize=4_096)
def _unusual(text: str) -> str:
    address = fold(clean_text(text)).removeprefix("mailto:").strip()
    if not address or len(address) > LONGEST:
        return ""
    named = NAMED.fullmatch(address)
    address = COMMENT.sub("", named[1].strip() if named else address)
    return _address(address) or _first_of_several(address)


def _first_of_several(text: str) -> str:
    keys = [_address(part) for part in SEVERAL.split(text) if part]
    return keys[0] if len(keys) > 1 and all(keys) else ""


def _address(text: str) -> str:
    if ORDINARY.fullmatch(text):
        return text
    try:
        found = validate_email(
            text,
            check_deliverability=False,
            allow_quoted_local=True,
            test_environment=True,
        )
    except (EmailNotValidError, UnicodeError):
        return ""
    return found.normalized.lower() if "." in found.domain else ""
