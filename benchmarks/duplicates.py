"""Duplicates: all of one workspace, learned and compared from nothing; and those of one new lead by the kept keys.

What is measured is the action that a worker calls, with every write of it. Some leads are made to resemble
others first, so that there is something to find.
"""

from collections.abc import Iterator
from uuid import UUID

from django.db import connection
from django.utils import timezone

from benchmarks import Figure, benchmark
from benchmarks.ground import Ground, p95, timed
from leads.actions import match_due, search_all
from leads.matching.single import keyed, like
from leads.matching.store import rules
from leads.models import Duplicate, Lead, MatchKey, MatchRules, MatchWork
from workspaces.tenancy import current_workspace_id, enter

WHOLE_S = 120.0  # for 100,000 leads
ONE_S = 0.015
NEW = 200
BEFORE = """
CREATE TEMPORARY TABLE before AS SELECT id, name, email, email_key, company_id, domain FROM leads_lead
WHERE workspace_id = %s AND mod(substr(external_id, 7)::bigint, 50) = 0"""
AS_BEFORE = """
UPDATE leads_lead l SET name = b.name, email = b.email, email_key = b.email_key, company_id = b.company_id,
    domain = b.domain
FROM before b WHERE l.workspace_id = %s AND l.id = b.id"""
RESEMBLE = """
UPDATE leads_lead l SET name = o.name, email = '', email_key = '', company_id = o.company_id, domain = o.domain
FROM leads_lead o WHERE l.workspace_id = %s AND o.workspace_id = %s AND mod(substr(l.external_id, 7)::bigint, 50) = 0
  AND o.external_id = 'bench-' || (substr(l.external_id, 7)::bigint - 1)"""


@benchmark
def duplicates(ground: Ground) -> Iterator[Figure]:
    workspace = ground.workspaces[-1]
    with enter(workspace), connection.cursor() as cursor:
        forget()  # what an earlier run left when it was stopped
        cursor.execute(BEFORE, [current_workspace_id()])
        cursor.execute(RESEMBLE, [current_workspace_id()] * 2)
        made = cursor.rowcount
        search_all(as_of=ground.as_of, actor=None)
    whole = timed(lambda: match_due(workspace, timezone.now()))
    with enter(workspace):
        assert not MatchWork.objects.filter(finished_at=None).exists(), "the search did not come to its end"
        found = Duplicate.objects.count()
        some = list(
            Lead.objects.filter(pk__in=Duplicate.objects.values("b")).values_list("pk", flat=True)[:NEW]
        )
        known = rules()
    more = {"made": made, "suggested": found}
    limit = WHOLE_S * ground.each / 100_000
    yield Figure(
        "duplicates of a whole workspace",
        f"{ground.each:,} leads",
        whole,
        limit,
        limit="2 min for 100,000",
        more=more,
    )

    def one(pk: UUID) -> None:
        like(*keyed([pk], known), known)

    with enter(workspace):
        for pk in some[:20]:
            one(pk)  # warm
        each = [timed(lambda pk=pk: one(pk)) for pk in some]  # type: ignore[misc]
    more = {"median_s": round(sorted(each)[len(each) // 2], 4)}
    work = f"{len(each)} leads, each among {ground.each:,}"
    yield Figure("duplicates of one new lead, p95", work, p95(each), ONE_S, limit="15 ms", more=more)
    with enter(workspace), connection.cursor() as cursor:
        cursor.execute(AS_BEFORE, [current_workspace_id()])
        cursor.execute("DROP TABLE before")
        forget()
    ground.tidy("leads_lead", "leads_matchkey")


def forget() -> None:
    """Nothing is learned, compared or suggested in the open workspace."""
    for model in (MatchWork, MatchKey, MatchRules, Duplicate):
        model.objects.all().delete()
