"""Leads, companies and people are found by what was meant: with a slip of the finger, and in pinyin."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from leads.actions import add_contact, capture
from leads.actions.catalogue import save_company
from leads.facts import incoming_from
from leads.finding import find
from leads.incoming import Source
from leads.models import Company, Lead
from leads.normalise.pinyin import as_typed, pinyin
from tests.cast import NOW
from workspaces.models import Member, Workspace
from workspaces.tenancy import enter

Api = Callable[[Member], APIClient]


@pytest.fixture
def known(alice: Member) -> dict[str, Lead]:
    people = {
        "garcia": {"name": "Maria Garcia", "company": "Siemens Healthineers", "email": "maria@siemens.test"},
        "zhang": {"name": "张伟", "company": "重庆银行", "email": "zw@cq.test"},
        "zeng": {"name": "曾国强", "company": "华为技术有限公司", "phone": "+86 138 1234 5678"},
    }
    items = [incoming_from(facts) for facts in people.values()]
    done = capture(items, source=Source("api"), as_of=NOW, actor=alice)
    return {key: Lead.objects.get(pk=one.lead_id) for key, one in zip(people, done, strict=True)}


def leads_for(text: str) -> set[str]:
    return {lead.name for lead in Lead.objects.filter(pk__in=find(text, 8, None)["lead"])}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("garcai", "Maria Garcia"),  # out of place
        ("Gracia Mria", "Maria Garcia"),  # two words, each with a slip
        ("simens", "Maria Garcia"),  # too few
        ("siemmens", "Maria Garcia"),  # too many
        ("zhangwei", "张伟"),
        ("zhang wei", "张伟"),
        ("zw", "张伟"),
        ("chongqing", "张伟"),  # not zhongqing
        ("zhangwie", "张伟"),
        ("zengguoqiang", "曾国强"),  # as a surname
        ("huawei", "曾国强"),
        ("华位", "曾国强"),  # another character of the same sound
        ("5678", "曾国强"),
    ],
)
def test_found_by_what_was_meant(known: Any, text: str, name: str) -> None:
    assert name in leads_for(text)


@pytest.mark.parametrize(
    "text", ["", "  ", "%", "_", "qqqqzzzz", "'; DROP TABLE leads_lead; --", "\\", "💥💥💥💥", "a" * 5000]
)
def test_nothing_is_found_for_nothing(known: Any, text: str) -> None:
    assert leads_for(text) == set()


def test_companies_and_people_are_found_too(known: Any, alice: Member) -> None:
    add_contact(known["garcia"].pk, role="finance", name="吕芳", email="lf@x.test", as_of=NOW, actor=alice)
    assert [Company.objects.get(pk=pk).name for pk in find("huaweijishu", 8, None)["company"]] == [
        "华为技术有限公司"
    ]
    assert len(find("lvfang", 8, None)["person"]) == 1
    company = save_company({"name": "Ümläut GmbH"}, as_of=NOW, actor=alice)
    assert find("umlaut", 8, None)["company"] == [company.pk]


def test_another_workspace_is_never_searched(known: Any, elsewhere: Workspace) -> None:
    with enter(elsewhere):
        for text in ("garcia", "garcai", "zhangwei", "huawei"):
            assert not any(find(text, 8, None).values())


def test_the_palette_finds_leads_pages_and_actions(
    known: Any, ming: Member, page: Callable[[Member], Client]
) -> None:
    def asked(text: str, language: str = "en") -> str:
        return (
            page(ming)
            .get("/w/acme/commands/", {"q": text}, headers={"Accept-Language": language})
            .content.decode()
        )

    assert "Maria Garcia" in asked("garcai") and "maria@siemens.test" not in asked("maria@siemens")
    assert "/w/acme/board/" in asked("baord") and "/w/acme/board/" in asked("board", "zh-hans")
    assert "/w/acme/leads/new/" in asked("new lead")
    assert "/w/acme/leads/new/" in asked("xinjianxiansuo", "zh-hans") or "/w/acme/leads/new/" in asked(
        "xzxs", "zh-hans"
    )


def test_the_api_answers_alike(known: Any, ming: Member, api: Api) -> None:
    told = api(ming).get("/api/v1/search/", {"q": "garcai"}).json()
    assert [one["name"] for one in told["leads"]] == ["Maria Garcia"]
    assert set(told) == {"leads", "companies", "people"}


def test_readings() -> None:
    assert pinyin("绿色 Müller 长沙") == "lvse ls changsha cs"
    assert pinyin("Acme") == as_typed("Acme") == ""
    assert as_typed("Müller Straße") == "muller mueller strasse"
