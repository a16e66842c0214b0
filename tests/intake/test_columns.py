"""Columns recognised by their names and by what stands in them. No database."""

from dataclasses import dataclass

import pytest

from intake.columns import as_mapping, guess, new_fields
from intake.reading import open_list
from intake.rows import Reading, reader
from intake.synonyms import TARGETS, target_of
from intake.units import Commas, unit_of
from leads.incoming import ALL_KEYS, COLUMNS
from tests.realdata import real


@dataclass
class Field:
    key: str
    label: str


STATUS = Field("source_status", "Status at the source")


def targets(columns: list[str], *rows: list[str], fields: tuple[Field, ...] = (STATUS,)) -> dict:
    sample = list(rows) or [["x"] * len(columns)]
    return {column: found.target for column, found in guess(columns, sample, fields).items()}


def test_a_zoho_export():
    with open_list(real("leads/zoho_demo_leads.csv")) as sheet:
        found = guess(sheet.columns, sheet.sample(), [STATUS])
    assert {column: one.target for column, one in found.items()} == {
        "LEADID": "external_id",
        "Last Name": "name",
        "Company": "company",
        "Lead Owner": "new",
        "Email": "email",
        "Mobile": "phone",
        "Website": "website",
        "Industry": "industry",
        "Lead Source": "channel",
        "Lead Status": "attributes.source_status",
        "Created Time": "new",
        "CONVERTED": "new",
        "month_Created Time1": "new",
    }
    assert {one.key: (one.label, one.kind) for one in new_fields(found)} == {
        "lead_owner": ("Lead Owner", "text"),
        "created_time": ("Created Time", "date"),
        "converted": ("CONVERTED", "boolean"),
        "month_created_time1": ("month_Created Time1", "text"),
    }
    assert as_mapping(found)["CONVERTED"] == "attributes.converted"
    assert all(one.confidence > 0 for one in found.values())
    assert found["Email"].reason == "name"
    assert found["Lead Owner"].reason == "unknown"


def test_a_second_import_finds_the_fields_of_the_first():
    columns = ["Email", "Lead Owner", "Created Time"]
    rows = [["a@b.co", "Ann", "2026-04-01"]]
    first = guess(columns, rows)
    fields = [Field(one.key, one.label) for one in new_fields(first)]
    assert targets(columns, *rows, fields=tuple(fields)) == as_mapping(first)


def test_an_advertising_export_with_its_columns_shifted():
    with open_list(real("leads/meta_leads_export_utf8.csv")) as sheet:
        found = guess(sheet.columns, sheet.sample(), [STATUS])
    by_target = {one.target: column for column, one in found.items() if one.target != "new"}
    assert by_target["external_id"] == "Qualified"  # by its cells: "l:2"
    assert found["Qualified"].reason == "content"
    assert (found["id"].target, found["id"].reason) == (None, "empty")
    assert by_target["name"] == "full_name"
    assert by_target["phone"] == "phone_number"
    assert by_target["campaign"] == "campaign_name"
    assert by_target["attributes.source_status"] == "lead_status"


EXPORTS = {
    "salesforce": {
        "Lead ID": "external_id", "First Name": "name", "Last Name": "name", "Title": "title",
        "Company / Account": "new", "Email": "email", "Phone": "phone", "Mobile": "phone",
        "Lead Source": "channel", "Lead Status": "attributes.source_status", "No. of Employees": "employees",
        "State/Province": "region", "Country": "new", "Website": "website", "Industry": "industry",
    },
    "hubspot": {
        "Record ID": "external_id", "First Name": "name", "Last Name": "name", "Email": "email",
        "Mobile Phone Number": "phone", "Phone Number": "phone", "Job Title": "title",
        "Company Name": "company",
        "Website URL": "website", "Number of Employees": "employees",
        "Lead Status": "attributes.source_status",
        "Original Source": "channel", "Contact owner": "new",
    },
    "linkedin": {
        "Lead ID": "external_id", "First name": "name", "Last name": "name", "Email address": "email",
        "Work email": "email", "Phone number": "phone", "Job title": "title", "Company name": "company",
        "Company size": "employees", "Country/Region": "region", "Campaign name": "campaign",
    },
    "fxiaoke": {
        "线索编号": "external_id", "姓名": "name", "公司": "company", "职务": "title", "手机": "phone",
        "电话": "phone",
        "邮件": "email", "微信": "wechat", "网址": "website", "行业": "industry", "公司规模": "employees",
        "线索来源": "channel", "市场活动名称": "campaign", "线索状态": "attributes.source_status",
        "省": "region",
        "需求描述": "pain", "预算": "budget_amount", "预计采购时间": "timeline_date", "标签": "tags",
    },
}  # fmt: skip


@pytest.mark.parametrize("system", EXPORTS)
def test_exports_of_other_systems(system):
    expected = EXPORTS[system]
    assert targets(list(expected)) == expected


@pytest.mark.parametrize("name", ["Lead Status", "lead_status", "Status", "状态", "线索状态"])
def test_status_is_the_field_every_workspace_has(name):
    assert targets([name]) == {name: "attributes.source_status"}
    offered = guess([name], [["x"]], [])[name]
    assert (offered.target, offered.new.key) == ("new", "source_status")


def test_fields_of_a_lead_by_their_own_names():
    names = [*COLUMNS, "company", "channel", "tags"]
    own = {name: name for name in names if name not in ALL_KEYS}
    assert targets(list(own)) == own


def test_every_synonym_leads_somewhere():
    known = {*COLUMNS, "company", "channel", "tags", "attributes.source_status"}
    assert {target for target, _rank in TARGETS.values()} <= known
    assert target_of("  E-MAIL_address ") == target_of("emailaddress")


def test_by_content():
    rows = [
        [f"a{n}@acme.com", f"+1 212 555 01{n:02}", f"www.acme{n}.com", "Acme Ltd", f"l:{n}", f"{n}"]
        for n in range(20)
    ]
    assert targets(["A", "B", "C", "D", "E", "F"], *rows) == {
        "A": "email", "B": "phone", "C": "website", "D": "company", "E": "external_id", "F": "new",
    }  # fmt: skip
    assert guess(["A"], [["a@b.co"], ["n/a"], ["c@d.co"]])["A"].confidence < 1


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (["yes", "no", ""], "boolean"),
        (["是", "否"], "boolean"),
        (["1,200", "5.5", "3"], "number"),
        (["0012", "0040"], "text"),
        (["12345678901234567890"], "text"),
        (["2026-04-01", "15 Apr, 2021 00:03:00"], "date"),
        (["13/4/2026", "4/13/2026"], "date"),
        (["20260401"], "date"),
        (["10115", "20095"], "number"),
        (["low", "high"], "text"),
        (["low", "high"] * 300, "choice"),
        (["note"], "text"),
    ],
)
def test_kinds_of_new_fields(cells, kind):
    assert guess(["Zz"], [[cell] for cell in cells])["Zz"].new.kind == kind


def test_keys_are_plain_and_never_twice():
    columns = ["Zz top", "zz-top", "合同编号二", "9 lives", "zz_top "]
    found = guess(columns, [["a"] * 5], [Field("zz_top_2", "x")])
    keys = [found[column].new.key for column in columns]
    assert keys[:2] == ["zz_top", "zz_top_3"]
    assert len(set(keys)) == 5
    assert all(key.isascii() and key.replace("_", "").isalnum() and key[0].isalpha() for key in keys)
    assert keys == [one.new.key for one in guess(columns, [["a"] * 5], [Field("zz_top_2", "x")]).values()]


def test_an_empty_column_is_left_aside_and_loses_to_a_filled_one():
    assert targets(["Id", "Lead ID", "Zz"], ["5", "", ""]) == {
        "Id": "external_id",
        "Lead ID": None,
        "Zz": None,
    }


@pytest.mark.parametrize(
    ("column", "unit"),
    [
        ("预算(万元)", (10_000, "CNY")),
        ("预算（万）", (10_000, "")),
        ("Budget (k EUR)", (1000, "EUR")),
        ("Budget [USD]", (1, "USD")),
        ("Budget in thousands", (1000, "")),
        ("Budget", (1, "")),
        ("Budget (estimated)", (1, "")),
    ],
)
def test_the_unit_of_a_column(column, unit):
    assert unit_of(column) == unit


def test_a_columns_unit_counts_for_its_plain_numbers():
    mapping = targets(["预算(万元)", "邮箱"])
    assert mapping == {"预算(万元)": "budget_amount", "邮箱": "email"}
    read = reader(Reading(("预算(万元)", "邮箱"), mapping, "CN"))
    for cell, amount in (("50", 50_000_000), ("50万", 50_000_000), ("1.5", 1_500_000), ("¥50", 50_000_000)):
        facts = read([cell, "a@b.cn"]).facts
        assert (facts["budget_amount"], facts["budget_currency"]) == (amount, "CNY"), cell


def has_decimal_commas(cells: list[str]) -> bool:
    column = Commas()
    for cell in cells:
        column.see(cell)
    return column.decimal


def test_decimal_commas_are_decided_by_the_whole_column():
    assert has_decimal_commas(["1.234", "12,5", "1.234,56"])
    assert not has_decimal_commas(["1.234", "2.345"])
    assert not has_decimal_commas(["12,5", "12.5"])
    columns = ("Budget", "Mail", "Size of hall")
    mapping = {"Budget": "budget_amount", "Mail": "email", "Size of hall": "attributes.hall"}
    for commas, amount, hall in ((("Budget", "Size of hall"), 123_400, 1234), ((), 123, 1.234)):
        read = reader(
            Reading(columns, mapping, "DE", currency="EUR", kinds={"hall": "number"}, commas=commas)
        )
        found = read(["1.234", "a@b.de", "1.234"])
        assert (found.facts["budget_amount"], found.attributes["hall"]) == (amount, hall)


def test_what_was_chosen_last_time_is_believed():
    columns, rows = ["Foo", "Name", "Bar"], [["13800138000", "Ada", "x"]]
    found = guess(columns, rows, (), {"Foo": "wechat", "Bar": None, "Name": "attributes.gone"})
    assert [(one.target, one.reason) for one in found.values()] == [
        ("wechat", "before"),
        ("name", "name"),
        (None, "before"),
    ]
