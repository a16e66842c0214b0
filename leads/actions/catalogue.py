"""Tags, companies, people and opportunities, written one at a time."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from leads.actions.arrivals import refresh_search
from leads.actions.playbooks import lay_out
from leads.actions.tagging import key_of, resolve_tags
from leads.believable import believable
from leads.facts import code
from leads.incoming import company_document, core_of, person_document
from leads.incoming import key_of as company_key
from leads.locking import require_holding
from leads.models import Company, Contact, Lead, Opportunity, OpportunityChange, Tag
from leads.normalise import domain_of, email_key
from leads.timeline import tell
from workspaces.actions import audit
from workspaces.models import Member
from workspaces.permissions import require
from workspaces.refusals import Invalid, Refused
from workspaces.texts import clean_text, named
from workspaces.unused import delete_unused


def add_tag(name: str, *, actor: Member | None) -> tuple[Tag, bool]:
    """The tag of that name; (tag, whether it is new)."""
    require(actor, "tag")
    known = Tag.objects.filter(name_key=key_of(name)).first()
    if known is not None:
        return known, False
    tag = resolve_tags([name]).get(name)
    if tag is None:
        raise Invalid.field("name", _("Name the tag."), "required")
    return tag, True


def rename_tag(tag: Tag, name: str, *, as_of: datetime, actor: Member | None) -> Tag:
    require(actor, "rules")
    key = key_of(name)
    if Tag.objects.filter(name_key=key).exclude(pk=tag.pk).exists():
        raise Refused("tag_exists", _("There is a tag of this name already."))
    audit("tag_renamed", tag, {"from": tag.name, "to": name}, actor=actor, as_of=as_of)
    tag.name, tag.name_key = clean_text(name), key
    tag.save()
    return tag


def drop_tag(tag: Tag, *, as_of: datetime, actor: Member | None) -> None:
    """The tag goes, from all leads and with the rules that set it."""
    require(actor, "rules")
    audit("tag_dropped", tag, {"name": tag.name}, actor=actor, as_of=as_of)
    delete_unused(tag)


def save_company(
    values: dict[str, Any], *, company: Company | None = None, as_of: datetime, actor: Member | None
) -> Company:
    """A company, new or changed. Refused when another has the name (without legal form, case, width)."""
    require(actor, "edit_leads")
    company = company or Company()
    was = company.name
    for name, value in values.items():
        setattr(company, name, clean_text(value) if isinstance(value, str) else value)
    company.name_key = company_key(company.name)
    if not company.name_key:
        raise Invalid.field("name", _("Name the company."), "required")
    if Company.objects.filter(name_key=company.name_key).exclude(pk=company.pk).exists():
        raise Refused("company_exists", _("There is a company of this name already."))
    if company.credit_code:
        company.credit_code = code(company.credit_code)
    same = Company.objects.filter(credit_code=company.credit_code).exclude(pk=company.pk)
    if company.credit_code and same.exists():
        raise Refused("company_exists", _("There is a company with this unified social credit code already."))
    company.core = core_of(company.name)
    company.domain = domain_of(company.website)
    company.search = company_document(company.name, company.domain)
    company.updated_at = as_of
    company.save()
    if was and was != company.name:
        find_anew(company)
    return company


def find_anew(company: Company) -> None:
    """The company's leads are searched for by its new name."""
    leads = list(Lead.objects.select_for_update().filter(company=company).order_by("pk"))
    refresh_search(leads)
    Lead.objects.bulk_update(leads, ["search"], batch_size=1000)


def save_person(
    values: dict[str, Any], *, contact: Contact | None = None, as_of: datetime, actor: Member | None
) -> Contact:
    """A person at a company, new or changed."""
    require(actor, "edit_leads")
    contact = contact or Contact()
    for name, value in values.items():
        setattr(contact, name, clean_text(value) if isinstance(value, str) else value)
    if contact.email and not email_key(contact.email):
        raise Invalid.field("email", _("This is not an e-mail address."))
    contact.search = person_document(contact.name, contact.email, contact.phone, contact.wechat)
    contact.updated_at = as_of
    contact.save()
    return contact


def change_opportunity(
    opportunity: Opportunity, changes: dict[str, Any], *, as_of: datetime, actor: Member | None
) -> Opportunity:
    """Name, amount (minor units), currency, expected close and step of an open opportunity."""
    require_holding(actor, "advance", opportunity.lead)
    if opportunity.status != "open":
        raise Refused("closed", _("This opportunity is closed. Reopen its lead to begin again."))
    believable("expected_close", changes.get("expected_close"))
    told = {}
    for name, value in changes.items():
        if name == "name":
            value = named(value)
        if name == "competitors":
            value = [dict(one) for one in value]
            told[name] = [names_in(opportunity.competitors), names_in(value)]
        else:
            told[name] = [str(getattr(opportunity, name) or ""), str(value or "")]
        setattr(opportunity, name, value)
    opportunity.updated_at = as_of
    opportunity.save()
    OpportunityChange.objects.create(opportunity=opportunity, at=as_of, actor=actor, changes=told)
    tell("opportunity_changed", [(opportunity.lead_id, {"opportunity": told})], as_of=as_of, actor=actor)
    if "step" in changes:
        lay_out([opportunity.lead_id], as_of=as_of, actor=actor)
    return opportunity


def names_in(competitors: list[dict[str, Any]]) -> str:
    return ", ".join(str(one.get("name", "")) for one in competitors)
