"""Is it held already? Companies are one whatever their legal form, place, brackets and script."""

from typing import Any

import pytest

from leads.models import Company
from leads.normalise.companies import company_core
from tests.cast import NOW, a_lead, join
from workspaces.models import Member, Role

ADDRESS = "/api/v1/leads/lookup/"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("华为技术有限公司", "華為技術（深圳）有限公司"),
        ("华为技术有限公司", "深圳市华为技术有限公司"),
        ("阿里巴巴（中国）网络技术有限公司", "阿里巴巴网络技术有限公司"),
        ("小米科技有限责任公司", "北京小米科技有限公司"),
        ("Ａｃｍｅ　Ｃｏ．，　Ｌｔｄ．", "ACME Co., Ltd."),
        ("Siemens AG", "Siemens (China) Ltd."),
        ("Acme GmbH", "ACME Inc."),
    ],
)
def test_one_company(one: str, other: str) -> None:
    assert company_core(one) == company_core(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("中国移动", "中国联通"), ("北京银行", "上海银行金融"), ("Acme", "Acne"), ("上海", "北京")],
)
def test_two_companies(one: str, other: str) -> None:
    assert company_core(one) != company_core(other)


def test_a_rep_learns_who_holds_it_and_nothing_more(ming: Member, api: Any) -> None:
    lin = join("lin@acme.test", "Lin", Role.REP)
    company = Company.objects.create(name="华为技术有限公司", name_key="华为技术")
    held = {"pool": "sales", "owner": lin, "held_since": NOW}
    a_lead(name="Han Mei", email="han@huawei.example", company=company, domain="huawei.example", **held)
    client = api(ming)
    for asked in (
        {"company": "華為技術（深圳）"},
        {"domain": "huawei.example"},
        {"email": "x@huawei.example"},
    ):
        answer = client.get(ADDRESS, asked).json()
        assert answer["held"] is True, asked
        [one] = answer["results"]
        assert (one["owner_name"], one["name"], one["company"]) == ("Lin", "H•••", "华为技术有限公司")
        assert "han@" not in str(answer)
    assert client.get(ADDRESS, {"company": "Nobody Ltd"}).json() == {"held": False, "results": []}
    assert client.get(ADDRESS).status_code == 422
    assert client.get(ADDRESS, {"email": "x@gmail.com"}).json()["results"] == []


def test_the_held_one_is_found_among_many(ming: Member, api: Any) -> None:
    company = Company.objects.create(name="Acme Ltd", name_key="acme", core="acme")
    for _one in range(120):
        a_lead(company=company, score=50)
    held = a_lead(company=company, score=1, pool="sales", owner=ming, held_since=NOW)
    answer = api(ming).get(ADDRESS, {"company": "Acme Ltd"}).json()
    assert answer["held"] is True
    assert answer["results"][0]["id"] == str(held.pk)
    assert len(answer["results"]) == 20
