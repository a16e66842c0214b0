"""Trainings as due work: asked for, done in the background with progress, repeated every month as a draft."""

import logging
import time
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from scoring.actions.cards import new_card, team_of, write_rules
from scoring.learning import after_repeat
from scoring.learning.models import Training, Verdict, WorkStatus
from scoring.learning.train import Lesson, check_fields, judge, learn, read_ground
from scoring.models import Scorecard
from scoring.proof.circles import circles, of_fields
from scoring.proof.outcomes import outcome_of
from scoring.proof.studied import remember
from workspaces.actions import audit
from workspaces.bell import ring
from workspaces.due import MAX_ATTEMPTS, LeaseLost, claim_due, finish, ours, renew
from workspaces.models import Member, Team, Workspace
from workspaces.permissions import require
from workspaces.refusals import NotThere, Refusal, Refused
from workspaces.tenancy import current_workspace, enter

log = logging.getLogger(__name__)
AGAIN_S = 10
STEP = 5  # percent: how often it is said how far it is
MONTH = timedelta(days=30)
WAITING = (WorkStatus.QUEUED, WorkStatus.RUNNING)


def start_training(
    outcome: Any,
    *,
    exclude: Any = None,
    insist: Any = None,
    team: Team | UUID | str | None = None,
    monthly: bool = True,
    again: bool = False,
    as_of: datetime,
    actor: Member | None,
) -> Training:
    """Have a card learned. Invalid names what is wrong; Refused while one for the same outcome is at work.

    ``team``: from that team's leads, and for them.
    """
    require(actor, "rules")
    found, whose = outcome_of(outcome), team_of(team)
    if Training.objects.filter(status__in=WAITING, outcome=found.given, team=whose).exists():
        raise Refused("training", _("A card is being learned from this outcome right now."))
    training = Training.objects.create(
        member=actor,
        team=whose,
        outcome=found.given,
        exclude=check_fields(exclude, "exclude"),
        insist=check_fields(insist, "include"),
        monthly=monthly,
        again=again,
        due_at=as_of,
    )
    audit("training_started", training, {"outcome": found.given}, actor=actor, as_of=as_of)
    ring()
    return training


def find_training(pk: Any) -> Training:
    found: Training | None = Training.objects.select_related("scorecard", "team").filter(pk=pk).first()
    if found is None:
        raise NotThere(_("There is no such training."))
    return found


def train_due(workspace: Workspace, as_of: datetime, *, seconds: float | None = None) -> int:
    """Do the trainings of a workspace that are due; how many. It opens its own transactions."""
    until = None if seconds is None else time.monotonic() + seconds
    done = 0
    while until is None or time.monotonic() < until:
        with enter(workspace):
            repeat(as_of)
            found = claim_due(Training, as_of, timezone.now())
            parked = Training.objects.filter(parked_at__isnull=False, status__in=WAITING)
            parked.update(status=WorkStatus.FAILED, due_at=None)
        if not found:
            break
        done += train(workspace, found[0], as_of)
    return done


def repeat(as_of: datetime) -> None:
    """Learn again, for each outcome and team, what was last learned a month ago and was worth it; as a draft only.

    What came between for another outcome, and a repeat that failed, end nothing: it is tried again a month later.
    """
    by_outcome = Training.objects.order_by("outcome", "team_id", "-created_at", "-id")
    by_outcome = by_outcome.distinct("outcome", "team_id")
    tried = {
        (str(one.outcome), one.team_id): one
        for one in by_outcome.only("outcome", "team_id", "status", "started_at", "created_at")
    }
    a_month_ago = by_outcome.filter(status=WorkStatus.DONE, monthly=True, finished_at__lte=as_of - MONTH)
    for last in a_month_ago:
        newest = tried[str(last.outcome), last.team_id]
        lately = (newest.started_at or newest.created_at) > as_of - MONTH
        if not (last.verdict == Verdict.BETTER or last.again) or newest.status in WAITING or lately:
            continue
        try:
            asked = {"exclude": last.exclude, "insist": last.insist, "team": last.team_id}
            start_training(last.outcome, **asked, again=True, as_of=as_of, actor=None)
        except Refusal as refusal:  # a field it asks for is gone meanwhile
            log.info("Nothing is learned again from %s: %s", last.outcome, refusal)


def train(workspace: Workspace, training: Training, as_of: datetime) -> int:
    """One leased training from its first step to its last; 1 when it is done."""
    try:
        keep(workspace, training, 5, status=WorkStatus.RUNNING, started_at=as_of, found={})
        with enter(workspace):
            outcome = outcome_of(training.outcome)
            ground = read_ground(outcome, training.exclude, training.insist, as_of, team=training.team_id)
        keep(workspace, training, 15)
        lesson = learn(ground, training.insist, lambda percent: keep(workspace, training, percent))
        keep(workspace, training, 75)
        with enter(workspace):
            told = judge(lesson, outcome)
            names = {one["field"] for one in told["fields"]}
            told["cautions"] = [one.as_json() for one in of_fields(circles(outcome, training.team_id), names)]
            finish(training, lambda: complete(training, lesson, told, as_of))
        return 1
    except LeaseLost:
        log.info("Training %s is another worker's now", training.pk)
    except Refusal as refusal:  # a field of its outcome is gone meanwhile
        end(workspace, training, status=WorkStatus.FAILED, due_at=None, last_error=refusal.message)
    except Exception as fault:
        log.exception("Training %s met a fault", training.pk)
        spent = {"status": WorkStatus.FAILED, "due_at": None} if training.attempts >= MAX_ATTEMPTS else {}
        again = timezone.now() + timedelta(seconds=AGAIN_S)
        end(workspace, training, **spent, leased_until=again, last_error=repr(fault)[:2000])
    return 0


def keep(workspace: Workspace, training: Training, percent: int, **values: Any) -> None:
    """Keep the lease, and say how far it is."""
    if percent < training.progress + STEP and not values:
        return
    training.progress = percent
    with enter(workspace):
        renew(training, timezone.now())
        Training.objects.filter(pk=training.pk).update(progress=percent, **values)


def complete(training: Training, lesson: Lesson, told: dict[str, Any], as_of: datetime) -> None:
    """The verdict, and a draft where it has something to say. Nothing scores by it until a person activates it."""
    verdict = told.pop("verdict")
    wanted = {Verdict.BETTER} if training.again else {Verdict.BETTER, Verdict.WORSE}
    card = draft(lesson, training.team_id, as_of) if lesson.card is not None and verdict in wanted else None
    if card is not None:
        rows, learned = lesson.ground.rows, lesson.ground.learn
        remember([rows.ids[at] for at in learned], rows.moments[learned[-1]], card=card)
    Training.objects.filter(pk=training.pk).update(
        status=WorkStatus.DONE,
        progress=100,
        verdict=verdict,
        found=told,
        scorecard=card,
        finished_at=as_of,
        updated_at=as_of,
    )
    if training.again and card is not None:
        for tell in after_repeat:
            tell(training.pk, {"card": card.name, "auc": told.get("auc")}, as_of=as_of)


def draft(lesson: Lesson, team: UUID | None, as_of: datetime) -> Scorecard:
    assert lesson.card is not None
    day = as_of.astimezone(current_workspace().tz)
    ground = lesson.ground.active if lesson.shrunk else None  # its rules are in the draft
    about = lesson.card.settings | {"name": _("Learned on %(day)s") % {"day": f"{day:%Y-%m-%d}"}}
    about |= {"team": team, "origin": "learned", "based_on": ground and ground.id}
    card = new_card(**about, as_of=as_of, actor=None)
    return write_rules(card, lesson.card.rules, as_of=as_of, actor=None)


def end(workspace: Workspace, training: Training, **values: Any) -> None:
    with enter(workspace):
        ours(training).update(**values)
