"""Signatures, each as its vendor documents it. All compare in constant time and raise Unproven.

Sources: standardwebhooks.com (specification 1.0); HubSpot "Validating requests" (v3, v2, v1); Meta "Webhooks: getting
started" (validating payloads); LinkedIn "Webhook validation"; TikTok "Check the signature"; Typeform "Secure
your webhooks"; Google Ads "Lead form webhook"; Feiyu's open interface (Signature, Timestamp).
"""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Iterable

from intake.hooks.sent import Keys, Sent, missing, too_old, wrong

TOLERANCE_S = 300
# HubSpot signs the address with these characters decoded, and no others.
DECODED = {"%3A": ":", "%2F": "/", "%3F": "?", "%40": "@", "%21": "!", "%24": "$", "%27": "'", "%28": "(",
           "%29": ")", "%2A": "*", "%2C": ",", "%3B": ";"}  # fmt: skip
ENCODED = re.compile("|".join(DECODED), re.IGNORECASE)


def digest(secret: str | bytes, message: bytes) -> bytes:
    """HMAC-SHA256."""
    key = secret.encode() if isinstance(secret, str) else secret
    return hmac.new(key, message, hashlib.sha256).digest()


def in_base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def same(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode(), expected.encode())


def header(sent: Sent, name: str) -> str:
    value = sent.headers.get(name.lower(), "").strip()
    if not value:
        raise missing(name)
    return value


def one_of(given: str, expected: Iterable[str]) -> None:
    if not any(same(given, one) for one in expected):
        raise wrong()


def recent(text: str, now: float, unit_s: float = 1.0) -> None:
    """Unproven unless a timestamp lies within five minutes of now."""
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise too_old()
    if abs(now - int(text) * unit_s) > TOLERANCE_S:
        raise too_old()


def meta(sent: Sent, keys: Keys, now: float) -> None:
    """``sha256=`` and the hexadecimal HMAC of the raw bytes under the app secret."""
    one_of(header(sent, "X-Hub-Signature-256"), ["sha256=" + digest(keys.secret, sent.body).hex()])


def linkedin(sent: Sent, keys: Keys, now: float) -> None:
    """The hexadecimal HMAC of ``hmacsha256=`` and the raw body: the prefix is part of what is signed.

    The variant with the prefix before the signature of the body alone is taken too. A challenge can't be used to
    have a body signed: only identifiers are answered (proving.py).
    """
    given = header(sent, "X-LI-Signature").removeprefix("hmacsha256=")
    one_of(given, [digest(keys.secret, prefix + sent.body).hex() for prefix in (b"hmacsha256=", b"")])


def tiktok(sent: Sent, keys: Keys, now: float) -> None:
    """``t=<seconds>,s=<hexadecimal HMAC of "t.body">``."""
    parts = dict(part.strip().partition("=")[::2] for part in header(sent, "TikTok-Signature").split(","))
    if "t" not in parts or "s" not in parts:
        raise wrong()
    one_of(parts["s"], [digest(keys.secret, f"{parts['t']}.".encode() + sent.body).hex()])
    recent(parts["t"], now)


def feiyu(sent: Sent, keys: Keys, now: float) -> None:
    """Base64 of the hexadecimal HMAC of the content, a space and the timestamp, as Feiyu's interface signs."""
    timestamp, given = header(sent, "Timestamp"), header(sent, "Signature")
    found = digest(keys.secret, sent.body + f" {timestamp}".encode())
    one_of(given, [in_base64(found.hex().encode()), in_base64(found), found.hex()])
    recent(timestamp, now)


def typeform(sent: Sent, keys: Keys, now: float) -> None:
    """``sha256=`` and the base64 HMAC of the raw body."""
    one_of(header(sent, "Typeform-Signature"), ["sha256=" + in_base64(digest(keys.secret, sent.body))])


def hubspot(sent: Sent, keys: Keys, now: float) -> None:
    """Base64 HMAC of method, address, body and timestamp (milliseconds), version 3; where that is not sent, 1 or 2."""
    if "x-hubspot-signature-v3" not in sent.headers and "x-hubspot-signature" in sent.headers:
        hubspot_older(sent, keys)
        return
    given, timestamp = header(sent, "X-HubSpot-Signature-v3"), header(sent, "X-HubSpot-Request-Timestamp")
    one_of(given, [hubspot_v3(keys.secret, sent.method, uri, sent.body, timestamp) for uri in sent.uris])
    recent(timestamp, now, 0.001)


def hubspot_older(sent: Sent, keys: Keys) -> None:
    """Hexadecimal SHA-256 of secret and body (1), with method and address between (2). They are not dated, so the
    same message once more is only ever known already; what is added behind one is no JSON any more."""
    given = header(sent, "X-HubSpot-Signature")
    between = [b"", *(f"{sent.method}{uri}".encode() for uri in sent.uris)]
    one_of(given, [hashlib.sha256(keys.secret.encode() + one + sent.body).hexdigest() for one in between])


def hubspot_v3(secret: str, method: str, uri: str, body: bytes, timestamp: str) -> str:
    plain = ENCODED.sub(lambda found: DECODED[found[0].upper()], uri)
    return in_base64(digest(secret, f"{method}{plain}".encode() + body + timestamp.encode()))


def standard(sent: Sent, keys: Keys, now: float) -> None:
    """``v1,`` and the base64 HMAC of ``id.timestamp.body``; one of several in the header suffices."""
    message_id, timestamp = header(sent, "webhook-id"), header(sent, "webhook-timestamp")
    given = header(sent, "webhook-signature").split()
    expected = standard_v1(keys.secret, message_id, timestamp, sent.body)
    if not any(same(one, expected) for one in given[:20]):
        raise wrong()
    recent(timestamp, now)


def standard_v1(secret: str, message_id: str, timestamp: str, body: bytes) -> str:
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except (binascii.Error, ValueError):
        key = secret.encode()
    return "v1," + in_base64(digest(key, f"{message_id}.{timestamp}.".encode() + body))


def google_ads(keys: Keys, given: str) -> None:
    """The key that was typed into the lead form's settings stands in the message itself."""
    if not given:
        raise missing("google_key")
    one_of(given, [keys.secret])
