"""A person's name put together from the columns it was spread over."""

import re
from collections.abc import Mapping

# Han without kana or Latin: written family name first, without a space. Hangul likewise.
EAST_ASIAN = re.compile(r"[\u3400-\u9fff\uac00-\ud7a3·]+")


def person_name(parts: Mapping[str, str]) -> str:
    """parts: any of given, middle, family, and "" for a whole name, which is taken as it is."""
    if parts.get(""):
        return parts[""]
    given, middle, family = (parts.get(part, "") for part in ("given", "middle", "family"))
    if family and given and EAST_ASIAN.fullmatch(family) and EAST_ASIAN.fullmatch(given):
        return family + middle + given
    return " ".join(part for part in (given, middle, family) if part)
