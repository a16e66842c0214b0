"""Messages as the vendors send them: the payloads that were looked at, and signatures made as each documents it."""

import base64
import hashlib
import hmac
import json
import struct
import time
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from django.test import Client

from intake.actions import hook_of, set_keys
from intake.hooks import wecom
from intake.models import Hook
from leads.models import Channel
from tests.cast import NOW

SECRET = "sixteen-or-more-characters"
AES_KEY = "6qkdMrq68nTKduznJYO1A37W2oEgpkMUvkttRToqhUt"
CORP, TOKEN = "ww1436e0e65a779aee", "hJqcu3uJ9Tn2gXPmxx2w9kkCkCE2EPYo"


def mac(message: bytes, secret: str = SECRET) -> bytes:
    return hmac.new(secret.encode(), message, hashlib.sha256).digest()


def prepared(channel: Channel, provider: str, **keys: str) -> Hook:
    """The channel with the keys of a vendor."""
    usual = {"secret": SECRET, "verify_token": "", "account": ""}
    if provider == "wecom":
        usual = {"secret": AES_KEY, "verify_token": TOKEN, "account": CORP}
    hook = hook_of(channel, provider)
    set_keys(hook, usual | keys, as_of=NOW, actor=None)
    return hook


def at(channel: Channel, provider: str) -> str:
    return f"/api/v1/hooks/{provider}/{channel.token}/"


def signed(provider: str, path: str, body: bytes, now: float | None = None) -> dict[str, str]:
    """The headers with which a vendor sends ``body`` to ``path``."""
    seconds = int(time.time() if now is None else now)
    if provider == "meta":
        return {"X-Hub-Signature-256": "sha256=" + mac(body).hex()}
    if provider == "linkedin":
        return {"X-LI-Signature": mac(b"hmacsha256=" + body).hex()}
    if provider == "tiktok":
        return {"TikTok-Signature": f"t={seconds},s={mac(f'{seconds}.'.encode() + body).hex()}"}
    if provider == "feiyu":
        proof = mac(body + f" {seconds}".encode()).hex()
        return {"Timestamp": str(seconds), "Signature": base64.b64encode(proof.encode()).decode()}
    if provider == "typeform":
        return {"Typeform-Signature": "sha256=" + base64.b64encode(mac(body)).decode()}
    if provider == "hubspot":
        moment = str(seconds * 1000)
        proof = base64.b64encode(mac(f"POSThttp://testserver{path}".encode() + body + moment.encode()))
        return {"X-HubSpot-Signature-v3": proof.decode(), "X-HubSpot-Request-Timestamp": moment}
    if provider == "standard":
        proof = base64.b64encode(mac(f"msg_1.{seconds}.".encode() + body)).decode()
        return {"webhook-id": "msg_1", "webhook-timestamp": str(seconds), "webhook-signature": f"v1,{proof}"}
    return {}


def send(channel: Channel, provider: str, body: Any, now: float | None = None, **headers: str) -> Any:
    """Send a body (bytes, or what becomes JSON) with the vendor's signature."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    path = at(channel, provider)
    given = signed(provider, path, raw, now) | headers
    return Client().post(path, raw, content_type="application/json", headers=given)


def encrypted(xml: str, nonce: str = "n1") -> tuple[str, bytes]:
    """(query, body) of a WeCom message."""
    key = base64.b64decode(AES_KEY + "=")
    plain = b"0123456789abcdef" + struct.pack(">I", len(xml.encode())) + xml.encode() + CORP.encode()
    pad = 32 - len(plain) % 32
    cipher = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    sealed = base64.b64encode(cipher.update(plain + bytes([pad]) * pad) + cipher.finalize()).decode()
    proof = wecom.signature(TOKEN, "1476422779", nonce, sealed)
    body = f"<xml><ToUserName>{CORP}</ToUserName><Encrypt>{sealed}</Encrypt></xml>"
    return f"?msg_signature={proof}&timestamp=1476422779&nonce={nonce}", body.encode()
