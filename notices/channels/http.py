"""One POST of JSON to an address an admin has set: no redirects, ten seconds, and little is read back."""

import http.client
import ipaddress
import json
import socket
import ssl
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from notices.channels import NotSent

TIMEOUT_S = 10.0
MOST_READ = 64 * 1024
AGENT = "LeadCRM-Webhooks/1"


def post(url: str, body: bytes, headers: dict[str, str]) -> Any:
    """The JSON of the answer (None when it is none). NotSent for anything but a 2xx."""
    parts = urlsplit(url)
    connection = connect(parts.scheme, parts.hostname or "", parts.port)
    try:
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        given = {"Content-Type": "application/json", "User-Agent": AGENT} | headers
        connection.request("POST", target, body, given)
        answer = connection.getresponse()
        text = answer.read(MOST_READ)
    except (OSError, http.client.HTTPException, ssl.SSLError) as fault:
        raise NotSent(f"{type(fault).__name__}: {fault}") from fault
    finally:
        connection.close()
    if not 200 <= answer.status < 300:
        raise NotSent(
            f"HTTP {answer.status} {answer.reason}",
            down=answer.status >= 500 or answer.status in (408, 410, 429),
            again_s=seconds(answer.getheader("Retry-After")),
            gone=answer.status == 410,
        )
    return as_json(text)


def connect(scheme: str, host: str, port: int | None) -> http.client.HTTPConnection:
    """A connection to an address that was looked at: what is checked is what is connected to."""
    port = port or (443 if scheme == "https" else 80)
    address = resolve(host, port)
    plain = http.client.HTTPConnection(host, port, timeout=TIMEOUT_S)
    try:
        plain.sock = socket.create_connection((address, port), TIMEOUT_S)
        if scheme == "https":
            plain.sock = ssl.create_default_context().wrap_socket(plain.sock, server_hostname=host)
    except OSError as fault:
        plain.close()
        raise NotSent(f"{type(fault).__name__}: {fault}") from fault
    return plain


def resolve(host: str, port: int) -> str:
    """The first address of a host that may be spoken to."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as fault:
        raise NotSent(f"{host}: {fault}") from fault
    allowed = [str(one[4][0]) for one in found if may_reach(str(one[4][0]))]
    if not allowed:
        raise NotSent(f"{host} is not an address that webhooks may be sent to")
    return allowed[0]


def may_reach(address: str) -> bool:
    """Never a cloud's metadata service; with WEBHOOKS_PUBLIC_ONLY no address of a private network."""
    ip = ipaddress.ip_address(address.split("%")[0])
    mapped = getattr(ip, "ipv4_mapped", None)
    ip = mapped or ip
    if ip.is_link_local or ip.is_multicast or ip.is_unspecified:
        return False
    return ip.is_global or not settings.WEBHOOKS_PUBLIC_ONLY


def seconds(text: str | None) -> float | None:
    return float(text) if text and text.isdigit() else None


def as_json(text: bytes) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None
