"""Facts found elsewhere about known leads: blanks are filled, nothing is overwritten, and it is said from where."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from leads.actions.arrivals import BLANK, refresh_search
from leads.actions.edit import company_named
from leads.facts import clean
from leads.happened import happened
from leads.incoming import COLUMNS, normalise
from leads.models import Company, Lead
from leads.normalise.traits import NO_MAIL
from leads.planner import over
from leads.timeline import tell
from workspaces.refusals import Invalid
from workspaces.tenancy import current_workspace

# What may be filled in from outside: never who somebody is, nor what was agreed with them.
FILLED = ("title", "company", "credit_code", "website", "industry", "region", "employees")
OF_COMPANY = ("credit_code", "website", "industry", "region", "employees")
OF_PERSON = "of_person"  # beside the facts: names of those that hold for the person, not for their company
Facts = Mapping[str, Any]


@dataclass(frozen=True)
class Found:
    """Where facts come from: the kind of source (``http``, ``file`` …), its id, and its name for people."""

    kind: str
    source: UUID
    name: str


def fill_in(facts: Mapping[UUID, Facts], found: Found, *, as_of: datetime) -> dict[UUID, list[str]]:
    """Fill the blanks of these leads and of their companies; {lead: the fields filled}. The system does it.

    Values that are none of their field's kind are left out. ``no_mail``: true marks the e-mail address. Where a person
    is (``of_person``, or told of the lead before) is not where the company is.
    """
    with over(list(facts)):
        rows = Lead.objects.select_for_update().filter(pk__in=facts).order_by("pk")
        leads = {lead.pk: lead for lead in rows}
    before = {
        pk: {name: getattr(lead, name) for name in (*COLUMNS, "company_id")} for pk, lead in leads.items()
    }
    for pk, lead in leads.items():
        fill_one(lead, facts[pk])
    changes = {pk: changed(lead, before[pk]) for pk, lead in leads.items()}
    moved = [leads[pk] for pk, found_here in changes.items() if found_here]
    if not moved:
        return {}
    for lead in moved:
        lead.version += 1
        lead.updated_at = as_of
    refresh_search(moved)
    names = sorted({name for lead in moved for name in changes[lead.pk]})
    with over(moved):
        Lead.objects.bulk_update(moved, [*names, "search", "version", "updated_at"], batch_size=1000)
        here = {
            pk
            for pk, one in changes.items()
            if "region" in one and "region" not in facts[pk].get(OF_PERSON, ())
        }
        fill_companies(moved, here, as_of)
    said = {"source": found.kind, "by": str(found.source), "name": found.name}
    told = [(lead.pk, {**said, "changes": changes[lead.pk]}) for lead in moved]
    tell("enriched", told, as_of=as_of, actor=None)
    happened("facts_changed", [lead.pk for lead in moved], as_of=as_of, actor=None, fields=names)
    return {lead.pk: sorted(changes[lead.pk]) for lead in moved}


def fill_one(lead: Lead, given: Facts) -> None:
    """Blanks of one lead, in memory."""
    for name in FILLED:
        blank = lead.company_id is None if name == "company" else getattr(lead, name) in BLANK
        if not blank or given.get(name) in BLANK:
            continue
        try:
            value = clean({name: given[name]})[name]
        except Invalid:
            continue
        if name == "company":
            lead.company_id = company_named(value)
        else:
            setattr(lead, name, value)
    if lead.website and not lead.domain:
        known: dict[str, Any] = {"website": lead.website, "email": lead.email, "phone": ""}
        normalise(known, current_workspace().region)
        lead.domain = known["domain"]
    if given.get(NO_MAIL) and NO_MAIL not in lead.email_traits.split():
        lead.email_traits = f"{lead.email_traits} {NO_MAIL}".strip()


def changed(lead: Lead, before: Mapping[str, Any]) -> dict[str, list[Any]]:
    return {
        name: [plain(was), plain(getattr(lead, name))]
        for name, was in before.items()
        if getattr(lead, name) != was
    }


def plain(value: Any) -> Any:
    return str(value) if isinstance(value, date | UUID) else value


def fill_companies(leads: list[Lead], here: set[UUID], as_of: datetime) -> None:
    """What a company does not say yet is what its lead has learned. ``here``: whose region is the company's."""
    first = {lead.company_id: lead for lead in reversed(leads) if lead.company_id}
    rows = list(Company.objects.select_for_update().filter(pk__in=first).order_by("pk")) if first else []
    told = []
    for company in rows:
        news = {
            name: value
            for name in OF_COMPANY
            if name != "region" or first[company.pk].pk in here
            if getattr(company, name) in BLANK and (value := getattr(first[company.pk], name)) not in BLANK
        }
        if news.get("credit_code") and Company.objects.filter(credit_code=news["credit_code"]).exists():
            del news["credit_code"]
        for name, value in news.items():
            setattr(company, name, value)
        if news:
            company.updated_at = as_of
            told.append(company)
    Company.objects.bulk_update(told, [*OF_COMPANY, "updated_at"], batch_size=1000)
