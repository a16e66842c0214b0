"""A WeCom group robot: one message in Markdown. It takes 20 a minute, so what waits goes out together."""

import json
from collections.abc import Sequence

from notices.channels import NotSent
from notices.channels.http import post

MOST_BYTES = 4096
BUSY = 45009  # errcode: more than the robot takes a minute


def send(url: str, lines: Sequence[str]) -> None:
    """The lines as one message, cut at what the robot takes. NotSent with the robot's own words."""
    message = {"msgtype": "markdown", "markdown": {"content": fit(lines)}}
    answer = post(url, json.dumps(message, ensure_ascii=False).encode(), {})
    code = answer.get("errcode") if isinstance(answer, dict) else None
    if code != 0:
        words = answer.get("errmsg", "") if isinstance(answer, dict) else "no JSON in the answer"
        raise NotSent(f"errcode {code}: {words}", again_s=60 if code == BUSY else None)


def fit(lines: Sequence[str]) -> str:
    """As many whole lines as fit; how many are left out is said by an ellipsis and their number."""
    text = "\n".join(lines)
    kept = list(lines)
    while len(text.encode()) > MOST_BYTES and len(kept) > 1:
        kept.pop()
        text = "\n".join([*kept, f"… +{len(lines) - len(kept)}"])
    while len(text.encode()) > MOST_BYTES:
        text = text[: len(text) - 100]
    return text
