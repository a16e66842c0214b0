"""Identifiers: UUIDv7 keys, and the opaque tokens that say which workspace they belong to."""

import base64
import hashlib
import secrets
import time
import uuid
from datetime import datetime


def uuid7() -> uuid.UUID:
    """A time-ordered UUID (RFC 9562, section 5.7): 48 bits of milliseconds, then random bits."""
    milliseconds = time.time_ns() // 1_000_000
    value = (milliseconds << 80) | secrets.randbits(80)
    value = (value & ~(0xF << 76)) | (0x7 << 76)
    value = (value & ~(0x3 << 62)) | (0x2 << 62)
    return uuid.UUID(int=value)


def first_id(at: datetime) -> uuid.UUID:
    """The lowest key that a row made from that moment on can have."""
    return uuid.UUID(int=int(at.timestamp() * 1000) << 80)


def new_token(workspace_id: uuid.UUID, prefix: str = "") -> str:
    """A secret that carries its workspace, so that it can be looked up under row-level security."""
    raw = workspace_id.bytes + secrets.token_bytes(20)
    return prefix + base64.urlsafe_b64encode(raw).decode().rstrip("=")


def workspace_of(token: str, prefix: str = "") -> uuid.UUID | None:
    """The workspace a token claims to belong to, or None when it is not one of our tokens."""
    if not token.startswith(prefix) or len(token) != len(prefix) + 48:
        return None
    try:
        raw = base64.b64decode(token[len(prefix) :], altchars=b"-_", validate=True)
    except ValueError:
        return None
    return uuid.UUID(bytes=raw[:16])


def digest(token: str) -> str:
    """What is stored of a token. It has 160 random bits, so a plain SHA-256 can't be guessed back."""
    return hashlib.sha256(token.encode()).hexdigest()


def is_id(text: str) -> bool:
    """Is it written as the id of a row: 36 characters, with hyphens?"""
    try:
        return len(text) == 36 and bool(uuid.UUID(text))
    except ValueError:
        return False
