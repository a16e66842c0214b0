"""A search of the whole workspace: read every lead, learn from them, compare, write.

Each step is a transaction that renews the lease; a worker that is killed leaves a search that starts again.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone

from leads.actions.surest import merge_surest
from leads.matching.blocks import keys_of
from leads.matching.evidence import Evidence
from leads.matching.store import keep_found, keep_keys, rules
from leads.matching.whole import all_found, joined, planned, read_after
from leads.models import Lead, MatchRules, MatchWork
from leads.models.matching import MatchKind, MatchStatus
from workspaces.due import LeaseLost, renew
from workspaces.models import Workspace
from workspaces.tenancy import current_workspace_id, enter

AT_ONCE = 5000


def look_at_all(workspace: Workspace, work: MatchWork, beside: list[MatchWork], as_of: datetime) -> int:
    """Read every lead, learn from them, compare, write; each step a transaction that keeps the lease."""
    began = timezone.now()
    with enter(workspace):
        found = rules()
        step(work, status=MatchStatus.RUNNING, started_at=began, total=Lead.objects.count(), processed=0)
    evidence = read_all(workspace, work, found)
    plan = planned(evidence)
    pairs = all_found(evidence, plan, found.suggest_from)
    with enter(workspace):
        step(work, processed=int(work.total * 0.5))
        found = rules()
        found.model, found.fields, found.pairs = plan.model.as_json(), plan.fields, plan.pairs
        found.learned_at, found.seen = as_of, 0
        found.save()
    index_all(workspace, work, evidence, found, as_of)
    with enter(workspace):
        renew(work, timezone.now())
        for begin in range(0, len(pairs), AT_ONCE):
            work.found += keep_found(pairs[begin : begin + AT_ONCE], run=work.pk, as_of=as_of)
        outdated(work.pk, began)
        work.processed = work.total = len(evidence)
        work.merged = merge_surest(found, as_of, None)
        close([work, *beside])
    return len(evidence)


def step(work: MatchWork, **progress: Any) -> None:
    renew(work, timezone.now())
    for name, value in progress.items():
        setattr(work, name, value)
    work.save(update_fields=[*progress, "updated_at"])


def read_all(workspace: Workspace, work: MatchWork, found: MatchRules) -> Evidence:
    parts: list[Evidence] = []
    while True:
        with enter(workspace):
            part = read_after(parts[-1].ids[-1] if parts else None, found.ignore)
            if not len(part):
                return joined(parts)
            parts.append(part)
            step(work, processed=int(0.4 * sum(map(len, parts))))


def index_all(
    workspace: Workspace, work: MatchWork, evidence: Evidence, found: MatchRules, as_of: datetime
) -> None:
    """The keys by which later leads find these."""
    keys = keys_of(evidence, found.fields, found.pairs)
    for begin in range(0, len(evidence), AT_ONCE):
        end = begin + AT_ONCE
        part = Evidence(evidence.ids[begin:end])
        with enter(workspace):
            there = set(Lead.objects.filter(pk__in=part.ids).values_list("pk", flat=True))
            some = {name: column[begin:end].copy() for name, column in keys.items()}
            for at, pk in enumerate(part.ids):
                if pk not in there:
                    for column in some.values():
                        column[at] = 0
            keep_keys(part, some, as_of)
            step(work, processed=int(work.total * (0.5 + 0.5 * min(end / max(len(evidence), 1), 1))))


def outdated(run: UUID, began: datetime) -> None:
    """What this search did not say again, and no later look has said, is no suggestion any more."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM leads_duplicate WHERE workspace_id = %s AND status = 'suggested' "
            "AND run IS DISTINCT FROM %s AND created_at < %s",
            [current_workspace_id(), run, began],
        )


def close(work: list[MatchWork]) -> None:
    """Done, in the transaction of what was done. LeaseLost when another worker took it over."""
    tokens = {one.lease_token for one in work}
    closed = MatchWork.objects.filter(pk__in=[one.pk for one in work], lease_token__in=tokens)
    done = [one.pk for one in work if one.kind == MatchKind.NEW]
    if closed.count() < len(work):
        raise LeaseLost("MatchWork")
    for one in work:
        if one.kind == MatchKind.ALL:
            one.status, one.finished_at, one.due_at = MatchStatus.DONE, timezone.now(), None
            one.lease_token = one.leased_until = None
            one.attempts = 0
            one.save()
    MatchWork.objects.filter(pk__in=done).delete()  # a queue, not a history
