"""Looking for duplicates: of what came in, soon after it did; of a whole workspace, when somebody asks."""

import time
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone

from leads.actions.look_at_all import close, look_at_all
from leads.actions.surest import merge_surest
from leads.inserting import as_json, insert_rows
from leads.matching.clusters import linked
from leads.matching.single import keyed, like
from leads.matching.store import forget_found, keep_found, keep_keys, rules
from leads.models import Lead, MatchRules, MatchWork
from leads.models.matching import MatchKind
from workspaces.bell import ring
from workspaces.due import LeaseLost, claim_due
from workspaces.models import Member, Workspace
from workspaces.permissions import require
from workspaces.tenancy import enter

AT_ONCE = 20  # queued sets of new leads that one look takes
GROWN = 0.5  # share of new leads from which on the model is learned anew
FIRST = 20  # leads, before which nothing is learned
MOST_TO_RELEARN = 200_000  # leads; a larger workspace is searched anew when somebody asks


def queue_matching(leads: Sequence[UUID], *, as_of: datetime, actor: Member | None = None, **_: Any) -> None:
    """These leads are new or changed: look for their duplicates soon. One statement."""
    insert_rows(
        MatchWork,
        1,
        as_of=as_of,
        kind=[MatchKind.NEW.value],
        leads=as_json([str(pk) for pk in leads]),
        due_at=as_of,
    )


def search_all(*, as_of: datetime, actor: Member | None) -> MatchWork:
    """Search the whole workspace in the background; a search that waits already is the answer."""
    require(actor, "match")
    waiting = MatchWork.objects.filter(kind=MatchKind.ALL, due_at__isnull=False, parked_at=None).first()
    if waiting is not None:
        return waiting
    return _search_all(as_of, actor)


def _search_all(as_of: datetime, actor: Member | None) -> MatchWork:
    ring()
    return MatchWork.objects.create(
        kind=MatchKind.ALL, due_at=as_of, total=Lead.objects.count(), member_id=actor.pk if actor else None
    )


def match_due(workspace: Workspace, as_of: datetime, *, seconds: float | None = None) -> int:
    """Look at everything that waits to be looked at; how many leads were. Long work: opens the workspace itself."""
    began, done = time.monotonic(), 0
    while seconds is None or time.monotonic() - began < seconds:
        with enter(workspace):
            work = claim_due(MatchWork, as_of, timezone.now(), limit=AT_ONCE)
        if not work:
            return done
        whole = [one for one in work if one.kind == MatchKind.ALL]
        new = [one for one in work if one.kind == MatchKind.NEW]
        try:
            if new and not whole:
                done += look_at_new(workspace, new, as_of)
            for one in whole[:1]:
                done += look_at_all(workspace, one, [*whole[1:], *new], as_of)
        except LeaseLost:
            continue
    return done


def look_at_new(workspace: Workspace, work: list[MatchWork], as_of: datetime) -> int:
    ids = sorted({UUID(pk) for one in work for pk in one.leads})
    with enter(workspace):
        found = rules()
        if wants_learning(found, len(ids)):
            _search_all(as_of, None)
            close(work)
            return 0
        for begin in range(0, len(ids), 1000):
            count, pairs = look_at_some(ids[begin : begin + 1000], found, as_of)
            work[0].found += count
            work[0].merged += merge_surest(found, as_of, pairs)
        if found.learned_at:
            MatchRules.objects.filter(pk=found.pk).update(seen=found.seen + len(ids))
        close(work)
    return len(ids)


def look_at_some(ids: list[UUID], found: MatchRules, as_of: datetime) -> tuple[int, list[tuple[UUID, UUID]]]:
    evidence, keys = keyed(ids, found)
    keep_keys(evidence, keys, as_of)
    forget_found(evidence.ids)
    pairs = like(evidence, keys, found)
    pairs += linked(pairs)
    return keep_found(pairs, run=None, as_of=as_of), [(a, b) for a, b, _s, _r in pairs]


def wants_learning(found: MatchRules, more: int) -> bool:
    """A model of far fewer leads, or none at all, while the workspace is small enough to look at all of it."""
    if found.learned_at:
        leads = found.model.get("leads", 0)
        return found.seen + more > max(FIRST, GROWN * leads) and leads < MOST_TO_RELEARN
    count = Lead.objects.order_by().values("pk")[: MOST_TO_RELEARN + 1].count()
    return FIRST <= count <= MOST_TO_RELEARN
