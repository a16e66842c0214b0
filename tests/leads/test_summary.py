"""Anybody can take over: the summary of a lead, made from its records, on its page and in the API."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils.translation import override
from rest_framework.test import APIClient

from leads.actions import add_contact, log_follow_up
from leads.handing_on import as_text, hand_on, title_of
from leads.models import Lead
from leads.summaries import summaries
from tests.cast import NOW, a_lead, join
from workspaces.models import Member

DAY = timedelta(days=1)
Api = Callable[[Member], APIClient]


def a_story(ming: Member) -> Lead:
    lead = a_lead(
        email="lilei@example.com",
        email_key="lilei@example.com",
        pool="sales",
        owner=ming,
        stage="sql",
        pain="Orders get lost",
        held_since=NOW,
        budget_amount=1_200_000,
        budget_currency="CNY",
        budget_status="estimated",
        industry="manufacturing",
    )
    who: dict[str, Any] = {"as_of": NOW, "actor": ming}
    add_contact(lead.pk, role="economic_buyer", name="Wang Fang", title="CFO", **who)
    log_follow_up(lead.pk, channel="call", summary="Wants a demo", moved=["meeting_set"], next_action="Send slots",
                  next_at=NOW + DAY, **who)  # fmt: skip
    return lead


def test_who_why_said_agreed_and_open_stand_in_it(ming: Member) -> None:
    lead = a_story(ming)
    with override("en"):
        (found,) = summaries([lead.pk], as_of=NOW)
        parts = {one.key: " | ".join(one.lines) for one in hand_on(found, member=ming, as_of=NOW)}
    assert "Li Lei" in parts["who"] and "Wang Fang · CFO · Economic buyer" in parts["who"]
    assert "lilei@example.com" in parts["who"] and "held by Ming" in parts["who"]
    assert "Orders get lost" in parts["why"] and "12,000.00 CNY" in parts["why"]
    assert "Wants a demo" in parts["said"]
    assert "Next: Send slots" in parts["agreed"] and "Meeting set" in parts["agreed"]
    assert "Send slots" in parts["open"] and "Nobody asked yet" in parts["open"]
    assert found.advice == "Send slots"


def test_contact_data_is_masked_for_who_does_not_hold_it(ming: Member) -> None:
    lead, rosa = a_story(ming), join("rosa@acme.test", "Rosa", "rep")
    (found,) = summaries([lead.pk], as_of=NOW)
    parts = hand_on(found, member=rosa, as_of=NOW)
    assert "lilei@example.com" not in as_text(title_of(found), parts)


def test_a_lead_without_a_story_says_so(ming: Member) -> None:
    with override("en"):
        (found,) = summaries([a_lead(company=None, name="", email="x@y.test").pk], as_of=NOW)
        text = as_text(title_of(found), hand_on(found, member=ming, as_of=NOW))
    assert "Nothing yet." in text and "nobody has spoken" in found.advice


@pytest.mark.parametrize("many", [1, 3])
def test_a_fixed_number_of_statements(ming: Member, many: int, django_assert_num_queries: Any) -> None:
    leads = [a_story(ming).pk for _n in range(many)]
    with django_assert_num_queries(11):
        assert len(summaries(leads, as_of=NOW)) == many


def test_page_and_api_tell_the_same(ming: Member, api: Api, page: Callable[[Member], Client]) -> None:
    lead = a_story(ming)
    told = api(ming).get(f"/api/v1/leads/{lead.pk}/summary/").json()
    assert told["said"] and told["next_step"] == "Send slots" and "Wants a demo" in told["text"]
    panel = page(ming).get(f"/w/acme/leads/{lead.pk}/summary/").content.decode()
    assert "Wants a demo" in panel and "data-copy" in panel
