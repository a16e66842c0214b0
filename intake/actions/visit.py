"""What a known visitor did on a website, stored to become touches of their lead."""

from datetime import datetime
from typing import Any

from intake.actions.submit import ANSWERS
from intake.models import Submission, SubmissionKind, Visitor
from leads.models import Channel
from workspaces.bell import ring_once
from workspaces.ids import digest

NOTICED = ("page_view", "form_submit", "download", "pricing_page")
MOST_EVENTS = 20
LONGEST = 300


def visited(channel: Channel, visitor: str, events: list[dict[str, Any]], *, as_of: datetime) -> bool:
    """Store events of a visitor who is known by a form; of anybody else nothing is kept. Whether it was."""
    key = digest(visitor)
    if not (Visitor.objects.filter(digest=key).exists() or answer_waits(key)):
        return False
    Submission.objects.create(
        channel=channel,
        kind=SubmissionKind.VISIT,
        data={"events": events},
        visitor=key,
        received_at=as_of,
        due_at=as_of,
    )
    ring_once(ANSWERS)
    return True


def answer_waits(key: str) -> bool:
    """They have just said who they are; it is not entered yet."""
    waiting = Submission.objects.filter(kind=SubmissionKind.ANSWER, due_at__isnull=False)
    return bool(waiting.filter(visitor=key).exists())


def forget_visitor(visitor: str) -> None:
    """They no longer agree: their browser is nobody's any more, nor by an answer that is not entered yet. What they
    did before stays their lead's story."""
    key = digest(visitor)
    # In this order: a worker that is entering the answer now holds its row until the visitor is written.
    waiting = Submission.objects.filter(kind=SubmissionKind.ANSWER, due_at__isnull=False, visitor=key)
    waiting.update(visitor="")
    Visitor.objects.filter(digest=key).delete()
