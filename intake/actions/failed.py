"""Answers to forms that could not be entered: found, and taken in once more when what stood in their way is mended."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from intake.actions.submit import ANSWERS
from intake.models import Submission, SubmissionKind, SubmissionStatus
from leads.models import Channel
from workspaces.actions import audit_many
from workspaces.bell import ring_once
from workspaces.due import FREE
from workspaces.models import Member
from workspaces.permissions import require
from workspaces.refusals import NotThere, Refused

MOST_AT_ONCE = 5000  # answers that one click takes in again
# Not recognised by it any more: who has taken their consent back since then left no word of it here.
ANEW: dict[str, Any] = {
    "status": SubmissionStatus.WAITING,
    "attempts": 0,
    "parked_at": None,
    "last_error": "",
    "visitor": "",
    **FREE,
}


def failed_answers(channel: Channel | None = None) -> QuerySet[Submission]:
    """Of one channel or of all."""
    found: QuerySet[Submission] = Submission.objects.filter(
        kind=SubmissionKind.ANSWER, status=SubmissionStatus.FAILED
    )
    return found if channel is None else found.filter(channel=channel)


def find_answer(pk: Any) -> Submission:
    rows = Submission.objects.select_related("channel").filter(kind=SubmissionKind.ANSWER)
    found: Submission | None = rows.filter(pk=pk).first()
    if found is None:
        raise NotThere(_("There is no such answer."))
    return found


def replay_answer(answer: Submission, *, as_of: datetime, actor: Member | None) -> None:
    """Take one that failed in once more; Refused for any other, for it would be entered twice."""
    require(actor, "channels")
    if not take_in_again(failed_answers().filter(pk=answer.pk), as_of, actor):
        raise Refused("not_failed", _("Only an answer that could not be entered is taken in again."))


def replay_answers(*, channel: Channel | None = None, as_of: datetime, actor: Member | None) -> int:
    """Take every answer that failed in once more, of one channel or of all; how many."""
    require(actor, "channels")
    return take_in_again(failed_answers(channel), as_of, actor)


def take_in_again(failed: QuerySet[Submission], as_of: datetime, actor: Member | None) -> int:
    oldest = failed.order_by("received_at", "pk").select_for_update()
    ids = list(oldest.values_list("pk", flat=True)[:MOST_AT_ONCE])
    if ids:
        Submission.objects.filter(pk__in=ids).update(due_at=as_of, updated_at=as_of, **ANEW)
        told: list[Any] = [(pk, {}) for pk in ids]
        audit_many("answer_replayed", "submission", told, actor=actor, as_of=as_of)
        ring_once(ANSWERS)
    return len(ids)
