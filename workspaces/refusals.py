"""How an action says no. Pages and the API turn each into its answer; none is ever swallowed."""

from typing import Any

from django.db import OperationalError
from django.utils.translation import gettext as _

DEADLOCK = "40P01"  # PostgreSQL's code: each waits for what the other holds, and one of them is ended


class Refusal(Exception):
    """The common parent: ``code`` for programs, ``message`` for people."""

    status = 409

    def __init__(self, code: str, message: str, **details: Any) -> None:
        super().__init__(message)
        self.code, self.message, self.details = code, str(message), details


class Refused(Refusal):
    """A rule says no (409). ``unmet`` lists everything that is missing."""

    def __init__(self, code: str, message: str, unmet: list[dict] | None = None, **details: Any) -> None:
        super().__init__(code, message, **details)
        self.unmet = unmet or []


class Crossed(Refused):
    """Two changed the same things at once, each waiting for the other: the database ended this one (409)."""

    def __init__(self) -> None:
        message = _(
            "Somebody changed the same things at this moment. Nothing of yours was saved: send it again."
        )
        super().__init__("crossed", message)


def crossed(error: Exception) -> bool:
    """Was it ended for another's sake (a deadlock)?"""
    return isinstance(error, OperationalError) and getattr(error.__cause__, "pgcode", None) == DEADLOCK


class NotAllowed(Refusal):
    """The member's role may not do this (403)."""

    status = 403

    def __init__(self, message: str, code: str = "not_allowed") -> None:
        super().__init__(code, message)


class NotThere(Refusal):
    """Nothing by that name in this workspace (404)."""

    status = 404

    def __init__(self, message: str, **details: Any) -> None:
        super().__init__("not_found", message, **details)


class Stale(Refusal):
    """Somebody else changed it first (412)."""

    status = 412

    def __init__(self, message: str) -> None:
        super().__init__("stale", message)


class Invalid(Refusal):
    """Values that don't validate (422): ``errors`` is [{"field", "code", "message"}]."""

    status = 422

    def __init__(self, errors: list[dict]) -> None:
        super().__init__("invalid", errors[0]["message"] if errors else "", errors=errors)
        self.errors = errors

    @classmethod
    def field(cls, field: str, message: str, code: str = "invalid") -> "Invalid":
        return cls([{"field": field, "code": code, "message": str(message)}])
