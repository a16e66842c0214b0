"""Two who change settings crosswise at once: one gets through, the other is told to send it again."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection, connections
from django.urls import reverse

from leads.actions.rules import add_tag_rule
from leads.models import TagRule
from tests.cast import NOW
from workspaces.models import Member, Workspace
from workspaces.tenancy import enter

LARGE = {"field": "employees", "op": "gte", "value": 500}
WAITING = """
SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid AND a.datname = current_database()
WHERE NOT l.granted"""


@contextmanager
def crossing(workspace: Workspace, first: TagRule, second: TagRule) -> Iterator[None]:
    """Somebody else has changed ``first``, and turns to ``second`` as soon as the block waits for them."""
    begun = threading.Event()

    def other() -> None:
        try:
            with enter(workspace), connection.cursor() as cursor:
                TagRule.objects.filter(pk=first.pk).update(updated_at=NOW)
                begun.set()
                until = time.monotonic() + 30
                while time.monotonic() < until:
                    cursor.execute("SELECT pg_stat_clear_snapshot()")
                    cursor.execute(WAITING)
                    if cursor.fetchone()[0]:
                        break
                    time.sleep(0.01)
                TagRule.objects.filter(pk=second.pk).update(updated_at=NOW)
        finally:
            connections.close_all()

    thread = threading.Thread(target=other)
    thread.start()
    assert begun.wait(30)
    try:
        yield
    finally:
        thread.join(60)


@pytest.mark.django_db(transaction=True)
def test_the_one_that_is_ended_gets_a_readable_answer(elsewhere: Workspace, api, page) -> None:
    with enter(elsewhere):
        mallory = Member.objects.select_related("user").get()
        rules = [add_tag_rule(name, LARGE, as_of=NOW, actor=mallory) for name in ("one", "two")]
    address, client = f"/api/v1/tag-rules/{rules[1].pk}/", api(mallory)
    with crossing(elsewhere, *rules):
        answer = client.patch(address, {"is_active": False})
    assert (answer.status_code, answer["Content-Type"]) == (409, "application/problem+json")
    assert answer.json()["code"] == "crossed" and "send it again" in answer.json()["detail"]
    browser = page(mallory)
    form = {"tag": "two", "condition": '{"field": "employees", "op": "gte", "value": 7}', "is_active": "on"}
    place = reverse("settings_item", kwargs={"slug": elsewhere.slug, "section": "tags", "pk": rules[1].pk})
    with crossing(elsewhere, *rules):
        shown = browser.post(place, form)
    assert shown.status_code == 409 and "send it again" in shown.content.decode()
    assert client.patch(address, {"is_active": False}).status_code == 200
