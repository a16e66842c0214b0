"""Duplicates: all of one workspace, learned and compared from nothing; and those of one new lead by the kept keys,
in that workspace and in one that holds every lead of the ground.

What is measured is the action that a worker calls, with every write of it. Some leads are made to resemble
others first, so that there is something to find.
"""

from collections.abc import Iterator
from itertools import islice
from uuid import UUID

from django.db import connection
from django.utils import timezone

from benchmarks import Figure, benchmark, rows
from benchmarks.ground import Ground, p95, timed
from benchmarks.traces import a_workspace, owner_in
from leads.actions import match_due, search_all
from leads.matching.evidence import Evidence
from leads.matching.single import keyed, like
from leads.matching.store import keep_keys, rules
from leads.matching.whole import joined, planned, read_after
from leads.models import Duplicate, Lead, MatchKey, MatchRules, MatchWork
from workspaces.models import Workspace
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

RESEMBLING = f"""
SELECT id FROM leads_lead WHERE workspace_id = %s AND mod(substr(external_id, 7)::bigint, 50) = 0
ORDER BY hashtext(external_id) LIMIT {NEW}"""


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
        pairs = Duplicate.objects.values("b")
        some = list(Lead.objects.filter(pk__in=pairs).values_list("pk", flat=True)[:NEW])
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

    yield one_new(workspace, some, ground.each)
    with enter(workspace), connection.cursor() as cursor:
        cursor.execute(AS_BEFORE, [current_workspace_id()])
        cursor.execute("DROP TABLE before")
        forget()
    ground.tidy("leads_lead", "leads_matchkey")


def forget() -> None:
    """Nothing is learned, compared or suggested in the open workspace."""
    for model in (MatchWork, MatchKey, MatchRules, Duplicate):
        model.objects.all().delete()


@benchmark
def one_among_all(ground: Ground) -> Iterator[Figure]:
    """As many leads in one workspace as the ground has in all; the model is learned from a tenth of them."""
    with a_workspace("known-leads", reps=10) as workspace:
        rows.fill([workspace], ground.leads, ground.as_of, history=False)
        with owner_in(workspace) as cursor:
            cursor.execute(RESEMBLE, [str(workspace.pk)] * 2)
            cursor.execute("VACUUM ANALYZE leads_lead")
        with enter(workspace):
            part = list(islice(chunks(), max(ground.leads // 100_000, 1)))
            plan = planned(joined(part))
            MatchRules.objects.create(
                model=plan.model.as_json(), fields=plan.fields, pairs=plan.pairs, learned_at=ground.as_of
            )
        known = rules_of(workspace)
        last = None
        while True:
            with enter(workspace):
                evidence = read_after(last, [])
                if not len(evidence):
                    break
                keep_keys(*keyed(evidence.ids, known), ground.as_of)
            last = evidence.ids[-1]
        ground.tidy("leads_matchkey")
        with enter(workspace), connection.cursor() as cursor:
            cursor.execute(RESEMBLING, [current_workspace_id()])
            some = [pk for (pk,) in cursor.fetchall()]
        yield one_new(workspace, some, ground.leads)
    ground.tidy("leads_lead", "leads_matchkey")


def one_new(workspace: Workspace, some: list[UUID], among: int) -> Figure:
    """What each of these leads is compared with and how sure that is, one at a time."""
    with enter(workspace):
        known = rules()
        found = 0

        def one(pk: UUID) -> None:
            nonlocal found
            found += bool(like(*keyed([pk], known), known))

        for pk in some[:20]:
            one(pk)  # warm
        found = 0
        each = [timed(lambda pk=pk: one(pk)) for pk in some]  # type: ignore[misc]
    more = {"median_s": round(sorted(each)[len(each) // 2], 4), "with_duplicates": found}
    work = f"{len(each)} leads, each among {among:,}"
    return Figure("duplicates of one new lead, p95", work, p95(each), ONE_S, limit="15 ms", more=more)


def chunks() -> Iterator[Evidence]:
    last = None
    while len(part := read_after(last, [])):
        yield part
        last = part.ids[-1]


def rules_of(workspace: Workspace) -> MatchRules:
    with enter(workspace):
        return rules()
