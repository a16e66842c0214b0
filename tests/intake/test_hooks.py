"""Webhooks that come in: proven, stored, answered, and later understood, once."""

import hashlib
import json
from typing import Any

import pytest
from django.test import Client, override_settings
from django.utils import timezone

from intake.actions import deliveries_due
from intake.models import Delivery, DeliveryStatus
from leads.actions.sources import add_channel
from leads.models import Channel, Lead, Touch
from tests.cast import NOW
from tests.intake.vendors import AES_KEY, SECRET, TOKEN, at, encrypted, mac, prepared, send
from tests.realdata import real
from workspaces.models import Workspace

PAYLOADS = real("webhooks/payloads")


@pytest.fixture
def channel(workspace: Workspace) -> Channel:
    return add_channel("Spring ads", kind="ads", tags=["ads"], as_of=NOW, actor=None)


def payload(name: str) -> bytes:
    (found,) = PAYLOADS.glob(f"{name}*.json")
    return found.read_bytes()


def take_in(workspace: Workspace) -> int:
    return deliveries_due(workspace, timezone.now())


def told(answer: Any) -> tuple[int, str]:
    assert answer["Content-Type"] == "application/problem+json"
    return answer.status_code, answer.json()["code"]


def test_google_ads(channel: Channel, workspace: Workspace) -> None:
    prepared(channel, "google-ads", secret="REPLACE_WITH_TEST_KEY")
    for name in ("google_ads_leadform_test_1", "google_ads_leadform_test_2", "google_ads_leadform_test_3"):
        data = json.loads(payload(name)) | {"lead_id": name}
        assert send(channel, "google-ads", data).status_code == 200  # a test of the connection
        assert (
            send(channel, "google-ads", data | {"is_test": False, "lead_id": name + "-real"}).status_code
            == 200
        )
    assert not Lead.objects.exists()  # stored, not yet understood
    assert take_in(workspace) == 6
    found = {lead.external_id[25:26]: lead for lead in Lead.objects.select_related("company")}
    assert len(found) == 3 or Lead.objects.count() >= 2
    job = Lead.objects.get(title="JobTitle")
    assert (job.name, job.company.name, job.email) == (
        "FirstName LastName",
        "CompanyName",
        "work-test@example.com",
    )
    assert Delivery.objects.filter(status=DeliveryStatus.ASIDE, reason="test").count() == 3
    touch = Touch.objects.filter(lead=job).get()
    assert (touch.kind, touch.data["provider"]) == ("form_submit", "google-ads")
    assert touch.data["campaign_id"] == "10000000000"
    forged = json.loads(payload("google_ads_leadform_test_1")) | {"google_key": "guess"}
    assert told(send(channel, "google-ads", forged)) == (401, "signature_wrong")
    assert told(send(channel, "google-ads", b"{")) == (400, "malformed")


def test_meta_shakes_hands(channel: Channel) -> None:
    prepared(channel, "meta", verify_token="let-me-in")
    asked = {"hub.mode": "subscribe", "hub.verify_token": "let-me-in", "hub.challenge": "1158201444"}
    answer = Client().get(at(channel, "meta"), asked)
    assert (answer.status_code, answer.content) == (200, b"1158201444")
    assert answer["Content-Type"].startswith("text/plain")
    assert told(Client().get(at(channel, "meta"), asked | {"hub.verify_token": "x"})) == (403, "verify_token")
    assert Client().get(at(channel, "meta")).status_code == 401


def test_meta_enters_each_lead_once(channel: Channel, workspace: Workspace) -> None:
    prepared(channel, "meta")
    raw = payload("meta_leadgen_test")
    first = send(channel, "meta", raw)
    again = send(channel, "meta", raw)  # Meta repeats itself to the letter when an answer got lost
    assert (first.status_code, again.status_code) == (200, 200)
    assert (first.json()["status"], again.json()["status"]) == ("received", "known")
    later = json.loads(raw)
    later["entry"][0]["time"] += 60
    send(channel, "meta", later)
    take_in(workspace)
    lead = Lead.objects.get()
    assert (lead.external_id, lead.channel_id) == ("444444444444", channel.pk)
    assert [one.tag.name for one in lead.lead_tags.select_related("tag")] == ["ads"]
    assert Touch.objects.count() == 1
    assert [one.repeats for one in Delivery.objects.order_by("received_at")] == [1, 0]
    assert Delivery.objects.get(status=DeliveryStatus.ASIDE).reason == "known"
    graph = json.loads(payload("meta_graph_lead"))
    graph["field_data"][2]["values"] = ["Ada Lovelace"]
    graph["field_data"][4]["values"] = ["+8613800138000"]
    send(channel, "meta", graph)
    take_in(workspace)
    ada = Lead.objects.get(name="Ada Lovelace")
    assert (ada.email, ada.phone_e164, ada.external_id) == (
        "test@meta.com",
        "+8613800138000",
        "1034926895729782",
    )


@pytest.mark.parametrize("body", [b'{"object":"page","entry":[]}', b"\xff\x00 no json", b"[" * 100_000])
def test_what_cannot_be_read_is_stored_with_the_reason(
    channel: Channel, workspace: Workspace, body: bytes
) -> None:
    prepared(channel, "meta")
    assert send(channel, "meta", body).status_code == 200
    take_in(workspace)
    found = Delivery.objects.get()
    assert found.status == DeliveryStatus.FAILED
    assert found.reason in ("no_event", "not_json")
    assert bytes(found.body) == body


def test_linkedin(channel: Channel, workspace: Workspace) -> None:
    prepared(channel, "linkedin")
    code = "890e4665-4dfe-4ab1-b689-ed553bceeed0"
    answer = Client().get(at(channel, "linkedin"), {"challengeCode": code})
    assert answer.json() == {"challengeCode": code, "challengeResponse": mac(code.encode()).hex()}
    oracle = Client().get(at(channel, "linkedin"), {"challengeCode": 'hmacsha256={"type":"LEAD_ACTION"}'})
    assert oracle.status_code == 401
    created, deleted = payload("linkedin_lead_created"), payload("linkedin_lead_deleted")
    assert send(channel, "linkedin", created).status_code == 200
    assert send(channel, "linkedin", deleted).status_code == 200
    prefixed = {"X-LI-Signature": "hmacsha256=" + mac(b"hmacsha256=" + created).hex()}
    assert send(channel, "linkedin", created, **prefixed).json()["status"] == "known"
    take_in(workspace)
    assert Lead.objects.get().external_id == "urn:li:leadGenFormResponse:1a2b3c-4"
    assert Delivery.objects.get(status=DeliveryStatus.ASIDE).reason == "deleted"


def test_tiktok_keeps_ids_beyond_two_to_the_53(channel: Channel, workspace: Workspace) -> None:
    prepared(channel, "tiktok")
    assert send(channel, "tiktok", payload("tiktok")).status_code == 200
    take_in(workspace)
    lead = Lead.objects.get()
    assert (lead.external_id, lead.name, lead.email) == (
        "7012345678901234567",
        "Jane Doe",
        "lead@example.com",
    )


def test_feiyu(channel: Channel, workspace: Workspace) -> None:
    prepared(channel, "feiyu")
    assert send(channel, "feiyu", payload("feiyu")).json()["code"] == 0
    take_in(workspace)
    found = {lead.external_id: lead for lead in Lead.objects.all()}
    assert set(found) == {"6831434361875726350", "6829116138639589384"}
    lead = found["6829116138639589384"]
    assert (lead.name, lead.phone_e164, lead.region, lead.campaign) == (
        "张三", "+8613900139000", "浙江 金华", "oCPM_05_20_87",
    )  # fmt: skip
    assert found["6831434361875726350"].name == ""


def test_wecom(channel: Channel, workspace: Workspace) -> None:
    prepared(channel, "wecom")
    check = {
        "msg_signature": "012bc692d0a58dd4b10f8dfe5c4ac00ae211ebeb",
        "timestamp": "1476416373",
        "nonce": "47744683",
        "echostr": "fsi1xnbH4yQh0+PJxcOdhhK6TDXkjMyhEPA7xB2TGz6b+g7xyAbEkRxN/3cNXW9qdqjnoVzEtpbhnFyq6SVHyA==",
    }
    assert Client().get(at(channel, "wecom"), check).content == b"1288432023552776189"
    assert Client().get(at(channel, "wecom"), check | {"nonce": "1"}).status_code == 401
    xml = (
        "<xml><FromUserName>wm_customer</FromUserName><CreateTime>1476422779</CreateTime><MsgType>text</MsgType>"
        "<Content>你好</Content><MsgId>1456453720</MsgId><AgentID>1</AgentID></xml>"
    )
    query, body = encrypted(xml)
    answer = Client().post(at(channel, "wecom") + query, body, content_type="text/xml")
    assert (answer.status_code, answer.content) == (200, b"success")
    bad = Client().post(at(channel, "wecom") + query, body.replace(b"A", b"B", 1), content_type="text/xml")
    assert bad.status_code == 401
    take_in(workspace)
    lead = Lead.objects.get()
    assert (lead.external_id, lead.pain) == ("wm_customer", "你好")


def test_what_colleagues_and_programs_do_in_wecom_is_no_inquiry(
    channel: Channel, workspace: Workspace
) -> None:
    prepared(channel, "wecom")
    event = "<FromUserName>{}</FromUserName>{}<MsgType>event</MsgType><Event>{}</Event><ChangeType>{}</ChangeType>"
    said = [
        ("sys", "<UserID>ming</UserID>", "change_contact", "create_user"),
        ("sys", "<ExternalUserID>wmA</ExternalUserID>", "change_external_contact", "edit_external_contact"),
        ("ming", "", "click", "menu"),
        ("sys", "<ExternalUserID>wmB</ExternalUserID>", "change_external_contact", "add_external_contact"),
    ]
    for number, words in enumerate(said):
        query, body = encrypted(f"<xml>{event.format(*words)}</xml>", nonce=f"n{number}")
        assert Client().post(at(channel, "wecom") + query, body, content_type="text/xml").status_code == 200
    take_in(workspace)
    assert set(Lead.objects.values_list("external_id", flat=True)) == {"wmA", "wmB"}
    assert (
        Touch.objects.get().lead.external_id == "wmB"
    )  # a colleague's remark about wmA is none of wmA's doings
    aside = Delivery.objects.filter(status="aside").values_list("reason", flat=True)
    assert list(aside) == ["not_a_lead"] * 2


def test_typeform(channel: Channel, workspace: Workspace) -> None:
    prepared(channel, "typeform")
    assert send(channel, "typeform", payload("typeform")).status_code == 200
    take_in(workspace)
    lead = Lead.objects.get()
    assert (lead.name, lead.email) == ("Laura", "laura@example.com")
    assert lead.external_id == "a3a12ec67a1365927098a606107fac15"
    assert Touch.objects.get().data["form_id"] == "lT4Z3j"


def test_hubspot(channel: Channel, workspace: Workspace) -> None:
    prepared(channel, "hubspot")
    raw = payload("hubspot")
    assert send(channel, "hubspot", raw).status_code == 200
    take_in(workspace)
    assert set(Lead.objects.values_list("external_id", flat=True)) == {"1246965", "1246978"}
    assert (
        Touch.objects.get().lead.external_id == "1246978"
    )  # the other one was changed by somebody in HubSpot
    old = timezone.now().timestamp() - 400
    assert told(send(channel, "hubspot", raw, now=old)) == (403, "timestamp")


def test_hubspot_sends_an_older_signature_twice(channel: Channel, workspace: Workspace) -> None:
    prepared(channel, "hubspot")
    raw = payload("hubspot")
    proof = {"X-HubSpot-Signature": hashlib.sha256(SECRET.encode() + raw).hexdigest()}
    for status in ("received", "known"):
        answer = Client().post(at(channel, "hubspot"), raw, content_type="application/json", headers=proof)
        assert (answer.status_code, answer.json()["status"]) == (200, status)


def test_standard_webhooks_refuse_a_replay_and_take_a_second_try(
    channel: Channel, workspace: Workspace
) -> None:
    prepared(channel, "standard")
    said = {
        "type": "lead.created",
        "data": {"id": "L-1", "name": "Ada", "email": "ada@x.example", "Shoe": "42"},
    }
    now = timezone.now().timestamp()
    assert send(channel, "standard", said, now=now).status_code == 200
    assert told(send(channel, "standard", said, now=now)) == (409, "replayed")
    assert send(channel, "standard", said, now=now + 30).json()["status"] == "known"
    assert told(send(channel, "standard", said, now=now - 301)) == (403, "timestamp")
    take_in(workspace)
    lead = Lead.objects.get()
    assert (lead.name, lead.external_id) == ("Ada", "L-1")
    assert Touch.objects.get().data["field.Shoe"] == "42"


@pytest.mark.parametrize(
    "provider",
    ["meta", "linkedin", "tiktok", "feiyu", "typeform", "hubspot", "standard", "google-ads", "wecom"],
)
def test_forgeries_are_refused_and_not_stored(channel: Channel, provider: str) -> None:
    assert Client().post(at(channel, provider), b"{}", content_type="application/json").status_code == 403
    prepared(channel, provider)
    plain = Client().post(at(channel, provider), b"{}", content_type="application/json")
    assert told(plain) == (401, "signature_missing")
    if provider not in ("google-ads", "wecom"):
        signed = send(channel, provider, b'{"a":1}')
        assert signed.status_code == 200
        raw = signed.wsgi_request.body
        headers = {n: v for n, v in signed.wsgi_request.headers.items() if n != "Content-Length"}
        changed = Client().post(
            at(channel, provider), raw.replace(b"1", b"2"), content_type="application/json", headers=headers
        )
        assert told(changed) == (401, "signature_wrong")
    assert Delivery.objects.count() <= 1


def test_addresses_that_do_not_exist(channel: Channel) -> None:
    for path in ("/api/v1/hooks/nobody/" + channel.token + "/", "/api/v1/hooks/meta/unknown/"):
        assert Client().post(path, b"{}", content_type="application/json").status_code == 404


def test_floods_and_large_bodies(channel: Channel) -> None:
    prepared(channel, "meta")
    assert send(channel, "meta", b"x" * (256 * 1024 + 1)).status_code == 413
    rates = {"DEFAULT_THROTTLE_RATES": {"hooks": "3/min", "capture": "60/min", "member": "1200/min"}}
    from django.conf import settings

    with override_settings(REST_FRAMEWORK=settings.REST_FRAMEWORK | rates):
        answers = [send(channel, "meta", {"n": n}) for n in range(5)]
    assert [one.status_code for one in answers][-1] == 429
    assert int(answers[-1]["Retry-After"]) > 0


def test_secrets_are_not_echoed(channel: Channel, api: Any, alice: Any) -> None:
    client = api(alice)
    path = f"/api/v1/channels/{channel.pk}/hooks/wecom/"
    answer = client.put(path, {"secret": AES_KEY, "verify_token": TOKEN, "account": "ww1"})
    assert answer.status_code == 200
    for said in (answer, client.get(path), client.get(f"/api/v1/channels/{channel.pk}/hooks/")):
        assert said.status_code == 200
        assert AES_KEY not in said.content.decode()
        assert TOKEN not in said.content.decode()
    assert client.put(path, {"secret": "short"}).status_code == 422
    made = client.put(f"/api/v1/channels/{channel.pk}/hooks/standard/", {}).json()["made_secret"]
    assert made.startswith("whsec_")
    assert "made_secret" not in client.put(f"/api/v1/channels/{channel.pk}/hooks/standard/", {}).json()
    assert client.get(f"/api/v1/channels/{channel.pk}/hooks/nobody/").status_code == 404


def test_a_delivery_is_read_and_replayed_with_other_fields(
    channel: Channel, workspace: Workspace, api: Any, alice: Any
) -> None:
    client = api(alice)
    prepared(channel, "standard")
    send(channel, "standard", {"type": "x", "data": {"Wunsch": "CRM", "Mitarbeiter": "40"}})
    take_in(workspace)
    (row,) = client.get("/api/v1/deliveries/", {"status": "done", "channel": str(channel.pk)}).json()[
        "results"
    ]
    assert client.get("/api/v1/deliveries/", {"status": "failed"}).json()["results"] == []
    assert client.get("/api/v1/deliveries/", {"status": "odd"}).status_code == 400
    whole = client.get(f"/api/v1/deliveries/{row['id']}/").json()
    assert "Wunsch" in whole["body"]
    assert SECRET not in json.dumps(whole)
    fields = {"mapping": {"Wunsch": "pain", "Mitarbeiter": "new:number"}}
    assert client.put(f"/api/v1/channels/{channel.pk}/hooks/standard/", fields).status_code == 200
    assert client.post(f"/api/v1/deliveries/{row['id']}/replay/").status_code == 202
    take_in(workspace)
    lead = Lead.objects.get()
    assert (lead.pain, lead.attributes) == ("CRM", {"mitarbeiter": 40})
    assert Touch.objects.count() == 1
    assert client.get(f"/api/v1/deliveries/{row['id']}/").json()["status"] == "done"
    wrong = {"mapping": {"Wunsch": "shoe"}}
    assert client.put(f"/api/v1/channels/{channel.pk}/hooks/standard/", wrong).status_code == 422
