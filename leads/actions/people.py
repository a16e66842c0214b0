"""People of a pursuit and their buying roles."""

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from leads.happened import happened
from leads.incoming import person_document
from leads.locking import changed, lock_one, require_holding
from leads.models import Contact, Lead, LeadContact
from leads.models.company import BuyingRole
from leads.normalise import email_key, phone_e164
from leads.timeline import tell
from workspaces.models import Member
from workspaces.refusals import Invalid, NotThere
from workspaces.tenancy import current_workspace
from workspaces.texts import clean_text


def add_contact(
    pk: UUID,
    *,
    role: str,
    name: str = "",
    title: str = "",
    email: str = "",
    phone: str = "",
    wechat: str = "",
    contact_id: UUID | None = None,
    as_of: datetime,
    actor: Member | None,
) -> LeadContact:
    """A person takes part in this pursuit, in a buying role: somebody known (``contact_id``) or new."""
    if role not in BuyingRole.values:
        message = _("Known values: %(known)s.") % {"known": ", ".join(BuyingRole.values)}
        raise Invalid.field("role", message, "unknown_value")
    lead = lock_one(pk)
    require_holding(actor, "edit_leads", lead)
    if contact_id is not None:
        contact = Contact.objects.filter(pk=contact_id).first()
        if contact is None:
            raise NotThere(_("There is no such contact."))
    else:
        contact = new_contact(lead, clean_text(name), title, email, phone, wechat)
    found, created = LeadContact.objects.get_or_create(lead=lead, contact=contact, role=role)
    if created:
        changed([lead.pk], as_of)
        told = {"name": contact.name, "role": role, "title": contact.title}
        tell("contact_added", [(lead.pk, told)], as_of=as_of, actor=actor)
        happened("facts_changed", [lead.pk], as_of=as_of, actor=actor, fields=["contacts"])
    return found


def new_contact(lead: Lead, name: str, title: str, email: str, phone: str, wechat: str) -> Contact:
    errors = []
    if not name:
        errors.append({"field": "name", "code": "required", "message": _("Who is it? Give a name.")})
    if email and not email_key(email):
        errors.append({"field": "email", "code": "invalid", "message": _("This is not an e-mail address.")})
    if errors:
        raise Invalid(errors)
    reach = {
        "email": email_key(email),
        "phone": (phone_e164(phone, current_workspace().region) or clean_text(phone))[:60],
        "wechat": clean_text(wechat)[:100],
    }
    return Contact.objects.create(
        company_id=lead.company_id,
        name=name[:200],
        title=clean_text(title)[:200],
        search=person_document(name[:200], **reach),
        **reach,
    )


def drop_contact(pk: UUID, *, as_of: datetime, actor: Member | None) -> None:
    """The person no longer takes part in this role; the contact itself stays."""
    found = LeadContact.objects.filter(pk=pk).select_related("contact").first()
    if found is None:
        raise NotThere(_("There is no such contact."))
    lead = lock_one(found.lead_id)
    require_holding(actor, "edit_leads", lead)
    told = {"name": found.contact.name, "role": found.role}
    found.delete()
    changed([lead.pk], as_of)
    tell("contact_dropped", [(lead.pk, told)], as_of=as_of, actor=actor)
    happened("facts_changed", [lead.pk], as_of=as_of, actor=actor, fields=["contacts"])
