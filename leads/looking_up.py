"""Is it held already? What anybody who sells may know of a lead that is not theirs."""

from collections.abc import Mapping
from typing import Any

from django.db.models import BooleanField, ExpressionWrapper, Q
from django.utils.translation import gettext as _

from leads.incoming import normalise
from leads.masking import DOTS, sees_contact_data
from leads.models import Company, Identity, Lead
from leads.models.identity import IdentityKind
from leads.normalise import domain_of
from leads.normalise.companies import company_core, company_key
from leads.normalise.credit_codes import credit_code
from workspaces.models import Member
from workspaces.refusals import Invalid
from workspaces.tenancy import current_workspace

LOOKED_UP = ("company", "domain", "email", "phone", "wechat")
MOST = 20
MOST_COMPANIES = 1000  # of one name
NOBODYS = ExpressionWrapper(Q(owner_id=None), output_field=BooleanField())


def held_already(asked: Mapping[str, str], *, member: Member | None) -> list[dict[str, Any]]:
    """Leads that are there by these, the held ones first. Invalid when nothing usable is asked.

    Companies are compared without legal form, region and brackets, in either Chinese script.
    """
    facts: dict[str, Any] = {name: asked.get(name, "").strip() for name in LOOKED_UP}
    normalise(facts, current_workspace().region)
    domain = domain_of(asked.get("domain", "")) or domain_of(asked.get("email", ""))
    people = [
        (IdentityKind.EMAIL, facts["email_key"]),
        (IdentityKind.PHONE, facts["phone_e164"]),
        (IdentityKind.WECHAT, facts["wechat"].lower()),
    ]
    known = {kind.value: value for kind, value in people if value}
    if not (known or domain or facts["company"]):
        raise Invalid.field(
            "company", _("Give a company, a domain, an e-mail, a phone or a WeChat."), "required"
        )
    wanted, by = Q(pk__in=[]), {}
    for kind, value in known.items():
        ids = list(Identity.objects.filter(kind=kind, value=value).values_list("lead_id", flat=True))
        by.update(dict.fromkeys(ids, kind))
        wanted |= Q(pk__in=ids)
    if facts["company"]:
        wanted |= Q(company_id__in=companies_like(facts["company"]))
    if domain:
        wanted |= Q(domain=domain)
    rows = Lead.objects.filter(wanted).select_related("company", "owner")
    found = rows.annotate(free=NOBODYS).order_by("free", "-score", "pk")
    return [shown(lead, by.get(lead.pk) or found_by(lead, domain), member) for lead in found[:MOST]]


def companies_like(name: str) -> list[Any]:
    """Companies of that name, whatever its legal form, region, brackets and script."""
    key, core = company_key(name)[:300], company_core(name)[:300]
    code = credit_code(name)
    wanted = Q(name_key__in={key, core}) | Q(core=core) | (Q(credit_code=code) if code else Q(pk__in=[]))
    return list(Company.objects.filter(wanted).values_list("id", flat=True)[:MOST_COMPANIES])


def found_by(lead: Lead, domain: str) -> str:
    return "domain" if domain and lead.domain == domain else "company"


def shown(lead: Lead, by: str, member: Member | None) -> dict[str, Any]:
    name = lead.name if sees_contact_data(member, lead) else f"{lead.name[:1]}{DOTS}" if lead.name else ""
    return {
        "id": lead.pk,
        "name": name,
        "company": lead.company.name if lead.company else "",
        "stage": lead.stage,
        "pool": lead.pool,
        "owner": lead.owner_id,
        "owner_name": str(lead.owner) if lead.owner else None,
        "held_since": lead.held_since,
        "by": by,
    }
