"""The region a lead is in: from its landline, else from its address, its company's name, its mobile number.

Numbers are placed by libphonenumber's tables (area codes, and the blocks of Chinese mobile numbers): a Chinese number
gives its province, any other its country.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import phonenumbers

from intake.enriching.models import FactSource
from intake.enriching.sources import Asked, Facts
from leads.actions.fill_in import OF_PERSON
from leads.normalise.chinese import simplified
from workspaces.tenancy import current_workspace

PROVINCES = {
    "北京": "Beijing", "上海": "Shanghai", "天津": "Tianjin", "重庆": "Chongqing", "河北": "Hebei", "山西": "Shanxi",
    "辽宁": "Liaoning", "吉林": "Jilin", "黑龙江": "Heilongjiang", "江苏": "Jiangsu", "浙江": "Zhejiang",
    "安徽": "Anhui", "福建": "Fujian", "江西": "Jiangxi", "山东": "Shandong", "河南": "Henan", "湖北": "Hubei",
    "湖南": "Hunan", "广东": "Guangdong", "海南": "Hainan", "四川": "Sichuan", "贵州": "Guizhou", "云南": "Yunnan",
    "陕西": "Shaanxi", "甘肃": "Gansu", "青海": "Qinghai", "台湾": "Taiwan", "内蒙古": "Inner Mongolia",
    "广西": "Guangxi", "西藏": "Tibet", "宁夏": "Ningxia", "新疆": "Xinjiang", "香港": "Hong Kong", "澳门": "Macau",
}  # fmt: skip
# The large cities that stand in addresses and company names without their province.
CITIES = {
    "广东": "深圳 广州 东莞 佛山 珠海 中山 惠州 汕头",
    "浙江": "杭州 宁波 温州 嘉兴 绍兴 金华 义乌",
    "江苏": "南京 苏州 无锡 常州 南通 徐州 昆山",
    "四川": "成都 绵阳",
    "湖北": "武汉 宜昌",
    "陕西": "西安",
    "山东": "青岛 济南 烟台 潍坊",
    "辽宁": "大连 沈阳",
    "福建": "厦门 福州 泉州",
    "安徽": "合肥 芜湖",
    "湖南": "长沙 株洲",
    "河南": "郑州 洛阳",
    "云南": "昆明",
    "黑龙江": "哈尔滨",
    "吉林": "长春",
    "河北": "石家庄 唐山 保定",
    "山西": "太原",
    "江西": "南昌",
    "广西": "南宁 桂林",
    "贵州": "贵阳",
    "海南": "海口 三亚",
    "甘肃": "兰州",
}
BY_CITY = {city: province for province, cities in CITIES.items() for city in cities.split()}
PLACE = re.compile("|".join(sorted([*PROVINCES, *BY_CITY], key=len, reverse=True)))
BY_ENGLISH = {name.lower(): province for province, name in PROVINCES.items()}
ENGLISH = re.compile(r"\b(" + "|".join(sorted(BY_ENGLISH, key=len, reverse=True)) + r")\b", re.IGNORECASE)
SEPARATOR = "\n"


def is_mobile(e164: str) -> bool:
    try:
        kind = phonenumbers.number_type(phonenumbers.parse(e164))
    except phonenumbers.NumberParseException:
        return False
    return bool(kind == phonenumbers.PhoneNumberType.MOBILE)


class Place:
    keeps_days = 0
    outside = False

    def __init__(self, row: FactSource) -> None:
        self.chinese = current_workspace().locale.startswith("zh")

    def key(self, asked: Asked) -> str:
        return SEPARATOR.join((asked.phone, *asked.texts, asked.company))[:300]

    def look_up(self, keys: Sequence[str], seconds: float) -> Mapping[str, Facts]:
        return {key: self.facts_of(key) for key in keys}

    def facts_of(self, key: str) -> Facts:
        """A mobile number says where somebody got it: it comes last, and says nothing of their company."""
        phone, *texts = key.split(SEPARATOR)
        by_phone, mobile = self.of_phone(phone), is_mobile(phone)
        places = ["" if mobile else by_phone, *map(self.of_text, texts)]
        if region := next(filter(None, places), ""):
            return {"region": region}
        return {"region": by_phone, OF_PERSON: ["region"]} if by_phone else {}

    def of_phone(self, e164: str) -> str:
        from phonenumbers import geocoder  # its tables take half a second to load, and 60 MB

        try:
            number = phonenumbers.parse(e164)
        except phonenumbers.NumberParseException:
            return ""
        language = "zh" if self.chinese else "en"
        if number.country_code != 86:
            return str(geocoder.country_name_for_number(number, language))
        return self.of_text(geocoder.description_for_number(number, "zh"))

    def of_text(self, text: str) -> str:
        """The first province, or city whose province is known, in a text."""
        told: Any = PLACE.search(simplified(text))
        province = BY_CITY.get(told[0], told[0]) if told else ""
        if not province and (told := ENGLISH.search(text)):
            province = BY_ENGLISH[told[1].lower()]
        return province if self.chinese else PROVINCES.get(province, "")
