"""Every published signature is accepted; with one byte changed it is refused."""

import json
from typing import Any
from urllib.parse import unquote

import pytest

from intake.hooks import signatures, wecom
from intake.hooks.sent import Keys, Sent, Unproven
from tests.realdata import real

VECTORS = real("webhooks/vectors.json")


def vectors(*vendors: str) -> list[dict[str, Any]]:
    return [one for one in json.loads(VECTORS.read_text()) if one["vendor"].startswith(vendors)]


def flipped(text: str, at: int = -3) -> str:
    return text[:at] + ("A" if text[at] != "A" else "B") + text[at:][1:]


def test_standard_webhooks() -> None:
    (one,) = vectors("Standard")
    now = float(one["timestamp"])
    headers = {"webhook-id": one["id"], "webhook-timestamp": str(one["timestamp"])}
    keys, body = Keys(one["secret"]), one["body"].encode()

    def check(proof: str, body: bytes = body, now: float = now) -> None:
        signatures.standard(Sent(body, headers | {"webhook-signature": proof}), keys, now)

    check(one["expected"])
    check(f"v1a,other {one['expected']}", now=now + 299)
    for proof, sent, moment in (
        (flipped(one["expected"]), body, now),
        (one["expected"], b"!" + body[1:], now),
        (one["expected"], body, now + 301),
        (one["expected"], body, now - 301),
    ):
        with pytest.raises(Unproven):
            check(proof, sent, moment)


def test_hubspot_v3() -> None:
    (one,) = vectors("HubSpot v3")
    now = int(one["timestamp_ms"]) / 1000

    def check(proof: str, body: bytes, now: float = now) -> None:
        headers = {"x-hubspot-signature-v3": proof, "x-hubspot-request-timestamp": one["timestamp_ms"]}
        sent = Sent(body, headers, {}, one["method"], ("http://internal/webhook_uri", one["uri"]))
        signatures.hubspot(sent, Keys(one["secret"]), now)

    body = one["body"].encode()
    check(one["expected"], body)
    for given in ((flipped(one["expected"]), body), (one["expected"], body + b" ")):
        with pytest.raises(Unproven):
            check(*given)
    with pytest.raises(Unproven):
        check(one["expected"], body, now + 301)
    plain = signatures.hubspot_v3("s", "POST", "https://a.example/x?e=a@b", b"", "1")
    assert signatures.hubspot_v3("s", "POST", "https://a.example/x?e=a%40b", b"", "1") == plain


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_hubspot_where_only_an_older_version_is_sent(version: str) -> None:
    (one,) = vectors(f"HubSpot {version}")
    uris = ("http://internal/webhook_uri", one.get("uri", ""))

    def check(proof: str, body: bytes, uris: tuple[str, ...] = uris, **more: str) -> None:
        sent = Sent(body, {"x-hubspot-signature": proof} | more, {}, one.get("method", "POST"), uris)
        signatures.hubspot(sent, Keys(one["secret"]), 0)

    body = one["body"].encode()
    check(one["expected"], body)
    for given in (
        (flipped(one["expected"]), body),
        (one["expected"], body + b" "),
        (one["expected"], body[1:]),
    ):
        with pytest.raises(Unproven):
            check(*given)
    if version == "v2":
        with pytest.raises(Unproven):
            check(one["expected"], body, uris[:1])
    with pytest.raises(Unproven):  # a wrong proof of version 3 is not made good by an older one
        check(one["expected"], body, **{"x-hubspot-signature-v3": "x", "x-hubspot-request-timestamp": "0"})


def test_meta() -> None:
    (one,) = vectors("GitHub-style")
    keys, body = Keys(one["secret"]), one["body"].encode()
    signatures.meta(Sent(body, {"x-hub-signature-256": one["expected"]}), keys, 0)
    for proof, sent in ((flipped(one["expected"]), body), (one["expected"], b"hello, World!")):
        with pytest.raises(Unproven):
            signatures.meta(Sent(sent, {"x-hub-signature-256": proof}), keys, 0)


def test_wecom() -> None:
    found = vectors("WeCom")
    assert len(found) == 5
    for one in found:
        sealed = one.get("encrypt") or one.get("echostr") or unquote(one.get("echostr_urlencoded", ""))
        keys = Keys(one["encoding_aes_key"], one["token"], account=one["receive_id"])
        where = (one["timestamp"], one["nonce"])
        plain = wecom.open_message(keys, one["expected_msg_signature"], *where, sealed)
        assert plain == one.get("expected_plain", plain)
        assert one.get("expected_plain_contains", "") in plain
        strange = Keys(one["encoding_aes_key"], one["token"], account="another")
        for tried in (
            (keys, flipped(one["expected_msg_signature"]), *where, sealed),
            (keys, one["expected_msg_signature"], *where, flipped(sealed, 5)),
            (keys, one["expected_msg_signature"], where[0], one.get("must_fail_with_nonce", "0"), sealed),
            (strange, one["expected_msg_signature"], *where, sealed),
        ):
            with pytest.raises(Unproven):
                wecom.open_message(*tried)


def test_an_xml_with_entities_says_nothing() -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa">]><xml><Encrypt>&a;</Encrypt></xml>'
    assert wecom.fields(bomb) == {}
    assert wecom.fields("<xml><a>1</a><b><c/></b></xml>") == {"a": "1"}
