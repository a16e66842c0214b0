"""One arriving lead, before anybody knows whether it is new: validated, normalised, not yet written."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from leads.models import Channel
from leads.models.identity import IdentityKind
from leads.normalise import company_key, domain_of, email_key, phone_e164, search_document
from leads.normalise.companies import company_core
from leads.normalise.pinyin import as_typed
from leads.normalise.traits import email_traits

TEXTS = (
    "name",
    "title",
    "email",
    "phone",
    "wechat",
    "credit_code",
    "website",
    "industry",
    "region",
    "campaign",
    "external_id",
    "pain",
    "decision_process",
    "budget_currency",
)
CHOICES = ("need_level", "budget_status", "authority")
TYPED = ("employees", "budget_amount", "timeline_date")
KEYS = ("email_key", "email_traits", "phone_e164", "domain")
# What is worked out of a fact goes where the fact goes.
KEYED = {"email": ("email_key", "email_traits"), "phone": ("phone_e164",), "website": ("domain",)}
ALL_KEYS = frozenset(key for keys in KEYED.values() for key in keys)
COLUMNS = (*TEXTS, *CHOICES, *TYPED, *KEYS)
Key = tuple[str, str]  # kind and value of an identity


@dataclass
class Incoming:
    """What is said of one lead.

    ``facts``: columns of Lead as typed (money in minor units), with the normalised keys beside them;
    ``company`` and ``channel`` are names. ``problems``: what is wrong with it, as
    {"field", "code", "message"}; with ``rejected`` set it is not taken in. ``told``: kept with this one's touch
    and timeline entry, beside what its source tells; ``at``: when it arrived, where that was earlier.
    """

    facts: dict[str, Any] = field(default_factory=dict)
    company: str = ""
    channel: str = ""
    attributes: dict[str, Any] = field(default_factory=dict)
    tags: list[str] = field(default_factory=list)
    problems: list[dict] = field(default_factory=list)
    rejected: bool = False
    told: dict[str, Any] = field(default_factory=dict)
    at: datetime | None = None

    @property
    def reachable(self) -> bool:
        facts = self.facts
        return bool(
            facts.get("email_key")
            or facts.get("phone_e164")
            or facts.get("wechat")
            or facts.get("external_id")
        )

    def identities(self, channel_id: UUID | None) -> list[Key]:
        """(kind, value) of everything that makes this lead the same lead, strongest first."""
        facts = self.facts
        external = facts.get("external_id")
        found = [
            (IdentityKind.EXTERNAL_ID.value, f"{channel_id or ''}:{external}" if external else ""),
            (IdentityKind.EMAIL.value, facts.get("email_key", "")),
            (IdentityKind.PHONE.value, facts.get("phone_e164", "")),
            (IdentityKind.WECHAT.value, facts.get("wechat", "").lower()),
        ]
        return [(kind, value) for kind, value in found if value]


@dataclass(frozen=True)
class Source:
    """Where a set of leads comes from. ``touch``: the kind of touch an arrival is ("" for none)."""

    kind: str  # api, form, import, hand
    channel: Channel | None = None
    touch: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)  # kept in the touch and on the timeline
    replay: bool = (
        False  # an arrival of before is read once more: blanks are filled, but it is no second touch
    )

    @property
    def told(self) -> dict[str, Any]:
        """What the timeline says of it."""
        return {"source": self.kind, **({"channel": self.channel.name} if self.channel else {}), **self.data}


def normalise(facts: dict[str, Any], region: str) -> None:
    """Put the normalised keys beside what was typed, in place."""
    facts["email_key"] = email_key(facts.get("email") or "")
    facts["email_traits"] = email_traits(facts["email_key"])
    facts["phone_e164"] = phone_e164(facts.get("phone") or "", region)
    facts["domain"] = domain_of(facts.get("website") or "") or domain_of(facts.get("email") or "")


def check_reachable(incoming: Incoming) -> None:
    """A lead that nobody can reach is rejected, with the reason."""
    if incoming.reachable:
        return
    for name in ("email", "phone"):
        if incoming.facts.get(name):
            incoming.problems.append(unusable(name))
    if not incoming.problems:
        message = _("No way to reach this lead: give an e-mail, a phone, a WeChat or an external id.")
        incoming.problems.append({"field": None, "code": "unreachable", "message": message})
    incoming.rejected = True


def unusable(name: str) -> dict:
    if name == "email":
        return {"field": "email", "code": "invalid", "message": _("This is not an e-mail address.")}
    message = _("This number is valid in no country: write it with its country code, such as +86.")
    return {"field": "phone", "code": "invalid", "message": message}


def document(facts: Mapping[str, Any], company: str) -> str:
    """The text in which a lead is searched for; Chinese names stand in it in pinyin, too.

    How to reach it is hidden from whoever sees it masked; what a mask shows of an address, its domain, is not.
    """
    e164 = facts.get("phone_e164") or ""
    email, domain = facts.get("email") or "", facts.get("domain") or ""
    name, (_user, at, host) = facts.get("name") or "", email.rpartition("@")
    return search_document(
        name,
        company,
        f"@{host}" if at else "",
        "" if domain in host.lower() else domain,
        as_typed(name),
        as_typed(company),
        hidden=(email, facts.get("phone") or "", e164.lstrip("+"), facts.get("wechat") or ""),
    )


def company_document(name: str, domain: str = "") -> str:
    """The text in which a company is searched for."""
    return search_document(name, domain, as_typed(name))


def person_document(name: str, email: str = "", phone: str = "", wechat: str = "") -> str:
    """The text in which a person at a company is searched for."""
    return search_document(name, as_typed(name), hidden=(email, phone, wechat))


def key_of(company: str) -> str:
    return company_key(company)[:300] if company else ""


def core_of(company: str) -> str:
    return company_core(company)[:300] if company else ""
