"""How names are typed that no keyboard has.

Chinese: each run in full pinyin and by its initials ("张伟" -> zhangwei, zw). The readings are pypinyin's.
Its own segmentation takes 0.1 ms a name, so an import would wait for it; here the readings of single characters and of
pairs that are read otherwise ("重庆": chong qing) are looked up directly. Letters with marks: without them.
"""

import re
import unicodedata
from functools import lru_cache

HAN_RUN = re.compile("[\u3007\u3400-\u4dbf\u4e00-\u9fff]+")
# As a surname, at the head of a name, these are read otherwise than in most words.
SURNAMES = {
    "曾": "zeng",
    "单": "shan",
    "解": "xie",
    "仇": "qiu",
    "查": "zha",
    "任": "ren",
    "盖": "ge",
    "朴": "piao",
    "区": "ou",
    "乐": "yue",
    "翟": "zhai",
    "尉": "wei",
    "冼": "xian",
    "召": "shao",
    "缪": "miao",
    "秘": "bi",
}
LONGEST_NAME = 4
LONGEST_RUN = 40


def plain(syllable: str) -> str:
    """``zhòng`` -> ``zhong``; ``lǜ`` -> ``lv``, as it is typed."""
    syllable = syllable.replace("ü", "v")
    letters = unicodedata.normalize("NFD", syllable)
    marked = "u\u0308" in letters  # a tone over ü
    bare = "".join(sign for sign in letters if not unicodedata.combining(sign))
    return bare.replace("u", "v") if marked else bare


@lru_cache(maxsize=1)
def readings() -> tuple[dict[str, str], dict[str, tuple[str, str]]]:
    """Each character's usual reading, and the pairs that are read otherwise. Made once, in a third of a second."""
    from pypinyin.constants import PHRASES_DICT, PINYIN_DICT

    signs = {chr(code): plain(told.split(",")[0]) for code, told in PINYIN_DICT.items()}
    pairs: dict[str, tuple[str, str]] = {}
    for phrase, told in PHRASES_DICT.items():
        if len(phrase) != 2 or len(told) != 2:
            continue
        first, second = plain(told[0][0]), plain(told[1][0])
        if (first, second) != (signs.get(phrase[0]), signs.get(phrase[1])):
            pairs[phrase] = (first, second)
    return signs, pairs


def syllables(run: str) -> list[str]:
    signs, pairs = readings()
    found: list[str] = []
    at = 0
    while at < len(run):
        pair = pairs.get(run[at : at + 2])
        if pair is not None:
            found += pair
            at += 2
        else:
            found.append(signs.get(run[at], ""))
            at += 1
    return found


@lru_cache(maxsize=20_000)
def typed(run: str) -> str:
    """A run of Chinese characters as somebody may type it: in full and by initials, apart by a space."""
    told = syllables(run[:LONGEST_RUN])
    surname = SURNAMES.get(run[0]) if len(run) <= LONGEST_NAME else None
    ways = [told] if surname in (None, told[0]) else [told, [str(surname), *told[1:]]]
    words = [word for way in ways for word in ("".join(way), "".join(one[:1] for one in way))]
    return " ".join(dict.fromkeys(word for word in words if word))


def pinyin(text: str) -> str:
    """The words by which the Chinese of a text is found; '' where there is none."""
    if text.isascii():
        return ""
    return " ".join(dict.fromkeys(typed(run) for run in HAN_RUN.findall(text)))


UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ø": "oe", "å": "aa", "æ": "ae"})


def as_typed(text: str) -> str:
    """What else a name may be typed as: Chinese in pinyin, letters without their marks (Müller: muller mueller)."""
    if text.isascii():
        return ""
    words = [pinyin(text)]
    for word in text.lower().split():
        if word.isascii() or HAN_RUN.search(word):
            continue
        letters = unicodedata.normalize("NFD", word.replace("ß", "ss").replace("ø", "o"))
        bare = "".join(sign for sign in letters if not unicodedata.combining(sign))
        spelled = unicodedata.normalize("NFC", word).translate(UMLAUTS)
        words += [one for one in dict.fromkeys((bare, spelled)) if one.isascii()]
    return " ".join(word for word in words if word)
