"""A channel's webhooks as somebody sets them up: keys, and which field becomes what."""

import secrets
from base64 import b64encode
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from intake.hooks.sent import Keys, Provider
from intake.mapping import Targets, check, settle
from intake.models import Hook
from leads.models import Channel
from workspaces.actions import audit
from workspaces.models import Member
from workspaces.permissions import require
from workspaces.refusals import Invalid, NotThere

KEYS = ("secret", "verify_token", "access_token", "account")
# What each vendor needs. The first is chosen by us where the vendor lets one choose.
NEEDS: dict[str, tuple[str, ...]] = {
    Provider.GOOGLE_ADS: ("secret",),
    Provider.META: ("secret", "verify_token", "access_token"),
    Provider.LINKEDIN: ("secret",),
    Provider.TIKTOK: ("secret",),
    Provider.FEIYU: ("secret",),
    Provider.WECOM: ("verify_token", "secret", "account"),
    Provider.TYPEFORM: ("secret",),
    Provider.HUBSPOT: ("secret",),
    Provider.STANDARD: ("secret",),
}
CHOSEN_HERE = (Provider.GOOGLE_ADS, Provider.TYPEFORM, Provider.STANDARD)
AES_KEY_LENGTH = 43


def hook_of(channel: Channel, provider: str) -> Hook:
    """The channel's hook of a vendor, or one that is not written yet. NotThere for a vendor nobody knows."""
    if provider not in Provider.values:
        raise NotThere(_("There is no such sender."))
    found: Hook | None = Hook.objects.filter(channel=channel, provider=provider).first()
    return found or Hook(channel=channel, provider=provider)


def keys_of(hook: Hook) -> Keys:
    return Keys(hook.secret, hook.verify_token, hook.access_token, hook.account)


def set_keys(hook: Hook, given: dict[str, str], *, as_of: datetime, actor: Member | None) -> str:
    """Write the keys that were given; others stay. The secret, when it was made here just now, else "".

    An empty text removes a key. Which were changed is audited, what they are is not.
    """
    require(actor, "channels")
    given = {name: value.strip() for name, value in given.items() if name in KEYS}
    made = ""
    if not hook.secret and "secret" not in given and hook.provider in CHOSEN_HERE:
        made = given["secret"] = new_secret(hook.provider)
    refuse_unusable(hook, given)
    for name, value in given.items():
        setattr(hook, name, value)
    hook.save()
    told = {"channel": hook.channel.name, "provider": hook.provider, "changed": sorted(given)}
    audit("hook_keys_set", hook, told, actor=actor, as_of=as_of)
    return made


def refuse_unusable(hook: Hook, given: dict[str, str]) -> None:
    for name, value in given.items():
        longest = getattr(Hook._meta.get_field(name), "max_length", None) or 500
        if len(value) > longest:
            raise Invalid.field(name, _("At most %(longest)d characters.") % {"longest": longest}, "too_long")
    aes_key = given.get("secret", "")
    if hook.provider == Provider.WECOM and aes_key and len(aes_key) != AES_KEY_LENGTH:
        raise Invalid.field("secret", _("An EncodingAESKey has 43 letters and digits."))


def new_secret(provider: str) -> str:
    """Random: for Google Ads as long as its field takes (50), else as Standard Webhooks wants it."""
    if provider == Provider.GOOGLE_ADS:
        return secrets.token_urlsafe(32)
    return "whsec_" + b64encode(secrets.token_bytes(32)).decode()


def set_mapping(
    hook: Hook, mapping: Targets, sample: dict[str, str], *, as_of: datetime, actor: Member | None
) -> Targets:
    """Say which of the vendor's fields becomes what; "new:<kind>" makes a custom field. Invalid per field.

    ``sample``: {field: text} of a message, by which new fields get their kind and choices.
    """
    require(actor, "channels")
    names = list(dict.fromkeys([*sample, *hook.mapping, *(mapping if isinstance(mapping, dict) else ())]))
    targets = settle(check(mapping, names), names, [[sample.get(name, "") for name in names]])
    hook.mapping = hook.mapping | {name: targets[name] for name in mapping}
    hook.save()
    told: dict[str, Any] = {"channel": hook.channel.name, "provider": hook.provider, "mapping": mapping}
    audit("hook_mapping_set", hook, told, actor=actor, as_of=as_of)
    return hook.mapping
