"""Signed webhooks as standardwebhooks.com describes them (specification 1.0)."""

import base64
import hashlib
import hmac
import json
import secrets
from datetime import UTC, datetime
from typing import Any

from notices.channels.http import post

PREFIX = "whsec_"


def new_secret() -> str:
    """Thirty-two random bytes, as the receiver's library takes them."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def signature(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """``v1,`` and the HMAC-SHA256 of ``id.timestamp.body`` in base64."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def send(url: str, secret: str, *, message_id: str, event: str, at: datetime, data: dict[str, Any]) -> None:
    """One event. ``message_id`` stays the same when it is sent again: receivers know a repeat by it."""
    message = {"type": event, "timestamp": at.isoformat(), "data": data}
    body = json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()
    now = int(datetime.now(UTC).timestamp())
    headers = {
        "webhook-id": message_id,
        "webhook-timestamp": str(now),
        "webhook-signature": signature(secret, message_id, now, body),
    }
    post(url, body, headers)
