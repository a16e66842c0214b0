"""Meta names a lead by its id: its answers are fetched. What one lacks holds up no other; a limit passes."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.test import override_settings
from django.utils import timezone

from intake.actions import deliveries_due
from intake.looking_back import sample_event
from intake.models import Delivery, DeliveryStatus, Hook
from leads.actions.sources import add_channel
from leads.models import Channel, Lead, Touch
from tests.cast import NOW
from tests.intake.vendors import prepared, send
from workspaces.models import Workspace

Answers = dict[str, tuple[int, Any]]
LIMIT = (403, {"error": {"message": "Application request limit reached", "code": 4, "is_transient": True}})
EXPIRED = (400, {"error": {"message": "Session has expired", "code": 190}})
GONE = (400, {"error": {"message": "Object does not exist", "code": 100, "error_subcode": 33}})


@pytest.fixture
def channel(workspace: Workspace) -> Channel:
    found = add_channel("Spring ads", kind="ads", as_of=NOW, actor=None)
    prepared(found, "meta", access_token="the-token")
    return found


def lead(number: int) -> tuple[int, Any]:
    answers = [("full_name", f"Ada {number}"), ("email", f"a{number}@x.example"), ("Shoe size", "42")]
    told = [{"name": name, "values": [said]} for name, said in answers]
    return 200, {"id": str(number), "campaign_name": "May", "field_data": told}


@contextmanager
def graph(answers: Answers) -> Iterator[list[str]]:
    """A Graph API on this machine; the ids it was asked for."""
    got: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            key = self.path.split("?")[0].rpartition("/")[2]
            got.append(key)
            allowed = (
                self.headers.get("Authorization") == "Bearer the-token" and "appsecret_proof=" in self.path
            )
            status, told = answers.get(key, GONE) if allowed else EXPIRED
            body = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        with override_settings(META_GRAPH_URL=f"http://127.0.0.1:{server.server_port}/v23.0"):
            yield got
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def told(channel: Channel, *numbers: int) -> Delivery:
    """A message that names these leads."""
    changes = [{"field": "leadgen", "value": {"leadgen_id": str(one), "form_id": "7"}} for one in numbers]
    assert send(channel, "meta", {"object": "page", "entry": [{"changes": changes}]}).status_code == 200
    return Delivery.objects.latest("received_at")


def take_in(workspace: Workspace, minutes: int = 0) -> None:
    deliveries_due(workspace, timezone.now() + timedelta(minutes=minutes))


def names() -> list[str]:
    return sorted(Lead.objects.values_list("name", flat=True))


def test_a_lead_that_is_gone_holds_up_no_other(channel: Channel, workspace: Workspace) -> None:
    answers: Answers = {"1": lead(1), "3": lead(3)}
    with graph(answers) as got:
        found = told(channel, 1, 2, 3)
        take_in(workspace)
        assert names() == ["Ada 1", "Ada 3"]
        found.refresh_from_db()
        assert (found.status, found.reason, found.due_at) == (DeliveryStatus.FAILED, "fetch", None)
        assert "Object does not exist" in found.detail
        assert [one["status"] for one in found.results] == ["created", "not_fetched", "created"]
        assert (Lead.objects.get(name="Ada 1").campaign, got) == ("May", ["1", "2", "3"])


def test_a_limit_passes(channel: Channel, workspace: Workspace) -> None:
    answers: Answers = {"1": lead(1), "2": LIMIT, "3": lead(3)}
    with graph(answers) as got:
        found = told(channel, 1, 2, 3)
        take_in(workspace)
        assert (names(), got) == (["Ada 1"], ["1", "2"])  # asked no further
        found.refresh_from_db()
        assert (found.status, found.reason) == (DeliveryStatus.WAITING, "fetch")
        take_in(workspace, 10)
        assert len(got) == 2
        answers["2"] = lead(2)
        take_in(workspace, 40)
        assert (names(), got[2:]) == (["Ada 1", "Ada 2", "Ada 3"], ["2", "3"])
    found.refresh_from_db()
    assert (found.status, found.reason) == (DeliveryStatus.DONE, "")
    assert Touch.objects.count() == 3


def test_a_limit_that_does_not_pass_ends(channel: Channel, workspace: Workspace) -> None:
    with graph({"1": LIMIT}) as got:
        found = told(channel, 1)
        for hours in range(10):
            take_in(workspace, hours * 600)
    found.refresh_from_db()
    assert (found.status, found.reason, len(got)) == (DeliveryStatus.FAILED, "fetch", 5)


def test_an_expired_token_is_renewed_and_everything_taken_in(
    channel: Channel, workspace: Workspace, api: Any, page: Any, alice: Any, ming: Any
) -> None:
    Hook.objects.update(access_token="an-old-one")
    with graph({"1": lead(1), "2": lead(2), "3": lead(3)}) as got:
        found = [told(channel, 1, 2), told(channel, 3)]
        take_in(workspace)
        assert (names(), got) == ([], ["1", "3"])  # one refusal is enough for each message
        assert {one.status for one in Delivery.objects.all()} == {DeliveryStatus.FAILED}
        Hook.objects.update(access_token="the-token")
        address = "/api/v1/deliveries/replay/"
        assert api(ming).post(address, {}).status_code == 403
        answer = api(alice).post(address, {"channel": str(channel.pk)})
        assert (answer.status_code, answer.json()) == (202, {"replayed": 2})
        assert api(alice).post(address, {}).json() == {"replayed": 0}
        take_in(workspace)
    assert names() == ["Ada 1", "Ada 2", "Ada 3"]
    for one in found:
        one.refresh_from_db()
        assert (one.status, one.reason) == (DeliveryStatus.DONE, "")
    Delivery.objects.update(status=DeliveryStatus.FAILED)
    shown = page(alice).get("/w/acme/deliveries/?status=failed").content.decode()
    assert "/w/acme/deliveries/replay/" in shown
    assert page(alice).post("/w/acme/deliveries/replay/", {"channel": str(channel.pk)}).status_code == 302
    assert Delivery.objects.filter(status=DeliveryStatus.WAITING).count() == 2


def test_of_many_leads_none_enters_by_its_id_alone(
    channel: Channel, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("intake.actions.turns.FETCHING_S", 0.05)  # a turn's time is up soon
    with graph({str(one): lead(one) for one in range(60)}) as got:
        found = told(channel, *range(60))
        take_in(workspace)
    assert (len(names()), len(got)) == (60, 60)
    assert all(name.startswith("Ada") for name in names())
    found.refresh_from_db()
    assert (found.status, Touch.objects.count()) == (DeliveryStatus.DONE, 60)


def test_what_was_fetched_can_be_mapped_by_clicking(
    channel: Channel, workspace: Workspace, page: Any, alice: Any
) -> None:
    address = f"/w/acme/channels/{channel.pk}/hooks/meta/"
    with graph({"1": lead(1)}) as got:
        found = told(channel, 1)
        take_in(workspace)
        browser = page(alice)
        shown = browser.get(address).content.decode()
        assert "Shoe size" in shown and "a1@x.example" in shown
        becomes = {"full_name": "name", "email": "email", "Shoe size": "pain"}
        order = [becomes[name] for name in sample_event(Hook.objects.get()).fields]
        fields = {"fields": "1"} | {f"field-{at}": target for at, target in enumerate(order)}
        assert browser.post(address, fields).status_code == 302
        assert browser.post(f"/w/acme/deliveries/{found.pk}/replay/").status_code == 302
        take_in(workspace)
        assert (Lead.objects.get().pain, got) == ("42", ["1"])  # kept: not asked for again
    assert Touch.objects.count() == 1


def test_a_test_that_was_fetched_stays_one_until_somebody_wants_it(
    channel: Channel, workspace: Workspace, api: Any, alice: Any
) -> None:
    dummy = [{"name": "full_name", "values": ["<test lead: dummy data for full_name>"]}]
    answers = {
        "1": (200, {"id": "1", "field_data": [*dummy, {"name": "email", "values": ["test@meta.com"]}]})
    }
    with graph(answers) as got:
        found = told(channel, 1)
        take_in(workspace)
        address = f"/api/v1/deliveries/{found.pk}/replay/"
        assert api(alice).post(address).status_code == 202
        take_in(workspace)
        assert Delivery.objects.get().reason == "test" and not Lead.objects.exists()
        assert api(alice).post(address, {"tests": True}).status_code == 202
        take_in(workspace)
    assert (Lead.objects.get().email, got) == ("test@meta.com", ["1"])


@pytest.mark.parametrize(("provider", "reason"), [("linkedin", "LinkedIn"), ("hubspot", "workflow")])
def test_a_lead_of_which_only_the_id_came_is_told_as_such(
    channel: Channel, workspace: Workspace, api: Any, alice: Any, provider: str, reason: str
) -> None:
    prepared(channel, provider)
    linkedin = {"leadGenFormResponse": "urn:li:leadGenFormResponse:1", "leadAction": "CREATED"}
    hubspot = [{"eventId": 1, "objectId": 5, "subscriptionType": "contact.creation"}]
    send(channel, provider, linkedin if provider == "linkedin" else hubspot)
    take_in(workspace)
    [row] = api(alice).get("/api/v1/deliveries/").json()["results"]
    assert (row["status"], row["reason"]) == ("done", f"only_id_{provider}")
    assert reason in row["why"]
