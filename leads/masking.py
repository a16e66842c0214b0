"""Who sees how to reach a lead. Reps see it of the leads they hold, viewers never; pages, API and
timeline ask here. A search by the exact address still finds a lead; it does not show it.
"""

import re
from typing import Any

from django.db.models import Q

from leads.conditions import Condition, leaves
from leads.conditions.fields import FILLED
from leads.models import Lead
from leads.models.identity import IdentityKind
from leads.normalise import email_key, phone_e164
from workspaces.models import Member, Role
from workspaces.permissions import may
from workspaces.tenancy import current_workspace

DOTS = "•••"
CONTACT_DATA = ("email", "phone", "wechat")
WHOLE = ("eq", "ne", "in", "not_in", *FILLED)  # operators that name an address in full, or none


def sees_contact_data(member: Member | None, lead: Lead) -> bool:
    """Whether e-mail, phone and WeChat of this lead are shown to the member in full."""
    if may(member, "see_contact_data"):
        return True
    return member is not None and member.role == Role.REP and lead.owner_id == member.pk


def feels_its_way(condition: Condition) -> bool:
    """Whether it asks about parts of an address: by such questions it could be read sign by sign."""
    return any(leaf.field.name in CONTACT_DATA and leaf.op not in WHOLE for leaf in leaves(condition))


def in_sight(condition: Condition, member: Member | None) -> Q:
    """Which leads the member may ask that about: where contact data is masked, only those they hold."""
    if may(member, "see_contact_data") or not feels_its_way(condition):
        return Q()
    return Q(owner=member)


def sees_all(member: Member | None) -> bool:
    """Whether contact data of every lead is shown; so it is to the program itself (None)."""
    return member is None or may(member, "see_contact_data")


def told_in_full(query: str) -> list[tuple[str, str]]:
    """The addresses that this text may be, as they are known: (kind of identity, value)."""
    text = query.strip().lower()
    kinds = IdentityKind.EMAIL, IdentityKind.PHONE, IdentityKind.WECHAT
    values = email_key(text), phone_e164(text, current_workspace().region), text
    return [(kind.value, value) for kind, value in zip(kinds, values, strict=True) if value]


def mask_email(email: str) -> str:
    """``li.lei@acme.com`` -> ``l•••@acme.com``. What is no address is hidden whole."""
    name, at, domain = email.rpartition("@")
    return f"{name[:1]}{DOTS}@{domain}" if at and name else DOTS if email else ""


def mask_phone(phone: str) -> str:
    """``+86 138 1234 5678`` -> ``+86•••5678``: the country as it was typed, and the last four digits."""
    digits = re.sub(r"\D", "", phone)
    if not digits:
        return DOTS if phone else ""
    country = phone.strip()[:3] if phone.strip().startswith("+") else ""
    return f"{country}{DOTS}{digits[-4:] if len(digits) > 7 else ''}"


def mask_wechat(name: str) -> str:
    return f"{name[:1]}{DOTS}" if name else ""


MASKS = {"email": mask_email, "phone": mask_phone, "wechat": mask_wechat}


def masked(values: dict[str, Any]) -> dict[str, Any]:
    """A copy in which e-mail, phone and WeChat are masked, wherever they are among the values."""
    return values | {name: mask(values[name] or "") for name, mask in MASKS.items() if name in values}
