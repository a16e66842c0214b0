"""What goes out together: a member's e-mails, the lines of a group; and what goes wrong takes nothing else with it."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from leads.actions import capture
from leads.facts import incoming_from
from leads.incoming import Source
from leads.models import Lead
from notices.actions import News, add_webhook, notify, send_again, send_due, try_webhook
from notices.actions.send import send_leased
from notices.actions.take import take
from notices.channels.email import Mail, Post
from notices.mails import mail_of
from notices.models import Notice, Sending, Webhook
from pools.actions import claim_one
from tests.cast import NOW, a_lead
from tests.notices.post import Receiver, http_receiver, smtp_server
from tests.pools.cast import a_rep
from workspaces.due import MAX_ATTEMPTS
from workspaces.ids import uuid7
from workspaces.models import Member, Workspace
from workspaces.refusals import Refused
from workspaces.tenancy import enter

pytestmark = pytest.mark.django_db
DAY, SECOND = timedelta(days=1), timedelta(seconds=1)


def news(member: Member, kind: str = "assigned", **data: Any) -> News:
    return News(member.pk, kind, uuid7(), data=data)


def leases_run_out() -> None:
    Sending.objects.filter(leased_until__isnull=False).update(leased_until=timezone.now() - SECOND)


@pytest.fixture
def receiver() -> Any:
    with http_receiver() as found:
        yield found


def hook(receiver: Receiver, *events: str, **more: Any) -> Webhook:
    return add_webhook(url=receiver.url, events=list(events), as_of=NOW, actor=None, **more)


# --- what cannot be sent -----------------------------------------------------------------------
def test_what_cannot_be_said_holds_up_nothing_else(workspace: Workspace, alice: Member, ming: Member) -> None:
    with smtp_server() as mailbox:
        notify([news(ming), news(ming, count="x"), news(ming), news(alice)], as_of=NOW)
        assert send_due(workspace, NOW) == 3
    assert sorted(mailbox.recipients) == ["alice@acme.test", "ming@acme.test", "ming@acme.test"]
    row = Sending.objects.get(sent_at=None)
    assert (row.fault, row.tries, row.attempts, row.lease_token) == ("ValueError", 1, 0, None)
    assert row.parked_at is None and row.due_at > NOW


def test_a_fault_in_one_event_leaves_the_others_alone(workspace: Workspace, receiver: Receiver) -> None:
    broken, well = hook(receiver, "lead.captured"), hook(receiver, "lead.captured")
    Webhook.objects.filter(pk=broken.pk).update(secret="whsec_x")
    first = try_webhook(broken, as_of=NOW, actor=None)
    second = try_webhook(well, as_of=NOW, actor=None)
    assert send_due(workspace, NOW) == 1
    assert [headers["webhook-id"] for headers, _body in receiver.got] == [str(second.pk)]
    first.refresh_from_db()
    assert (first.fault, first.attempts) == ("Error", 0) and first.due_at > NOW


class Deadly(Post):
    """The process ends when this member's mail is on its way."""

    def send(self, mail: Mail) -> None:
        if mail.to == "ming@acme.test":
            raise SystemExit
        super().send(mail)


def test_what_kills_its_workers_is_parked_alone_and_admins_hear(
    workspace: Workspace, alice: Member, ming: Member
) -> None:
    bo = a_rep("Bo")
    with smtp_server() as mailbox:
        for member in (ming, alice, bo):
            notify([news(member)], as_of=NOW)
        for _death in range(MAX_ATTEMPTS):
            with enter(workspace):
                rows = take(NOW)
            with pytest.raises(SystemExit):
                send_leased(workspace, rows, NOW, Deadly())
            leases_run_out()
        assert send_due(workspace, NOW) == 2
    assert sorted(mailbox.recipients) == sorted([alice.email, bo.email])
    row = Sending.objects.get(parked_at__isnull=False)
    assert (row.member_id, row.due_at) == (ming.pk, None) and "stopped again and again" in row.fault
    assert Notice.objects.get(kind="channel_failing").member_id == alice.pk
    send_again(row, as_of=NOW, actor=alice)


# --- what goes together ------------------------------------------------------------------------
def test_a_day_of_many_members_is_one_mail_each(workspace: Workspace) -> None:
    team = [a_rep(f"R{number}") for number in range(30)]
    with smtp_server() as mailbox:
        for _round in range(4):
            notify([news(member, "reclaimed") for member in team], as_of=NOW)
        assert send_due(workspace, NOW + DAY) == 120
    assert {mail["Subject"] for mail in mailbox.mails} == {"4 notices · Acme"}
    assert len(mailbox.mails) == 30


def test_a_mail_that_is_sent_again_is_the_same_and_hides_nothing_new(
    workspace: Workspace, ming: Member
) -> None:
    with smtp_server() as mailbox:
        notify([news(ming), news(ming)], as_of=NOW)
        with enter(workspace):
            mail = mail_of(take(NOW))
        assert mail is not None
        leases_run_out()  # the worker died after the server had taken it
        notify([news(ming)], as_of=NOW)
        assert send_due(workspace, NOW) == 3
    assert [one["Subject"] for one in mailbox.mails] == [
        "2 notices · Acme",
        "a lead that is no longer here is yours now · Acme",
    ]
    again, other = (one["Message-ID"] for one in mailbox.mails)
    assert again == mail.message_id != other


def test_a_group_is_told_all_of_it(workspace: Workspace, receiver: Receiver, ming: Member) -> None:
    hook(receiver, "notice.assigned", format="wecom")
    lead = a_lead(name="Alexandra Montgomery-Featherstonehaugh")
    notify([News(ming.pk, "assigned", uuid7(), lead.pk) for _ in range(50)], as_of=NOW)
    assert send_due(workspace, NOW) == 50
    texts = [body["markdown"]["content"] for _headers, body in receiver.got]
    assert len(texts) > 1 and all(len(text.encode()) <= 4096 for text in texts)
    links = [line.split("(")[1] for text in texts for line in text.splitlines()]
    assert len(links) == len(set(links)) == 50


def test_a_group_hears_of_leads_too(workspace: Workspace, receiver: Receiver, ming: Member) -> None:
    hook(receiver, "lead.captured", "lead.claimed", format="wecom")
    items = [incoming_from({"name": f"Li {n}", "email": f"{n}@x.example", "phone": n}) for n in "abc"]
    capture(items[:1], source=Source("form"), as_of=NOW, actor=None)
    capture(items[1:], source=Source("form"), as_of=NOW + SECOND, actor=None)
    claim_one(ming, Lead.objects.get(name="Li a").pk, as_of=NOW + 2 * SECOND)
    assert send_due(workspace, NOW + DAY) == 3
    (_headers, body), *more = receiver.got
    lead, leads = Lead.objects.get(name="Li a"), "http://localhost:8000/w/acme/leads/"
    assert not more and body["markdown"]["content"].splitlines() == [
        f"A new lead came in: [Li a]({leads}{lead.pk}/)",
        f"A new lead came in: [2 leads]({leads})",
        f"A lead was claimed: [Li a]({leads}{lead.pk}/) · Ming",
    ]


def test_one_line_is_cut_at_what_a_robot_takes(
    workspace: Workspace, receiver: Receiver, ming: Member
) -> None:
    hook(receiver, "notice.mention", format="wecom")
    notify([news(ming, "mention", text="好" * 3000), news(ming, "mention", text="short")], as_of=NOW)
    assert send_due(workspace, NOW) == 2
    first, second = (body["markdown"]["content"] for _headers, body in receiver.got)
    assert 4090 < len(first.encode()) <= 4096 and second.endswith("short")


# --- what is switched off ----------------------------------------------------------------------
def test_a_webhook_that_wants_no_more_stays_shown_as_it_is(
    workspace: Workspace, receiver: Receiver, alice: Member
) -> None:
    webhook = hook(receiver, "lead.captured")
    rows = [try_webhook(webhook, as_of=NOW, actor=None) for _ in range(3)]
    receiver.status = 410
    assert send_due(workspace, NOW) == 0
    assert send_due(workspace, NOW + DAY) == 0
    assert len(receiver.got) == 1
    webhook.refresh_from_db()
    assert (webhook.is_active, webhook.last_error, webhook.last_sent_at) == (False, "HTTP 410 Gone", None)
    assert webhook.failing_since == NOW
    faults = list(Sending.objects.order_by("id").values_list("fault", "sent_at", "due_at"))
    assert faults == [("HTTP 410 Gone", None, None)] + [("It is switched off.", None, None)] * 2
    assert Notice.objects.filter(member=alice, kind="channel_failing").count() == 1
    with pytest.raises(Refused, match="switched off"):
        try_webhook(webhook, as_of=NOW, actor=alice)
    with pytest.raises(Refused, match="switched off"):
        send_again(Sending.objects.get(pk=rows[1].pk), as_of=NOW, actor=alice)
