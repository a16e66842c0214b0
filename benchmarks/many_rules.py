"""Fifty rules with fading against SQL written by hand for them; two hundred rules; a touch; a preview."""

from collections.abc import Callable, Iterator
from statistics import median
from typing import Any

from django.db import connection

from benchmarks import Figure, benchmark
from benchmarks.fifty import DIMENSIONS, GRADES, RULES, many, statement
from benchmarks.ground import Ground, p95, timed
from benchmarks.scoring import RESULT
from leads.models import Lead, Touch
from scoring.actions import activate, new_card, rescore, write_rules
from scoring.cards import active, read
from scoring.models import Scorecard
from scoring.preview import preview
from workspaces.models import Workspace
from workspaces.tenancy import current_workspace_id, enter

PREVIEW_S = 3.0
ONE_LEAD_S = 0.015
TABLES = ("leads_lead", "leads_timelineentry")


@benchmark
def many_rules(ground: Ground) -> Iterator[Figure]:
    """Ours and the hand-written statement take turns in going first, a workspace each."""
    fifty = [rule for rule, _by_hand in RULES]
    use(ground, fifty)
    check_same(ground)
    ours: list[float] = []
    limit: list[float] = []
    for number, workspace in enumerate(ground.workspaces):
        pair: list[tuple[list[float], Callable[[Ground], Any]]] = [(ours, by_us), (limit, by_hand)]
        for times, work in pair if number % 2 else reversed(pair):
            times.append(changing(ground, workspace, work))
    work = f"{ground.leads:,} leads, all change"
    yield Figure("rescore, 50 rules, 10 of them fading", work, sum(ours), sum(limit), 1.3)
    yield written(ground)
    yield one_touch(ground)
    use(ground, many(200), ground.workspaces[:3])
    long = [changing(ground, workspace, by_us) for workspace in ground.workspaces[:3]]
    work = f"{ground.each:,} leads, all change"
    yield Figure(
        "rescore one workspace, 200 rules",
        work,
        median(long),
        median(ours[:3]),
        4.0,
        limit="ours with 50 rules",
    )
    yield foreseen(ground, fifty)


def use(ground: Ground, rules: list[dict[str, Any]], workspaces: list[Workspace] | None = None) -> None:
    for workspace in workspaces or ground.workspaces:
        with enter(workspace):
            card = a_card(ground, rules)
            activate(card, as_of=ground.as_of, actor=None, follow=False)


def a_card(ground: Ground, rules: list[dict[str, Any]]) -> Scorecard:
    card = new_card(
        name="Fifty",
        dimensions=[{"key": key, "label": key, "cap": cap} for key, cap in DIMENSIONS],
        grades=GRADES,
        threshold=60,
        as_of=ground.as_of,
        actor=None,
    )
    return write_rules(card, rules, as_of=ground.as_of, actor=None)


def by_us(ground: Ground) -> None:
    rescore(None, as_of=ground.as_of)


def by_hand(ground: Ground) -> None:
    card = active()
    assert card is not None
    with connection.cursor() as cursor:
        cursor.execute(
            statement(), {"now": ground.as_of, "workspace": current_workspace_id(), "card": card.id}
        )


def changing(ground: Ground, workspace: Workspace, work: Callable[[Ground], Any]) -> float:
    with ground.undone(workspace):
        seconds = timed(lambda: work(ground))
    ground.tidy(*TABLES)
    return seconds


def check_same(ground: Ground) -> None:
    """Both ways must come to the same scores, or the comparison says nothing."""
    found = []
    for work in (by_us, by_hand):
        with ground.undone(ground.workspaces[0]), connection.cursor() as cursor:
            work(ground)
            cursor.execute(RESULT, [current_workspace_id()])
            found.append(cursor.fetchone())
    ground.tidy(*TABLES)
    assert found[0] == found[1], f"ours and the hand-written SQL disagree: {found}"


def written(ground: Ground) -> Figure:
    """Rows written when one lead in a hundred changes: counted by their new versions, against those that change."""
    with ground.undone(ground.workspaces[0]), connection.cursor() as cursor:
        by_us(ground)
        cursor.execute(
            "CREATE TEMPORARY TABLE before ON COMMIT DROP AS SELECT id, ctid AS was FROM leads_lead"
        )
        changed = list(Lead.objects.order_by("pk").values_list("pk", flat=True)[::100])
        Touch.objects.bulk_create([Touch(lead_id=pk, kind="inquiry", at=ground.as_of) for pk in changed])
        by_us(ground)
        cursor.execute("SELECT count(*) FROM before b JOIN leads_lead l ON l.id = b.id WHERE l.ctid <> b.was")
        rows = cursor.fetchone()[0]
    ground.tidy(*TABLES, "leads_touch")
    work = f"{ground.each:,} leads, {len(changed):,} with a new touch"
    return Figure(
        "rows written by a rescoring", work, rows, len(changed), 1.0, limit="leads that change", unit="rows"
    )


def one_touch(ground: Ground) -> Figure:
    """A touch arrives: until the lead's new score is stored, with the fifty rules."""
    seconds = []
    with ground.undone(ground.workspaces[0]):
        for pk in Lead.objects.order_by("pk").values_list("pk", flat=True)[:: max(ground.each // 200, 1)]:
            Touch.objects.create(lead_id=pk, kind="inquiry", at=ground.as_of)
            seconds.append(timed(lambda pk=pk: rescore([pk], as_of=ground.as_of)))  # type: ignore[misc]
    ground.tidy(*TABLES, "leads_touch")
    return Figure(
        "rescore one lead after a touch, 50 rules, p95", "1 lead", p95(seconds), ONE_LEAD_S, limit="15 ms"
    )


def foreseen(ground: Ground, rules: list[dict[str, Any]]) -> Figure:
    """What a draft of fifty rules would change, as its page asks for it."""
    with ground.undone(ground.workspaces[0]):
        card = read(a_card(ground, rules))
        seconds = [timed(lambda: preview(card, as_of=ground.as_of)) for _round in range(3)]
    return Figure(
        "preview of a draft, 50 rules", f"{ground.each:,} leads", median(seconds), PREVIEW_S, limit="3 s"
    )
