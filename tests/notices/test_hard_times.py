"""A worker that dies after claiming: what it left is sent by the next, under the same id, once."""

from datetime import timedelta

import pytest
from django.utils import timezone

from notices.actions import add_webhook, send_due, try_webhook
from notices.models import Sending
from tests.cast import NOW
from tests.notices.post import http_receiver
from workspaces.due import claim_due
from workspaces.models import Workspace


@pytest.mark.django_db
def test_whoever_dies_after_claiming_leaves_it_to_the_next(workspace: Workspace) -> None:
    with http_receiver() as receiver:
        hook = add_webhook(url=receiver.url, events=["lead.captured"], as_of=NOW, actor=None)
        row = try_webhook(hook, as_of=NOW, actor=None)
        claim_due(Sending, NOW, timezone.now() - timedelta(minutes=5))
        assert send_due(workspace, NOW) == 1
        assert [headers["webhook-id"] for headers, _body in receiver.got] == [str(row.pk)]
        assert send_due(workspace, NOW) == 0
