"""The bell, the list and the settings of notices."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from notices.actions import News, add_webhook, notify, set_preferences
from notices.models import Notice, Preference, Sending, Webhook
from tests.cast import NOW, a_lead
from workspaces.ids import uuid7
from workspaces.models import Member

pytestmark = pytest.mark.django_db
Page = Callable[[Member], Client]
HOME = "/w/acme/notices/"
OUT = "/w/acme/settings/channels-out/"


def some_notices(member: Member, count: int) -> None:
    lead = a_lead()
    notify([News(member.pk, "assigned", uuid7(), lead.pk) for _ in range(count)], as_of=NOW)


@pytest.mark.parametrize("count", [1, 3])
def test_the_list(page: Page, ming: Member, count: int, django_assert_num_queries: Any) -> None:
    some_notices(ming, count)
    browser = page(ming)
    browser.get(HOME)
    with django_assert_num_queries(10):
        text = browser.get(HOME).content.decode()
    assert text.count("Li Lei is yours now") == count
    assert browser.get(HOME, {"show": "unread"}).content.decode().count("is-unread") == count
    assert browser.get(HOME, {"cursor": "forged"}).status_code == 302


def test_the_bell_answers_only_when_it_changed(
    page: Page, ming: Member, django_assert_num_queries: Any
) -> None:
    browser = page(ming)
    first = browser.get(f"{HOME}bell/").json()
    assert (first["unread"], first["news"]) == (0, [])
    with django_assert_num_queries(9):
        assert browser.get(f"{HOME}bell/", {"version": first["version"]}).status_code == 204
    some_notices(ming, 2)
    second = browser.get(f"{HOME}bell/", {"version": first["version"]}).json()
    assert (second["unread"], second["label"]) == (2, "2 unread notices")
    assert [one["title"] for one in second["news"]] == ["Li Lei is yours now"] * 2


def test_the_panel_behind_the_bell(page: Page, ming: Member) -> None:
    some_notices(ming, 1)
    answer = page(ming).get(HOME, headers={"HX-Target": "peek-body"}).content.decode()
    assert answer.lstrip().startswith("<h2>") and "Li Lei is yours now" in answer


def test_opening_one_marks_it_as_read(page: Page, alice: Member, ming: Member) -> None:
    some_notices(ming, 1)
    notice = Notice.objects.get()
    assert page(ming).get(f"{HOME}{notice.pk}/").url == f"/w/acme/leads/{notice.lead_id}/"
    notice.refresh_from_db()
    assert notice.read_at
    page(ming).post(f"{HOME}{notice.pk}/read/", {"unread": "1"})
    notice.refresh_from_db()
    assert notice.read_at is None
    assert page(ming).post(f"{HOME}read/", headers={"HX-Request": "true"}).status_code == 204
    assert page(ming).post(f"{HOME}read/").status_code == 302
    assert page(alice).post(f"{HOME}{notice.pk}/read/").status_code == 404


def test_a_mails_link_opens_what_is_not_wanted_in_the_program(page: Page, ming: Member) -> None:
    set_preferences(ming, {"assigned": {"in_app": False}})
    some_notices(ming, 1)
    notice = Notice.objects.get()
    assert page(ming).get(f"{HOME}{notice.pk}/").url == f"/w/acme/leads/{notice.lead_id}/"
    assert "Li Lei" not in page(ming).get(HOME).content.decode()


def test_a_line_in_a_group_opens_for_everybody_there(
    page: Page, alice: Member, ming: Member, mallory: Member
) -> None:
    some_notices(ming, 1)
    notice = Notice.objects.get()
    assert page(alice).get(f"{HOME}{notice.pk}/").url == f"/w/acme/leads/{notice.lead_id}/"
    notice.refresh_from_db()
    assert notice.read_at is None
    assert page(mallory).get(f"{HOME}{notice.pk}/").status_code == 404


@pytest.mark.parametrize(
    ("kind", "url"),
    [
        ("assigned", "leads/?owner={ming}"),
        ("reclaim_warning", "leads/?owner={ming}&ordering=reclaim_at"),
        ("response_due", "response-times/?member={ming}"),
        ("response_late", "response-times/?member={ming}"),
    ],
)
def test_of_many_the_link_opens_the_list_in_which_they_stand(
    page: Page, ming: Member, kind: str, url: str
) -> None:
    data = {"count": 20, "owner": str(ming.pk)}
    notify([News(ming.pk, kind, uuid7(), data=data)], as_of=NOW)
    answer = page(ming).get(f"{HOME}{Notice.objects.get().pk}/")
    assert answer.url == "/w/acme/" + url.format(ming=ming.pk)
    assert page(ming).get(answer.url).status_code == 200


def test_how_i_am_told(page: Page, ming: Member) -> None:
    browser = page(ming)
    text = browser.get(f"{HOME}settings/").content.decode()
    assert "A lead became mine" in text and "A step waits for my approval" not in text
    given = {"digest_at": "09:00", "assigned.email": "digest", "mention.in_app": "on"}
    assert browser.post(f"{HOME}settings/", given).status_code == 302
    assert Preference.objects.get(kind="assigned").email == "digest"
    assert not Preference.objects.get(kind="assigned").in_app
    assert Preference.objects.get(kind="mention").in_app
    answer = browser.post(f"{HOME}settings/", given | {"quiet_from": "20:00"})
    assert answer.status_code == 422 and "a beginning and an end" in answer.content.decode()


def test_ways_out(page: Page, alice: Member, ming: Member) -> None:
    browser = page(alice)
    assert "Nobody outside is told" in browser.get(OUT).content.decode()
    given = {"url": "https://example.com/x", "format": "standard", "events": ["lead.captured"], "name": "ERP"}
    assert "whsec_" in browser.post(f"{OUT}new/", given).content.decode()
    webhook = Webhook.objects.get()
    assert "ERP" in browser.get(OUT).content.decode()
    assert browser.post(f"{OUT}{webhook.pk}/try/").status_code == 302
    assert browser.get(f"{OUT}{webhook.pk}/try/").status_code == 404
    assert "whsec_" in browser.post(f"{OUT}{webhook.pk}/secret/").content.decode()
    Sending.objects.update(parked_at=NOW, due_at=None, fault="HTTP 500 Oh")
    assert "HTTP 500 Oh" in browser.get(OUT).content.decode()
    browser.post(f"{OUT}{Sending.objects.get().pk}/again/")
    assert Sending.objects.get().parked_at is None
    browser.post(f"{OUT}{webhook.pk}/", given | {"name": "Other", "is_active": "on"})
    webhook.refresh_from_db()
    assert webhook.name == "Other"
    browser.post(f"{OUT}{webhook.pk}/", given)
    answer = browser.post(f"{OUT}{webhook.pk}/try/", headers={"HX-Request": "true"})
    assert answer.status_code == 409 and "is switched off" in answer.content.decode()
    browser.post(f"{OUT}{webhook.pk}/drop/")
    assert not Webhook.objects.exists()
    assert page(ming).get(OUT).status_code == 403


def test_a_robots_key_is_not_shown(page: Page, alice: Member) -> None:
    url = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=very-secret"
    add_webhook(url=url, events=["notice.assigned"], format="wecom", as_of=NOW, actor=None)
    assert "very-secret" not in page(alice).get(OUT).content.decode()
