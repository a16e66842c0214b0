"""Company names: one key for the ways one name is written."""

import re
import unicodedata
from functools import lru_cache

from leads.normalise.chinese import simplified
from workspaces.texts import clean_text

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
KANA = re.compile(r"[\u3040-\u30ff]")  # a Japanese name: its characters are not Chinese ones
BETWEEN_CHINESE = re.compile(
    r"(?<=[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]) (?=[\u3040-\u30ff\u3400-\u9fff])"
)


@lru_cache(maxsize=4_096)
def company_key(name: str) -> str:
    """The name without legal form, brackets, punctuation, width, case and script. Never '' for a name with text in it.

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
    key = BETWEEN_CHINESE.sub("", key) or " ".join(words) or folded or name
    return key if KANA.search(key) else simplified(key)


# Where a company sits, not who it is: the provinces, and the large cities that stand in names.
REGIONS = """
    北京 上海 天津 重庆 河北 山西 辽宁 吉林 黑龙江 江苏 浙江 安徽 福建 江西 山东 河南 湖北 湖南
    广东 海南 四川 贵州 云南 陕西 甘肃 青海 台湾 内蒙古 广西 西藏 宁夏 新疆 香港 澳门 深圳 广州
    杭州 南京 苏州 成都 武汉 西安 青岛 大连 厦门 宁波 无锡 东莞 佛山 合肥 长沙 郑州 济南 福州
    昆明 沈阳 哈尔滨 长春 石家庄 太原 南昌 南宁 贵阳 海口 兰州 珠海 中山 惠州 常州 温州 烟台 中国
"""
REGION = re.compile("^(?:" + "|".join(REGIONS.split()) + ")(?:省|市|特别行政区|自治区)?(?=..)")
IN_BRACKETS = re.compile(r"[(\[【〔（［][^)\]】〕）］]*[)\]】〕）］]")
COUNTRY_AT_END = re.compile(
    r"(?<=.) (?:china|usa|uk|germany|deutschland|japan|hong kong|singapore|international|group)$"
)


@lru_cache(maxsize=4_096)
def company_core(name: str) -> str:
    """Who a company is, whatever its place and legal form: what names are compared by, never stored by.

    "华为技术有限公司", "華為技術（深圳）" and "深圳市华为技术有限公司" -> "华为技术".
    """
    bare = IN_BRACKETS.sub(" ", clean_text(name))
    key = simplified(company_key(bare if BREAKS.sub("", bare) else name))
    core = COUNTRY_AT_END.sub("", REGION.sub("", key))
    if core.endswith("集团") and len(core) > 3:
        core = core.removesuffix("集团")
    return core or key


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
