"""What happens after what, on one page.

If seeing A without B would be wrong, B runs in A's transaction: the lists of ``connect``, in order.
What may come seconds later is due work: ``run_due``, called by Celery beat and by ``manage.py run_due``.
Every action takes a set of lead ids, ``as_of`` and ``actor``, and costs a fixed number of statements.
"""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.utils import translation

from leadcrm.apart import Apart
from workspaces.bell import bells
from workspaces.models import Workspace
from workspaces.tenancy import enter

MOST_ROUNDS = 100_000
MAKES_MORE_DUE = ("answers_taken_in", "deliveries_taken_in", "rows_imported", "enriched", "looked_at_anew")
LongWork = Callable[..., int]


def connect() -> None:
    """Tell the lower rooms what follows. Called once, when the program starts."""
    import intake.telling
    import leads.actions.rules
    import leads.actions.undo
    import leads.defaults
    import notices.actions as tell
    import pools.defaults
    import pools.telling
    import scoring.cycles
    import scoring.defaults
    import scoring.learning
    import scoring.review.actions
    import scoring.telling
    import workspaces.actions
    import workspaces.calendar.actions
    from intake.actions import first_sources, queue_enrichment
    from leads.actions import (
        apply_holder_tags,
        apply_score_tags,
        apply_stage_tags,
        apply_tag_rules,
        lay_out,
        queue_matching,
        revive,
        tag_arriving,
        wake_changed,
        wake_touched,
    )
    from leads.happened import after
    from leads.telling import sentences
    from notices.actions.reviews import tell_learned, tell_reviewed
    from pools.actions import (
        answered,
        bring_back,
        end_claims,
        end_pursuits,
        follow_stage,
        refit_clocks,
        refit_responses,
        refit_worked,
        refit_working_responses,
        set_clocks,
        set_responses,
        settle_holders,
        take_along,
    )
    from scoring.actions import (
        all_anew,
        anew_if_asked,
        qualify,
        rescore,
        rescore_if_owner_counts,
        rescore_if_stage_counts,
        score_arriving,
    )

    known = (apply_tag_rules, rescore, qualify)
    # A new lead is tagged and scored before it is written, a known one when it has come again.
    after("arriving", tag_arriving, score_arriving)
    after("came_again", wake_touched, wake_changed, revive, bring_back, apply_tag_rules, rescore)
    after(
        "captured",
        apply_score_tags,
        qualify,
        refit_clocks,
        refit_responses,
        queue_matching,
        queue_enrichment,
        tell.tell_came_again,
        tell.tell_captured,
    )
    after(
        "facts_changed",
        wake_changed,
        *known,
        refit_clocks,
        queue_matching,
        refit_responses,
        queue_enrichment,
    )
    after("touched", wake_touched, *known, refit_clocks, refit_responses)
    after("followed_up", *known, set_clocks, answered, tell.tell_mentioned)
    # What went back to marketing is not qualified again by the step itself, but by the next thing it does.
    stages = (apply_stage_tags, rescore_if_stage_counts, follow_stage, set_clocks, set_responses, lay_out)
    after("stage_changed", *stages, tell.tell_resumed, tell.tell_stage)
    holders = (apply_holder_tags, rescore_if_owner_counts, refit_clocks, set_responses, lay_out)
    after("owner_changed", *holders, tell.tell_holders, tell.tell_owner)
    after("team_changed", apply_holder_tags, rescore_if_owner_counts, refit_clocks, refit_responses)
    after("warned", tell.tell_warned)
    after("response_due", tell.tell_late)
    after("approval_asked", tell.tell_approvers)
    after("approval_decided", tell.tell_decided)
    after("merging", end_pursuits)
    merged = (*known, set_clocks, queue_matching, set_responses, lay_out)
    after("merged", *merged, tell.tell_merged)
    after("unmerged", settle_holders, *merged)
    after("rescored", apply_score_tags, refit_clocks, refit_responses)
    after("rules_changed", all_anew)  # at once where leads are few, else set by set: anew_due
    after("fields_changed", anew_if_asked)
    after("looked_at_anew", *known, refit_clocks, refit_responses)

    sentences.update(pools.telling.SENTENCES | intake.telling.SENTENCES | scoring.telling.SENTENCES)
    workspaces.calendar.actions.changed[:] = [refit_worked, refit_working_responses]
    leads.actions.undo.keepers[:] = [end_claims]
    workspaces.actions.team_changed[:] = [take_along]
    leads.actions.rules.tag_rule_checks[:] = [scoring.cycles.check_tag_rule]
    scoring.review.actions.after_review[:] = [tell_reviewed]
    scoring.learning.after_repeat[:] = [tell_learned]
    bells[:] = [ring_bell]
    workspaces.actions.defaults[:] = [
        leads.defaults.create,
        scoring.defaults.create,
        pools.defaults.create,
        first_sources,
    ]


def due_work() -> list[tuple[str, Callable[[datetime], int]]]:
    """Everything that can be due, in order: a name, and an action that does one batch and says how many."""
    from intake.actions import forget_answers, forget_deliveries, forget_files
    from leads.actions import resume_due, retag_due
    from leads.actions.undo import forget_undo
    from notices.actions import tell_tasks_due
    from pools.actions import (
        assign_due,
        reclaim_due,
        refit_due,
        refit_responses_due,
        respond_due,
        warn_due,
    )
    from scoring.actions import rescore_due
    from workspaces.repeats import forget

    return [
        ("resumed", resume_due),
        ("retagged", retag_due),
        ("rescored", rescore_due),
        ("clocks_refitted", refit_due),
        ("responses_refitted", refit_responses_due),
        ("responses", respond_due),
        ("warned", warn_due),
        ("reclaimed", reclaim_due),
        ("assigned", assign_due),
        ("tasks_told", tell_tasks_due),
        ("answers_forgotten", forget),
        ("undo_forgotten", forget_undo),
        ("deliveries_forgotten", forget_deliveries),
        ("answers_dropped", forget_answers),
        ("files_forgotten", forget_files),
    ]


def long_work() -> list[tuple[str, LongWork]]:
    """Due work of many transactions, which opens the workspace itself: files, e-mails and webhooks."""
    from intake.actions import answers_due, deliveries_due, enrich_due, export_due, import_due
    from leads.actions import match_due, values_due
    from notices.actions import send_due
    from scoring.actions import anew_due
    from scoring.learning.actions import train_due
    from scoring.review.actions import review_due

    return [
        ("answers_taken_in", answers_due),
        ("deliveries_taken_in", deliveries_due),
        ("rows_imported", import_due),
        ("enriched", enrich_due),
        ("exported", export_due),
        ("looked_at_anew", anew_due),
        ("trained", train_due),
        ("reviewed", review_due),
        ("notices_sent", send_due),
        ("matched", match_due),
        ("values_counted", values_due),
    ]


def ring_bell(workspace_id: UUID) -> None:
    """Ask the workers to look at a workspace now."""
    from leadcrm.tasks import look_at

    look_at.apply_async([str(workspace_id)], retry=False)


def run_due(workspace: Workspace, as_of: datetime, *, seconds: float | None = None) -> dict[str, Any]:
    """Do all that is due in a workspace as of a moment; {name: how many}. Safe to run twice and at once.

    Each batch is a transaction of its own: what was done stays done when a later one is interrupted.
    ``seconds``: after so long, long work is handed back unfinished, for whoever looks next. What it writes for
    people to read (reasons, notes) is in the workspace's language. A step that fails keeps none of the others from
    being done: ExceptionGroup at the end, with whatever failed.
    """
    from leadcrm.waiting import anything_due

    with enter(workspace):
        if not anything_due(as_of):
            return {name: 0 for name, _work in (*due_work(), *long_work())}
    apart = Apart(workspace.slug)
    with translation.override(workspace.locale):
        done = due_batches(workspace, as_of, apart)
        for name, work in long_work():
            done[name] = apart.do(name, partial(work, workspace, as_of, seconds=seconds), 0)
        if any(done[name] for name in MAKES_MORE_DUE):  # may be due for more
            for name, count in due_batches(workspace, as_of, apart).items():
                done[name] += count
    apart.tell()
    return done


def due_batches(workspace: Workspace, as_of: datetime, apart: Apart) -> dict[str, int]:
    return {
        name: apart.do(name, partial(all_batches, workspace, as_of, batch), 0) for name, batch in due_work()
    }


def all_batches(workspace: Workspace, as_of: datetime, batch: Callable[[datetime], int]) -> int:
    count = 0
    for _round in range(MOST_ROUNDS):
        with enter(workspace):
            found = batch(as_of)
        if not found:
            break
        count += found
    return count
