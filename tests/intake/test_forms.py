"""The public form of a channel: anybody may fill it in, and learns nothing from the answer."""

import re
from collections.abc import Iterator

import pytest
from django.test import Client, override_settings
from django.utils import timezone

from intake import forms
from intake.actions import answers_due
from intake.models import Submission
from leads.actions.sources import add_channel, change_channel
from leads.models import Channel, CustomField, Lead, Touch
from tests.cast import NOW
from workspaces.models import Workspace
from workspaces.tenancy import current_workspace

FORM = {"title": "Ask for a demo", "fields": ["name", "email", "company", "pain"], "required": ["email"]}


@pytest.fixture
def channel(workspace: Workspace) -> Channel:
    return add_channel(
        "Demo page",
        kind="form",
        form=FORM,
        tags=["demo"],
        consent_text="You may write to me.",
        as_of=NOW,
        actor=None,
    )


@pytest.fixture
def visitor() -> Iterator[Client]:
    return Client(headers={"accept-language": "en"})


def address(channel: Channel) -> str:
    return f"/api/v1/capture/{channel.token}/"


def entered() -> int:
    """What was sent is entered, as a worker does; how many."""
    return answers_due(current_workspace(), timezone.now())


def words(answer) -> str:
    """A page without the token that protects its forms."""
    return re.sub(r'(csrfmiddlewaretoken" value=|X-CSRFToken"?: ?)"?[^"]+"?', "", answer.content.decode())


def test_the_form_is_shown_in_the_visitors_language(channel: Channel, visitor: Client) -> None:
    page = visitor.get(address(channel) + "?utm_source=fair").content.decode()
    assert "Ask for a demo" in page
    for name in ("name", "email", "company", "pain", "consent", "leave_empty", "opened"):
        assert f'name="{name}"' in page
    assert 'name="phone"' not in page
    assert '<input type="hidden" name="utm_source" value="fair">' in page
    chinese = visitor.get(address(channel), headers={"accept-language": "zh-CN"}).content.decode()
    assert "发送" in chinese
    assert visitor.get(f"/f/{channel.token}/").status_code == 200


def test_an_answer_is_a_lead_with_its_source_and_consent(channel: Channel, visitor: Client) -> None:
    said = {
        "name": "Ada",
        "email": "Ada@X.example",
        "company": "Engines",
        "pain": "Too slow",
        "consent": "on",
    }
    more = {"utm_source": "fair", "utm_campaign": "Spring", "leave_empty": ""}
    answer = visitor.post(address(channel), said | more)
    assert answer.status_code == 200
    assert entered() == 1
    lead = Lead.objects.select_related("company").get()
    assert (lead.email_key, lead.company.name, lead.pain) == ("ada@x.example", "Engines", "Too slow")
    assert (lead.channel_id, lead.campaign) == (channel.pk, "Spring")
    assert [one.tag.name for one in lead.lead_tags.select_related("tag")] == ["demo"]
    touch = Touch.objects.get()
    assert touch.kind == "form_submit"
    consent = touch.data["consent"]
    assert (consent["given"], consent["text"], consent["language"]) == (True, "You may write to me.", "en")
    assert consent["at"].startswith(str(Submission.objects.get().received_at.year))
    assert len(consent["address"]) == 32
    assert "127.0.0.1" not in str(touch.data)
    assert touch.data["utm_source"] == "fair"


def test_known_and_unknown_people_get_the_same_answer(channel: Channel, visitor: Client) -> None:
    first = visitor.post(address(channel), {"name": "Ada", "email": "a@x.example"})
    again = visitor.post(address(channel), {"name": "Eve", "email": "a@x.example", "pain": "Price?"})
    assert (first.status_code, words(first)) == (again.status_code, words(again))
    entered()
    lead = Lead.objects.get()
    assert (lead.name, lead.pain) == ("Ada", "Price?")
    assert Touch.objects.count() == 2
    as_json = [
        visitor.post(address(channel), {"email": e}, content_type="application/json")
        for e in ("a@x.example", "b@x.example")
    ]
    assert {(one.status_code, one.content) for one in as_json} == {(202, b'{"status":"received"}')}


def test_what_is_wrong_is_said_in_place_and_nothing_typed_is_lost(channel: Channel, visitor: Client) -> None:
    answer = visitor.post(address(channel), {"name": "Ada", "email": "nonsense", "pain": "Slow"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "This is not an e-mail address." in page
    assert 'value="Ada"' in page
    assert "Slow</textarea>" in page
    assert visitor.post(address(channel), {"name": "Ada"}).status_code == 422
    assert not Submission.objects.exists()
    answer = visitor.post(address(channel), {"name": "x", "shoe": 4}, content_type="application/json")
    assert (answer.status_code, answer["Content-Type"]) == (422, "application/problem+json")
    answer = visitor.post(address(channel), {"name": "x"}, content_type="application/json")
    assert answer.json()["errors"][0] == {"field": "email", "code": "required", "message": "This is needed."}


def test_consent_can_be_made_a_condition(channel: Channel, visitor: Client) -> None:
    Channel.objects.filter(pk=channel.pk).update(form=FORM | {"required": ["consent"]})
    said = {"email": "a@x.example"}
    assert visitor.post(address(channel), said).status_code == 422
    assert visitor.post(address(channel), said, content_type="application/json").status_code == 422
    both = said | {"consent": True}
    assert visitor.post(address(channel), both, content_type="application/json").status_code == 202


def test_programs_that_fill_in_everything_are_thanked_and_forgotten(
    channel: Channel, visitor: Client
) -> None:
    answer = visitor.post(address(channel), {"email": "bot@x.example", "leave_empty": "http://spam"})
    assert answer.status_code == 200
    assert not Submission.objects.exists()


def test_the_render_time_is_signed(channel: Channel, visitor: Client, monkeypatch) -> None:
    said = {"email": "a@x.example"}
    for false in ("x", forms.stamp("another token"), forms.stamp(channel.token) + "0"):
        assert visitor.post(address(channel), said | {"opened": false}).status_code == 422
    fresh = forms.stamp(channel.token)
    monkeypatch.setattr(forms, "QUICKEST_S", 60)
    assert visitor.post(address(channel), said | {"opened": fresh}).status_code == 422  # too quick
    monkeypatch.setattr(forms, "QUICKEST_S", 0)
    assert visitor.post(address(channel), said | {"opened": fresh}).status_code == 200
    monkeypatch.setattr(forms, "OLDEST_S", -1)
    assert visitor.post(address(channel), said | {"opened": fresh}).status_code == 422


def test_what_comes_by_our_frame_carries_the_render_time(
    channel: Channel, visitor: Client, monkeypatch
) -> None:
    monkeypatch.setattr(forms, "QUICKEST_S", 0)
    said, frame = {"email": "a@x.example"}, f"/f/{channel.token}/?embed=1"
    assert 'name="opened"' in visitor.get(frame).content.decode()
    assert visitor.post(frame, said).status_code == 422
    assert visitor.post(frame, said, content_type="application/json").status_code == 422
    assert not Submission.objects.exists()
    assert visitor.post(frame, said | {"opened": forms.stamp(channel.token)}).status_code == 200
    for plain in (f"/f/{channel.token}/", address(channel)):  # forms of other sites go on
        assert visitor.post(plain, said).status_code == 200


def test_a_channel_may_take_answers_from_its_own_page_only(
    channel: Channel, visitor: Client, monkeypatch
) -> None:
    monkeypatch.setattr(forms, "QUICKEST_S", 0)
    change_channel(channel, {"form": FORM | {"own_page_only": True}}, as_of=NOW, actor=None)
    said, key = {"email": "a@x.example"}, "k" * 32
    json = {"content_type": "application/json"}
    assert visitor.post(address(channel), said).status_code == 422
    refused = visitor.post(address(channel), said, **json)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "opened")
    beacon = {"visitor": key, "answers": said, "page": "https://x.example/"}
    assert visitor.post(f"/api/v1/visits/{channel.token}/", beacon, **json).status_code == 204
    assert not Submission.objects.exists()
    stamped = said | {"opened": forms.stamp(channel.token)}
    assert visitor.post(address(channel), stamped).status_code == 200
    assert visitor.post(address(channel), stamped, **json).status_code == 202
    assert Submission.objects.count() == 2


def test_custom_questions(channel: Channel, visitor: Client) -> None:
    CustomField.objects.create(key="seats", label="Seats", kind="number")
    CustomField.objects.create(key="plan", label="Plan", kind="choice", choices=["Small", "Big"])
    asked = ["email", "attributes.seats", "attributes.plan", "attributes.gone"]
    Channel.objects.filter(pk=channel.pk).update(form={"fields": asked, "required": ["attributes.plan"]})
    said = {"email": "a@x.example", "attributes.seats": "12", "attributes.plan": "Huge"}
    assert visitor.post(address(channel), said).status_code == 422
    assert visitor.post(address(channel), said | {"attributes.plan": "Big"}).status_code == 200
    entered()
    assert Lead.objects.get().attributes == {"seats": 12, "plan": "Big"}


def test_unknown_and_closed_forms(channel: Channel, visitor: Client, elsewhere: Workspace) -> None:
    Channel.objects.filter(pk=channel.pk).update(is_active=False)
    for token in (channel.token, "nonsense", "A" * 48):
        found = f"/api/v1/capture/{token}/"
        assert visitor.get(found).status_code == 404
        assert visitor.post(found, {"email": "a@x.example"}).status_code == 404
        answer = visitor.post(found, {"email": "a@x.example"}, content_type="application/json")
        assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")


def test_a_flood_is_slowed_down(channel: Channel, visitor: Client, settings) -> None:
    rates = settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"] | {"capture": "2/min"}
    with override_settings(REST_FRAMEWORK=settings.REST_FRAMEWORK | {"DEFAULT_THROTTLE_RATES": rates}):
        answers = [visitor.post(address(channel), {"email": f"{n}@x.example"}) for n in range(5)]
    late = next(one for one in answers if one.status_code == 429)
    assert 1 <= int(late["Retry-After"]) <= 61
    assert "text/html" in late["Content-Type"]
    assert visitor.get(address(channel)).status_code == 200


def test_characters_that_cannot_be_stored_are_refused(channel: Channel, visitor: Client) -> None:
    assert visitor.post(address(channel), {"email": "a@x.example", "name": "a\x00b"}).status_code == 400
    assert Lead.objects.filter(captured_at__lte=timezone.now()).count() == 0
