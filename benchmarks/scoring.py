"""Rescoring against SQL written by hand for the same twenty rules, on the same rows."""

from collections.abc import Callable, Iterator
from statistics import median
from typing import Any

from django.db import connection

from benchmarks import Figure, benchmark
from benchmarks.card import DIMENSIONS, GRADES, RULES, THRESHOLD
from benchmarks.ground import Ground, timed
from benchmarks.rescoring_by_hand import STATEMENT
from leads.models import Lead, Touch
from scoring.actions import activate, new_card, rescore, write_rules
from scoring.cards import active
from workspaces.models import Workspace
from workspaces.tenancy import current_workspace_id, enter

ROUNDS = 3
ONE_LEAD_S = 0.015
RESULT = """
SELECT count(*), sum(score),
    sum(hashtextextended(concat_ws(',', id, score, grade, score_parts, rescore_at), 0)::numeric)
FROM leads_lead WHERE workspace_id = %s"""


@benchmark
def rescoring(ground: Ground) -> Iterator[Figure]:
    for workspace in ground.workspaces:
        with enter(workspace):
            use_card(ground)
    ground.tidy("leads_lead")
    ours: list[float] = []
    limit: list[float] = []
    for number, workspace in enumerate(ground.workspaces):
        pair: list[tuple[list[float], Callable[[Ground], Any]]] = [(ours, by_us), (limit, by_hand)]
        for times, work in pair if number % 2 else reversed(pair):  # whoever is second finds warm pages
            times.append(changing(ground, workspace, work))
    check_same(ground)
    count = f"{ground.each:,} leads, all change"
    spread = {"ours_each_s": [round(t, 3) for t in ours], "limit_each_s": [round(t, 3) for t in limit]}
    yield Figure("rescore one workspace, 20 rules", count, median(ours), median(limit), 1.5, more=spread)
    yield Figure(
        "rescore all workspaces, 20 rules", f"{ground.leads:,} leads, all change", sum(ours), sum(limit), 1.5
    )
    yield unchanged(ground)
    yield one_lead(ground)


def use_card(ground: Ground) -> None:
    """Make the benchmark's card the active one, without scoring by it yet."""
    card = new_card(
        name="Benchmark",
        dimensions=[{"key": key, "label": key, "cap": cap} for key, cap in DIMENSIONS],
        grades=GRADES,
        threshold=THRESHOLD,
        as_of=ground.as_of,
        actor=None,
    )
    rules = [
        {"dimension": dimension, "points": points, "label": label, "condition": condition}
        for dimension, points, label, condition in RULES
    ]
    write_rules(card, rules, as_of=ground.as_of, actor=None)
    activate(card, as_of=ground.as_of, actor=None, follow=False)


def by_us(ground: Ground) -> None:
    rescore(None, as_of=ground.as_of)


def by_hand(ground: Ground) -> None:
    card = active()
    assert card is not None
    with connection.cursor() as cursor:
        cursor.execute(STATEMENT, {"now": ground.as_of, "workspace": current_workspace_id(), "card": card.id})


def changing(ground: Ground, workspace: Workspace, work: Callable[[Ground], Any]) -> float:
    """Score leads that never were scored, so that every row is written; rolled back afterwards."""
    with ground.undone(workspace):
        seconds = timed(lambda: work(ground))
    ground.tidy("leads_lead", "leads_timelineentry")
    return seconds


def check_same(ground: Ground) -> None:
    """Both ways must come to the same scores, or the comparison says nothing."""
    found = []
    for work in (by_us, by_hand):
        with ground.undone(ground.workspaces[0]), connection.cursor() as cursor:
            work(ground)
            cursor.execute(RESULT, [current_workspace_id()])
            found.append(cursor.fetchone())
    ground.tidy("leads_lead", "leads_timelineentry")
    assert found[0] == found[1], f"ours and the hand-written SQL disagree: {found}"


def unchanged(ground: Ground) -> Figure:
    """Score again what is scored already: nothing is written, only worked out."""
    times: dict[Callable[[Ground], Any], list[float]] = {by_us: [], by_hand: []}
    with ground.undone(ground.workspaces[0]):
        by_us(ground)
        for _round in range(ROUNDS):
            for work, found in times.items():
                found.append(timed(lambda work=work: work(ground)))  # type: ignore[misc]
    ground.tidy("leads_lead", "leads_timelineentry")
    count = f"{ground.each:,} leads, none changes"
    return Figure("rescore one workspace again", count, min(times[by_us]), min(times[by_hand]), 1.5)


def one_lead(ground: Ground) -> Figure:
    """A touch arrives: until the lead's new score is stored."""
    seconds = []
    with ground.undone(ground.workspaces[0]):
        for pk in Lead.objects.order_by("pk").values_list("pk", flat=True)[:: max(ground.each // 200, 1)]:
            Touch.objects.create(lead_id=pk, kind="inquiry", at=ground.as_of)
            seconds.append(timed(lambda pk=pk: rescore([pk], as_of=ground.as_of)))  # type: ignore[misc]
    ground.tidy("leads_lead", "leads_timelineentry", "leads_touch")
    p95 = sorted(seconds)[int(len(seconds) * 0.95)]
    return Figure("rescore one lead after a touch, p95", "1 lead", p95, ONE_LEAD_S, limit="15 ms")
