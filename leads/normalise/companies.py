"""Company names: one key for the ways one name is written."""

import re
import unicodedata
from functools import lru_cache

from leads.normalise.texts import clean_text

# Legal forms at the end of a name, in the spelling left when dots are gone ("Co., Ltd." -> "co ltd").
FORM_WORDS = """
    ltd limited inc incorporated corp corporation co company llc llp lp lllp pllc plc gmbh mbh ag kg kgaa ohg ug
    ek eg ev sa sas sasu sarl eurl srl srls spa snc sl slu sau nv bv bvba vof ab oy oyj as asa aps is ehf hf
    bhd kk gk kft zrt bt nyrt doo dd ad ead eood ood sro zoo ltda eireli sapi cv jsc ojsc cjsc pjsc llp fzco fze
    fzllc dmcc wll spk spj oü uab sia rt tbk pt ооо оао зао пао ао тоо тов
"""
FORMS = frozenset(FORM_WORDS.split())
# Words that belong to a legal form, but only in front of one ("Pty Ltd", "GmbH & Co. KG", "S.A. de C.V.").
BEFORE_FORMS = frozenset(
    (
        "private",
        "pvt",
        "pty",
        "pte",
        "proprietary",
        "public",
        "sdn",
        "and",
        "de",
        "fz",
        "sp",
        "z",
    )
)
LEADING_FORMS = frozenset(("ооо", "оао", "зао", "пао", "ао", "тоо", "тов", "pt"))
CHINESE_FORM = re.compile(
    r"(?:股份有限公司|有限责任公司|有限責任公司|有限公司|股份公司|有限合伙|普通合伙|有限合夥|股份|公司"
    r"|株式会社|株式會社|有限会社|合同会社|合資会社|주식회사|유한회사)(?=[\s()\[\]]|$)"
)
JAPANESE_LEADING = re.compile(r"^(?:株式会社|株式會社|有限会社|合同会社|주식회사|유한회사)(?=.)")
SHORT_FORM = re.compile(r"\((?:株|有|合|주|유)\)")
SILENT = re.compile(r"[.\"“”·・]")
APOSTROPHES = re.compile(r"[’‘`´]")
JOINERS = re.compile(r"\s*&\s*")
# An apostrophe inside a word stays: Chandler's and Chandlers are two shops.
BREAKS = re.compile(r"(?:[^\w']|_|(?<!\w)'|'(?!\w))+")
BETWEEN_CHINESE = re.compile(
    r"(?<=[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]) (?=[\u3040-\u30ff\u3400-\u9fff])"
)


@lru_cache(maxsize=65_536)
def company_key(name: str) -> str:
    """The name without legal form, brackets, punctuation, width and case. Never '' for a name with text in it.

    "华为技术有限公司" -> "华为技术"; "Huawei Technologies Co., Ltd." -> "huawei technologies". Words in brackets
    stay: 腾讯科技（深圳） and 腾讯科技（北京） are two companies.
    """
    name = clean_text(name)
    folded = unicodedata.normalize("NFKC", name).casefold()
    folded = APOSTROPHES.sub("'", folded)
    plain = SILENT.sub("", JAPANESE_LEADING.sub("", SHORT_FORM.sub(" ", folded)))
    without = _without_chinese_form(plain)
    words = BREAKS.sub(" ", JOINERS.sub(" and ", without)).split()
    key = " ".join(_without_form(words))
    return BETWEEN_CHINESE.sub("", key) or " ".join(words) or folded or name


def _without_chinese_form(text: str) -> str:
    shorter = CHINESE_FORM.sub(" ", text)
    return shorter if BREAKS.sub("", shorter) else text


def _without_form(words: list[str]) -> list[str]:
    kept = list(words)
    if len(kept) > 1 and kept[0] in LEADING_FORMS:
        kept = kept[1:]
    stripped = False
    while len(kept) > 1 and (kept[-1] in FORMS or (stripped and kept[-1] in BEFORE_FORMS)):
        kept.pop()
        stripped = True
    if len(kept) > 2 and kept[-2:] == ["a", "s"]:  # the Danish "A/S"
        kept = kept[:-2]
    return kept
