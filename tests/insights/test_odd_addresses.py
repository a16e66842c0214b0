"""Addresses as nobody's link writes them: an odd number, day, word or sign in the query is no crash."""

from collections.abc import Callable

import pytest
from django.test import Client

from tests.cast import a_lead
from workspaces.models import Member

pytestmark = pytest.mark.django_db
Page = Callable[[Member], Client]
HOME = "/w/acme/"
ODD = ["²", "١٢", "-1", "9" * 30, "1e999", "nonsense", "0001-01-01", "9999-12-31", "[1]"]


@pytest.mark.parametrize(
    "address",
    [
        "dashboard/?days=",
        "fairness/?days=",
        "channels/results/?days=",
        "reports/funnel/?days=",
        "reports/funnel.csv?days=",
        "stuck/?days=",
        "board/?stage=mql&skip=",
        "scoring/proof/?capacity=",
        "leads/LEAD/timeline/?before=",
        "leads/LEAD/?before=",
        "leads/LEAD/score/?day=",
    ],
)
def test_what_is_no_number_or_day_is_the_usual(page: Page, alice: Member, address: str) -> None:
    browser, lead = page(alice), a_lead()
    for odd in ODD:
        answer = browser.get(HOME + address.replace("LEAD", str(lead.pk)) + odd)
        assert answer.status_code in (200, 422), (address, odd)


def test_the_last_day_of_all_is_a_day(page: Page, alice: Member) -> None:
    assert page(alice).get(f"{HOME}leads/{a_lead().pk}/score/?day=9999-12-31").status_code == 200


@pytest.mark.parametrize("address", ["cases/?industry=a%00b", "leads/lookup/?q=a%00b", "leads/?q=%00"])
def test_a_sign_that_no_text_holds_is_told(page: Page, alice: Member, address: str) -> None:
    browser = page(alice)
    answer = browser.get(HOME + address)
    assert answer.status_code == 422 and "no text can hold" in answer.content.decode()
    chinese = browser.get(HOME + address, headers={"Accept-Language": "zh-hans"})
    assert "任何文本都不能包含" in chinese.content.decode()
