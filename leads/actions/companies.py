"""Which company an arrival speaks of: the one with its unified social credit code, else the one of its name.

Where it names none, the one company of its e-mail's domain.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from leads.incoming import Incoming, company_document, core_of, key_of
from leads.inserting import insert_rows
from leads.models import Company
from leads.normalise.domains import FREE_MAIL
from leads.normalise.traits import throws_away
from workspaces.tenancy import current_workspace_id

FACTS = ("website", "domain", "industry", "region")
Said = tuple[str, str]  # key of the name, credit code


@dataclass
class Companies:
    """Companies by what is said of them: by name and code together, by code, by name."""

    ids: dict[Said, UUID] = field(default_factory=dict)
    by_code: dict[str, UUID] = field(default_factory=dict)
    by_key: dict[str, UUID] = field(default_factory=dict)
    by_domain: dict[str, UUID] = field(default_factory=dict)

    def of(self, name: str, facts: Mapping[str, Any]) -> UUID | None:
        key, code = key_of(name), facts.get("credit_code") or ""
        if not key and not code:
            return self.by_domain.get(mail_domain(facts))
        return self.ids.get((key, code)) or self.by_code.get(code) or self.by_key.get(key)


def mail_domain(facts: Mapping[str, Any]) -> str:
    """The domain of a company's own mail; '' at a provider for everybody."""
    domain = str(facts.get("email_key") or "").rpartition("@")[2]
    return "" if domain in FREE_MAIL or throws_away(domain) else domain


@dataclass
class Known:
    """What stands in the table, and what is about to: name keys with their codes."""

    code_of: dict[str, str] = field(default_factory=dict)
    key_of: dict[str, str] = field(default_factory=dict)  # by code
    coded: dict[str, str] = field(default_factory=dict)  # companies that learn their code now


def resolve_companies(items: list[Incoming], as_of: datetime) -> Companies:
    """The companies of these arrivals, made where they are new. At most six statements."""
    said: dict[Said, Incoming] = {}
    for item in items:
        if not item.rejected:
            said.setdefault((key_of(item.company), item.facts.get("credit_code") or ""), item)
    said.pop(("", ""), None)
    found = Companies(by_domain=known_domains(items))
    if not said:
        return found
    ids: dict[str, UUID] = {}
    known = Known()
    read({key for key, _code in said}, {code for _key, code in said if code}, ids, known)
    places = {one: place(*one, known) for one in said}
    write_codes({key: code for key, code in known.coded.items() if key in ids}, as_of)
    missing = sorted(set(places.values()) - set(ids))
    if missing:
        first = {places[one]: said[one] for one in reversed(said)}
        insert_companies(missing, first, known, as_of)
        read(set(missing), set(), ids, Known())
    found.ids = {one: ids[key] for one, key in places.items() if key in ids}
    for (key, code), pk in found.ids.items():
        found.by_key.setdefault(key, pk)
        found.by_code.setdefault(code, pk)
    for nothing in (found.by_key, found.by_code):
        nothing.pop("", None)
    return found


def known_domains(items: list[Incoming]) -> dict[str, UUID]:
    """The companies of those domains that arrivals without a company write from, where it is one company."""
    nameless = [one for one in items if not (one.rejected or one.company or one.facts.get("credit_code"))]
    domains = {mail_domain(one.facts) for one in nameless} - {""}
    rows = Company.objects.filter(domain__in=domains).values_list("domain", "id") if domains else []
    found: dict[str, list[UUID]] = {}
    for domain, pk in rows:
        found.setdefault(domain, []).append(pk)
    return {domain: ids[0] for domain, ids in found.items() if len(ids) == 1}


def read(keys: set[str], codes: set[str], ids: dict[str, UUID], known: Known) -> None:
    wanted = [Company.objects.filter(name_key__in=keys)]
    wanted += [Company.objects.filter(credit_code__in=codes)] if codes else []
    for rows in wanted:
        for key, code, pk in rows.values_list("name_key", "credit_code", "id"):
            ids[key] = pk
            known.code_of[key] = code
            if code:
                known.key_of[code] = key


def place(key: str, code: str, known: Known) -> str:
    """The name key of the company that is meant. Two of one name with different codes are two companies."""
    if code in known.key_of:
        return known.key_of[code]
    key = key or code.lower()
    if code and known.code_of.get(key, "") not in ("", code):
        key = f"{key[:280]} {code.lower()}"
    if code:
        known.code_of[key] = known.coded[key] = code
        known.key_of[code] = key
    return key


def write_codes(codes: dict[str, str], as_of: datetime) -> None:
    """Companies that had no code yet have one now."""
    if not codes:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH locked AS (
                SELECT c.id, k.code FROM unnest(%s::text[], %s::text[]) AS k (name_key, code)
                JOIN leads_company c ON c.workspace_id = %s AND c.name_key = k.name_key
                ORDER BY c.name_key FOR UPDATE OF c
            )
            UPDATE leads_company c SET credit_code = l.code, updated_at = %s
            FROM locked l WHERE c.workspace_id = %s AND c.id = l.id AND c.credit_code = ''
            """,
            [list(codes), list(codes.values()), current_workspace_id(), as_of, current_workspace_id()],
        )


def insert_companies(keys: list[str], first: dict[str, Incoming], known: Known, as_of: datetime) -> None:
    """New companies, with what the first lead of each says about it."""
    items = [first[key] for key in keys]
    facts = [item.facts for item in items]
    names = [(item.company or item.facts.get("credit_code") or "")[:300] for item in items]
    insert_rows(
        Company,
        len(keys),
        as_of=as_of,
        unless_there=True,
        name=names,
        name_key=keys,
        core=[core_of(name) for name in names],
        credit_code=[known.code_of.get(key, "") for key in keys],
        search=[
            company_document(name, fact.get("domain") or "") for name, fact in zip(names, facts, strict=True)
        ],
        employees=[fact.get("employees") for fact in facts],
        **{name: [fact.get(name) or "" for fact in facts] for name in FACTS},
    )
