"""Visits of people who agreed and said who they are: nothing before, nothing of others, nothing in an address."""

import time
from typing import Any

import pytest
from django.conf import settings
from django.core.signing import TimestampSigner, b62_encode
from django.test import Client, override_settings
from django.utils import timezone

from intake.actions import answers_due, enter
from intake.actions.visit import forget_visitor
from intake.forms import STAMP_SALT
from intake.models import Submission, Visitor
from intake.pages.public import source
from leads.actions.sources import add_channel
from leads.models import Channel, Lead, Touch
from tests.cast import NOW
from workspaces.models import Workspace

KEY = "k3Jx-" + "a" * 27
FORM = {"fields": ["name", "email"]}


@pytest.fixture
def channel(workspace: Workspace) -> Channel:
    return add_channel("Site", kind="form", form=FORM, consent_text="Yes.", as_of=NOW, actor=None)


def beacon(channel: Channel, body: dict[str, Any]) -> Any:
    """As a browser sends it while a page is left: JSON, said to be plain text."""
    import json

    address = f"/api/v1/visits/{channel.token}/"
    return Client().post(address, json.dumps(body), content_type="text/plain;charset=UTF-8")


def viewed(url: str = "https://acme.example/pricing?email=a@x.example&utm_source=mail") -> dict[str, Any]:
    return {"visitor": KEY, "events": [{"kind": "page_view", "data": {"url": url, "title": "Prices"}}]}


class AMinuteAgo(TimestampSigner):
    def timestamp(self) -> str:
        return b62_encode(int(time.time()) - 60)


def sent_by_form(channel: Channel, **more: str) -> None:
    opened = AMinuteAgo(salt=STAMP_SALT).sign(channel.token)
    sent = {"email": "a@x.example", "consent": "on", "visitor": KEY, "opened": opened} | more
    assert Client().post(f"/f/{channel.token}/?embed=1", sent).status_code == 200


def by_form(channel: Channel, workspace: Workspace, **more: str) -> None:
    sent_by_form(channel, **more)
    answers_due(workspace, timezone.now())


def test_nothing_is_kept_of_whom_nobody_knows(channel: Channel, workspace: Workspace) -> None:
    assert beacon(channel, viewed()).status_code == 204
    assert not Submission.objects.exists()
    by_form(channel, workspace, consent="")  # sent, but without agreeing
    assert not Visitor.objects.exists()
    assert beacon(channel, viewed()).status_code == 204
    assert Touch.objects.exclude(kind="form_submit").count() == 0


def test_a_known_visitors_pages_are_touches_of_their_lead(channel: Channel, workspace: Workspace) -> None:
    by_form(channel, workspace)
    answer = beacon(channel, viewed())
    assert (answer.status_code, answer.content) == (204, b"")
    answers_due(workspace, timezone.now())
    touch = Touch.objects.get(kind="page_view")
    assert touch.lead == Lead.objects.get()
    assert touch.data == {"page": "https://acme.example/pricing", "title": "Prices", "utm_source": "mail"}
    assert KEY not in str(list(Submission.objects.values())) + str(list(Visitor.objects.values()))
    assert not answer.cookies


def test_pages_seen_right_after_the_form_are_not_lost(channel: Channel, workspace: Workspace) -> None:
    sent_by_form(channel)
    beacon(channel, viewed())  # before a worker has entered the answer
    answers_due(workspace, timezone.now())
    assert Touch.objects.filter(kind="page_view").count() == 1


def test_a_form_of_the_sites_own(channel: Channel, workspace: Workspace) -> None:
    answers = {"email": "b@x.example", "name": "Bo", "card_number": "4111", "page": "x"}
    sent = {"visitor": KEY, "answers": answers, "page": "https://acme.example/contact?utm_source=ads"}
    assert beacon(channel, sent).status_code == 204
    assert beacon(channel, {"visitor": KEY, "answers": {"name": "Nobody"}}).status_code == 204  # unreachable
    answers_due(workspace, timezone.now())
    assert Lead.objects.get().name == "Bo"
    told = Touch.objects.get().data
    assert (told["page"], told["utm_source"]) == ("https://acme.example/contact", "ads")
    assert "4111" not in str(list(Submission.objects.values()))
    assert Visitor.objects.count() == 1


def answered(channel: Channel, workspace: Workspace, **answers: str) -> dict[str, Any]:
    """What is kept of the consent of a form of the site's own."""
    beacon(channel, {"visitor": KEY, "answers": {"email": "b@x.example"} | answers})
    answers_due(workspace, timezone.now())
    found = Submission.objects.order_by("-received_at").first()
    return found.consent if found else {}


def test_to_be_recognised_is_no_consent_to_a_text_that_nobody_showed(
    channel: Channel, workspace: Workspace
) -> None:
    assert answered(channel, workspace) == {}
    assert "consent" not in Touch.objects.get().data
    assert Visitor.objects.count() == 1  # that was agreed to on the site
    refused = answered(channel, workspace, consent="no")
    assert (refused["given"], refused["text"]) == (False, "Yes.")
    ticked = answered(channel, workspace, consent="on")
    assert (ticked["given"], ticked["text"]) == (True, "Yes.")


def test_a_form_of_the_sites_own_does_not_get_around_a_consent_that_is_needed(
    channel: Channel, workspace: Workspace
) -> None:
    Channel.objects.update(form=FORM | {"required": ["consent"]})
    assert answered(channel, workspace) == {}
    assert not Submission.objects.exists()
    assert answered(channel, workspace, consent="on")["given"] is True
    assert Lead.objects.count() == 1


def test_consent_is_taken_back_at_once(channel: Channel, workspace: Workspace) -> None:
    by_form(channel, workspace)
    assert beacon(channel, {"visitor": KEY, "withdraw": True}).status_code == 204
    beacon(channel, viewed())
    answers_due(workspace, timezone.now())
    assert not Visitor.objects.exists()
    assert not Touch.objects.filter(kind="page_view").exists()


def test_consent_is_taken_back_before_the_answer_is_entered(channel: Channel, workspace: Workspace) -> None:
    sent_by_form(channel)
    beacon(channel, {"visitor": KEY, "withdraw": True})
    answers_due(workspace, timezone.now())
    assert Lead.objects.count() == 1
    assert not Visitor.objects.exists()


def test_consent_is_taken_back_while_a_worker_holds_the_answer(
    channel: Channel, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent_by_form(channel)
    entered = enter.enter_answers

    def withdrawn_meanwhile(*given: Any) -> None:
        entered(*given)
        forget_visitor(KEY)

    monkeypatch.setattr(enter, "enter_answers", withdrawn_meanwhile)
    answers_due(workspace, timezone.now())
    assert Lead.objects.count() == 1
    assert not Visitor.objects.exists()


def test_what_comes_with_an_answer_is_of_the_one_who_gave_it(channel: Channel, workspace: Workspace) -> None:
    sent = viewed() | {"answers": {"email": "b@x.example"}}
    assert beacon(channel, sent).status_code == 204
    answers_due(workspace, timezone.now())
    assert Touch.objects.get(kind="page_view").lead == Lead.objects.get()


def test_an_event_that_is_none_costs_no_answer(channel: Channel) -> None:
    sent = {"visitor": KEY, "answers": {"email": "b@x.example"}, "events": [{"kind": "won"}]}
    assert beacon(channel, sent).status_code == 204
    assert Submission.objects.get().data == {"email": "b@x.example"}
    assert beacon(channel, sent | {"visitor": "short"}).status_code == 422


@pytest.mark.parametrize(
    "body",
    [{"visitor": "short"}, {"visitor": KEY, "events": [{"kind": "won"}]}, {"visitor": KEY, "events": [{}] * 21},
     {"visitor": KEY, "secret": 1}, {}],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(channel: Channel, body: dict[str, Any]) -> None:
    assert beacon(channel, body).status_code == 422


def test_visits_are_slowed_and_small(channel: Channel) -> None:
    rates = settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"] | {"visits": "2/min"}
    with override_settings(REST_FRAMEWORK=settings.REST_FRAMEWORK | {"DEFAULT_THROTTLE_RATES": rates}):
        codes = [beacon(channel, viewed()).status_code for _one in range(5)]
    assert 429 in codes
    huge = {"visitor": KEY, "answers": {"pain": "x" * 100_000}}
    assert beacon(channel, huge).status_code in (413, 429)


def test_visits_take_nothing_from_the_forms_limit(channel: Channel, workspace: Workspace) -> None:
    rates = settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"] | {"form": "1/hour", "forms": "1/hour"}
    with override_settings(REST_FRAMEWORK=settings.REST_FRAMEWORK | {"DEFAULT_THROTTLE_RATES": rates}):
        assert [beacon(channel, viewed()).status_code for _one in range(3)] == [204] * 3
        by_form(channel, workspace)
    rates = settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"] | {"site": "1/hour"}
    with override_settings(REST_FRAMEWORK=settings.REST_FRAMEWORK | {"DEFAULT_THROTTLE_RATES": rates}):
        assert [beacon(channel, viewed()).status_code for _one in range(2)][-1] == 429


def test_the_script_is_small_and_keeps_still_until_asked(channel: Channel) -> None:
    answer = Client().get(f"/f/{channel.token}/visits.js")
    assert answer.status_code == 200
    assert len(answer.content) <= 3 * 1024
    assert b"document.cookie" not in source("visits.js")
    assert Client().get("/f/" + "A" * 48 + "/visits.js").status_code == 404
