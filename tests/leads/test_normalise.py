"""What is typed and the form it is compared by. No database."""

import csv
import random
import time
from functools import cache

import phonenumbers
import pytest

from leads.normalise import (
    company_key,
    domain_of,
    email_key,
    phone_e164,
    region_for,
    search_document,
    search_patterns,
)
from tests.realdata import real


@cache
def zoho() -> list[dict[str, str]]:
    with real("leads/zoho_demo_leads.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def addresses(kind: str) -> list[str]:
    lines = real(f"vectors/flanker_mailbox_{kind}.txt").read_text(encoding="utf-8").splitlines()
    bare = [line.split("    #")[0].rstrip() for line in lines]
    return [line for line in bare if line and not line.startswith("# ") and line != "#"]


# --- e-mail ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("Bob@Acme.COM", "bob@acme.com"),
        ("  bob@acme.com \n", "bob@acme.com"),
        ("ｂｏｂ＠ａｃｍｅ．ｃｏｍ", "bob@acme.com"),
        ("mailto:bob@acme.com", "bob@acme.com"),
        ("Bob B. <Bob@acme.com>", "bob@acme.com"),
        ("bob@acme.com (work)", "bob@acme.com"),
        ("bob@acme.com; ann@acme.com", "bob@acme.com"),
        ("用户@例子.广告", "用户@例子.广告"),
        ("用户@xn--fsqu00a.xn--55qw42g", "用户@例子.公益"),
        ("Dörte@Sörensen.example.com", "dörte@sörensen.example.com"),
        ("", ""),
        ("n/a", ""),
        ("bob@acme", ""),
        ("bob@@acme.com", ""),
        ("bob at acme.com", ""),
        ("a" * 5000 + "@acme.com", ""),
    ],
)
def test_email_key(typed, key):
    assert email_key(typed) == key


def test_no_invalid_address_has_a_key():
    assert [line for line in addresses("invalid") if email_key(line)] == []


def test_valid_addresses_have_a_key_unless_nobody_outside_could_write_to_them():
    refused = {line for line in addresses("valid") if not email_key(line)}
    unreachable = {
        line for line in addresses("valid") if "." not in line.rpartition("@")[2] or line[-1].isdigit()
    }
    assert refused == unreachable | {'Bill Gates <"billy"@retired.Micr!osoft99.com>'}


# --- phone -------------------------------------------------------------------------------------


def phone_vectors() -> list[dict[str, str]]:
    folder = real("vectors")
    rows: list[dict[str, str]] = []
    for path in sorted(folder.glob("libphonenumber_*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            rows += csv.DictReader(file)
    return rows


def test_every_phone_vector():
    rows = phone_vectors()
    assert len(rows) == 74
    wrong = [
        row
        for row in rows
        if phone_e164(row["national_input"], row["region"])
        != (row["e164"] if row["is_valid"] == "True" else "")
    ]
    assert wrong == []


def test_the_international_form_is_read_in_every_region():
    valid = [row for row in phone_vectors() if row["is_valid"] == "True"]
    for region in ("US", "CN", "DE"):
        assert [row for row in valid if phone_e164(row["international"], region) != row["e164"]] == []


@pytest.mark.parametrize(
    ("typed", "region", "number"),
    [
        ("p:+8613800138000", "US", "+8613800138000"),
        ("8613800138000.0", "US", "+8613800138000"),
        ("8613800138000", "CN", "+8613800138000"),
        ("8.613800138E+12", "CN", "+8613800138000"),
        ("1.3800138E+10", "CN", "+8613800138000"),
        ("1.38E+10", "CN", ""),
        ("8.6138E+12", "CN", ""),
        ("13800138000", "US", "+8613800138000"),
        ("'660-485-0224", "US", "+16604850224"),
        ("1 (660) 485-0224", "US", "+16604850224"),
        ("+1 212-555-1234 ext. 5", "CN", "+12125551234"),
        ("010-12345678转801", "CN", "+861012345678"),
        ("010-12345678 分机 801", "CN", "+861012345678"),
        ("１３８００１３８０００", "CN", "+8613800138000"),
        ("660-485-0224 / 860-253-6354", "US", "+16604850224"),
        ("none; 860-253-6354", "US", "+18602536354"),
        ("0044 7400 123456", "DE", "+447400123456"),
        ("416-555-0123", "CA", "+14165550123"),
        ("12345", "US", ""),
        ("N/A", "US", ""),
        ("", "US", ""),
        ("p:<test lead: dummy data for phone_number>", "US", ""),
        ("0" * 5000, "US", ""),
    ],
)
def test_phone_e164(typed, region, number):
    assert phone_e164(typed, region) == number


def library(text: str, region: str) -> str:
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_valid_number(number):
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def test_the_short_cuts_say_what_the_library_says():
    chance = random.Random(20)
    for _ in range(6000):
        digits = "".join(chance.choices("0123456789", k=10))
        for region, text in (
            ("US", digits),
            ("CA", f"({digits[:3]}) {digits[3:6]}-{digits[6:]}"),
            ("US", f"+1 {digits}"),
            ("US", f"1-{digits}"),
            ("CN", f"+86 1{digits}"),
        ):
            assert phone_e164(text, region) == library(text, region), (region, text)
        mobile = f"1{digits}"
        assert library(mobile, "CN") in ("", phone_e164(mobile, "CN")), mobile


def test_international_numbers_read_quickly_are_those_of_the_library():
    chance = random.Random(5)
    for code, regions in phonenumbers.COUNTRY_CODE_TO_REGION_CODE.items():
        examples = [phonenumbers.example_number(region) for region in regions]
        examples += [phonenumbers.example_number_for_non_geo_entity(code)]
        for example in filter(None, examples):
            number = phonenumbers.national_significant_number(example)
            for _ in range(12):
                at = chance.randrange(len(number))
                changed = number[:at] + chance.choice(["", "0", "1", "7", "88"]) + number[at + 1 :]
                text = f"+{code} {changed}"
                assert phone_e164(text, "DE") == library(text, "DE"), text


def test_fifty_thousand_numbers_in_time():
    chance = random.Random(1)
    numbers = {f"{chance.randint(201, 989)}-{chance.randint(200, 999)}-{n:04}"[:12] for n in range(50_000)}
    started = time.process_time()
    for number in numbers:
        phone_e164(number, "US")
    assert time.process_time() - started < 2.5


def test_region_of_a_list():
    american = [row["Mobile"] for row in zoho()]
    for region in ("US", "CN", "DE", "IN", "JP", "GB"):
        assert region_for(american, region) == "US"
    chinese = ["13800138000", "139 1234 5678", "010-12345678", "p:+8613800138000"]
    assert region_for(chinese, "US") == "CN"
    assert region_for(["13800138000", "x", "y"], "CN") == "CN"
    assert region_for([], "DE") == "DE"
    assert region_for(["+16604850224"], "DE") == "DE"
    assert region_for(["12345678", "99"], "DE") == "DE"


# --- companies and domains -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("names", "key"),
    [
        (["华为技术有限公司", "华为技术", "华为 技术有限公司", "华为技术股份有限公司", "華為技術有限公司"], "华为技术"),
        (["腾讯科技（深圳）有限公司", "腾讯科技(深圳)有限公司", "腾讯科技有限公司（深圳）"], "腾讯科技深圳"),
        (["Huawei Technologies Co., Ltd.", "HUAWEI Technologies", "Ｈｕａｗｅｉ technologies co ltd"],
         "huawei technologies"),
        (["Müller GmbH & Co. KG", "MÜLLER GMBH"], "müller"),
        (["Acme, Inc.", "ACME Incorporated", "acme LLC", "Acme S.A.", "Acme Pty Ltd"], "acme"),
        (["トヨタ自動車株式会社", "株式会社トヨタ自動車", "㈱トヨタ自動車"], "トヨタ自動車"),
        (["Novo Nordisk A/S"], "novo nordisk"),
        (["AT&T Inc.", "AT & T"], "at and t"),
        (["Chandler’s", "Chandler's"], "chandler's"),
        (["有限公司"], "有限公司"),
        (["GmbH"], "gmbh"),
        (["!!!"], "!!!"),
    ],
)  # fmt: skip
def test_company_key(names, key):
    assert {company_key(name) for name in names} == {key}


def test_the_companies_of_a_real_list_stay_apart():
    names = {row["Company"] for row in zoho()}
    assert len(names) == len({company_key(name) for name in names}) == 1008


@pytest.mark.parametrize(
    ("typed", "domain"),
    [
        ("https://www.Example.com/path?x#y", "example.com"),
        ("CameraUpdate.com", "cameraupdate.com"),
        ("www.acme.co.uk:8080", "acme.co.uk"),
        ("//acme.com.", "acme.com"),
        ("ann@Acme.com", "acme.com"),
        ("ann@gmail.com", ""),
        ("ann@QQ.com", ""),
        ("http://例子.公司", "例子.公司"),
        ("http://xn--fsqu00a.xn--55qx5d/", "例子.公司"),
        ("http://ann:secret@acme.com/", "acme.com"),
        ("10.0.0.1", ""),
        ("localhost", ""),
        ("n/a", ""),
        ("not a site", ""),
        ("", ""),
    ],
)
def test_domain_of(typed, domain):
    assert domain_of(typed) == domain


# --- text and search -----------------------------------------------------------------------------


def test_search_document():
    assert search_document("华为技术", "ＡＣＭＥ Ltd") == " 华为 为技 技术 术 acme ltd "
    assert search_document("x华为y") == " x 华为 为 y "
    assert search_document("138-0013-8000") == " 138-0013-8000 13800138000 "
    assert search_document("+8613800138000") == " +8613800138000 "
    assert search_document("", " ") == ""


def matches(query: str, *texts: str) -> bool:
    """What LIKE does, for patterns without an inner wildcard."""
    bodies = [pattern[1:-1].replace("\\", "") for pattern in search_patterns(query)]
    return bool(bodies) and all(body in search_document(*texts) for body in bodies)


@pytest.mark.parametrize("query", ["华为", "为技术", "术", "华", "acme", "CME", "ac", "ann@acm", "100%_\\", "华为 ann",
                                   "0013800", "(138) 0013-8000"])  # fmt: skip
def test_search_finds(query):
    assert matches(query, "华为技术有限公司", "Acme 100%_\\", "ann@acme.com", "+8613800138000")


@pytest.mark.parametrize("query", ["为华", "cm", "技", "acme beta"])
def test_search_does_not_find(query):
    assert not matches(query, "华为", "Acme")


def test_search_patterns_are_escaped_and_empty_for_nothing():
    assert search_patterns("50%_\\") == ["%50\\%\\_\\\\%"]
    assert search_patterns("华为技") == ["% 华为 %", "% 为技 %"]
    assert search_patterns("a 字") == ["% a%", "% 字%"]
    assert search_patterns(" -- ") == []
    assert len(search_patterns("x " * 5000)) == 1
