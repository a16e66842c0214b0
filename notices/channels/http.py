"""One POST of JSON to an address an admin has set: no redirects, ten seconds, and little is read back."""

import json
from typing import Any

from notices.channels import NotSent
from workspaces.outgoing import NotReached, ask

AGENT = "LeadCRM-Webhooks/1"


def post(url: str, body: bytes, headers: dict[str, str]) -> Any:
    """The JSON of the answer (None when it is none). NotSent for anything but a 2xx."""
    given = {"Content-Type": "application/json", "User-Agent": AGENT} | headers
    try:
        answer = ask("POST", url, given, body)
    except NotReached as fault:
        raise NotSent(str(fault)) from fault
    if not 200 <= answer.status < 300:
        raise NotSent(
            f"HTTP {answer.status} {answer.reason}",
            down=answer.status >= 500 or answer.status in (408, 410, 429),
            again_s=seconds(answer.retry_after),
            gone=answer.status == 410,
        )
    return as_json(answer.text)


def seconds(text: str | None) -> float | None:
    return float(text) if text and text.isdigit() else None


def as_json(text: bytes) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None
