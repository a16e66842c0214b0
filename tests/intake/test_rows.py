"""Rows understood as leads: numbers, dates, money, names, and what cannot be used. No database."""

import random
import time
from datetime import date

import pytest
from django.utils import translation

from intake.amounts import Money, parse_employees, parse_money, parse_number
from intake.columns import as_mapping, guess, new_fields
from intake.dates import Days, decide_date_order, parse_day
from intake.reading import open_list
from intake.rows import Reading, interpret, reader
from tests.realdata import real


def lead(row: dict[str, str], region: str = "US", **more):
    """A row whose column names are known, with custom fields for all others."""
    mapping = as_mapping(guess(list(row), [list(row.values())]))
    return interpret(row, mapping, region=region, **more)


def codes(item) -> list[tuple]:
    return [(problem["field"], problem["code"]) for problem in item.problems]


# --- whole lists -----------------------------------------------------------------------------------


def zoho() -> tuple[Reading, list[list[str]]]:
    with open_list(real("leads/zoho_demo_leads.csv")) as sheet:
        found = guess(sheet.columns, sheet.sample())
        rows = [row[1] for row in sheet.rows()]
        kinds = {one.key: one.kind for one in new_fields(found)}
        return Reading(tuple(sheet.columns), as_mapping(found), "US", kinds=kinds), rows


def test_a_crm_export():
    reading, rows = zoho()
    read = reader(reading)
    items = [read(row) for row in rows]
    assert not any(item.rejected or item.problems for item in items)
    assert all(item.facts["phone_e164"].startswith("+1") and item.facts["email_key"] for item in items)
    assert items[0].facts == {
        "external_id": "4563",
        "name": "Denson",
        "email": "GaryLDenson@cuvox.de",
        "email_key": "garyldenson@cuvox.de",
        "email_traits": "disposable",
        "phone": "660-485-0224",
        "phone_e164": "+16604850224",
        "website": "CameraUpdate.com",
        "domain": "cameraupdate.com",
        "industry": "Education",
    }
    assert (items[0].company, items[0].channel) == ("Maurice The Pants Man", "Employee Referral")
    assert items[0].attributes == {
        "lead_owner": "David Love",
        "source_status": "Contacted",
        "created_time": "2021-04-15",
        "converted": True,
        "month_created_time1": "April",
    }


def test_an_advertising_export():
    with open_list(real("leads/meta_leads_export_utf16le_bom.tsv")) as sheet:
        mapping = as_mapping(guess(sheet.columns, sheet.sample()))
        read = reader(Reading(tuple(sheet.columns), mapping, "US"))
        items = [read(row[1]) for row in sheet.rows()]
    assert [item.rejected for item in items] == [True, False, False]
    assert codes(items[0]) == [(None, "test_row")]
    assert items[1].facts["phone_e164"] == "+8613800138000"
    assert items[1].facts["external_id"] == "2"
    assert items[1].facts["name"] == "测试 用户"
    assert items[1].attributes["ad_id"] == "1"


def test_fifty_thousand_rows_in_time():
    reading, rows = zoho()
    chance = random.Random(4)
    many = []
    for number in range(50_000):
        row = list(rows[number % len(rows)])
        row[0] = str(number)
        row[4] = f"{number}{row[4]}"
        row[5] = f"{row[5][:4]}{chance.randint(200, 999)}-{chance.randint(0, 9999):04}"
        row[6] = f"{number % 25_000}{row[6]}"
        many.append(row)
    read = reader(reading)
    started = time.process_time()
    taken = sum(not read(row).rejected for row in many)
    assert time.process_time() - started < 5
    assert taken == 50_000


# --- reachable or not --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "rejected", "problems"),
    [
        ({"Name": "Ann", "Email": "ann@acme.com"}, False, []),
        ({"Name": "", "Email": "ann@acme.com"}, False, []),
        ({"Name": "Ann", "WeChat": "ann_1"}, False, []),
        ({"Lead ID": "7"}, False, []),
        ({"Name": "Ann", "Company": "Acme"}, True, [(None, "unreachable")]),
        ({"Name": "Ann", "Email": "-", "Phone": "N/A"}, True, [(None, "unreachable")]),
        ({"Name": "Ann", "Phone": "12345"}, True, [("phone", "invalid")]),
        ({"Name": "Ann", "Phone": "12345", "Email": "ann@acme.com"}, False, [("phone", "invalid")]),
        ({"Name": "Ann", "Phone": "660-485-0224", "Email": "ann at acme"}, False, [("email", "invalid")]),
        ({"Name": "Ann", "Email": "ann@acme"}, True, [("email", "invalid")]),
        ({"Email": "a" * 300 + "@acme.com"}, True, [("email", "too_long")]),
    ],
)
def test_reachable(row, rejected, problems):
    item = lead(row)
    assert (item.rejected, codes(item)) == (rejected, problems)


def test_an_unusable_number_is_kept_as_typed():
    facts = lead({"Phone": "12345", "Email": "ann@acme.com"}).facts
    assert (facts["phone"], facts["phone_e164"]) == ("12345", "")


def test_mobile_before_landline_and_the_valid_one_before_the_other():
    assert lead({"Phone": "660-485-0224", "Mobile": "860-253-6354"}).facts["phone_e164"] == "+18602536354"
    assert lead({"Mobile": "12", "Phone": "660-485-0224"}).facts["phone"] == "660-485-0224"
    assert lead({"Email": "x", "Work email": "ann@acme.com"}).facts["email_key"] == "ann@acme.com"


def test_reasons_are_translated():
    with translation.override("zh-hans"):
        assert "测试" in lead({"Email": "<test lead: dummy data for email>"}).problems[0]["message"]


# --- names, texts, tags --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "name"),
    [
        ({"First Name": "Ann", "Last Name": "Lee"}, "Ann Lee"),
        ({"Last Name": "Lee", "First Name": "Ann", "Middle Name": "B."}, "Ann B. Lee"),
        ({"Last Name": "Lee"}, "Lee"),
        ({"First Name": "小明", "Last Name": "王"}, "王小明"),
        ({"名": "小明", "姓": "王"}, "王小明"),
        ({"Full Name": "Ann Lee", "First Name": "A"}, "Ann Lee"),
        ({"First Name": "Xiaoming", "Last Name": "王"}, "Xiaoming 王"),
    ],
)
def test_names(row, name):
    assert lead(row | {"Email": "a@b.co"}).facts["name"] == name


def test_texts_are_cleaned_and_fit_their_columns():
    item = lead(
        {
            "Email": "a@b.co",
            "Name": " A\x00nn\u202e ",
            "Title": "x" * 300,
            "Pain": "y" * 3000,
            "WeChat": "z" * 200,
        }
    )
    assert item.facts["name"] == "Ann"
    assert item.facts["title"] == "x" * 200
    assert len(item.facts["pain"]) == 3000
    assert item.facts["wechat"] == ""  # half an identity would be somebody else's
    assert sorted(codes(item)) == [("title", "too_long"), ("wechat", "too_long")]


def test_tags():
    item = lead({"Email": "a@b.co", "Tags": "hot; VIP，展会、hot", "标签": "new|-"})
    assert item.tags == ["hot", "VIP", "展会", "new"]


def test_what_is_cut_or_left_out_is_told():
    item = lead({"Email": "a@b.co", "Tags": "hot; " + "t" * 120, "Currency": "Euros"})
    assert item.tags == ["hot", "t" * 100] and "budget_currency" not in item.facts
    assert sorted(codes(item)) == [("budget_currency", "invalid"), ("tags", "too_long")]


def test_prefixes_of_advertising_platforms():
    item = lead({"Email": "a@b.co", "Zz ad": "ag:17", "Zz note": "c: call back", "Phone": "p:+8613800138000"})
    assert item.attributes == {"zz_ad": "17", "zz_note": "c: call back"}
    assert item.facts["phone"] == "+8613800138000"


# --- the five questions --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("column", "cell", "field", "value"),
    [
        ("需求等级", "紧急", "need_level", "urgent"),
        ("Need Level", "Clear", "need_level", "clear"),
        ("Need Level", "none", "need_level", "none"),
        ("Budget Status", "Approved", "budget_status", "approved"),
        ("预算状态", "有预算", "budget_status", "approved"),
        ("预算", "待批", "budget_status", "estimated"),
        ("Authority", "Decision Maker", "authority", "decision_maker"),
        ("决策角色", "老板", "authority", "economic_buyer"),
        ("Authority", "unknown", "authority", "unknown"),
    ],
)
def test_words_for_the_five_questions(column, cell, field, value):
    item = lead({"Email": "a@b.co", column: cell})
    assert (item.facts[field], item.problems) == (value, [])


def test_an_unknown_word_is_said():
    assert codes(lead({"Email": "a@b.co", "Authority": "cook"})) == [("authority", "unknown_value")]


def test_a_currency_column_counts_for_the_amount():
    facts = lead({"Email": "a@b.co", "Budget": "5,000", "Currency": "jpy"}).facts
    assert (facts["budget_amount"], facts["budget_currency"]) == (5000, "JPY")


@pytest.mark.parametrize(
    ("text", "amount", "currency"),
    [
        ("$12,000", 1_200_000, "USD"),
        ("12k", 1_200_000, "USD"),
        ("5万", 5_000_000, "USD"),
        ("10-20万", 10_000_000, "USD"),
        ("100万-200万", 100_000_000, "USD"),
        ("约20万元左右", 20_000_000, "CNY"),
        ("¥50,000", 5_000_000, "CNY"),
        ("€12.000,50", 1_200_050, "EUR"),
        ("1,5 Mio €", 150_000_000, "EUR"),
        ("HK$ 3000", 300_000, "HKD"),
        ("USD 5000 - 10000", 500_000, "USD"),
        ("3000円", 3000, "JPY"),
    ],
)
def test_money(text, amount, currency):
    assert parse_money(text, "USD") == Money(amount, currency)


def test_signs_that_several_currencies_share():
    assert parse_money("$5", "HKD").currency == "HKD"
    assert parse_money("¥5", "JPY") == Money(5, "JPY")
    assert parse_money("5元", "JPY").currency == "CNY"


@pytest.mark.parametrize("text", ["abc", "-5", "", "9" * 40])
def test_no_money(text):
    assert parse_money(text, "USD") is None


@pytest.mark.parametrize(
    ("text", "count"),
    [("50-199", 50), ("1,200", 1200), ("1000+", 1000), ("500人以上", 500), ("少于50人", 1), ("B (1-10)", 1),
     ("1,001-5,000 employees", 1001), ("Myself only", 1), ("1万+", 10_000), ("many", None), ("9" * 12, None)],
)  # fmt: skip
def test_employees(text, count):
    assert parse_employees(text) == count


@pytest.mark.parametrize(
    ("text", "number"),
    [("1,200", 1200), ("1.200,50", 1200.5), ("1,200.50", 1200.5), ("12k", 12_000), ("5万", 50_000),
    ("-4.5", -4.5),
     ("1,5", 1.5), ("12 %", 12), ("1'000", 1000), ("1.234.567", 1_234_567), ("x1", None), ("", None)],
)  # fmt: skip
def test_numbers(text, number):
    assert parse_number(text) == number


# --- dates ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    ["15 Apr, 2021 00:03:00", "2021年4月15日", "2021年4月15日 上午9:30", "2021-04-15",
    "2021-04-15T09:30:00-05:00",
     "2021/4/15 09:30", "2021.4.15", "Apr 15, 2021", "Thursday, April 15, 2021 9:30 AM", "15-Apr-21",
     "15. April 2021",
     "15/04/2021", "4/15/2021", "15.4.21", "44301", "44301.5", "20210415", "２０２１－０４－１５"],
)  # fmt: skip
def test_days(text):
    assert parse_day(text) == date(2021, 4, 15)


def test_days_that_depend_on_the_column():
    assert parse_day("3/4/2018", "dmy") == date(2018, 4, 3)
    assert parse_day("3/4/2018", "mdy") == date(2018, 3, 4)
    assert parse_day("3/4/2018") is None
    assert parse_day("4/4/2018") == date(2018, 4, 4)


@pytest.mark.parametrize("text", ["", "soon", "2021-13-01", "31/31/2021", "30 Feb 2021", "1" * 80])
def test_no_days(text):
    assert parse_day(text) is None


@pytest.mark.parametrize(
    ("values", "order"),
    [
        (["3/4/2018", "13/4/2018"], "dmy"),
        (["3/4/2018", "4/13/2018 10:00"], "mdy"),
        (["3/4/2018", "5/6/2018"], "ambiguous"),
        (["13/4/2018", "4/13/2018"], "ambiguous"),
        (["3.4.2018"], "dmy"),
        (["2018-04-03", "15 Apr 2018", "x", ""], "ymd"),
    ],
)
def test_the_column_decides(values, order):
    assert decide_date_order(values) == order


@pytest.mark.parametrize(
    ("cells", "order"),
    [
        (["3/4/2018"] * 1000 + [" 13/4/2018 9:00"], "dmy"),
        (["1/2/2020", "3/4/2020 9:00"], "ambiguous"),
        (["x", "", "2018-04-13"], "ymd"),
    ],
)
def test_the_order_of_a_long_column(cells, order):
    seen = Days()
    for cell in cells:
        seen.see(cell)
    assert seen.order == order


def test_an_ambiguous_date_is_asked_about_never_guessed():
    row = {"Email": "a@b.co", "Purchase Date": "3/4/2018"}
    assert codes(lead(row)) == [("timeline_date", "ambiguous_date")]
    assert lead(row, date_order={"Purchase Date": "dmy"}).facts["timeline_date"] == date(2018, 4, 3)
    assert lead(row, date_order="mdy").facts["timeline_date"] == date(2018, 3, 4)


# --- custom fields ---------------------------------------------------------------------------------------


def test_custom_fields_by_their_kind():
    kinds = {"zz_n": "number", "zz_d": "date", "zz_b": "boolean", "zz_t": "text"}
    row = {"Email": "a@b.co", "Zz N": "1,200", "Zz D": "2026年4月1日", "Zz B": "否", "Zz T": "=1+1"}
    assert lead(row, kinds=kinds).attributes == {
        "zz_n": 1200, "zz_d": "2026-04-01", "zz_b": False, "zz_t": "=1+1",
    }  # fmt: skip
    wrong = lead({"Email": "a@b.co", "Zz N": "x", "Zz D": "y", "Zz B": "z", "Zz T": "-"}, kinds=kinds)
    assert wrong.attributes == {}
    assert codes(wrong) == [(f"attributes.{key}", "invalid") for key in ("zz_n", "zz_d", "zz_b")]
