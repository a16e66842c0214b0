"""A WeCom group robot: one message in Markdown. It takes 20 a minute, so what waits goes out together."""

import json
from collections.abc import Sequence

from notices.channels import NotSent
from notices.channels.http import post

MOST_BYTES = 4096
BUSY = 45009  # errcode: more than the robot takes a minute


def send(url: str, lines: Sequence[str]) -> int:
    """As many of the lines as one message holds; how many. NotSent with the robot's own words."""
    count = fitting(lines)
    text = cut("\n".join(lines[:count]))
    message = {"msgtype": "markdown", "markdown": {"content": text}}
    answer = post(url, json.dumps(message, ensure_ascii=False).encode(), {})
    code = answer.get("errcode") if isinstance(answer, dict) else None
    if code != 0:
        words = answer.get("errmsg", "") if isinstance(answer, dict) else "no JSON in the answer"
        raise NotSent(f"errcode {code}: {words}", again_s=60 if code == BUSY else None)
    return count


def fitting(lines: Sequence[str]) -> int:
    """How many whole lines fit; at least one."""
    size = 0
    for count, line in enumerate(lines):
        size += len(line.encode()) + 1
        if size - 1 > MOST_BYTES:
            return max(count, 1)
    return len(lines)


def cut(text: str) -> str:
    """A single line that is longer than a message may be, without its end."""
    return text.encode()[:MOST_BYTES].decode(errors="ignore")
