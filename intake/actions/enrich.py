"""Asking sources of facts about leads that came in: due work, a set of leads and one source at a time."""

import hashlib
import logging
import time
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from intake.amounts import parse_employees
from intake.enriching.models import Enriching, FactSource, KnownFacts, SourceKind
from intake.enriching.sources import Asked, EnrichmentSource, Facts, NotAnswered, source_of
from leads.actions.fill_in import FILLED, Found, fill_in
from leads.inserting import as_json, id_array, insert_rows
from leads.models import Company, CustomField, Lead
from leads.models.fields import FieldKind
from leads.planner import over
from workspaces.bell import ring
from workspaces.due import FREE, LeaseLost, claim_due, finish, ours
from workspaces.models import Member, Workspace
from workspaces.tenancy import current_workspace_id, enter

log = logging.getLogger(__name__)
AT_ONCE = 200  # leads of one piece of work, where somebody outside is waited for
MANY_AT_ONCE = 2000  # where nobody is
SIZES = {"most": AT_ONCE, "many": MANY_AT_ONCE}
SPENT_S = 40.0  # on one piece of work at most; its lease is three times as long
AGAIN_S, LONGEST_S = 60.0, 3600.0
GIVEN_UP = timedelta(days=7)  # a source that has been silent for so long has lost its turn
ASKED_BY = {"email", "website", "phone", "company_id", "credit_code"}  # a change of these asks anew
ADDRESS = ("address", "地址", "地点", "location", "street")

BLANK_IN_SQL = {"employees": "l.employees IS NULL", "company": "l.company_id IS NULL"}
# ``fields`` of a source, ``columns`` of a table: what it can say; of one that does not tell, anything.
KNOWS = "coalesce(coalesce(s.settings -> 'fields', s.settings -> 'columns') ? '{name}', true)"
LACKS = " OR ".join(
    f"({KNOWS.format(name=name)} AND {BLANK_IN_SQL.get(name, f"l.{name} = ''")})" for name in FILLED
)
# For each source in force the leads that lack something it may know, in sets.
QUEUE = """
INSERT INTO intake_enriching (id, workspace_id, created_at, updated_at, source_id, leads, due_at, attempts, last_error)
SELECT leadcrm_uuid7(), %(workspace)s, %(as_of)s, %(as_of)s, n.source_id, jsonb_agg(n.id), %(as_of)s, 0, ''
FROM (
    SELECT s.id AS source_id, l.id,
        CASE WHEN s.kind IN ('place', 'file') THEN %(many)s ELSE %(most)s END AS many,
        row_number() OVER (PARTITION BY s.id ORDER BY l.id) AS at
    FROM intake_factsource s
    JOIN leads_lead l ON l.workspace_id = s.workspace_id {these}
    WHERE s.workspace_id = %(workspace)s AND s.is_active {this} AND CASE s.kind
        WHEN 'place' THEN l.region = ''
        WHEN 'mail' THEN l.email_key <> '' AND strpos(l.email_traits, 'no_mail') = 0
        ELSE {lacks} END
) n
GROUP BY n.source_id, (n.at - 1) / n.many
"""


def queue_enrichment(
    leads: Sequence[UUID],
    *,
    as_of: datetime,
    actor: Member | None = None,
    fields: Sequence[str] | None = None,
    **_: Any,
) -> None:
    """Leads came in, or what they are asked about by has changed: ask about them soon. One statement."""
    if fields is not None and not ASKED_BY & set(fields):
        return
    queue("AND l.id = ANY(%(leads)s::uuid[])", "", leads, as_of, leads=id_array(leads))


def queue_all(source: FactSource, *, as_of: datetime) -> None:
    """A source is new or knows more: ask it about every lead that lacks something, soon."""
    Enriching.objects.filter(source=source, leased_until=None).delete()
    queue("", "AND s.id = %(source)s", None, as_of, source=source.pk)
    ring()


def queue(these: str, this: str, about: Sequence[UUID] | None, as_of: datetime, **places: Any) -> None:
    """``these``: which leads, ``this``: which source, as conditions with ``places`` in them; ``about``: the leads, for
    the planner (None: all)."""
    given = {"workspace": current_workspace_id(), "as_of": as_of, **SIZES, **places}
    with over(about), connection.cursor() as cursor:
        cursor.execute(QUEUE.format(these=these, this=this, lacks=LACKS), given)


def enrich_due(workspace: Workspace, as_of: datetime, *, seconds: float | None = None) -> int:
    """Ask about everything that waits; how many leads were filled. Long work: opens the workspace itself."""
    began, done = time.monotonic(), 0
    while seconds is None or time.monotonic() - began < seconds:
        with enter(workspace):
            found = claim_due(Enriching, as_of, timezone.now(), only=Q(~Exists(asked_before(as_of))))
            work = Enriching.objects.select_related("source").get(pk=found[0].pk) if found else None
        if work is None:
            return done
        try:
            done += ask_about(workspace, work, as_of)
        except LeaseLost:
            log.info("Leads to be enriched %s are another worker's now", work.pk)
    return done


def asked_before(as_of: datetime) -> Any:
    """Work that came with another and whose source has its say first: of two that say a fact the first one fills it.

    The order is that of the sources; where a phone number belongs is a guess, it comes last. A source that does not
    answer now is not waited for.
    """
    guess = Q(source__kind=SourceKind.PLACE)
    this = {"created_at": OuterRef("created_at"), "due_at__lte": as_of, "parked_at": None}
    return (
        Enriching.objects.filter(**this)
        .exclude(guess | Q(source__kind=SourceKind.MAIL))
        .filter(Q(source__position__lt=OuterRef("source__position")) | Q(Exists(guesses())))
    )


def guesses() -> Any:
    return FactSource.objects.filter(pk=OuterRef(OuterRef("source_id")), kind=SourceKind.PLACE)


def ask_about(workspace: Workspace, work: Enriching, as_of: datetime) -> int:
    """One set of leads and one source; how many leads got something."""
    with enter(workspace):
        source = source_of(work.source)
        keys = keys_of(work, source) if work.source.is_active else {}
        known = kept(work.source, source, keys, as_of)
        missing = sorted(set(keys.values()) - set(known))
        if missing and not source.outside:
            known |= source.look_up(missing, SPENT_S)
            missing = []
    news: Mapping[str, Facts] = {}
    if missing:
        try:
            news = source.look_up(missing, SPENT_S)
        except NotAnswered as fault:
            put_off(workspace, work, fault, as_of)
            return 0
    answers = known | dict(news)
    facts = {lead: answers[key] for lead, key in keys.items() if answers.get(key)}
    rest = [lead for lead, key in keys.items() if key not in answers]
    filled: dict[UUID, list[str]] = {}
    with enter(workspace):
        finish(work, lambda: filled.update(settle(work, source, facts, news, as_of)))
        if rest:
            queue_again(work, rest, as_of)
        Enriching.objects.filter(pk=work.pk).delete()  # a queue, not a history
    return len(filled)


def keys_of(work: Enriching, source: EnrichmentSource) -> dict[UUID, str]:
    """What the source is asked by for each lead that is still there."""
    texts = address_fields() if work.source.kind == SourceKind.PLACE else []
    rows = Lead.objects.filter(pk__in=work.leads).order_by("pk")
    leads = list(rows.only("domain", "email_key", "phone_e164", "company", "credit_code", "attributes"))
    ids = {lead.company_id for lead in leads if lead.company_id}
    names = dict(Company.objects.filter(pk__in=ids).values_list("id", "name")) if ids else {}
    found = {}
    for lead in leads:
        asked = Asked(
            domain=lead.domain,
            email=lead.email_key,
            phone=lead.phone_e164,
            company=names.get(lead.company_id, "") if lead.company_id else "",
            credit_code=lead.credit_code,
            texts=tuple(str(lead.attributes[key]) for key in texts if lead.attributes.get(key)),
        )
        if key := source.key(asked):
            found[lead.pk] = key
    return found


def address_fields() -> list[str]:
    """The workspace's own fields that hold an address."""
    rows = CustomField.objects.filter(kind=FieldKind.TEXT).values_list("key", "label")
    return [key for key, label in rows if any(word in f"{key} {label}".lower() for word in ADDRESS)]


def kept(
    row: FactSource, source: EnrichmentSource, keys: Mapping[UUID, str], as_of: datetime
) -> dict[str, Facts]:
    """Answers from before that still count."""
    if not source.keeps_days or not keys:
        return {}
    since = as_of - timedelta(days=source.keeps_days)
    sealed = {seal(key): key for key in keys.values()}
    rows = KnownFacts.objects.filter(source=row, key__in=sealed, at__gte=since)
    return {sealed[key]: facts for key, facts in rows.values_list("key", "facts")}


def seal(key: str) -> str:
    """What an answer is kept under: an e-mail address is nobody's to find here."""
    return hashlib.sha256(key.encode()).hexdigest()


def settle(
    work: Enriching,
    source: EnrichmentSource,
    facts: Mapping[UUID, Facts],
    news: Mapping[str, Facts],
    as_of: datetime,
) -> dict[UUID, list[str]]:
    """Write the answers down: with the leads, and for the next who asks."""
    row = work.source
    if news and source.keeps_days:
        KnownFacts.objects.filter(source=row, key__in=[seal(key) for key in news]).delete()
        insert_rows(
            KnownFacts,
            len(news),
            as_of=as_of,
            unless_there=True,
            source_id=row.pk,
            key=[seal(key) for key in news],
            facts=[as_json(told) for told in news.values()],
            at=as_of,
        )
    facts = {lead: understood(told) for lead, told in facts.items()}
    filled = fill_in(facts, Found(row.kind, row.pk, row.name), as_of=as_of) if facts else {}
    FactSource.objects.filter(pk=row.pk).update(
        asked=F("asked") + len(set(facts)) + len(news),
        filled=F("filled") + len(filled),
        last_at=as_of,
        failing_since=None,
        last_error="",
    )
    return filled


def understood(told: Facts) -> Facts:
    """What a source says, as our fields have it: of a range of employees the lower bound, as lists are read."""
    if told.get("employees") is None:
        return told
    return {**told, "employees": parse_employees(str(told["employees"]))}


def queue_again(work: Enriching, rest: Sequence[UUID], as_of: datetime) -> None:
    """What the time did not suffice for."""
    Enriching.objects.create(source=work.source, leads=[str(pk) for pk in rest], due_at=as_of)


def put_off(workspace: Workspace, work: Enriching, fault: NotAnswered, as_of: datetime) -> None:
    """The source does not answer: asked again, less and less often; the leads lose nothing but time."""
    again = min(fault.again_s or AGAIN_S * 2 ** min(work.attempts, 6), LONGEST_S)
    with enter(workspace):
        row = FactSource.objects.filter(pk=work.source_id)
        row.update(last_error=fault.reason, last_at=as_of)
        row.filter(failing_since=None).update(failing_since=as_of)
        if as_of - work.created_at > GIVEN_UP:
            ours(work).delete()
        else:
            later = as_of + timedelta(seconds=again)
            ours(work).update(due_at=later, attempts=min(work.attempts, 3), **FREE)
