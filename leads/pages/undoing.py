"""What an undo needs to know, signed and carried in its address."""

from typing import Any

from django.core import signing
from django.http import HttpRequest

SALT = "leadcrm.undo"
TAKEN_BACK_S = 120  # the toast shows it for ten seconds; a slow network may need longer


def keeping(told: Any) -> str:
    """A token that ``kept`` reads again."""
    return signing.dumps(told, salt=SALT, compress=True)


def kept(request: HttpRequest) -> Any | None:
    """What the token in ``?u=`` says; None when it is forged or too old."""
    try:
        return signing.loads(request.GET.get("u", ""), salt=SALT, max_age=TAKEN_BACK_S)
    except signing.BadSignature:
        return None
