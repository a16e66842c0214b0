"""How a condition is refused: with the path to the fault, and the nearest thing that would do."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

from django.utils.translation import gettext as _

from workspaces.refusals import Invalid


class ConditionError(Invalid):
    """Refused: ``path`` says where ("all[1].value"), ``code`` what, ``message`` why."""

    def __init__(self, path: str, code: str, message: str) -> None:
        super().__init__([{"field": path, "code": code, "message": message}])
        self.path, self.code, self.message = path, code, message


def join(path: str, step: str | int) -> str:
    """``join("all", 1)`` is "all[1]"; ``join("all[1]", "value")`` is "all[1].value"."""
    if isinstance(step, int):
        return f"{path}[{step}]"
    return f"{path}.{step}" if path else step


def nearest(word: str, known: Iterable[str]) -> str:
    """ " Did you mean …?" when something known is close, else ''."""
    close = get_close_matches(word.lower(), list(known), n=1, cutoff=0.6)
    return " " + _("Did you mean “%(name)s”?") % {"name": close[0]} if close else ""


def shown(value: Any) -> str:
    """What was given, short enough for a message."""
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= 60 else text[:57] + "…"
