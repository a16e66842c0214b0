"""What a vendor sent, the keys it is checked against, and how a message that proves nothing is refused."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from workspaces.refusals import Refusal


class Provider(models.TextChoices):
    """Who sends. The values are the words in the address."""

    GOOGLE_ADS = "google-ads", "Google Ads"
    META = "meta", "Meta"
    LINKEDIN = "linkedin", "LinkedIn"
    TIKTOK = "tiktok", "TikTok"
    FEIYU = "feiyu", "飞鱼 Feiyu"
    WECOM = "wecom", "企业微信 WeCom"
    TYPEFORM = "typeform", "Typeform"
    HUBSPOT = "hubspot", "HubSpot"
    STANDARD = "standard", "Standard Webhooks"


@dataclass(frozen=True)
class Keys:
    """What one channel shares with one vendor. ``account``: a WeCom corp id."""

    secret: str = ""
    verify_token: str = ""
    access_token: str = ""
    account: str = ""


@dataclass(frozen=True)
class Sent:
    """A request as it arrived. ``headers``: names in lower case; ``uris``: the address as the vendor knows it."""

    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    method: str = "POST"
    uris: tuple[str, ...] = ()


class Unproven(Refusal):
    """The sender did not prove to be who it says: 401 for a signature, 403 for an old or unwanted message."""

    def __init__(self, code: str, message: str, status: int = 401, **details: Any) -> None:
        super().__init__(code, message, title=_("This message is not accepted"), **details)
        self.status = status


class Replayed(Refusal):
    """The very same signed message once more (409)."""

    def __init__(self) -> None:
        message = _("This message was received already; nothing was done twice.")
        super().__init__("replayed", message, title=_("Received already"))


def missing(name: str) -> Unproven:
    return Unproven(
        "signature_missing", _("The message is not signed: %(name)s is missing.") % {"name": name}
    )


def wrong() -> Unproven:
    return Unproven("signature_wrong", _("The signature does not belong to this message."))


def too_old() -> Unproven:
    message = _("The message was signed more than five minutes before or after now.")
    return Unproven("timestamp", message, 403)
