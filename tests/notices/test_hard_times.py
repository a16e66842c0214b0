"""A worker that dies after claiming: what it left is sent by the next, under the same id, once."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from notices.actions import add_webhook, send_due, try_webhook
from notices.models import Sending
from pools.actions import claim
from pools.models import ClaimPolicy
from tests.cast import NOW, PASSWORD
from tests.notices.post import http_receiver
from tests.pools.cast import a_rep, some_leads
from workspaces.actions import create_workspace
from workspaces.due import claim_due
from workspaces.models import Workspace
from workspaces.tenancy import enter


@pytest.mark.django_db
def test_whoever_dies_after_claiming_leaves_it_to_the_next(workspace: Workspace) -> None:
    with http_receiver() as receiver:
        hook = add_webhook(url=receiver.url, events=["lead.captured"], as_of=NOW, actor=None)
        row = try_webhook(hook, as_of=NOW, actor=None)
        claim_due(Sending, NOW, timezone.now() - timedelta(minutes=5))
        assert send_due(workspace, NOW) == 1
        assert [headers["webhook-id"] for headers, _body in receiver.got] == [str(row.pk)]
        assert send_due(workspace, NOW) == 0


@pytest.mark.django_db(transaction=True)
def test_two_senders_at_once_send_nothing_twice() -> None:
    many = 120
    acme = create_workspace("Acme", slug="acme", email="alice@acme.test", password=PASSWORD).workspace
    with http_receiver() as receiver:
        with enter(acme):
            ClaimPolicy.objects.update(daily_quota=many, holding_capacity=many)
            add_webhook(url=receiver.url, events=["lead.claimed"], as_of=NOW, actor=None)
            claim(a_rep("Ann", capacity=many), some_leads(many), as_of=NOW)
        sent: list[int] = []

        def send() -> None:
            sent.append(send_due(acme, NOW))
            connection.close()

        senders = [threading.Thread(target=send) for _ in range(2)]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join(60)
        heard = [headers["webhook-id"] for headers, _body in receiver.got]
        assert sum(sent) == len(heard) == len(set(heard)) == many
