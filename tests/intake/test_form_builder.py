"""A form is built by clicking, seen as it would be, put on other sites, printed as a code."""

import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from intake.actions import answers_due
from intake.asking import lowest
from leads.actions.sources import add_channel
from leads.models import Channel, CustomField, Lead, Touch
from tests.cast import NOW
from workspaces.models import Member, Workspace

BUILT = {
    "ask": ["email", "employees", "attributes.plan", "budget_amount"],
    "needed": ["email", "employees"],
    "label-email": "Where may we write?",
    "choice-employees": ["1–49", "50–199", "200+", ""],
    "tag-employees": ["small", "", "large", "x"],
    "choice-budget_amount": ["< 10,000", "10,000–50,000"],
    "tag-budget_amount": ["", ""],
    "choice-attributes.plan": ["Small", "Big"],
    "tag-attributes.plan": ["", "big plan"],
    "title": "Ask for a demo",
    "other_title": "预约演示",
    "consent_text": "You may write to me.",
    "other_consent_text": "同意联系我。",
    "consent_required": "on",
    "sites": "https://www.acme.example",
}


@pytest.fixture
def channel(workspace: Workspace) -> Channel:
    CustomField.objects.create(key="plan", label="Plan", kind="choice", choices=["Small", "Big"])
    return add_channel("Demo page", kind="form", form={}, as_of=NOW, actor=None)


@pytest.fixture
def built(channel: Channel, page: Any, zoe: Member) -> Channel:
    assert page(zoe).post(f"/w/acme/channels/{channel.pk}/form/", BUILT).status_code == 302
    channel.refresh_from_db()
    return channel


def test_what_was_clicked_is_what_is_asked(built: Channel, page: Any, zoe: Member) -> None:
    assert built.form["fields"] == BUILT["ask"]
    assert built.form["required"] == ["email", "employees", "consent"]
    assert built.form["choices"]["employees"] == [["1–49", "small"], ["50–199", ""], ["200+", "large"]]
    assert built.form["choices"]["attributes.plan"] == [["Small", ""], ["Big", "big plan"]]
    shown = Client(headers={"accept-language": "en"}).get(f"/f/{built.token}/").content.decode()
    assert shown.index("Where may we write?") < shown.index("Number of employees") < shown.index("Plan")
    assert '<option value="50–199">' in shown
    again = page(zoe).get(f"/w/acme/channels/{built.pk}/form/").content.decode()
    assert 'value="large"' in again
    assert "https://www.acme.example" in again
    assert "own_page_only" not in built.form
    strict = page(zoe).post(f"/w/acme/channels/{built.pk}/form/", BUILT | {"own_page_only": "on"})
    assert strict.status_code == 302
    built.refresh_from_db()
    assert built.form["own_page_only"] is True
    shown = page(zoe).get(f"/w/acme/channels/{built.pk}/form/").content.decode()
    assert re.search(r'name="own_page_only"[^>]*checked', shown)


def test_the_preview_shows_it_and_saves_nothing(channel: Channel, page: Any, zoe: Member) -> None:
    client = page(zoe)
    seen = client.post(f"/w/acme/channels/{channel.pk}/form/preview/", BUILT).content.decode()
    assert "Ask for a demo" in seen
    assert "Where may we write?" in seen
    assert "You may write to me." in seen
    channel.refresh_from_db()
    assert channel.form == {}
    wrong = client.post(f"/w/acme/channels/{channel.pk}/form/", BUILT | {"sites": "acme.example"})
    assert wrong.status_code == 422
    assert "This is not the address of a site" in wrong.content.decode()


def test_filter_questions_say_something_about_a_lead(built: Channel, workspace: Workspace) -> None:
    visitor = Client(headers={"accept-language": "zh-CN"})
    said = {"email": "a@x.example", "employees": "200+", "budget_amount": "10,000–50,000", "consent": "on",
            "attributes.plan": "Big"}  # fmt: skip
    assert visitor.post(f"/f/{built.token}/", said | {"employees": "7"}).status_code == 422
    assert visitor.post(f"/f/{built.token}/", said).status_code == 200
    answers_due(workspace, timezone.now())
    lead = Lead.objects.get()
    assert (lead.employees, lead.budget_amount, lead.budget_status) == (200, 1_000_000, "estimated")
    assert sorted(one.tag.name for one in lead.lead_tags.select_related("tag")) == ["big plan", "large"]
    told = Touch.objects.get().data
    assert told["answers"] == {"employees": "200+", "budget_amount": "10,000–50,000"}
    assert told["consent"]["text"] == "同意联系我。"
    assert told["consent"]["language"] == "zh-hans"


def test_ranges_begin_somewhere() -> None:
    said = ["50–199", "1000+", "< 10,000", "5万以上", "10–50万", "under 20k", "No idea", "1 200 – 3 000"]
    assert [lowest(one) for one in said] == [50, 1000, 0, 50_000, 100_000, 0, None, 1200]


def test_the_language_can_be_asked_for(built: Channel) -> None:
    visitor = Client(headers={"accept-language": "en"})
    assert "预约演示" in visitor.get(f"/f/{built.token}/?lang=zh").content.decode()
    assert "Ask for a demo" in visitor.get(f"/f/{built.token}/?lang=en").content.decode()
    assert (
        "Ask for a demo" in visitor.get(f"/f/{built.token}/?lang=xx").content.decode()
    )  # the workspace's own


def test_only_the_embedded_form_may_stand_in_a_frame(built: Channel, page: Any, zoe: Member) -> None:
    visitor = Client()
    framed = visitor.get(f"/f/{built.token}/?embed=1")
    assert "frame-ancestors https://www.acme.example" in framed["Content-Security-Policy"]
    assert "script-src 'self'" in framed["Content-Security-Policy"]
    assert "X-Frame-Options" not in framed
    plain = visitor.get(f"/f/{built.token}/")
    assert "frame-ancestors 'none'" in plain["Content-Security-Policy"]
    assert plain["X-Frame-Options"] == "DENY"
    assert "sessionid" not in framed.cookies
    script = visitor.get(f"/f/{built.token}/embed.js")
    assert script["Content-Type"].startswith("text/javascript")
    assert visitor.get("/f/nonsense/embed.js").status_code == 404


def test_the_code_is_a_picture_of_the_address(built: Channel, page: Any, zoe: Member, ming: Member) -> None:
    address = f"/w/acme/channels/{built.pk}/"
    client = page(zoe)
    code = client.get(f"{address}qr.svg?download=1")
    assert code["Content-Type"] == "image/svg+xml"
    assert code.content.startswith(b"<svg")
    assert code["Content-Disposition"].startswith("attachment")
    shared = client.get(f"{address}share/").content.decode()
    assert f"/f/{built.token}/embed.js" in shared
    assert f"/f/{built.token}/visits.js" in shared
    for part in ("form/", "share/", "senders/", "qr.svg"):
        assert page(ming).get(address + part).status_code == 403


@pytest.mark.parametrize(
    "form",
    [[], "x", {"fields": "name"}, {"fields": [1, {"a": 2}], "labels": [], "choices": {"employees": {"a": 1}}},
     {"fields": ["email"], "required": {"a": 1}, "translations": [], "sites": [3, "javascript:alert(1)"]}],
)  # fmt: skip
def test_a_form_that_makes_no_sense_is_shown_as_well_as_it_can(channel: Channel, form: Any) -> None:
    Channel.objects.filter(pk=channel.pk).update(form=form)
    for address in (f"/f/{channel.token}/", f"/f/{channel.token}/?embed=1"):
        assert Client().get(address).status_code == 200


@pytest.mark.parametrize(
    ("form", "where"),
    [
        ([], "form"),
        ({"fields": "name"}, "form.fields"),
        ({"fields": [{"a": 2}]}, "form.fields"),
        ({"labels": []}, "form.labels"),
        ({"choices": {"employees": {"a": 1}}}, "form.choices"),
        ({"choices": {"employees": [["1-9", "small", "more"]]}}, "form.choices"),
        ({"translations": {"de": {"colour": "red"}}}, "form.translations"),
        ({"sites": ["javascript:alert(1)"]}, "form.sites"),
        ({"colour": "red"}, "form.colour"),
    ],
)
def test_a_form_that_makes_no_sense_is_refused_by_the_api(
    api: Any, alice: Member, channel: Channel, form: Any, where: str
) -> None:
    said = api(alice).patch(f"/api/v1/channels/{channel.pk}/", {"form": form}, format="json")
    assert said.status_code == 422 and where in str(said.json()["errors"]), said.json()["errors"]
    channel.refresh_from_db()
    assert channel.form == {}


def test_a_form_by_the_api_is_what_the_page_shows(api: Any, alice: Member, channel: Channel) -> None:
    form = {
        "title": "Ask us",
        "fields": ["name", "employees"],
        "required": ["name"],
        "labels": {"name": "Who are you?"},
        "choices": {"employees": ["1-9", ["10+", "larger"]]},
        "translations": {"zh-hans": {"title": "联系我们"}},
        "sites": ["https://www.example.com"],
    }
    said = api(alice).patch(f"/api/v1/channels/{channel.pk}/", {"form": form}, format="json")
    assert (said.status_code, said.json()["form"]) == (200, form)
    shown = Client().get(f"/f/{channel.token}/").content.decode()
    assert "Who are you?" in shown and "10+" in shown
