"""Notices and webhooks over the API: mine alone, in my language; webhooks are an admin's."""

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from notices.actions import News, notify
from notices.models import Notice, Sending, Webhook
from tests.cast import NOW, a_lead
from workspaces.ids import uuid7
from workspaces.models import Member

pytestmark = pytest.mark.django_db
Api = Callable[[Member], APIClient]
BASE = "/api/v1/"


def some_notices(member: Member, count: int) -> None:
    lead = a_lead()
    notify([News(member.pk, "assigned", uuid7(), lead.pk) for _ in range(count)], as_of=NOW)


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_is_mine(
    api: Api, alice: Member, ming: Member, count: int, django_assert_num_queries: Any
) -> None:
    some_notices(ming, count)
    some_notices(alice, 2)
    client = api(ming)
    client.get(f"{BASE}notices/")
    with django_assert_num_queries(7):
        answer = client.get(f"{BASE}notices/")
    assert len(answer.json()["results"]) == count
    assert answer.json()["results"][0]["title"] == "Li Lei is yours now"
    chinese = client.get(f"{BASE}notices/", headers={"Accept-Language": "zh-hans"}).json()["results"][0]
    assert chinese["title"] == "Li Lei 现在归您跟进"


def test_reading(api: Api, alice: Member, ming: Member) -> None:
    some_notices(ming, 3)
    client = api(ming)
    assert client.get(f"{BASE}notices/unread/").json()["unread"] == 3
    one = client.get(f"{BASE}notices/?unread=true").json()["results"][0]["id"]
    assert client.patch(f"{BASE}notices/{one}/", {"read": True}).json()["read_at"]
    assert client.get(f"{BASE}notices/{one}/").json()["read_at"]
    assert client.get(f"{BASE}notices/unread/").json()["unread"] == 2
    assert client.patch(f"{BASE}notices/{one}/", {"read": False}).json()["read_at"] is None
    assert client.post(f"{BASE}notices/read/", {}).json() == {"read": 3}
    assert api(alice).patch(f"{BASE}notices/{one}/", {"read": True}).status_code == 404
    assert client.get(f"{BASE}notices/?kind=nonsense").status_code == 400


def test_how_i_want_to_be_told(api: Api, ming: Member) -> None:
    client = api(ming)
    url = f"{BASE}notices/preferences/"
    assert "approval_wanted" not in {one["kind"] for one in client.get(url).json()["kinds"]}
    wanted = {
        "kinds": [{"kind": "assigned", "email": "digest"}],
        "hours": {"quiet_from": "20:00", "quiet_to": "07:00"},
    }
    answer = client.put(url, wanted).json()
    assert answer["kinds"][0] | {"label": ""} == {
        "kind": "assigned", "label": "", "in_app": True, "email": "digest", "group": True,
    }  # fmt: skip
    assert answer["hours"] == {"quiet_from": "20:00:00", "quiet_to": "07:00:00", "digest_at": "08:30:00"}
    assert client.get(url).json() == answer
    for wrong in (
        {"kinds": [{"kind": "assigned", "email": "sometimes"}]},
        {"kinds": [{"kind": "approval_wanted", "email": "off"}]},
        {"hours": {"quiet_from": "20:00", "quiet_to": None}},
        {"hours": {"quiet_from": "20:00", "quiet_to": "20:00"}},
        {"hours": {"quiet_from": "25:00"}},
    ):
        assert client.put(url, wrong).status_code == 422, wrong


def test_webhooks_from_beginning_to_end(api: Api, alice: Member) -> None:
    client = api(alice)
    names = {one["name"] for one in client.get(f"{BASE}webhooks/events/").json()["events"]}
    assert {"lead.captured", "lead.stage_changed", "notice.reclaimed"} <= names
    given = {"url": "https://example.com/in", "events": ["lead.captured"], "name": "ERP"}
    made = client.post(f"{BASE}webhooks/", given)
    assert made.status_code == 201 and made.json()["secret"].startswith("whsec_")
    url = f"{BASE}webhooks/{made.json()['id']}/"
    assert "secret" not in client.get(url).json()
    assert len(client.get(f"{BASE}webhooks/").json()["results"]) == 1
    assert client.patch(url, {"events": ["lead.claimed", "lead.captured"]}).json()["events"] == [
        "lead.captured",
        "lead.claimed",
    ]
    assert client.post(f"{url}secret/").json()["secret"] != made.json()["secret"]
    sent = client.post(f"{url}test/")
    assert (sent.status_code, sent.json()["status"]) == (202, "waiting")
    Sending.objects.update(due_at=None, parked_at=NOW, tries=20, fault="HTTP 500")
    (parked,) = client.get(f"{url}deliveries/").json()["results"]
    assert (parked["status"], parked["fault"]) == ("parked", "HTTP 500")
    again = f"{url}deliveries/{parked['id']}/again/"
    assert client.post(again).json()["status"] == "waiting"
    assert client.post(again).status_code == 409
    assert client.delete(url).status_code == 204
    assert not Webhook.objects.exists() and not Sending.objects.exists()
    assert client.get(f"{BASE}notices/email/").json()["set_up"] is False


def test_a_webhook_that_can_not_be(api: Api, alice: Member, ming: Member) -> None:
    good = {"url": "https://example.com/in", "events": ["lead.captured"]}
    for wrong, field in (
        ({"url": "ftp://example.com"}, "url"),
        ({"url": "https://"}, "url"),
        ({"url": "https://user:pw@example.com/"}, "url"),
        ({"url": "https://example.com:port/"}, "url"),
        ({"url": "https://exa mple.com/"}, "url"),
        ({"events": []}, "events"),
        ({"events": ["lead.stolen"]}, "events"),
        ({"format": "fax"}, "format"),
    ):
        answer = api(alice).post(f"{BASE}webhooks/", good | wrong)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field), wrong
    assert api(ming).post(f"{BASE}webhooks/", good).status_code == 403
    assert api(ming).get(f"{BASE}webhooks/").status_code == 403
    assert not Notice.objects.exists()
