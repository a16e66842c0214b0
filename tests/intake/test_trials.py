"""Vendors' tests of a connection: set aside in files and messages, told, and taken in where somebody wants them."""

import json
from typing import Any

import pytest
from django.utils import timezone

from intake.actions import deliveries_due
from intake.hooks.events import events
from intake.models import Delivery, RejectedRow
from intake.trials import flags_among, is_trial
from leadcrm.flow import run_due
from leads.actions.sources import add_channel
from leads.models import Channel, Lead
from tests.cast import NOW
from tests.intake.lists import as_csv, bring_in
from tests.intake.test_api import Api
from tests.intake.test_api import send as upload
from tests.intake.test_pages import Page, words
from tests.intake.test_pages import upload as by_page
from tests.intake.vendors import prepared, send
from workspaces.models import Member, Workspace

TESTS = {
    "meta": ("<test lead: dummy data for full_name>", "test@meta.com"),
    "google": ("FirstName LastName", "test@example.com"),
    "typeform": ("Lorem ipsum dolor", "an_account@example.com"),
    "hubspot": ("Maria Johnson (Sample Contact)", "emailmaria@hubspot.com"),
    "feiyu": ("测试线索", ""),
}
PEOPLE = {
    "called so": ("Ana Testa", "ana@test.example"),
    "whose address tests have, too": ("Ada Lovelace", "test@meta.com"),
    "a sample": ("Bo Sample", "bo@x.example"),
    "at HubSpot": ("Maria Johnson", "maria@hubspot.com"),
    "names apart": ("First Name", "test@example.com"),
}


@pytest.mark.parametrize("vendor", TESTS)
def test_what_vendors_write_marks_a_test(vendor: str) -> None:
    assert is_trial(TESTS[vendor])
    assert is_trial(["Fair", *TESTS[vendor], "p:+8613800138000"])


@pytest.mark.parametrize("kind", PEOPLE)
def test_people_are_no_tests(kind: str) -> None:
    assert not is_trial(PEOPLE[kind])


def test_a_flag_counts_more_than_the_answers() -> None:
    flags = flags_among(["Name", "Is test?", "testLead"])
    assert flags == [1, 2]
    assert is_trial(["Ada", "yes", ""], flags)
    assert not is_trial(["FirstName LastName", "false", ""], flags)
    assert is_trial(["FirstName LastName", "", ""], flags)


MESSAGES: dict[str, tuple[str, Any]] = {
    "linkedin": ("linkedin", {"leadGenFormResponse": "urn:1", "leadAction": "CREATED", "testLead": True}),
    "google without a flag": ("google-ads", {"lead_id": "TeSter-123-ABC", "user_column_data": []}),
    "tiktok": ("tiktok", {"entry": [{"id": 7, "is_test": True, "changes": [{"field": "name", "value": "Jane"}]}]}),
    "typeform": (
        "typeform",
        {
            "form_response": {
                "token": "t",
                "answers": [{"type": "email", "email": "an_account@example.com", "field": {"ref": "e"}}],
            }
        },
    ),
    "hubspot": ("hubspot", [{"eventId": 100, "objectId": 123, "subscriptionType": "contact.creation"}]),
    "hubspot's sample": ("hubspot", [{"objectId": 5, "propertyName": "city", "propertyValue": "sample-value"}]),
    "feiyu": ("feiyu", {"data": [{"clue_id": "6", "name": "测试线索", "telphone": "13800138000"}]}),
    "standard": ("standard", {"data": {"name": "Ada", "email": "ada@x.example", "is_test": True}}),
}  # fmt: skip


@pytest.mark.parametrize("vendor", MESSAGES)
def test_messages_that_are_tests(vendor: str) -> None:
    provider, body = MESSAGES[vendor]
    (event,) = events(provider, json.dumps(body).encode(), "m1")
    assert event.aside == "test"


def test_test_rows_of_a_file(api: Api, workspace: Workspace, zoe: Member) -> None:
    rows = [*TESTS.values(), ("Ada", "ada@x.example")]
    data = as_csv(rows, header=("Name", "Email"))
    batch = bring_in(workspace, data, actor=zoe)
    assert (batch.created, batch.rejected) == (1, len(TESTS))
    assert {row.reasons[0]["code"] for row in RejectedRow.objects.all()} == {"test_row"}
    flagged = as_csv([("Bo", "bo@x.example", "TRUE")], header=("Name", "Email", "Test lead"))
    assert bring_in(workspace, flagged, actor=zoe).rejected == 1
    wanted = upload(api(zoe), data, with_tests="true")
    assert wanted.status_code == 202
    run_due(workspace, timezone.now())
    assert Lead.objects.filter(name="FirstName LastName", email="test@example.com").exists()


def test_the_page_offers_to_take_test_rows_in(page: Page, workspace: Workspace, zoe: Member) -> None:
    client = page(zoe)
    address = by_page(client, as_csv([TESTS["google"]], header=("Name", "Email")))["Location"]
    assert "Take in the test rows of advertising platforms, too" in words(client.get(address))
    sent = {"column-0": "name", "column-1": "email", "region": "US", "with_tests": "1"}
    assert client.post(address, sent).status_code == 302
    run_due(workspace, timezone.now())
    assert Lead.objects.get().name == "FirstName LastName"
    plain = by_page(client, as_csv([("Ada", "a@x.example")], header=("Name", "Email")))["Location"]
    assert "Take in the test rows" not in words(client.get(plain))


@pytest.fixture
def channel(workspace: Workspace) -> Channel:
    return add_channel("Spring ads", kind="ads", as_of=NOW, actor=None)


def test_a_message_that_is_a_test_becomes_a_lead_when_somebody_wants_it(
    channel: Channel, workspace: Workspace, api: Api, page: Page, alice: Member
) -> None:
    prepared(channel, "google-ads", secret="k")
    answers = [{"column_id": "EMAIL", "string_value": "test@example.com"}]
    said = {"lead_id": "TeSter-123-A", "google_key": "k", "is_test": True, "user_column_data": answers}
    assert send(channel, "google-ads", said).status_code == 200
    deliveries_due(workspace, timezone.now())
    kept = Delivery.objects.get()
    assert (kept.status, kept.reason, Lead.objects.count()) == ("aside", "test", 0)
    address = f"/api/v1/deliveries/{kept.pk}/replay/"
    assert api(alice).post(address).status_code == 202
    deliveries_due(workspace, timezone.now())
    assert not Lead.objects.exists()
    assert "Make the test a lead" in words(page(alice).get(f"/w/acme/deliveries/{kept.pk}/"))
    assert api(alice).post(address, {"tests": True}).status_code == 202
    deliveries_due(workspace, timezone.now())
    assert Lead.objects.get().email == "test@example.com"
    assert Delivery.objects.get().status == "done"
