"""Whether anybody takes mail at an address' domain: asked of the domain name system. Off unless switched on."""

from collections.abc import Mapping, Sequence

from email_validator import EmailSyntaxError, EmailUndeliverableError, validate_email

from intake.enriching.models import FactSource
from intake.enriching.sources import Asked, Facts, one_by_one
from leads.normalise.traits import NO_MAIL

TIMEOUT_S = 5


class Mail:
    keeps_days = 7
    outside = True

    def __init__(self, row: FactSource) -> None:
        pass

    def key(self, asked: Asked) -> str:
        return asked.email.rpartition("@")[2]

    def look_up(self, keys: Sequence[str], seconds: float) -> Mapping[str, Facts]:
        return one_by_one(keys, seconds, lambda key: {NO_MAIL: True} if takes_no_mail(key) else {})


def takes_no_mail(domain: str) -> bool:
    """True only where the name system says so: no such domain, a null MX, nothing to deliver to (RFC 7505, 5321).

    When it does not answer in time nothing is said.
    """
    try:
        validate_email(f"postmaster@{domain}", check_deliverability=True, timeout=TIMEOUT_S)
    except (EmailUndeliverableError, EmailSyntaxError):
        return True
    return False
