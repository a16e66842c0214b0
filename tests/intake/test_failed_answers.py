"""Answers to forms that could not be entered are shown with what was answered, and taken in again."""

from typing import Any

import pytest
from django.utils import timezone

from intake.actions import answers_due
from intake.actions.failed import replay_answer
from intake.actions.submit import Sent, submit
from intake.models import Submission, Visitor
from leads.actions.sources import add_channel
from leads.models import Channel, Lead, Touch
from tests.cast import NOW
from workspaces.models import AuditEntry, Workspace
from workspaces.refusals import Refused

KEY = "k3Jx-" + "a" * 27
FORM = {"fields": ["name", "email", "pain"]}


@pytest.fixture
def channel(workspace: Workspace) -> Channel:
    return add_channel("Web", kind="form", form=FORM, as_of=NOW, actor=None)


def failing(channel: Channel, workspace: Workspace, many: int = 1) -> list[Submission]:
    """Answers that became wrong before they were entered."""
    for number in range(many):
        data = {"name": f"Ada {number}", "email": f"a{number}@x.example", "pain": "<b>Slow</b>"}
        submit(channel, data, Sent(visitor=f"{KEY}{number}"), as_of=NOW)
    for row in Submission.objects.all():
        Submission.objects.filter(pk=row.pk).update(data=row.data | {"email": "no address"})
    answers_due(workspace, NOW)
    found = list(Submission.objects.filter(status="failed"))
    assert len(found) == many
    return found


def mended() -> None:
    for row in Submission.objects.all():
        number = row.data["name"].split()[1]
        Submission.objects.filter(pk=row.pk).update(data=row.data | {"email": f"a{number}@x.example"})


def test_an_answer_that_failed_is_taken_in_again_once(channel: Channel, workspace: Workspace) -> None:
    (answer,) = failing(channel, workspace)
    replay_answer(answer, as_of=NOW, actor=None)
    answers_due(workspace, NOW)
    assert Submission.objects.get().status == "failed"  # nothing was mended
    mended()
    replay_answer(answer, as_of=NOW, actor=None)
    with pytest.raises(Refused):
        replay_answer(answer, as_of=NOW, actor=None)  # it waits
    answers_due(workspace, NOW)
    with pytest.raises(Refused):
        replay_answer(answer, as_of=NOW, actor=None)  # it is a lead
    row = Submission.objects.get()
    assert (row.status, row.last_error, row.lead_id) == ("done", "", Lead.objects.get().pk)
    assert Touch.objects.count() == 1
    assert not Visitor.objects.exists()  # they may have taken their consent back since
    assert AuditEntry.objects.filter(action="answer_replayed").count() == 2


def test_the_share_page_shows_what_was_answered_and_takes_it_in(
    channel: Channel, workspace: Workspace, page: Any, zoe: Any, ming: Any
) -> None:
    answers = failing(channel, workspace, 3)
    browser = page(zoe)
    address = f"/w/acme/channels/{channel.pk}/share/"
    shown = browser.get(address).content.decode()
    assert "&lt;b&gt;Slow&lt;/b&gt;" in shown
    assert shown.count("no address") == 3
    assert "3 failed" in browser.get(f"/w/acme/channels/{channel.pk}/").content.decode()
    one = f"/w/acme/submissions/{answers[0].pk}/replay/"
    assert f'action="{one}"' in shown
    assert page(ming).post(one).status_code == 403
    mended()
    assert browser.post(one)["Location"] == address
    assert answers_due(workspace, timezone.now()) == 1
    assert browser.post(f"/w/acme/channels/{channel.pk}/answers/replay/")["Location"] == address
    assert answers_due(workspace, timezone.now()) == 2
    assert Lead.objects.count() == 3
    assert "could not be entered" not in browser.get(address).content.decode()


@pytest.mark.parametrize("many", [1, 3])
def test_the_share_page_costs_the_same_for_any_number(
    channel: Channel, workspace: Workspace, page: Any, zoe: Any, many: int, django_assert_num_queries: Any
) -> None:
    failing(channel, workspace, many)
    browser = page(zoe)
    browser.get(f"/w/acme/channels/{channel.pk}/share/")
    with django_assert_num_queries(12):
        browser.get(f"/w/acme/channels/{channel.pk}/share/")


def test_answers_are_read_and_taken_in_again_by_the_api(
    channel: Channel, workspace: Workspace, api: Any, zoe: Any, ming: Any, mallory: Any
) -> None:
    answers = failing(channel, workspace, 2)
    client = api(zoe)
    listed = client.get("/api/v1/submissions/", {"status": "failed", "channel": str(channel.pk)}).json()
    assert len(listed["results"]) == 2
    first = listed["results"][0]
    assert (first["why"], first["answers"]["pain"]) == ("This is not an e-mail address.", "<b>Slow</b>")
    assert client.get("/api/v1/submissions/", {"status": "done"}).json()["results"] == []
    assert client.get("/api/v1/submissions/", {"status": "lost"}).status_code == 400
    address = f"/api/v1/submissions/{answers[0].pk}/"
    assert client.get(address).json()["id"] == str(answers[0].pk)
    assert (api(ming).get(address).status_code, api(ming).post(f"{address}replay/").status_code) == (403, 403)
    mended()
    answer = client.post(f"{address}replay/")
    assert (answer.status_code, answer.json()["status"]) == (202, "waiting")
    assert client.post(f"{address}replay/").status_code == 409
    answer = client.post("/api/v1/submissions/replay/", {"channel": str(channel.pk)})
    assert (answer.status_code, answer.json()) == (202, {"replayed": 1})
    assert answers_due(workspace, timezone.now()) == 2
    assert Lead.objects.count() == 2
    with_lead = client.get("/api/v1/submissions/", {"status": "done"}).json()["results"]
    assert {one["lead"] for one in with_lead} == {str(pk) for pk in Lead.objects.values_list("pk", flat=True)}
