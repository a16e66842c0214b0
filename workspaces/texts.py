"""Text that a database can hold and a person can read; names that can be told apart."""

import re
import unicodedata

from django.utils.translation import gettext as _

from workspaces.refusals import Invalid

# Control characters (tab and newline stay), lone surrogates, the byte-order mark, the zero-width space and
# the direction overrides that make one text look like another. The zero-width joiners stay: emoji and
# several scripts are spelt with them.
UNWANTED = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufeff\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069]"
)
NEWLINES = re.compile("\r\n?|\u2028|\u2029")


def clean_text(text: str) -> str:
    """The same text without NUL and control characters, in Unicode form C, without outer white space."""
    if text.isascii() and text.isprintable():
        return text.strip()
    text = UNWANTED.sub("", NEWLINES.sub("\n", text))
    return unicodedata.normalize("NFC", text).strip()


def named(given: str, field: str = "name") -> str:
    """A name as it is shown, without signs that turn the writing around or that nobody sees: a page of such names
    could not be read, and two would look alike. Invalid, at ``field``, when nothing of it can be seen.
    """
    found = clean_text(given)
    if not found:
        raise Invalid.field(field, _("Give it a name."), "required")
    return found
