"""The pages of handovers, of response times and of fairness."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from pools.actions import assign, claim, respond_due
from pools.models import Handover, ResponsePolicy
from tests.cast import NOW
from tests.pools.cast import a_rep, some_leads
from workspaces.models import Member

pytestmark = pytest.mark.django_db
Page = Callable[[Member], Client]
W = "/w/acme/"


def test_a_handover_by_hand(page: Page, alice: Member, ming: Member) -> None:
    bo = a_rep("Bo")
    claim(ming, some_leads(2) + some_leads(1, industry="saas"), as_of=NOW)
    browser = page(alice)
    assert "3 open leads" in browser.get(f"{W}handovers/").content.decode()
    url = f"{W}handovers/new/?from={ming.pk}"
    assert "holds 0 of 100" in browser.get(url).content.decode()
    given = {
        "how": "members",
        "reason": "on leave",
        "where": '{"field": "industry", "op": "eq", "value": "saas"}',
    }
    assert browser.post(url, given).status_code == 422
    answer = browser.post(url, given | {"to": [str(bo.pk)]})
    record = Handover.objects.get()
    assert answer.url == f"{W}handovers/{record.pk}/" and record.moved == 1
    text = browser.get(answer.url).content.decode()
    assert "on leave" in text and "nobody has spoken with them yet" in text
    assert "Yours now" in page(bo).get(answer.url).content.decode()
    assert page(ming).get(answer.url).status_code == 404
    assert browser.get(f"{W}handovers/new/?from=x").status_code == 404
    assert page(ming).get(f"{W}handovers/").status_code == 403
    assert "1 lead of Ming" in browser.get(f"{W}handovers/").content.decode()


def test_a_handover_by_the_rules(page: Page, alice: Member, ming: Member) -> None:
    a_rep("Bo", capacity=1)
    claim(ming, some_leads(2), as_of=NOW)
    given = {"how": "rules", "reason": "leaves"}
    answer = page(alice).post(f"{W}handovers/new/?from={ming.pk}", given)
    assert "For these the rules found nobody" in page(alice).get(answer.url).content.decode()


@pytest.mark.parametrize("count", [1, 3])
def test_response_times(
    page: Page, alice: Member, ming: Member, count: int, django_assert_num_queries: Any
) -> None:
    claim(ming, some_leads(count), as_of=NOW)
    browser = page(ming)
    browser.get(f"{W}response-times/")
    with django_assert_num_queries(14):
        text = browser.get(f"{W}response-times/").content.decode()
    assert text.count("data-clock ") + text.count('data-clock"') >= count or text.count("Lead ") >= count
    respond_due(NOW + timedelta(days=2))
    late = browser.get(f"{W}response-times/", {"show": "late", "member": str(ming.pk)}).content.decode()
    assert late.count("Not yet") == count
    assert browser.get(f"{W}response-times/", {"cursor": "forged"}).status_code == 302


def test_policies_of_response_times(page: Page, alice: Member) -> None:
    browser, home = page(alice), f"{W}settings/responses/"
    assert "Remind the holder" in browser.get(home).content.decode()
    given = {
        "name": "A",
        "awaited": "follow_up",
        "after": "5",
        "unit": "days",
        "counts": "clock",
        "position": "2",
    }
    typed = {"steps_after": ["3", "5", "", "7"], "steps_unit": ["days"] * 4}
    steps = typed | {"steps_do": ["remind", "manager", "remind", "hand_on"]}
    browser.post(f"{home}new/", given | steps | {"is_active": "on", "condition": ""})
    made = ResponsePolicy.objects.get(name="A")
    assert [(step["after"], step["do"]) for step in made.steps] == [
        (3, "remind"),
        (5, "manager"),
        (7, "hand_on"),
    ]
    shown = browser.get(f"{home}{made.pk}/").content.decode()
    assert '<option value="hand_on" selected>Give it to somebody else</option>' in shown
    for wrong in ({"steps_after": ["three"]}, {"steps_unit": ["moons"]}, {"steps_do": ["fire"]}):
        one = {"steps_after": ["3"], "steps_unit": ["days"], "steps_do": ["remind"]} | wrong
        assert browser.post(f"{home}{made.pk}/", given | one).status_code == 422
    browser.post(f"{home}{made.pk}/drop/")
    assert not ResponsePolicy.objects.filter(name="A").exists()


@pytest.mark.parametrize("count", [1, 3])
def test_fairness_is_for_everybody(
    page: Page, zoe: Member, ming: Member, count: int, django_assert_num_queries: Any
) -> None:
    from django.utils import timezone

    browser = page(zoe)
    assert "No rule assigned a lead" in browser.get(f"{W}fairness/").content.decode()
    a_rep("Bo")
    assign(some_leads(count, stage="mql", grade="A"), as_of=timezone.now())
    with django_assert_num_queries(10):
        text = browser.get(f"{W}fairness/", {"days": "7"}).content.decode()
    assert "Ming" in text and "Bo" in text and "Gini" in text
