"""WeCom's callbacks: signed with SHA-1 over sorted parts, encrypted with AES-256-CBC (developer.work.weixin.qq.com)."""

import base64
import binascii
import hashlib
import hmac
import struct
from xml.etree import ElementTree

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from intake.hooks.sent import Keys, Sent, Unproven, missing, wrong

BLOCK = 32  # PKCS#7 to 32 bytes, not to AES's 16
HEAD = 16 + 4  # random bytes, then the length of the message


def signature(token: str, timestamp: str, nonce: str, encrypted: str) -> str:
    return hashlib.sha1("".join(sorted((token, timestamp, nonce, encrypted))).encode()).hexdigest()


def open_message(keys: Keys, given: str, timestamp: str, nonce: str, encrypted: str) -> str:
    """The plain text of a message whose signature is right and which is meant for our account."""
    if not given:
        raise missing("msg_signature")
    if not hmac.compare_digest(
        signature(keys.verify_token, timestamp, nonce, encrypted).encode(), given.encode()
    ):
        raise wrong()
    return decrypt(keys.secret, encrypted, keys.account)


def decrypt(encoding_key: str, encrypted: str, account: str) -> str:
    """16 random bytes, a length, the message, and for whom it is; anything else is Unproven."""
    try:
        key = base64.b64decode(encoding_key + "=", validate=True)
        cipher = Cipher(algorithms.AES(key), modes.CBC(key[:16])).decryptor()
        padded = cipher.update(base64.b64decode(encrypted, validate=True)) + cipher.finalize()
        pad = padded[-1]
        if not 1 <= pad <= BLOCK or padded[-pad:] != bytes([pad]) * pad:
            raise ValueError("padding")
        plain = padded[:-pad]
        (length,) = struct.unpack(">I", plain[16:HEAD])
        message, receiver = plain[HEAD : HEAD + length], plain[HEAD + length :]
        if len(message) != length or (account and receiver.decode() != account):
            raise ValueError("receiver")
        return message.decode()
    except (ValueError, IndexError, struct.error, binascii.Error) as fault:
        raise Unproven(wrong().code, wrong().message) from fault


def echo(sent: Sent, keys: Keys) -> str:
    """What the check of an address (GET) has to be answered with."""
    query = sent.query
    parts = (query.get(name, "") for name in ("msg_signature", "timestamp", "nonce", "echostr"))
    return open_message(keys, *parts)


def message(sent: Sent, keys: Keys) -> str:
    """The XML inside of an encrypted message."""
    encrypted = fields(sent.body.decode(errors="replace")).get("Encrypt", "")
    if not encrypted:
        raise missing("Encrypt")
    query = sent.query
    given, timestamp, nonce = (query.get(name, "") for name in ("msg_signature", "timestamp", "nonce"))
    return open_message(keys, given, timestamp, nonce, encrypted)


def fields(xml: str) -> dict[str, str]:
    """The texts of a flat XML document by name; {} when it is none. No document type, so no entities."""
    if "<!DOCTYPE" in xml.upper() or "<!ENTITY" in xml.upper():
        return {}
    try:
        root = ElementTree.fromstring(xml)
    except (ElementTree.ParseError, ValueError):
        return {}
    return {child.tag: (child.text or "").strip() for child in root if not len(child)}
