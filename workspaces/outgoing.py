"""Connections to addresses that somebody has set: looked at before they are spoken to, and no redirects.

Used by webhooks that go out and by sources of facts. What is checked is what is connected to: a name is resolved once.
"""

import http.client
import ipaddress
import socket
import ssl
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from workspaces.refusals import Invalid

TIMEOUT_S = 10.0
MOST_READ = 64 * 1024
# Where clouds tell their machines who they are; link-local ones are refused anyway.
METADATA = frozenset(map(ipaddress.ip_address, ("100.100.100.200", "192.0.0.192", "fd00:ec2::254")))


class NotReached(Exception):
    """Nobody could be spoken to there, or nobody may be."""


@dataclass(frozen=True)
class Answer:
    status: int
    reason: str
    text: bytes
    retry_after: str | None


def ask(
    method: str, url: str, headers: dict[str, str], body: bytes | None = None, timeout: float = TIMEOUT_S
) -> Answer:
    """One request and what came back, cut at MOST_READ bytes. NotReached when nothing did."""
    parts = urlsplit(url)
    connection = connect(parts.scheme, parts.hostname or "", parts.port, timeout)
    try:
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request(method, target, body, headers)
        answer = connection.getresponse()
        text = answer.read(MOST_READ)
    except (OSError, http.client.HTTPException, ssl.SSLError) as fault:
        raise NotReached(f"{type(fault).__name__}: {fault}") from fault
    finally:
        connection.close()
    return Answer(answer.status, answer.reason, text, answer.getheader("Retry-After"))


def connect(
    scheme: str, host: str, port: int | None, timeout: float = TIMEOUT_S
) -> http.client.HTTPConnection:
    """A connection to an address that was looked at."""
    port = port or (443 if scheme == "https" else 80)
    address = resolve(host, port)
    plain = http.client.HTTPConnection(host, port, timeout=timeout)
    try:
        plain.sock = socket.create_connection((address, port), timeout)
        if scheme == "https":
            plain.sock = ssl.create_default_context().wrap_socket(plain.sock, server_hostname=host)
    except OSError as fault:
        plain.close()
        raise NotReached(f"{type(fault).__name__}: {fault}") from fault
    return plain


def resolve(host: str, port: int) -> str:
    """The first address of a host that may be spoken to."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as fault:
        raise NotReached(f"{host}: {fault}") from fault
    allowed = [str(one[4][0]) for one in found if may_reach(str(one[4][0]))]
    if not allowed:
        raise NotReached(f"{host} is not an address that may be spoken to")
    return allowed[0]


def may_reach(address: str) -> bool:
    """Never a cloud's metadata service; with WEBHOOKS_PUBLIC_ONLY no address of a private network."""
    ip = ipaddress.ip_address(address.split("%")[0])
    mapped = getattr(ip, "ipv4_mapped", None)
    ip = mapped or ip
    if ip in METADATA or ip.is_link_local or ip.is_multicast or ip.is_unspecified:
        return False
    return ip.is_global or not settings.WEBHOOKS_PUBLIC_ONLY


def check_address(field: str, url: str) -> None:
    """Invalid unless it is a web address that can be spoken to (asked again whenever it is)."""
    try:
        parts = urlsplit(url)
        fine = parts.scheme in ("http", "https") and parts.hostname and not (parts.username or parts.password)
        fine = fine and (parts.port is None or parts.port > 0)
    except ValueError:
        fine = False
    if not fine:
        raise Invalid.field(field, _("Give a web address that begins with https:// or http://."))
