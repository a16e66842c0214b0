"""Why a message became no lead, in the reader's language."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from intake.hooks.sent import Provider

REASONS: dict[str, Any] = {
    "not_json": gettext_lazy("The message is not valid JSON."),
    "no_event": gettext_lazy("No lead is named in the message."),
    "too_many": gettext_lazy("The message names too many leads at once."),
    "rejected": gettext_lazy("A lead in it could not be entered; what is missing stands beside it."),
    "test": gettext_lazy("A test of the connection: it works. Tests don't become leads."),
    "deleted": gettext_lazy(
        "The sender tells that a lead was deleted there. Here it stays; erase it if you must."
    ),
    "not_a_lead": gettext_lazy("The message is about something else than leads."),
    "known": gettext_lazy("Everything in it had come in already."),
    "only_id": gettext_lazy("Only its id came: set an access token, so that the answers can be fetched."),
    "only_id_linkedin": gettext_lazy(
        "Only its id came: LinkedIn's message holds no more. Import the form's list, or have its fields sent here."
    ),
    "only_id_hubspot": gettext_lazy(
        "Only its id came: this HubSpot event holds no more. A workflow's webhook sends the fields, too."
    ),
    "only_id_other": gettext_lazy("Only its id came: the sender's message holds no more."),
    "fetch": gettext_lazy("The lead's answers could not be fetched from the sender."),
    "fetching": gettext_lazy("Its leads are being fetched from the sender."),
    "crashed": gettext_lazy("Something went wrong on our side; it was tried five times."),
}


def only_id(provider: str) -> str:
    """The reason why a lead has no fields, with what helps for that sender."""
    if provider == Provider.META:
        return "only_id"
    code = f"only_id_{provider}"
    return code if code in REASONS else "only_id_other"


def sentence(code: str, detail: str = "") -> str:
    """The reason in words, with what was met after it."""
    if not code:
        return ""
    said = str(REASONS.get(code, code))
    return _("%(reason)s (%(detail)s)") % {"reason": said, "detail": detail} if detail else said
