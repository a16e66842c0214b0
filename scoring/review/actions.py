"""Reviews as due work: one a month, written by itself; a click makes its suggestions a draft."""

import logging
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from scoring.actions.cards import copy_card, rules_of, team_of, write_rules
from scoring.cards import read
from scoring.learning.models import Review, Training, WorkStatus
from scoring.models import CardStatus, Scorecard
from scoring.proof.outcomes import outcome_of
from scoring.proof.studied import hand_on, remember
from scoring.review.changes import with_changes
from scoring.review.look import Looked, look
from workspaces.bell import ring
from workspaces.due import FREE, MAX_ATTEMPTS, LeaseLost, claim_due, finish, ours
from workspaces.models import Member, Team, Workspace
from workspaces.permissions import require
from workspaces.refusals import NotThere, Refusal, Refused
from workspaces.tenancy import current_workspace, enter

log = logging.getLogger(__name__)
AGAIN_S = 10
after_review: list[Callable[..., Any]] = []  # written by leadcrm/flow.py
USUAL: dict[str, Any] = {"field": "stage", "op": "eq", "value": "sql", "among": "mql"}


def month_of(as_of: datetime) -> date:
    """The first day of the month, where the workspace is."""
    return as_of.astimezone(current_workspace().tz).date().replace(day=1)


def start_review(
    *,
    as_of: datetime,
    actor: Member | None,
    team: Team | UUID | str | None = None,
    outcome: Any = None,
    anew: bool = True,
) -> Review | None:
    """This month's review, made due; None without a card in force. ``anew``: also when it is there already.

    team: of the card that it has of its own, on its leads. outcome: as asked, else what was learned or reviewed
    last, else the step from MQL to SQL.
    """
    require(actor, "rules")
    whose = team_of(team)
    card = Scorecard.objects.filter(status=CardStatus.ACTIVE, team=whose).first()
    if card is None:
        return None
    wanted = outcome_of(outcome or usual_outcome(whose)).given
    about = {"outcome": wanted, "scorecard": card, "due_at": as_of, "status": WorkStatus.QUEUED}
    review, made = Review.objects.get_or_create(month=month_of(as_of), team=whose, defaults=about)
    if not made and anew:
        Review.objects.filter(pk=review.pk).update(
            **about,
            attempts=0,
            parked_at=None,
            draft=None,
            updated_at=as_of,
            **FREE,
        )
        review.refresh_from_db()
    if made or anew:
        ring()
    return review


def usual_outcome(team: Team | None) -> dict[str, Any]:
    """What a person last had learned, or what was last reviewed, whichever is later."""
    training = Training.objects.filter(team=team, again=False, started_at__isnull=False)
    learned = training.order_by("-started_at").values_list("started_at", "outcome").first()
    review = Review.objects.filter(team=team, finished_at__isnull=False)
    looked = review.order_by("-finished_at").values_list("finished_at", "outcome").first()
    found = [(at, given) for at, given in filter(None, (learned, looked)) if at is not None]
    try:
        return outcome_of(max(found, key=lambda one: one[0])[1]).given if found else USUAL
    except Refusal:  # a field of it is gone meanwhile
        return USUAL


def review_due(workspace: Workspace, as_of: datetime, *, seconds: float | None = None) -> int:
    """Write the reviews of a workspace that are due, this month's among them; how many."""
    until = None if seconds is None else time.monotonic() + seconds
    done = 0
    while until is None or time.monotonic() < until:
        with enter(workspace):
            for team in not_reviewed(as_of):
                start_review(as_of=as_of, actor=None, team=team, anew=False)
            found = claim_due(Review, as_of, timezone.now())
            parked = Review.objects.filter(parked_at__isnull=False, due_at__isnull=False)
            parked.update(status=WorkStatus.FAILED, due_at=None)
        if not found:
            break
        done += write(workspace, found[0], as_of)
    return done


def not_reviewed(as_of: datetime) -> list[UUID | None]:
    """Whose cards in force have no review of this month yet; None: the workspace's."""
    done = Review.objects.filter(month__gte=month_of(as_of)).values_list("team_id", flat=True)
    cards = Scorecard.objects.filter(status=CardStatus.ACTIVE).values_list("team_id", flat=True)
    return sorted(set(cards) - set(done), key=str)


def write(workspace: Workspace, review: Review, as_of: datetime) -> int:
    """One leased review; 1 when it is written."""
    try:
        with enter(workspace):
            ours(review).update(status=WorkStatus.RUNNING)
        with enter(workspace):
            outcome = outcome_of(review.outcome)
            card = Scorecard.objects.get(pk=str(review.scorecard_id))
            looked = look(read(card), outcome, as_of=as_of)
            finish(review, lambda: complete(review, looked, as_of))
        return 1
    except LeaseLost:
        log.info("Review %s is another worker's now", review.pk)
    except Refusal as refusal:
        end(workspace, review, status=WorkStatus.FAILED, due_at=None, last_error=refusal.message)
    except Exception as fault:
        log.exception("Review %s met a fault", review.pk)
        spent = {"status": WorkStatus.FAILED, "due_at": None} if review.attempts >= MAX_ATTEMPTS else {}
        again = timezone.now() + timedelta(seconds=AGAIN_S)
        end(workspace, review, **spent, leased_until=again, last_error=repr(fault)[:2000])
    return 0


def complete(review: Review, looked: Looked, as_of: datetime) -> None:
    """Kept, and told to whoever wants to hear of it, when there were outcomes to look at."""
    found = looked.found
    Review.objects.filter(pk=review.pk).update(
        found=found, status=WorkStatus.DONE, finished_at=as_of, updated_at=as_of
    )
    remember(looked.leads if found["changes"] else [], looked.until, review=review)
    if not found["outcomes"]:
        return
    told = {
        "month": f"{review.month:%Y-%m}",
        "team": str(review.team_id or ""),
        "of": Team.objects.get(pk=review.team_id).name if review.team_id else "",
        "grades": sum(one["state"] in ("below", "above") for one in found["grades"]),
        "rules": sum(one["state"] in ("dead", "turned") for one in found["rules"]),
        "changes": len(found["changes"]),
    }
    for tell in after_review:
        tell(review.pk, told, as_of=as_of)


def end(workspace: Workspace, review: Review, **values: Any) -> None:
    with enter(workspace):
        ours(review).update(**values)


def find_review(pk: Any) -> Review:
    found: Review | None = Review.objects.select_related("scorecard", "draft", "team").filter(pk=pk).first()
    if found is None:
        raise NotThere(_("There is no such review."))
    return found


def make_draft(review: Review, *, as_of: datetime, actor: Member | None) -> Scorecard:
    """A draft of the reviewed card with all suggested points; the same one when asked again.

    Refused (no_changes) when the review suggests nothing.
    """
    require(actor, "rules")
    row = Review.objects.select_for_update().get(pk=review.pk)
    if row.draft_id:
        return Scorecard.objects.get(pk=row.draft_id)
    changes = row.found.get("changes", [])
    if not changes or row.scorecard_id is None:
        raise Refused("no_changes", _("This review suggests no change."))
    card = Scorecard.objects.get(pk=row.scorecard_id)
    rules = with_changes(rules_of(card), changes)
    draft = copy_card(card, as_of=as_of, actor=actor, origin="review")
    draft = write_rules(draft, rules, as_of=as_of, actor=actor)
    hand_on(row, draft)
    Review.objects.filter(pk=row.pk).update(draft=draft, updated_at=as_of)
    return draft
