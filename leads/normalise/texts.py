"""One form of a text, by which it is compared."""

import unicodedata


def fold(text: str) -> str:
    """Lower case and one width: full-width letters and digits become plain ones ("ＡＢ１" -> "ab1")."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFKC", text).lower()
