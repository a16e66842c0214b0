"""A vendor's message as data: strict JSON with every number exact, and values as the texts of cells."""

import json
from typing import Any

from rest_framework.exceptions import ParseError

from workspaces.parsing import storable

LONGEST = 5000  # of one value
MOST_FIELDS = 200


class NotUnderstood(Exception):
    """The message is stored but says nothing we can read. ``code``: one of REASONS; ``detail``: what was met."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code)
        self.code, self.detail = code, detail[:500]


def as_json(body: bytes) -> Any:
    """The value of a JSON body. Whole numbers keep every digit (ids beyond 2^53), others stay as written."""
    try:
        value = json.loads(body.decode("utf-8-sig"), parse_float=str, parse_constant=str)
        storable(value)
    except (ValueError, RecursionError, ParseError) as fault:
        raise NotUnderstood("not_json", str(fault)) from fault
    return value


def text(value: Any) -> str:
    """A value as one cell: nothing is "", several are put together with commas."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(filter(None, (text(one) for one in value[:100])))[:LONGEST]
    if isinstance(value, dict):
        return text(value.get("label") or value.get("name") or "")
    return str(value).strip()[:LONGEST]


def flat(value: dict[str, Any], depth: int = 3, before: str = "") -> dict[str, str]:
    """An object's filled values by name, those of inner objects as ``outer.inner``."""
    found: dict[str, str] = {}
    for name, one in value.items():
        if isinstance(one, dict) and depth:
            found |= flat(one, depth - 1, f"{before}{name}.")
        elif said := text(one):
            found[f"{before}{name}"[:200]] = said
        if len(found) >= MOST_FIELDS:
            break
    return found


def obj(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def rows(value: Any) -> list[dict[str, Any]]:
    """The objects of a list; [] when it is none."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
