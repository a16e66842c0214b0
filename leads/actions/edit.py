"""Facts of one lead, written down by a person or a program."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _

from leads.actions.arrivals import refresh_search
from leads.actions.channels import resolve_channels
from leads.actions.tagging import tag_rows
from leads.facts import clean
from leads.happened import happened
from leads.incoming import COLUMNS, Incoming, company_document, core_of, key_of, normalise, unusable
from leads.locking import lock_one, require_holding
from leads.models import Company, Identity, Lead, LeadTag
from leads.normalise import fold
from leads.sharing import COMPARED, PHONE, two_people
from leads.timeline import tell
from workspaces.models import Member
from workspaces.refusals import Invalid, Refused, Stale
from workspaces.tenancy import current_workspace


def edit(
    pk: UUID, changes: dict[str, Any], *, as_of: datetime, actor: Member | None, version: int | None = None
) -> Lead:
    """Write facts (never stage, pool, owner or score) and let what depends on them follow.

    ``changes``: columns of Lead by name; ``company`` and ``channel`` are names (or a Channel);
    ``attributes`` replaces the keys it names (None removes one). Stale when ``version`` is old.
    """
    lead = lock_one(pk)
    require_holding(actor, "edit_leads", lead)
    if version is not None and version != lead.version:
        raise Stale(_("This lead was changed meanwhile. Load it again, then repeat your change."))
    before = {name: getattr(lead, name) for name in (*COLUMNS, "company_id", "channel_id", "attributes")}
    values = clean(changes)
    tags = values.pop("tags", None)
    apply(lead, values)
    normalise_lead(lead, before)
    if not (lead.email_key or lead.phone_e164 or lead.wechat or lead.external_id):
        message = _("There would be no way left to reach this lead.")
        raise Invalid.field("email", message, "unreachable")
    if tags is not None:
        set_tags(lead, tags, as_of, actor)
    news = {n: v for n, v in current(lead, before).items() if v != before[n]}
    if not news and tags is None:
        return lead
    lead.version += 1
    lead.updated_at = as_of
    refresh_search([lead])
    lead.save(update_fields=[*news, "search", "version", "updated_at"])
    keep_identities(lead, before, as_of)
    told = {n: [plain(before[n]), plain(v)] for n, v in news.items()}
    tell("edited", [(lead.pk, {"changes": told})], as_of=as_of, actor=actor)
    happened("facts_changed", [lead.pk], as_of=as_of, actor=actor, fields=sorted(news))
    return Lead.objects.get(pk=lead.pk)


def current(lead: Lead, names: Any) -> dict[str, Any]:
    return {name: getattr(lead, name) for name in names}


def plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else str(value) if isinstance(value, UUID) else value


def apply(lead: Lead, values: dict[str, Any]) -> None:
    """Set cleaned values on the lead (in memory); names of companies and channels become rows."""
    for name, value in values.items():
        if name == "company":
            lead.company_id = company_named(value)
        elif name == "channel":
            lead.channel_id = channel_named(value)
        elif name == "attributes":
            lead.attributes = {k: v for k, v in {**lead.attributes, **value}.items() if v is not None}
        else:
            setattr(lead, name, value)


def set_tags(lead: Lead, names: list[str], as_of: datetime, actor: Member | None) -> None:
    """The tags set by hand are these; those that a rule set come and go with their rule."""
    keys = {fold(name) for name in names}
    there = LeadTag.objects.filter(lead=lead).select_related("tag")
    known = {one.tag.name_key for one in there}
    gone = [one for one in there if one.rule_id is None and one.tag.name_key not in keys]
    LeadTag.objects.filter(pk__in=[one.pk for one in gone]).delete()
    tag_rows({(lead.pk, name) for name in names}, as_of, by_hand=True)
    for kind, told in (
        ("untagged", [one.tag.name for one in gone]),
        ("tagged", [name for name in names if fold(name) not in known]),
    ):
        if told:
            tell(kind, [(lead.pk, {"tags": told})], as_of=as_of, actor=actor)


def company_named(name: str) -> UUID | None:
    key = key_of(name)
    if not key:
        return None
    company, _created = Company.objects.get_or_create(
        name_key=key,
        defaults={"name": name[:300], "core": core_of(name[:300]), "search": company_document(name[:300])},
    )
    return company.pk


def channel_named(name: str) -> UUID | None:
    return resolve_channels([name])[name].pk if name else None


def normalise_lead(lead: Lead, before: dict[str, Any]) -> None:
    facts: dict[str, Any] = {"email": lead.email, "phone": lead.phone, "website": lead.website}
    normalise(facts, current_workspace().region)
    errors = [
        unusable(name)
        for name, key in (("email", "email_key"), ("phone", "phone_e164"))
        if facts[name] and not facts[key] and facts[name] != before[name]
    ]
    if errors:
        raise Invalid(errors)
    if lead.email_key != facts["email_key"]:  # what was found out about an address stays while it is the same
        lead.email_traits = facts["email_traits"]
    lead.email_key, lead.phone_e164, lead.domain = facts["email_key"], facts["phone_e164"], facts["domain"]


def keep_identities(lead: Lead, before: dict[str, Any], as_of: datetime) -> None:
    """The lead's identities follow its facts; one that another lead has is refused, with that lead's id."""
    then = Incoming({n: before[n] for n in COLUMNS}).identities(before["channel_id"])
    now = Incoming({n: getattr(lead, n) for n in COLUMNS}).identities(lead.channel_id)
    gone, come = set(then) - set(now), set(now) - set(then)
    if not gone and not come:
        return
    for kind, value in sorted(gone):
        Identity.objects.filter(lead=lead, kind=kind, value=value).delete()
    for kind, value in sorted(come):
        mine = claim_identity(lead, kind, value, as_of)
        if mine is not None and mine != lead.pk and not (kind == PHONE and of_another(lead, mine)):
            message = _("Another lead has this %(kind)s already.") % {"kind": kind.replace("_", " ")}
            raise Refused("known_identity", message, lead=str(mine), field=kind)


def of_another(lead: Lead, holder: UUID) -> bool:
    """Whether the lead that has this phone is clearly another person: then they share it."""
    there = Lead.objects.filter(pk=holder).values(*COMPARED).first()
    mine = {name: getattr(lead, name) for name in COMPARED}
    return there is not None and two_people(mine, there)


def claim_identity(lead: Lead, kind: str, value: str, as_of: datetime) -> UUID | None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO leads_identity (id, workspace_id, lead_id, kind, value, created_at, updated_at)
            VALUES (leadcrm_uuid7(), %s, %s, %s, %s, %s, %s)
            ON CONFLICT (workspace_id, kind, value) DO NOTHING
            """,
            [lead.workspace_id, lead.pk, kind, value, as_of, as_of],
        )
    return Identity.objects.filter(kind=kind, value=value).values_list("lead_id", flat=True).first()
