"""Traditional and simplified characters are two ways to write one word."""

import re
from functools import cache, lru_cache

from opencc import OpenCC

HAN = re.compile(r"[\u3400-\u9fff]")


@cache
def converter() -> OpenCC:
    return OpenCC("t2s")


def simplified(text: str) -> str:
    """The text in simplified characters: 華為 and 华为 are the same."""
    return _simplified(text) if HAN.search(text) else text


@lru_cache(maxsize=4_096)
def _simplified(text: str) -> str:
    return str(converter().convert(text))
