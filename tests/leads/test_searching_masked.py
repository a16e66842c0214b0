"""Whoever sees a lead masked finds it by what is shown of it, or by an address told in full, not by a part of one."""

from typing import Any

import pytest

from leads.actions import add_contact, capture, edit, merge
from leads.facts import incoming_from
from leads.finding import find
from leads.incoming import Source
from leads.models import Lead
from leads.queries import matching
from tests.cast import NOW, join
from workspaces.models import Member, Role

pytestmark = pytest.mark.django_db
FACTS = {
    "name": "Maria Garcia",
    "company": "Siemens Healthineers",
    "email": "einkauf9@siemens.example",
    "phone": "+86 138 1234 5678",
    "wechat": "schmetterling7",
}
PARTS = [
    "einkauf9@",
    "inkauf9",
    "einkauf9@siemens.exampl",
    "1381234",
    "86138",
    "138 1234",
    "5678",
    "schmetter",
    "schmetterling",
]
SHOWN = ["maria", "garcia siemens", "healthineers", "@siemens.example", "siemens.ex"]
WHOLE = [
    "einkauf9@siemens.example",
    "EINKAUF9@siemens.example",
    "+86 138 1234 5678",
    "+8613812345678",
    "schmetterling7",
]


@pytest.fixture
def lead(alice: Member) -> Lead:
    [done] = capture([incoming_from(FACTS)], source=Source("api"), as_of=NOW, actor=alice)
    return Lead.objects.get(pk=done.lead_id)


def searched(text: str, member: Member | None) -> bool:
    """Whether it is found: the two searches agree."""
    listed = Lead.objects.filter(matching(text, member)).exists()
    few = Lead.objects.filter(matching(text, member, most=50)).exists()
    assert listed == few == bool(find(text, 8, member)["lead"]), text
    return listed


@pytest.mark.parametrize("text", PARTS)
def test_a_part_of_an_address_finds_nothing_masked(
    lead: Lead, ming: Member, alice: Member, text: str
) -> None:
    viewer = join("vera@acme.test", "Vera", Role.VIEWER)
    assert not searched(text, ming) and not searched(text, viewer)
    assert searched(text, alice) and searched(text, None)
    Lead.objects.filter(pk=lead.pk).update(owner=ming, pool="sales", held_since=NOW)
    assert searched(text, ming) and not searched(text, viewer)


@pytest.mark.parametrize("text", [*SHOWN, *WHOLE])
def test_what_is_shown_and_whole_addresses_find_it(lead: Lead, ming: Member, text: str) -> None:
    assert searched(text, ming)


def test_a_name_and_a_part_of_an_address(lead: Lead, ming: Member, alice: Member) -> None:
    for text in ("garcia 1381234", "garcia einkauf9@", "garciia 1381"):
        assert not find(text, 8, ming)["lead"], text
        assert find(text, 8, alice)["lead"], text


def test_typed_nearly(lead: Lead, ming: Member, alice: Member) -> None:
    assert find("schmeterling", 8, alice)["lead"] and not find("schmeterling", 8, ming)["lead"]
    assert find("gracia", 8, ming)["lead"]


def test_people(lead: Lead, ming: Member, alice: Member) -> None:
    given = {
        "name": "Otto Braun",
        "email": "werk4@umlaut.example",
        "phone": "+49 30 901820",
        "wechat": "quastix",
    }
    add_contact(lead.pk, role="champion", as_of=NOW, actor=alice, **given)
    for text in ("werk4", "90182", "quasti"):
        assert find(text, 8, alice)["person"] and not find(text, 8, ming)["person"], text
    for text in ("braun", "werk4@umlaut.example", "+49 30 901820", "quastix"):
        assert find(text, 8, ming)["person"], text


def test_the_list_its_page_the_box_and_the_palette(
    lead: Lead, ming: Member, alice: Member, api: Any, page: Any
) -> None:
    for who, many in ((ming, 0), (alice, 1)):
        assert len(api(who).get("/api/v1/leads/?q=1381234").json()["results"]) == many
        assert len(api(who).get("/api/v1/search/?q=1381234").json()["leads"]) == many
        for address in ("leads/?q=1381234", "commands/?q=1381234"):
            text = page(who).get(f"/w/acme/{address}").content.decode()
            assert ("Maria Garcia" in text) == bool(many), (address, who)


def test_changed_and_merged_addresses_stay_apart(lead: Lead, ming: Member, alice: Member) -> None:
    edit(lead.pk, {"wechat": "second_id"}, as_of=NOW, actor=alice)
    assert not searched("second_i", ming) and searched("second_id", ming)
    facts = {"name": "Other", "email": "hidden.part@x.example"}
    [other] = capture([incoming_from(facts)], source=Source("api"), as_of=NOW, actor=alice)
    merge(other.lead_id, lead.pk, as_of=NOW, actor=alice)
    for text in ("second_i", "hidden.pa"):
        assert not searched(text, ming) and searched(text, alice), text


def test_texts_from_before_are_written_anew(lead: Lead, ming: Member) -> None:
    from importlib import import_module

    from django.db import connection

    Lead.objects.update(search=" maria garcia siemens healthineers einkauf9@siemens.example 8613812345678 ")
    assert searched("1381234", ming)
    move = import_module("leads.migrations.0016_search_shown")
    with connection.cursor() as cursor:
        move.write(
            cursor,
            lead.workspace_id,
            "leads_lead",
            move.LEADS,
            lambda row: move.document(row, row.pop("company")),
        )
    lead.refresh_from_db()
    assert not searched("1381234", ming) and searched("garcia", ming) and searched("schmetterling7", ming)
