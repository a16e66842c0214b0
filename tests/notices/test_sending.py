"""E-mail through a real SMTP server, webhooks to a real receiver: sent once, tried again for 72 hours."""

import base64
import hashlib
import hmac
import json
import re
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from leadcrm.flow import run_due
from leads.actions import capture
from leads.facts import incoming_from
from leads.incoming import Source
from notices.actions import (
    News,
    add_webhook,
    mark_read,
    notify,
    send_again,
    send_due,
    set_hours,
    set_preferences,
    try_webhook,
)
from notices.channels.standard import signature
from notices.models import Notice, Sending, Webhook
from notices.queries import email_state
from pools.actions import give
from tests.cast import NOW, a_lead
from tests.notices.post import Receiver, free_port, http_receiver, mailing_to, smtp_server
from tests.pools.cast import some_leads
from workspaces.ids import uuid7
from workspaces.models import Member, Workspace
from workspaces.refusals import Refused

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def tell(member: Member, kind: str = "assigned", at: datetime = NOW, **data: Any) -> None:
    lead = a_lead()
    notify([News(member.pk, kind, uuid7(), lead.pk, None, data)], as_of=at)


# --- e-mail ------------------------------------------------------------------------------------
def test_an_email_goes_out_once(workspace: Workspace, ming: Member) -> None:
    with smtp_server() as mailbox:
        tell(ming, rule="MQLs in turn")
        assert send_due(workspace, NOW) == 1
        assert send_due(workspace, NOW + DAY) == 0
    mail = mailbox.mails[0]
    assert (mailbox.recipients, mail["Subject"]) == (["ming@acme.test"], "Li Lei is yours now · Acme")
    notice = Notice.objects.get()
    for part in ("plain", "html"):
        text = mail.get_body((part,)).get_content()  # type: ignore[union-attr]
        assert f"http://localhost:8000/w/acme/notices/{notice.pk}/" in text
        assert "Assigned by the rule “MQLs in turn”." in text
    assert str(Sending.objects.get().pk) in mail["Message-ID"]


def test_in_the_readers_language(workspace: Workspace, ming: Member) -> None:
    ming.user.language = "zh-hans"
    ming.user.save()
    with smtp_server() as mailbox:
        tell(ming)
        send_due(workspace, NOW)
    assert re.search("[一-鿿]", mailbox.mails[0]["Subject"])


def test_what_came_due_together_is_one_email(workspace: Workspace, ming: Member) -> None:
    with smtp_server() as mailbox:
        for _ in range(3):
            tell(ming)
        assert send_due(workspace, NOW) == 3
    assert [mail["Subject"] for mail in mailbox.mails] == ["3 notices · Acme"]


def test_the_day_in_one_email(workspace: Workspace, ming: Member) -> None:
    set_preferences(ming, {"assigned": {"email": "digest"}})
    with smtp_server() as mailbox:
        tell(ming)
        tell(ming, at=NOW + HOUR)
        assert send_due(workspace, NOW + HOUR) == 0
        assert send_due(workspace, datetime(2026, 3, 3, 8, 29, tzinfo=UTC)) == 0
        assert send_due(workspace, datetime(2026, 3, 3, 8, 30, tzinfo=UTC)) == 2
    assert len(mailbox.mails) == 1


def test_quiet_hours_hold_it_back(workspace: Workspace, ming: Member) -> None:
    set_hours(ming, quiet_from=time(20), quiet_to=time(7))
    night = NOW.replace(hour=23)
    with smtp_server() as mailbox:
        tell(ming, at=night)
        assert send_due(workspace, night + 7 * HOUR) == 0
        assert send_due(workspace, night + 8 * HOUR) == 1
    assert len(mailbox.mails) == 1
    assert Notice.objects.get().at == night


def test_what_was_read_meanwhile_is_not_mailed(workspace: Workspace, ming: Member) -> None:
    set_preferences(ming, {"assigned": {"email": "digest"}})
    with smtp_server() as mailbox:
        tell(ming)
        mark_read(ming, None, as_of=NOW)
        send_due(workspace, NOW + DAY)
    assert not mailbox.mails
    assert not Sending.objects.filter(due_at__isnull=False).exists()


def test_who_wants_no_email_gets_none(workspace: Workspace, ming: Member) -> None:
    set_preferences(ming, {"assigned": {"email": "off", "in_app": False}})
    with smtp_server():
        tell(ming)
    assert not Sending.objects.exists()
    assert not Notice.objects.get().in_app


def test_without_a_mail_server_there_is_nothing_to_send(workspace: Workspace, ming: Member) -> None:
    tell(ming)
    assert not Sending.objects.exists()
    assert not email_state().set_up


def test_a_dead_server_is_tried_for_72_hours_and_the_admin_hears(
    workspace: Workspace, alice: Member, ming: Member
) -> None:
    with mailing_to(free_port()):
        tell(ming)
        tries, at = 0, NOW
        while (row := Sending.objects.filter(channel="email", member=ming).get()).due_at is not None:
            assert at <= row.due_at <= NOW + 72 * HOUR
            at = row.due_at
            assert send_due(workspace, at) == 0
            tries += 1
        assert 15 < tries < 25
        assert row.parked_at is not None and "refused" in row.fault
        assert email_state().parked == 1
        assert Notice.objects.filter(member=alice, kind="channel_failing").exists()
    with smtp_server() as mailbox:
        send_again(row, as_of=NOW + 5 * DAY, actor=alice)
        assert send_due(workspace, NOW + 5 * DAY) == 1
        assert mailbox.recipients == ["ming@acme.test"]
        with pytest.raises(Refused):
            send_again(row, as_of=NOW + 5 * DAY, actor=alice)


def test_one_bad_address_does_not_hold_up_the_others(
    workspace: Workspace, alice: Member, ming: Member
) -> None:
    with smtp_server() as mailbox:
        tell(ming)
        mailbox.refuse = "550 no such user"
        assert send_due(workspace, NOW) == 0
        mailbox.refuse = ""
        tell(alice)
        assert send_due(workspace, NOW) == 1
        assert mailbox.recipients == ["alice@acme.test"]
        assert "550" in Sending.objects.get(member=ming).fault


# --- webhooks ----------------------------------------------------------------------------------
@pytest.fixture
def receiver() -> Any:
    with http_receiver() as found:
        yield found


def hook(receiver: Receiver, *events: str, **more: Any) -> Webhook:
    return add_webhook(url=receiver.url, events=list(events), as_of=NOW, actor=None, **more)


def test_an_event_is_signed(workspace: Workspace, receiver: Receiver) -> None:
    webhook = hook(receiver, "lead.captured")
    item = incoming_from({"name": "Li Lei", "email": "lei@x.example", "phone": "+86 138 1234 5678"})
    capture([item], source=Source("form"), as_of=NOW, actor=None)
    assert send_due(workspace, NOW) == 1
    (headers, body), raw = receiver.got[0], receiver.raw[0]
    key = base64.b64decode(webhook.secret.removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + raw
    made = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{made}"
    assert abs(int(headers["webhook-timestamp"]) - datetime.now(UTC).timestamp()) < 60
    assert (body["type"], body["data"]["name"], body["data"]["stage"]) == ("lead.captured", "Li Lei", "lead")
    assert "lei@x" not in json.dumps(body) and "1234" not in json.dumps(body)


def test_the_signature_of_the_specification() -> None:
    """The example of standardwebhooks.com."""
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    body = b'{"test": 2432232314}'
    found = signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body)
    assert found == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_notices_and_steps_go_out_to_who_subscribed(
    workspace: Workspace, receiver: Receiver, alice: Member, ming: Member
) -> None:
    hook(receiver, "notice.assigned", "lead.given")
    lead = a_lead()
    give([lead.pk], ming, "please", as_of=NOW, actor=alice)
    run_due(workspace, NOW)
    assert sorted(body["type"] for _headers, body in receiver.got) == ["lead.given", "notice.assigned"]
    told = next(body for _headers, body in receiver.got if body["type"] == "notice.assigned")["data"]
    assert (told["member"], told["lead"], told["facts"]["note"]) == (str(ming.pk), str(lead.pk), "please")


def test_a_failure_is_repeated_under_the_same_id(workspace: Workspace, receiver: Receiver) -> None:
    webhook = hook(receiver, "lead.captured")
    try_webhook(webhook, as_of=NOW, actor=None)
    receiver.status = 500
    assert send_due(workspace, NOW) == 0
    webhook.refresh_from_db()
    assert (webhook.failing_since, webhook.last_error) == (NOW, "HTTP 500 Internal Server Error")
    assert send_due(workspace, NOW + timedelta(seconds=4)) == 0 and len(receiver.got) == 1
    receiver.status = 200
    assert send_due(workspace, NOW + timedelta(seconds=6)) == 1
    assert len({headers["webhook-id"] for headers, _body in receiver.got}) == 1
    webhook.refresh_from_db()
    assert (webhook.failing_since, webhook.last_error) == (None, "")


def test_a_dead_receiver_is_tried_once_for_all_that_waits(workspace: Workspace, receiver: Receiver) -> None:
    webhook = hook(receiver, "lead.captured")
    for _ in range(80):
        try_webhook(webhook, as_of=NOW, actor=None)
    receiver.status = 503
    send_due(workspace, NOW)
    assert len(receiver.got) == 1
    receiver.status = 200
    assert send_due(workspace, NOW + HOUR) == 80


def test_it_asks_for_time_or_to_be_left_alone(
    workspace: Workspace, receiver: Receiver, alice: Member
) -> None:
    webhook = hook(receiver, "lead.captured")
    try_webhook(webhook, as_of=NOW, actor=None)
    receiver.status, receiver.headers = 429, {"Retry-After": "600"}
    send_due(workspace, NOW)
    assert Sending.objects.get().due_at == NOW + timedelta(seconds=600)
    receiver.status = 410
    send_due(workspace, NOW + HOUR)
    webhook.refresh_from_db()
    assert not webhook.is_active
    assert Notice.objects.filter(member=alice, kind="channel_failing").count() == 1


def test_no_redirect_is_followed(workspace: Workspace, receiver: Receiver) -> None:
    webhook = hook(receiver, "lead.captured")
    try_webhook(webhook, as_of=NOW, actor=None)
    receiver.status, receiver.headers = 302, {"Location": receiver.url}
    assert send_due(workspace, NOW) == 0
    assert len(receiver.got) == 1


def test_a_wecom_group_gets_one_message(workspace: Workspace, receiver: Receiver, ming: Member) -> None:
    hook(receiver, "notice.assigned", format="wecom")
    for _ in range(3):
        tell(ming)
    assert send_due(workspace, NOW) == 3
    (_headers, body), *more = receiver.got
    assert not more and body["msgtype"] == "markdown"
    assert (
        body["markdown"]["content"].count("**Ming** [Li Lei is yours now](http://localhost:8000/w/acme/") == 3
    )


def test_a_busy_wecom_robot_is_asked_a_minute_later(
    workspace: Workspace, receiver: Receiver, ming: Member
) -> None:
    hook(receiver, "notice.assigned", format="wecom")
    receiver.answer = {"errcode": 45009, "errmsg": "api freq out of limit"}
    tell(ming)
    assert send_due(workspace, NOW) == 0
    row = Sending.objects.get()
    assert (row.due_at, row.fault) == (NOW + timedelta(seconds=60), "errcode 45009: api freq out of limit")


def test_only_public_addresses_where_that_is_wanted(
    workspace: Workspace, receiver: Receiver, settings: Any
) -> None:
    settings.WEBHOOKS_PUBLIC_ONLY = True
    try_webhook(hook(receiver, "lead.captured"), as_of=NOW, actor=None)
    send_due(workspace, NOW)
    assert not receiver.got
    assert "not an address" in Sending.objects.get().fault


def test_many_leads_are_many_events_but_one_notice(
    workspace: Workspace, receiver: Receiver, ming: Member
) -> None:
    from pools.actions import assign

    hook(receiver, "lead.assigned", "notice.assigned")
    assign(some_leads(5, stage="mql"), as_of=NOW)
    assert send_due(workspace, NOW) == 6
    kinds = [body["type"] for _headers, body in receiver.got]
    assert kinds.count("lead.assigned") == 5 and kinds.count("notice.assigned") == 1
