"""The door of a webhook: is the sender who it says, and what is a check of the address answered with?"""

import hashlib
import hmac
import re
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from intake.hooks import signatures, wecom
from intake.hooks.reading import NotUnderstood, as_json, obj, text
from intake.hooks.sent import Keys, Provider, Replayed, Sent, Unproven, missing
from workspaces.refusals import NotThere, Refusal

# LinkedIn's are UUIDs. Nothing that could be a message is ever signed for somebody who asks.
CODE = re.compile(r"[0-9A-Za-z-]{1,128}")
SIGNED = {
    Provider.META: signatures.meta,
    Provider.LINKEDIN: signatures.linkedin,
    Provider.TIKTOK: signatures.tiktok,
    Provider.FEIYU: signatures.feiyu,
    Provider.TYPEFORM: signatures.typeform,
    Provider.HUBSPOT: signatures.hubspot,
    Provider.STANDARD: signatures.standard,
}
# Whose signature holds the moment of sending: the same one twice is a replay, not a second try.
DATED = {
    Provider.TIKTOK: "tiktok-signature",
    Provider.FEIYU: "signature",
    Provider.HUBSPOT: "x-hubspot-signature-v3",
    Provider.STANDARD: "webhook-signature",
}


class Malformed(Refusal):
    """The message can't be read at all, where reading it is needed to know who sends (400)."""

    status = 400


@dataclass(frozen=True)
class Proven:
    """A message whose sender is known. ``text``: of WeCom the decrypted XML; ``key``: by which it is known again."""

    key: str
    text: str = ""
    message_id: str = ""


def prove(provider: Provider, sent: Sent, keys: Keys, now: float) -> Proven:
    """Raises Unproven (401, 403) or Malformed (400). ``now``: seconds since 1970."""
    if not keys.secret:
        raise not_set_up()
    plain = ""
    if provider == Provider.WECOM:
        plain = wecom.message(sent, keys)
    elif provider == Provider.GOOGLE_ADS:
        signatures.google_ads(keys, google_key(sent.body))
    else:
        SIGNED[provider](sent, keys, now)
    message_id = sent.headers.get("webhook-id", "")[:200] if provider == Provider.STANDARD else ""
    seal = hashlib.sha256(plain.encode() if plain else sent.body).hexdigest()
    return Proven(message_id or seal, plain, message_id)


def not_set_up() -> Unproven:
    message = _("This channel has no secret for this sender yet: it is set on the channel's page.")
    return Unproven("not_set_up", message, 403)


def google_key(body: bytes) -> str:
    try:
        return text(obj(as_json(body)).get("google_key"))
    except NotUnderstood as fault:
        raise Malformed(
            "malformed", _("The body is not valid JSON: %(fault)s") % {"fault": fault.detail}
        ) from fault


def print_of(provider: Provider, sent: Sent) -> str:
    """What tells a replay from a second try; "" where the vendor repeats itself to the letter."""
    proof = sent.headers.get(DATED.get(provider, ""), "")
    return hashlib.sha256(proof.encode()).hexdigest() if proof else ""


def refuse_replay(known_print: str, given_print: str) -> None:
    if given_print and known_print == given_print:
        raise Replayed()


def challenge(provider: Provider, sent: Sent, keys: Keys) -> str | dict[str, Any]:
    """The answer to a check of the address (GET): a text, or an object for JSON. Unproven, NotThere."""
    if provider == Provider.META:
        return meta(sent, keys)
    if provider == Provider.LINKEDIN:
        return linkedin(sent, keys)
    if provider == Provider.WECOM:
        if not keys.secret:
            raise not_set_up()
        return wecom.echo(sent, keys)
    raise NotThere(_("Messages are sent to this address by POST."))


def meta(sent: Sent, keys: Keys) -> str:
    given, wanted = sent.query.get("hub.verify_token", ""), sent.query.get("hub.challenge", "")
    if sent.query.get("hub.mode") != "subscribe" or not wanted:
        raise missing("hub.challenge")
    if not keys.verify_token:
        raise not_set_up()
    if not hmac.compare_digest(given.encode(), keys.verify_token.encode()):
        raise Unproven("verify_token", _("The verify token is another one than the channel's."), 403)
    return wanted[:500]


def linkedin(sent: Sent, keys: Keys) -> dict[str, Any]:
    code = sent.query.get("challengeCode", "")
    if not CODE.fullmatch(code):
        raise missing("challengeCode")
    if not keys.secret:
        raise not_set_up()
    return {"challengeCode": code, "challengeResponse": signatures.digest(keys.secret, code.encode()).hex()}
