"""What programs put around their values: "p:+86…" for a phone, "l:123" for a lead, '= for no formula."""

import re

PREFIXED = re.compile(r"(?:p:(?=\s*['+(\d])|(?:l|f|c|z|ag|as|ad|ig):(?=\d+$))")
GUARDED = tuple("'" + sign for sign in "=+-@\t\r\n＝＋－＠")


def without_prefix(text: str) -> str:
    """The value itself. Only what these platforms write is taken off: "c:5" yes, "c: five" no."""
    if ":" in text[1:3]:
        return PREFIXED.sub("", text, count=1)
    return text


def unguarded(text: str) -> str:
    """The value without the apostrophe that keeps a spreadsheet from running it: files that we write have it."""
    return text[1:] if text.startswith(GUARDED) else text
